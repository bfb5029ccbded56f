package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;

/**
 * A bounded queue of {@code long}s in native memory from many threads to one.
 *
 * <p>Any thread offers; one at a time polls, and the role may be handed on, as long as what the one
 * did in it happens-before what the next does. Offering is lock-free. Polling is wait-free but for
 * this: when a producer has claimed the first slot and not yet written it, {@link #poll(long)} and
 * {@link #peek} wait for it, while the batch and {@link #drain} take what comes before and stop.
 * O(1) but for the batches; no operation makes a Java object. Takes 16 bytes a slot. The values of
 * a batch that one producer offers stay together.
 *
 * <p><b>Close</b> belongs to the consumer. Producers may go on meanwhile: what they offer from then
 * on throws {@link IllegalStateException}, and close waits for those that are in the middle of it.
 */
public final class MpscLongQueue implements ConcurrentLongQueue {

  /*
   * Source. As JCTools' MpscArrayQueue (N. Wakart), whose null says "not written yet"; a long has no
   * such value, so a slot has a sequence beside it, as in Vyukov's bounded queue. Producers do not
   * read it: head alone says what is free, and they share what they last saw of it.
   *
   * Words. tail: the next ticket, taken by CAS; CLOSED once closed. headSeen: some value that head
   * had. head: the consumer's. emptyAt: its own, too: the head at which it last found the queue empty.
   *
   * To tell an empty queue from one whose first slot is being written, the consumer must read tail,
   * and so takes its line from producers that are at work. So where it has not found the queue empty
   * before, it first looks at the slot for a moment, where the next value is likely to appear.
   *
   * Invariants.
   * I1  headSeen <= head <= tail <= head + capacity.
   * I2  The slot of ticket t, head <= t < tail, has the sequence t + 1 once its value is written;
   *     until then only its producer touches it.
   * I3  Nobody touches the slots but who holds a ticket, and the consumer. So once tail is CLOSED
   *     and the tickets that were taken are written, the storage is the consumer's alone.
   * I4  Once CLOSED, tail stays CLOSED: nobody compares and sets it who has read that. (That it looks
   *     full would not do: headSeen may be CLOSED too, from a head that was.)
   *
   * Linearization points. offer: its CAS of tail, or of a full queue the acquire of head. poll: the
   * release of head, or the read of a tail that is head.
   *
   * Ordering. R1, the release of a sequence, pairs with A1: the value is written before it is read.
   * R2, the release of head, pairs with A2, directly or by way of R3 and A3, the release and acquire
   * of headSeen: a slot is read before it is written again. headSeen may go back when a slow
   * producer writes what it saw long ago; that only makes others look at head.
   */

  private static final int TAIL = 0;
  private static final int HEAD_SEEN = 1;
  private static final int HEAD = 2;
  private static final int EMPTY_AT = 3;
  private static final int WORDS = 4;
  private static final int SPINS_BEFORE_TAIL = 20;

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
  public MpscLongQueue(@Borrowed Allocator allocator, long capacity) {
    ring = new RingStorage("MpscLongQueue", allocator, capacity, 1, QueueSlot.SIZE);
    this.capacity = ring.capacity();
  }

  // ---- producers --------------------------------------------------------------------------------

