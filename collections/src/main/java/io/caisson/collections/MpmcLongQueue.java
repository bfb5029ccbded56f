package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import java.lang.invoke.VarHandle;

/**
 * A bounded queue of {@code long}s in native memory from many threads to many.
 *
 * <p>Any thread offers and any polls; linearizable. <b>Not lock-free</b>: a thread that is stopped
 * between claiming a slot and finishing with it makes others wait that come to this slot: to its
 * element, if it was offering, or a whole round later, if it was polling. Those that come to other
 * slots go on. O(1) but for the batches, which are so many single operations; no operation makes a
 * Java object. Takes 16 bytes a slot.
 *
 * <p><b>Close</b> it when no thread is in an operation any more. Operations that begin after the
 * close throw {@link IllegalStateException}. Close throws it, too, and leaves the queue open, if it
 * finds a slot that somebody has claimed and not finished with; what else overlaps it is a use
 * after free: an exception in checked memory mode, undefined in native mode. {@link
 * BlockingLongQueue} may be closed at any time.
 */
public final class MpmcLongQueue implements ConcurrentLongQueue {

  /*
   * Source. D. Vyukov, "Bounded MPMC queue" (1024cores.net, 2010). Deviation: who finds a slot that
   * is not his yet looks at the other index, and answers full or empty only if it is; else he waits.
   * Vyukov's answers full or empty, though other elements are there, and is not linearizable.
   *
   * Words. tail and head: the next tickets, taken by CAS; both CLOSED once closed.
   *
   * Invariants. For the slot of ticket t, t & mask:
   * I1  sequence = t: who offers with ticket t may claim it. The slot starts with its index.
   * I2  sequence = t + 1: the value is written, who polls with ticket t may claim it.
   * I3  sequence = t + capacity: the value is read; that is I1 for the next round.
   * I4  head <= tail <= head + capacity, since a ticket is claimed only in I1 or I2.
   * With a single slot t + 1 would be I1 and I2 at once: there are at least two.
   *
   * Linearization points. offer, poll: the CAS that claims. Full: the read of head, at which tail
   * cannot have been beyond head + capacity by I4, and was not below when it was read. Empty: the
   * read of tail, likewise. peek: the second read of head.
   *
   * Ordering. R1, the release of sequence t + 1, pairs with A1 in poll: written before read. R2, the
   * release of t + capacity, pairs with A2 in offer: read before written again. peek reads a value
   * that may be overwritten meanwhile: then head has gone on, and the acquire fence keeps the read of
   * head behind that of the value.
   */

  private static final int TAIL = 0;
  private static final int HEAD = 1;
  private static final int WORDS = 2;
  private static final int LEAST_CAPACITY = 2;
  private static final long NONE = -1;

  private final PaddedWords words = new PaddedWords(WORDS);
  private final RingStorage ring;
  private final long capacity;

  /**
   * Creates an empty queue.
   *
   * @param allocator where its storage comes from; must outlive it
   * @param capacity the least capacity, from 1 to 2<sup>30</sup>; rounded up to a power of two, at
   *     least 2
   * @throws AllocationException if there is no room
   * @throws IllegalArgumentException if the capacity is not so
   */
  public MpmcLongQueue(@Borrowed Allocator allocator, long capacity) {
    ring = new RingStorage("MpmcLongQueue", allocator, capacity, LEAST_CAPACITY, QueueSlot.SIZE);
    this.capacity = ring.capacity();
    for (long ticket = 0; ticket < this.capacity; ticket++) {
      QueueSlot.setSequenceRelease(ring.slot(ticket), ticket);
    }
  }

  // ---- offering ---------------------------------------------------------------------------------

  @Override
  public boolean offer(long value) {
    for (int n = 0; ; n++) {
      long tail = words.getAcquire(TAIL);
      ring.requireOpen(tail);
      long slot = ring.slot(tail);
      long lead = QueueSlot.sequenceAcquire(slot) - tail; // A2: pairs with R2
      if (lead == 0) {
        if (words.compareAndSet(TAIL, tail, tail + 1)) {
          QueueSlot.setValue(slot, value);
          QueueSlot.setSequenceRelease(slot, tail + 1); // R1
          return true;
        }
      } else if (lead < 0 && words.getVolatile(HEAD) <= tail - capacity) {
        return false;
      }
      Spin.once(n);
    }
  }

