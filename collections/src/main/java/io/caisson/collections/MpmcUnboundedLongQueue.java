package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.lang.invoke.VarHandle;

/**
 * An unbounded queue of {@code long}s in native memory from many threads to many.
 *
 * <p>Any thread offers and any polls, for platform and virtual threads alike; linearizable.
 * Lock-free, in so far as the allocator is: once in 1000 elements an offer allocates a segment of
 * 16 KiB, and a poll hands one to the domain, for which it may wait or be refused when garbage is
 * at the limit. O(1) but for the batches, which are so many single operations, and the size, which
 * is O(n); no operation makes a Java object. Takes 16 bytes an element, and always a segment.
 *
 * <p><b>Close</b> it at any time: operations of other threads that are under way end as if they had
 * been before it, or throw {@link IllegalStateException}. Close it before its domain, and that
 * before the allocator.
 */
public final class MpmcUnboundedLongQueue implements ConcurrentLongQueue {

  /*
   * Source. P. Ramalhete and A. Correia, "FAAArrayQueue" (2016), after Morrison and Afek's LCRQ
   * (2013): a Michael-Scott list of arrays whose cells are claimed by counting. Deviations: a count
   * stops at the end of its array; a value has a state beside it, since it may be any long; and the
   * tail is moved off a segment before the head is (Reclamation).
   *
   * Words. head and tail: the segments that are polled and offered to, on the Java heap, so that
   * they outlive close; both CLOSED once closed. See QueueSegment for what is off heap.
   *
   * Invariants.
   * I1  From head there is a path of links to tail, and from tail at most one link further.
   * I2  A cell is EMPTY, then FULL or BROKEN for ever. Its producer makes it FULL, its consumer, or
   *     one who peeks, BROKEN. Nobody but its producer writes its value, and that before it is FULL.
   * I3  Only segments whose tail count has reached the end have a next; their counts stay there.
   * I4  A new segment has its maker's value in its first cell: so whoever makes room gets on, and a
   *     producer whose cells are broken again and again gets on after 1000 of them at most.
   *
   * Linearization points. offer: the CAS that makes a cell FULL whose turn is not over, or that links
   * a segment. poll: the claim of a cell that is FULL or becomes so; of an empty queue the read of a
   * tail count that the head count has reached, or of a next that is NULL. peek: the second read of
   * the head count, which has not passed the cell.
   *
   * Ordering. R1, the CAS to FULL, pairs with A1: a value is written before it is read. R2, the CAS of
   * a link, pairs with A2, and with the CASes of head and tail, which publish what was linked: a
   * segment is zeroed before it is reached.
   *
   * Progress. A step that fails has let another get on: a claim, since the count went on; a fill,
   * since a consumer broke the cell, and it, since a producer had not come yet, goes to the next one
   * or finds the queue empty.
   *
   * Reclamation. A segment is retired by whoever moves head off it, when the count of polled cells is
   * at the end and a next is there. By then tail is not on it: it was moved on before, and never
   * goes back. (Else a producer who pins later would read the retired segment from tail; the fault
   * of many a Michael-Scott queue.) Polls pin to read, and only who finds a segment at its end pins
   * again with room for it, so that garbage is charged once a segment.
   */

  private static final long CLOSED = -1;
  static final int TAIL = 0;
  private static final int HEAD = 1;
  private static final int WORDS = 2;
  private static final long NONE = Memory.NULL;
  private static final long SPENT = -1;

  private final Allocator allocator;
  private final ReclamationDomain domain;
  private final int allocatorNumber;
  private final PaddedWords words = new PaddedWords(WORDS);
  private long chain = Memory.NULL;

  /**
   * Creates an empty queue.
   *
   * @param allocator where its segments come from; thread-safe, and outlives the domain
   * @param domain where segments are retired to; outlives the queue
   * @throws AllocationException if there is no room for the first segment
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public MpmcUnboundedLongQueue(@Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    this.allocator = allocator;
    this.domain = domain;
    allocatorNumber = domain.register(allocator);
    long segment = newSegment();
    words.setRelease(HEAD, segment);
    words.setRelease(TAIL, segment);
  }

  private long newSegment() {
    return Allocations.allocateZeroed(allocator, QueueSegment.SIZE, QueueSegment.ALIGNMENT);
  }

  private void freeSegment(long segment) {
    allocator.free(segment, QueueSegment.SIZE, QueueSegment.ALIGNMENT);
  }

  /** Reads head or tail, under a guard that was there before. */
  long segment(int word, Guard guard) {
    return requireOpen(words.getAcquire(word)); // A2: pairs with R2
  }