  @Override
  public boolean offer(long value) {
    for (; ; ) {
      long tail = words.getOpaque(TAIL);
      ring.requireOpen(tail); // I4
      if (tail - words.getAcquire(HEAD_SEEN) >= capacity && room(tail) <= 0) { // A3
        return false;
      }
      if (words.compareAndSet(TAIL, tail, tail + 1)) {
        write(tail, value);
        return true;
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public int offer(long[] values, int from, int to) {
    int count = RingStorage.countOf(values, from, to);
    for (; ; ) {
      long tail = words.getOpaque(TAIL);
      ring.requireOpen(tail); // I4
      int fit = (int) Math.min(count, room(tail));
      if (fit <= 0) {
        return 0;
      }
      if (words.compareAndSet(TAIL, tail, tail + fit)) {
        for (int i = 0; i < fit; i++) {
          write(tail + i, values[from + i]);
        }
        return fit;
      }
      Thread.onSpinWait();
    }
  }

  private void write(long ticket, long value) {
    long slot = ring.slot(ticket);
    QueueSlot.setValue(slot, value);
    QueueSlot.setSequenceRelease(slot, ticket + 1); // R1
  }

  /** Returns how much room there is behind a tail, having looked at head. */
  private long room(long tail) {
    long head = words.getAcquire(HEAD); // A2: pairs with R2
    words.setRelease(HEAD_SEEN, head); // R3
    return head + capacity - tail;
  }

  // ---- the consumer -----------------------------------------------------------------------------

  @Override
  public long poll(long absent) {
    long head = words.get(HEAD);
    ring.requireOpen(head);
    if (!isWritten(head) && !awaitWritten(head)) {
      return absent;
    }
    long value = QueueSlot.value(ring.slot(head));
    words.setRelease(HEAD, head + 1); // R2
    return value;
  }

  private boolean isWritten(long ticket) {
    return QueueSlot.sequenceAcquire(ring.slot(ticket)) == ticket + 1; // A1: pairs with R1
  }

  /** Waits for the producer of a ticket; returns false if nobody has taken it. */
  private boolean awaitWritten(long ticket) {
    if (words.get(EMPTY_AT) != ticket && isWrittenInAMoment(ticket)) {
      return true;
    }
    if (words.getVolatile(TAIL) == ticket) {
      words.set(EMPTY_AT, ticket);
      return false;
    }
    for (int n = 0; !isWritten(ticket); n++) {
      Spin.once(n);
    }
    return true;
  }

  private boolean isWrittenInAMoment(long ticket) {
    for (int n = 0; n < SPINS_BEFORE_TAIL; n++) {
      Thread.onSpinWait();
      if (isWritten(ticket)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int poll(long[] target, int from, int to) {
    int count = RingStorage.countOf(target, from, to);
    long head = words.get(HEAD);
    ring.requireOpen(head);
    int found = 0;
    while (found < count && isWritten(head + found)) {
      target[from + found] = QueueSlot.value(ring.slot(head + found));
      found++;
    }
    words.setRelease(HEAD, head + found); // R2
    return found;
  }

  @Override
  public long peek(long absent) {
    long head = words.get(HEAD);
    ring.requireOpen(head);
    return isWritten(head) || awaitWritten(head) ? QueueSlot.value(ring.slot(head)) : absent;
  }

  /** Ends the queue and frees its memory, once no producer is in the middle of an offer. */
  @Override
  public void close() {
    long tail = words.getAndSet(TAIL, RingStorage.CLOSED);
    if (tail == RingStorage.CLOSED) {
      return;
    }
    for (long ticket = words.get(HEAD); ticket < tail; ticket++) {
      for (int n = 0; !isWritten(ticket); n++) { // I3
        Spin.once(n);
      }
    }
    words.setRelease(HEAD, RingStorage.CLOSED);
    ring.free();
  }

  // ---- anybody ----------------------------------------------------------------------------------

  @Override
  public long size() {
    long head = words.getAcquire(HEAD);
    long tail = words.getAcquire(TAIL);
    ring.requireOpen(tail);
    return ring.size(head, tail);
  }

  @Override
  public long capacity() {
    return capacity;
  }

  /** When nobody is in an operation. */
  void checkInvariants() {
    long head = words.get(HEAD);
    long tail = words.get(TAIL);
    if (words.get(HEAD_SEEN) > head || head > tail || tail > head + capacity) {
      throw new AssertionError("I1: head " + head + ", tail " + tail + ", capacity " + capacity);
    }
    for (long ticket = head; ticket < head + capacity; ticket++) {
      if (isWritten(ticket) != ticket < tail) {
        throw new AssertionError("I2: ticket " + ticket + " from " + head + " to " + tail);
      }
    }
  }

  /** Returns whether it is open or closed. */
  @Override
  public String toString() {
    return ring.describe(words.getOpaque(TAIL));
  }
}
