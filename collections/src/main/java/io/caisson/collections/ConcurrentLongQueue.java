package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Queue;
import java.util.function.LongConsumer;

/**
 * A queue of {@code long}s in native memory for several threads: first in, first out.
 *
 * <p>Which threads may offer and which may poll, what progress they make, and who may close it,
 * each type says. In the bounded ones capacity is fixed and storage taken once; nothing allocates
 * afterwards, off heap or on. An operation that would break the rules of a type about threads is
 * not detected: the queue may then lose or double elements.
 *
 * <p>Actions before an element is offered happen-before those after it is polled.
 */
public sealed interface ConcurrentLongQueue extends AutoCloseable
    permits SpscLongQueue, MpscLongQueue, MpmcLongQueue, MpmcUnboundedLongQueue {

  /**
   * Puts a value at the end, if there is room.
   *
   * @param value the value
   * @return whether there was room
   * @throws IllegalStateException if the queue is closed
   */
  boolean offer(long value);

  /**
   * Puts as many values at the end as there is room for, in their order. Those of other producers
   * may come between them.
   *
   * @param values an array that holds them
   * @param from the index of the first
   * @param to the index after the last
   * @return how many there was room for
   * @throws IndexOutOfBoundsException if the range is not in the array; nothing is offered
   * @throws IllegalStateException if the queue is closed
   */
  int offer(long[] values, int from, int to);

  /**
   * Puts as many values at the end as there is room for, in their order. Those of other producers
   * may come between them. Values come from memory and not from a supplier, for with several
   * producers whether there is room is known only when it is taken: then the value must be at hand.
   *
   * @param values a segment that holds them, in native byte order, at any alignment
   * @param byteOffset where in it the first starts
   * @param count how many there are, not negative
   * @return how many there was room for
   * @throws IllegalArgumentException if the number is negative; nothing is offered
   * @throws IndexOutOfBoundsException if they are not inside the segment; nothing is offered
   * @throws AllocationException if the queue has no bound and there is no memory; those before are
   *     in the queue
   * @throws IllegalStateException if the queue or the segment is closed
   */
  default int fill(@Borrowed MemorySegment values, long byteOffset, int count) {
    requireLimit(count);
    Objects.checkFromIndexSize(byteOffset, (long) count * Long.BYTES, values.byteSize());
    int fit = 0;
    while (fit < count
        && offer(
            values.get(ValueLayout.JAVA_LONG_UNALIGNED, byteOffset + (long) fit * Long.BYTES))) {
      fit++;
    }
    return fit;
  }

  /**
   * Takes the first value.
   *
   * @param absent what to return if the queue is empty
   * @return the value that was first, or {@code absent}
   * @throws IllegalStateException if the queue is closed
   */
  long poll(long absent);

  /**
   * Takes as many values as there are, in their order.
   *
   * @param target an array that they go to
   * @param from the index where the first goes
   * @param to the index after the last that may be written
   * @return how many there were
   * @throws IndexOutOfBoundsException if the range is not in the array; nothing is polled
   * @throws IllegalStateException if the queue is closed
   */
  int poll(long[] target, int from, int to);

  /**
   * Returns the first value and leaves it there.
   *
   * @param absent what to return if the queue is empty
   * @return the value that is first, or {@code absent}
   * @throws IllegalStateException if the queue is closed
   */
  long peek(long absent);

  /**
   * Takes values one after the other and passes each on. One that the consumer throws at is gone.
   *
   * @param consumer what takes them
   * @param limit the most to take, not negative
   * @return how many there were
   * @throws IllegalArgumentException if the limit is negative
   * @throws IllegalStateException if the queue is closed
   */
  default int drain(LongConsumer consumer, int limit) {
    requireLimit(limit);
    long[] one = new long[1]; // any value may be an element, so none can say that there is none
    int taken = 0;
    while (taken < limit && poll(one, 0, 1) == 1) {
      taken++;
      consumer.accept(one[0]);
    }
    return taken;
  }

  /**
   * Counts the values; an estimate while others offer and poll.
   *
   * @return their number
   * @throws IllegalStateException if the queue is closed
   */
  long size();

  /**
   * Says whether there is no value; an estimate as {@link #size}.
   *
   * @return whether the size is 0
   * @throws IllegalStateException if the queue is closed
   */
  default boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Returns how many values there is room for.
   *
   * @return the number, a power of two; {@link Long#MAX_VALUE} if there is no limit
   */
  long capacity();

  /**
   * Shows this queue as one of boxed longs, for code that wants {@link Queue}: the same threads may
   * offer and poll, the same progress, and an object for each number that is not cached. Null is no
   * element. It has no iterator, nor what needs one, such as {@code contains} and {@code toArray}:
   * these throw {@link UnsupportedOperationException}. What is behind the first element may be
   * taken while one looks, and in a queue without a bound its memory freed: only who claims it may
   * read it there. The bounded ones are alike for that.
   *
   * @return the view, which is valid until this queue is closed and then throws {@link
   *     IllegalStateException}
   */
  @View
  default Queue<Long> asQueue() {
    return new LongQueueView(this);
  }

  /**
   * Ends the queue and frees its memory, elements that are left included; who may do this, and
   * when, the type says. Closing again does nothing.
   */
  @Override
  void close();

  /** Throws if a limit is negative. */
  private static void requireLimit(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("a limit of " + limit + "; expected 0 or more");
    }
  }
}