  private static long requireOpen(long segment) {
    if (segment == CLOSED) {
      throw new IllegalStateException("this MpmcUnboundedLongQueue is closed");
    }
    return segment;
  }

  // ---- offering ---------------------------------------------------------------------------------

  /**
   * {@inheritDoc}
   *
   * @return true
   * @throws AllocationException if a segment is needed and there is no room; the queue is unchanged
   */
  @Override
  public boolean offer(long value) {
    try (Guard guard = domain.pin()) {
      for (; ; ) {
        long tail = segment(TAIL, guard);
        long index = QueueSegment.claimTail(tail);
        if (index == QueueSegment.CELLS
            ? append(tail, value)
            : QueueSegment.fill(tail, index, value)) { // R1
          return true;
        }
      }
    }
  }

  /** Puts a segment that starts with a value behind one; returns false if there is another. */
  private boolean append(long tail, long value) {
    long next = QueueSegment.nextAcquire(tail); // A2
    if (next != Memory.NULL) {
      words.compareAndSet(TAIL, tail, next);
      return false;
    }
    long segment = newSegment();
    QueueSegment.startWith(segment, value);
    if (QueueSegment.link(tail, segment)) { // R2
      words.compareAndSet(TAIL, tail, segment);
      return true;
    }
    freeSegment(segment);
    return false;
  }

  /**
   * {@inheritDoc}
   *
   * @return how many were asked for
   * @throws AllocationException if a segment is needed and there is no room; those before are in
   *     the queue
   */
  @Override
  public int offer(long[] values, int from, int to) {
    int count = RingStorage.countOf(values, from, to);
    requireOpen(words.getOpaque(TAIL));
    for (int i = from; i < to; i++) {
      offer(values[i]);
    }
    return count;
  }

  // ---- polling ----------------------------------------------------------------------------------

  /**
   * {@inheritDoc}
   *
   * @throws ReclamationLimitException if the domain has no room for a segment that is used up; the
   *     queue is unchanged
   */
  @Override
  public long poll(long absent) {
    for (; ; ) {
      try (Guard guard = domain.pin()) {
        long cell = claimCell(guard);
        if (cell != SPENT) {
          return cell == NONE ? absent : QueueSlot.value(cell);
        }
      }
      moveHead();
    }
  }

  /** Claims a cell with a value; returns NONE if the queue is empty, SPENT if a segment is. */
  private long claimCell(Guard guard) {
    for (; ; ) {
      long head = segment(HEAD, guard);
      if (isEmpty(head)) {
        return NONE;
      }
      long index = QueueSegment.claimHead(head);
      if (index == QueueSegment.CELLS) {
        return QueueSegment.nextAcquire(head) == Memory.NULL ? NONE : SPENT; // A2
      }
      long cell = QueueSegment.cell(head, index);
      if (QueueSegment.isFullOrBreak(cell)) { // A1: pairs with R1
        return cell;
      }
    }
  }

  /** The order of the three reads matters; none of what they see goes back. */
  private static boolean isEmpty(long segment) {
    return QueueSegment.headAcquire(segment) >= QueueSegment.tailAcquire(segment)
        && QueueSegment.nextAcquire(segment) == Memory.NULL; // A2
  }