  @Override
  public int offer(long[] values, int from, int to) {
    int count = RingStorage.countOf(values, from, to);
    ring.requireOpen(words.getOpaque(TAIL));
    int fit = 0;
    while (fit < count && offer(values[from + fit])) {
      fit++;
    }
    return fit;
  }

  // ---- polling ----------------------------------------------------------------------------------

  @Override
  public long poll(long absent) {
    long ticket = claim();
    return ticket == NONE ? absent : read(ticket);
  }

  /** Claims the first ticket that has a value, or returns NONE. */
  long claim() {
    for (int n = 0; ; n++) {
      long head = words.getAcquire(HEAD);
      ring.requireOpen(head);
      long lead = QueueSlot.sequenceAcquire(ring.slot(head)) - (head + 1); // A1: pairs with R1
      if (lead == 0) {
        if (words.compareAndSet(HEAD, head, head + 1)) {
          return head;
        }
      } else if (lead < 0 && words.getVolatile(TAIL) == head) {
        return NONE;
      }
      Spin.once(n);
    }
  }

  /** Takes the value of a ticket that was claimed. */
  long read(long ticket) {
    long slot = ring.slot(ticket);
    long value = QueueSlot.value(slot);
    QueueSlot.setSequenceRelease(slot, ticket + capacity); // R2
    return value;
  }

  @Override
  public int poll(long[] target, int from, int to) {
    int count = RingStorage.countOf(target, from, to);
    ring.requireOpen(words.getOpaque(HEAD));
    for (int found = 0; found < count; found++) {
      long ticket = claim();
      if (ticket == NONE) {
        return found;
      }
      target[from + found] = read(ticket);
    }
    return count;
  }

  @Override
  public long peek(long absent) {
    for (int n = 0; ; n++) {
      long head = words.getAcquire(HEAD);
      ring.requireOpen(head);
      long slot = ring.slot(head);
      long lead = QueueSlot.sequenceAcquire(slot) - (head + 1); // A1
      if (lead == 0) {
        long value = QueueSlot.value(slot);
        VarHandle.acquireFence();
        if (words.getVolatile(HEAD) == head) {
          return value;
        }
      } else if (lead < 0 && words.getVolatile(TAIL) == head) {
        return absent;
      }
      Spin.once(n);
    }
  }

  // ---- the rest ---------------------------------------------------------------------------------

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

  /**
   * Ends the queue and frees its memory, when no thread is in an operation any more.
   *
   * @throws IllegalStateException if an operation is found under way; the queue stays open
   */
  @Override
  public void close() {
    long tail = words.getVolatile(TAIL);
    if (tail == RingStorage.CLOSED) {
      return;
    }
    if (ticketInUse() != NONE) {
      throw new IllegalStateException(
          "this MpmcLongQueue is in use by other threads; close it when they are done");
    }
    if (words.compareAndSet(TAIL, tail, RingStorage.CLOSED)) {
      words.setRelease(HEAD, RingStorage.CLOSED);
      ring.free();
    }
  }

  /** Returns a ticket that is claimed and whose slot does not say it is finished with, or NONE. */
  private long ticketInUse() {
    long head = words.getVolatile(HEAD);
    long tail = words.getVolatile(TAIL);
    for (long ticket = head; ticket < head + capacity; ticket++) {
      long expected = ticket < tail ? ticket + 1 : ticket;
      if (QueueSlot.sequenceAcquire(ring.slot(ticket)) != expected) {
        return ticket;
      }
    }
    return NONE;
  }

  /** When nobody is in an operation. */
  void checkInvariants() {
    long head = words.get(HEAD);
    long tail = words.get(TAIL);
    if (head > tail || tail > head + capacity || ticketInUse() != NONE) {
      throw new AssertionError(
          "I1 to I4: head " + head + ", tail " + tail + ", ticket " + ticketInUse());
    }
  }

  /** Returns whether it is open or closed. */
  @Override
  public String toString() {
    return ring.describe(words.getOpaque(TAIL));
  }
}
