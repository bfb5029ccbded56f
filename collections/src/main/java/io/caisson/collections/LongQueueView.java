package io.caisson.collections;

import java.util.AbstractQueue;
import java.util.Iterator;

/** Shows a queue of longs as one of boxed longs; each operation is one of that. */
final class LongQueueView extends AbstractQueue<Long> {

  private static final long ABSENT = 0x7a6b_5c4d_3e2f_1001L;
  private static final long OTHERWISE = ~ABSENT;

  private final ConcurrentLongQueue queue;

  LongQueueView(ConcurrentLongQueue queue) {
    this.queue = queue;
  }

  @Override
  public boolean offer(Long value) {
    return queue.offer(value);
  }

  @Override
  @SuppressWarnings("NullAway") // by the contract of Queue
  public Long poll() {
    long[] one = new long[1]; // any value may be an element, so none can say that there is none
    return queue.poll(one, 0, 1) == 1 ? one[0] : null;
  }

  /** Looks with one value for "absent", then with another; null only if it is empty besides. */
  @Override
  @SuppressWarnings("NullAway") // by the contract of Queue
  public Long peek() {
    for (; ; ) {
      long first = queue.peek(ABSENT);
      if (first != ABSENT) {
        return first;
      }
      if (queue.isEmpty()) {
        return null;
      }
      first = queue.peek(OTHERWISE);
      if (first != OTHERWISE) {
        return first;
      }
    }
  }

  @Override
  public int size() {
    return (int) Math.min(queue.size(), Integer.MAX_VALUE);
  }

  @Override
  public boolean isEmpty() {
    return queue.isEmpty();
  }

  @Override
  public Iterator<Long> iterator() {
    throw new UnsupportedOperationException(
        "an iterator of a concurrent queue, whose elements are reached by polling only: what is behind"
            + " the first may be taken and its memory freed while one looks");
  }

  @Override
  public String toString() {
    return queue.toString();
  }
}