  /** Moves head, and before it tail, off a segment that is spent, and retires that. */
  private void moveHead() {
    try (Guard guard = domain.pin(1, QueueSegment.SIZE)) {
      long head = segment(HEAD, guard);
      long next = QueueSegment.nextAcquire(head); // A2
      if (QueueSegment.headAcquire(head) < QueueSegment.CELLS || next == Memory.NULL) {
        return; // another has done it
      }
      words.compareAndSet(TAIL, head, next);
      if (words.compareAndSet(HEAD, head, next)) {
        guard.retire(head, QueueSegment.SIZE, QueueSegment.ALIGNMENT, allocatorNumber);
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws ReclamationLimitException if the domain has no room for a segment that is used up; the
   *     values that were taken before are in the array
   */
  @Override
  public int poll(long[] target, int from, int to) {
    int count = RingStorage.countOf(target, from, to);
    requireOpen(words.getOpaque(HEAD));
    for (int found = 0; found < count; ) {
      long cell;
      try (Guard guard = domain.pin()) {
        cell = claimCell(guard);
        if (cell != NONE && cell != SPENT) {
          target[from + found] = QueueSlot.value(cell);
          found++;
        }
      }
      if (cell == NONE) {
        return found;
      }
      if (cell == SPENT) {
        moveHead();
      }
    }
    return count;
  }

  // ---- looking ----------------------------------------------------------------------------------

  @Override
  public long peek(long absent) {
    try (Guard guard = domain.pin()) {
      for (; ; ) {
        long segment = firstWithValue(guard);
        if (segment == Memory.NULL) {
          return absent;
        }
        long index = firstFull(segment);
        if (index >= 0 && index < QueueSegment.CELLS) {
          long value = QueueSlot.value(QueueSegment.cell(segment, index));
          VarHandle.acquireFence(); // the value is read before the count
          if (QueueSegment.headAcquire(segment) <= index) {
            return value;
          }
        }
      }
    }
  }

  /** {@inheritDoc} O(1), but for cells that were broken. */
  @Override
  public boolean isEmpty() {
    try (Guard guard = domain.pin()) {
      return firstWithValue(guard) == Memory.NULL;
    }
  }

  /** Returns the first segment with a value that is not polled, or NULL if there was none. */
  private long firstWithValue(Guard guard) {
    long segment = segment(HEAD, guard);
    while (segment != Memory.NULL) {
      long index = firstFull(segment);
      if (index != QueueSegment.CELLS) {
        return index < 0 ? Memory.NULL : segment;
      }
      segment = QueueSegment.nextAcquire(segment); // A2
    }
    return Memory.NULL;
  }

  /**
   * Returns the index of the first cell with a value that is not polled, CELLS if there is none to
   * the end, -1 if there is none and cells to offer to are left. Breaks cells that come before it.
   */
  private static long firstFull(long segment) {
    long index = QueueSegment.headAcquire(segment);
    while (index < QueueSegment.CELLS) {
      if (index >= QueueSegment.tailAcquire(segment)) {
        return -1;
      }
      if (QueueSegment.isFullOrBreak(QueueSegment.cell(segment, index))) { // A1
        return index;
      }
      index++;
    }
    return QueueSegment.CELLS;
  }

  /** {@inheritDoc} Counts one by one: O(n). */
  @Override
  public long size() {
    try (Guard guard = domain.pin()) {
      long size = 0;
      for (long segment = segment(HEAD, guard);
          segment != Memory.NULL;
          segment = QueueSegment.nextAcquire(segment)) {
        long tail = QueueSegment.tailAcquire(segment);
        for (long index = QueueSegment.headAcquire(segment); index < tail; index++) {
          size += QueueSegment.isFull(QueueSegment.cell(segment, index)) ? 1 : 0;
        }
      }
      return size;
    }
  }

  /**
   * Returns that there is no limit.
   *
   * @return {@link Long#MAX_VALUE}
   */
  @Override
  public long capacity() {
    return Long.MAX_VALUE;
  }

  // ---- the end ----------------------------------------------------------------------------------

  /**
   * Ends the queue, waits as long as {@link ReclamationDomain#closeTimeout} for guards that are
   * open, and frees all segments. Closing again does nothing once it has succeeded. Not under a
   * guard of one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the queue is
   *     closed, its segments are not freed, and closing it again tries again
   */
  @Override
  public synchronized void close() {
    words.getAndSet(TAIL, CLOSED);
    long head = words.getAndSet(HEAD, CLOSED);
    if (head != CLOSED) {
      chain = head;
    }
    if (chain == Memory.NULL) {
      return;
    }
    Readers.await(domain, "MpmcUnboundedLongQueue"); // those who link a segment, too
    while (chain != Memory.NULL) {
      long segment = chain;
      chain = QueueSegment.nextAcquire(segment);
      freeSegment(segment);
    }
  }

  /** When nobody is in an operation. */
  void checkInvariants() {
    try (Guard guard = domain.pin()) {
      long tail = segment(TAIL, guard);
      long segment = segment(HEAD, guard);
      while (segment != tail) {
        if (QueueSegment.tailAcquire(segment) != QueueSegment.CELLS) {
          throw new AssertionError("I3: tail count " + QueueSegment.tailAcquire(segment));
        }
        segment = QueueSegment.nextAcquire(segment);
        if (segment == Memory.NULL) {
          throw new AssertionError("I1: tail is not reached from head");
        }
      }
      if (QueueSegment.nextAcquire(tail) != Memory.NULL) {
        throw new AssertionError("I1: a segment beyond tail, and nobody to move it");
      }
    }
  }

  /** Returns whether it is open or closed. */
  @Override
  public String toString() {
    boolean closed = words.getOpaque(TAIL) == CLOSED;
    return "MpmcUnboundedLongQueue" + (closed ? "(closed)" : "(open)");
  }
}
