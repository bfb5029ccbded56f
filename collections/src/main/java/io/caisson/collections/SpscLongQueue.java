package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.internal.Memory;
import java.util.function.LongSupplier;

/**
 * A bounded queue of {@code long}s in native memory from one thread to another.
 *
 * <p>One thread at a time offers, one polls; a role may be handed on, as long as what the one did
 * in it happens-before what the next does. Anybody may ask for the size. All operations are
 * wait-free, O(1) but for the batches, and make no Java object. Takes 8 bytes a slot.
 *
 * <p><b>Close</b> it when neither thread is in an operation any more, after having joined them,
 * say: nothing makes an operation wait or look twice, so nothing can hold the memory for one that
 * is under way. Operations that begin after the close throw {@link IllegalStateException}; one that
 * overlaps it is a use after free: an exception in checked memory mode, undefined in native mode.
 */
public final class SpscLongQueue implements ConcurrentLongQueue {

  /*
   * Source. L. Lamport, "Specifying Concurrent Program Modules" (1983), with the cached indices of
   * P. P. C. Lee et al., "A lock-free, cache-efficient shared ring buffer" (MCRingBuffer, 2009),
   * as in Rigtorp's SPSCQueue: who offers looks at the other's index only when what it saw last
   * says full, who polls only when that says empty. So mostly each keeps its lines to itself.
   *
   * Words. tail and headSeen are written by who offers, head and tailSeen by who polls; each on a
   * line of its own. Slots of a ring, 8 bytes each, no header.
   *
   * Invariants.
   * I1  headSeen <= head <= tail <= head + capacity, and tailSeen <= tail.
   * I2  The slots of tickets from head to tail - 1 hold the elements; they are the consumer's to
   *     read. All others are the producer's to write.
   * I3  Closed: head and tail are CLOSED, which is full by I1 for any headSeen, and empty for any
   *     tailSeen.
   *
   * Linearization points. offer: the release of tail; poll: that of head; of a full or an empty
   * queue: the acquire of the other's index.
   *
   * Ordering. R1, the release of tail, pairs with A1: a slot is written before it is read. R2, the
   * release of head, pairs with A2: it is read before it is written again.
   */

  private static final int TAIL = 0;
  private static final int HEAD_SEEN = 1;
  private static final int HEAD = 2;
  private static final int TAIL_SEEN = 3;
  private static final int WORDS = 4;

  private final PaddedWords words = new PaddedWords(WORDS);
  private final RingStorage ring;
  private final long capacity;

  /**
   * Creates an empty queue.
   *
   * @param allocator where its storage comes from; must outlive it
   * @param capacity the least capacity, from 1 to 2<sup>30</sup>; rounded up to a power of two
   * @throws AllocationException if there is no room
   * @throws IllegalArgumentException if the capacity is not so
   */
  public SpscLongQueue(@Borrowed Allocator allocator, long capacity) {
    ring = new RingStorage("SpscLongQueue", allocator, capacity, 1, Long.BYTES);
    this.capacity = ring.capacity();
  }

  // ---- the producer -----------------------------------------------------------------------------

  @Override
  public boolean offer(long value) {
    long tail = words.get(TAIL);
    if (tail - words.get(HEAD_SEEN) >= capacity && room(tail) == 0) {
      return false;
    }
    Memory.putLong(ring.slot(tail), value);
    words.setRelease(TAIL, tail + 1); // R1
    return true;
  }

  /** Returns how much room there is, having looked at the consumer's index. */
  private long room(long tail) {
    long head = words.getAcquire(HEAD); // A2: pairs with R2
    ring.requireOpen(tail);
    words.set(HEAD_SEEN, head);
    return head + capacity - tail;
  }

  @Override
  public int offer(long[] values, int from, int to) {
    int count = RingStorage.countOf(values, from, to);
    long tail = words.get(TAIL);
    int fit = (int) Math.min(count, room(tail));
    for (int i = 0; i < fit; i++) {
      Memory.putLong(ring.slot(tail + i), values[from + i]);
    }
    words.setRelease(TAIL, tail + fit); // R1
    return fit;
  }

  /**
   * Puts values at the end as long as there is room. What the supplier throws, this throws; what
   * came before is in the queue. (Queues of several producers have no such operation: they would
   * have to reserve a slot before they ask the supplier, and could not give it back.)
   *
   * @param supplier what makes them, asked only when there is room
   * @param limit the most to put in, not negative
   * @return how many there was room for
   * @throws IllegalArgumentException if the limit is negative
   * @throws IllegalStateException if the queue is closed
   */
  public int fill(LongSupplier supplier, int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("a limit of " + limit + "; expected 0 or more");
    }
    int fit = (int) Math.min(limit, room(words.get(TAIL)));
    for (int i = 0; i < fit; i++) {
      offer(supplier.getAsLong());
    }
    return fit;
  }

  // ---- the consumer -----------------------------------------------------------------------------

  @Override
  public long poll(long absent) {
    long head = words.get(HEAD);
    if (head >= words.get(TAIL_SEEN) && available(head) == 0) {
      return absent;
    }
    long value = Memory.getLong(ring.slot(head));
    words.setRelease(HEAD, head + 1); // R2
    return value;
  }

  /** Returns how many elements there are, having looked at the producer's index. */
  private long available(long head) {
    long tail = words.getAcquire(TAIL); // A1: pairs with R1
    ring.requireOpen(head);
    words.set(TAIL_SEEN, tail);
    return tail - head;
  }

  @Override
  public int poll(long[] target, int from, int to) {
    int count = RingStorage.countOf(target, from, to);
    long head = words.get(HEAD);
    long seen = words.get(TAIL_SEEN) - head;
    int found = (int) Math.min(count, seen >= count ? seen : available(head));
    for (int i = 0; i < found; i++) {
      target[from + i] = Memory.getLong(ring.slot(head + i));
    }
    words.setRelease(HEAD, head + found); // R2
    return found;
  }

  @Override
  public long peek(long absent) {
    long head = words.get(HEAD);
    return head >= words.get(TAIL_SEEN) && available(head) == 0
        ? absent
        : Memory.getLong(ring.slot(head));
  }

  // ---- anybody ----------------------------------------------------------------------------------

  @Override
  public long size() {
    long head = words.getAcquire(HEAD);
    ring.requireOpen(head);
    return ring.size(head, words.getAcquire(TAIL));
  }

  @Override
  public long capacity() {
    return capacity;
  }

  @Override
  public void close() {
    if (words.getAndSet(TAIL, RingStorage.CLOSED) != RingStorage.CLOSED) {
      words.setRelease(HEAD, RingStorage.CLOSED);
      ring.free();
    }
  }

  void checkInvariants() {
    long head = words.get(HEAD);
    long tail = words.get(TAIL);
    if (words.get(HEAD_SEEN) > head
        || head > tail
        || tail > head + capacity
        || words.get(TAIL_SEEN) > tail) {
      throw new AssertionError("I1: head " + head + ", tail " + tail + ", capacity " + capacity);
    }
  }

  /** Returns whether it is open or closed. */
  @Override
  public String toString() {
    return ring.describe(words.getOpaque(TAIL));
  }
}
