package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An unbounded queue of {@code long}s in native memory from many threads to many.
 *
 * <p>Any thread offers and any polls, for platform and virtual threads alike; linearizable.
 * Lock-free, in so far as the allocator is: once in 1024 elements an offer allocates a segment of
 * 16 KiB, with a small Java object that stands for it, and a poll frees one. No operation makes a
 * Java object beside these. O(1) but for the batches. Takes 16 bytes an element, and always a
 * segment; a thread that is stopped in the middle of an operation keeps the one that it works in.
 *
 * <p><b>Close</b> it at any time: operations of other threads that are under way end as if they had
 * been before it, or throw {@link IllegalStateException}. Close it before the allocator.
 */
public final class MpmcUnboundedLongQueue implements ConcurrentLongQueue {

  /*
   * Source. The infinite array that A. Morrison and Y. Afek begin with ("Fast Concurrent Queues for
   * x86 Processors", 2013): who offers claims a ticket of tail, who polls one of head, and they meet
   * in its cell; who comes to poll first breaks the cell, and the other tries again. Deviations: a
   * ticket is claimed by CAS, so that nobody polls beyond tail, and nobody has a ticket whose cell
   * cannot be allocated; who polls waits for a moment before it breaks. And no reclamation domain:
   * tickets are enough.
   *
   * Words. tail and head: the next tickets; both CLOSED once closed. tailSeen: some value that tail
   * had, for consumers. sweeping: 1 while somebody frees segments. appending: how many may be about to
   * allocate one. Segments are a list of Java objects from first on, whose cells are off heap; the hints
   * of producers and consumers are segments that are or were in it.
   *
   * Invariants.
   * I1  tailSeen <= tail, head <= tail, and every ticket below tail has a cell, which is done with
   *     (QueueCell) or there.
   * I2  A cell is EMPTY, then FULL or BROKEN for ever. Its producer makes it FULL, its consumer, or
   *     one who peeks, BROKEN. Nobody but its producer writes its value, and that before it is FULL.
   * I3  Only who has claimed one of the two tickets of a cell, or holds its segment, touches it. Each
   *     ticket ends with a mark, after which its owner touches the cell no more. So when all cells of
   *     a segment have both marks, and nobody holds it, it can be freed, and nobody can hold it again.
   * I4  From each segment that was ever in the list links lead on to the last: only who sweeps
   *     unlinks, never the last, and leaves the link of what he unlinks.
   * I5  Once CLOSED, tail and head stay CLOSED. Nobody appends whom close does not see in appending.
   *
   * Linearization points. As in the paper: what is offered is in the order of the tickets whose cells
   * become FULL. Of an empty queue: the read of a tail that head has reached. peek: the second read
   * of head, which has not passed the cell.
   *
   * Ordering. R1, the CAS to FULL, pairs with A1: a value is written before it is read. R2, the CAS of
   * tail, pairs with A2, directly or by way of tailSeen (R3, A3): a segment is linked before its
   * tickets are polled. R4, the mark of a ticket, pairs with the acquire in isDone: cells are read
   * before they are freed.
   *
   * Progress. A step that fails has let another get on: a claim, since the count went on; a fill,
   * since a consumer broke the cell, and it goes to the next one or finds the queue empty. Who finds
   * others sweeping goes on, and leaves what he would have freed to who sweeps next.
   */

  private static final long CLOSED = RingStorage.CLOSED;
  private static final int TAIL = 0;
  private static final int HEAD = 1;
  private static final int TAIL_SEEN = 2;
  private static final int SWEEPING = 3;
  private static final int APPENDING = 4;
  private static final int WORDS = 5;

  /** The binary logarithm of the cells in a segment: so many that they take 16 KiB. */
  static final int SEGMENT_SHIFT = 10;

  private static final int SPINS_BEFORE_BREAK = 100;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Allocator allocator;
  private final int shift;
  private final PaddedWords words = new PaddedWords(WORDS);

  /** The oldest segment that is not freed; null once all are. Changed by who sweeps. */
  private volatile @Nullable QueueSegment first;

  private volatile QueueSegment producersHint;
  private volatile QueueSegment consumersHint;

  /** What head and tail were when the queue was closed. */
  private long lastHead;

  private long lastTail;

  /**
   * Creates an empty queue.
   *
   * @param allocator where its segments come from; thread-safe, and outlives the queue
   * @throws AllocationException if there is no room for the first segment
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public MpmcUnboundedLongQueue(@Borrowed Allocator allocator) {
    this(allocator, SEGMENT_SHIFT);
  }

  /** Creates one with smaller segments, for tests. */
  MpmcUnboundedLongQueue(Allocator allocator, int shift) {
    if (!allocator.isThreadSafe()) {
      throw new IllegalArgumentException(
          "allocator '"
              + allocator.name()
              + "' is not thread-safe; any thread allocates and frees segments of this queue");
    }
    this.allocator = allocator;
    this.shift = shift;
    QueueSegment segment = new QueueSegment(allocator, shift, 0);
    first = segment;
    producersHint = segment;
    consumersHint = segment;
  }

  private static void requireOpen(long ticket) {
    if (ticket == CLOSED) {
      throw new IllegalStateException("this MpmcUnboundedLongQueue is closed");
    }
  }

  // ---- segments ---------------------------------------------------------------------------------

  /** Returns how many of a segment's tickets come from this one on, itself included. */
  private int ticketsFrom(long ticket) {
    return (1 << shift) - (int) (ticket & ((1 << shift) - 1));
  }

  /** Returns the segment of a ticket, the last one if it comes after that, null if it is gone. */
  private @Nullable QueueSegment find(long number, QueueSegment hint) {
    QueueSegment segment = hint.number <= number ? hint : first;
    while (segment != null && segment.number < number) {
      QueueSegment next = segment.next();
      if (next == null) {
        return segment;
      }
      segment = next;
    }
    return segment == null || segment.number > number ? null : segment;
  }

  /** Returns the segment for a ticket that is to be claimed, or null if that is gone. */
  private @Nullable QueueSegment producersSegment(long ticket) {
    QueueSegment hint = producersHint;
    long number = ticket >>> shift;
    return hint.number == number ? hint : findOrAppend(number, hint);
  }

  private @Nullable QueueSegment findOrAppend(long number, QueueSegment hint) {
    QueueSegment segment = find(number, hint);
    if (segment != null && segment.number < number) {
      append(segment);
      segment = segment.next();
    }
    if (segment != null) {
      producersHint = segment;
    }
    return segment;
  }

  private void append(QueueSegment last) {
    words.getAndAdd(APPENDING, 1);
    try {
      requireOpen(words.getVolatile(TAIL)); // I5
      if (last.next() == null) {
        QueueSegment segment = new QueueSegment(allocator, shift, last.number + 1);
        if (!last.append(segment)) {
          segment.free(allocator);
        }
      }
    } finally {
      words.getAndAdd(APPENDING, -1);
    }
  }

  /** Returns the segment of a ticket of head's, or null if that is gone. */
  private @Nullable QueueSegment consumersSegment(long ticket) {
    QueueSegment hint = consumersHint;
    long number = ticket >>> shift;
    if (hint.number == number) {
      return hint;
    }
    QueueSegment segment = find(number, hint);
    if (segment != null) {
      consumersHint = segment;
    }
    return segment;
  }

  /** Frees the segments before that of a ticket that are done with, unless another is at it. */
  private void sweep(long ticket) {
    if (words.compareAndSet(SWEEPING, 0, 1)) {
      try {
        freeBefore(ticket >>> shift);
      } finally {
        words.setRelease(SWEEPING, 0);
      }
    }
  }

  private void freeBefore(long number) {
    QueueSegment before = null;
    QueueSegment segment = first;
    while (segment != null && segment.number < number) {
      QueueSegment next = segment.next();
      if (segment.isDone() && segment.tryFree(allocator)) {
        unlink(before, next);
      } else {
        before = segment;
      }
      segment = next;
    }
  }

  /** Makes a segment follow another, or be the first. */
  private void unlink(@Nullable QueueSegment before, @Nullable QueueSegment segment) {
    if (before == null) {
      first = segment;
    } else {
      before.skipTo(segment);
    }
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
    for (; ; ) {
      long ticket = words.getAcquire(TAIL);
      requireOpen(ticket);
      QueueSegment segment = producersSegment(ticket);
      if (segment != null
          && words.compareAndSet(TAIL, ticket, ticket + 1) // R2
          && QueueCell.fill(segment.cell(ticket), value)) { // R1
        return true;
      }
    }
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
    for (int done = 0; done < count; ) {
      long ticket = words.getAcquire(TAIL);
      requireOpen(ticket);
      QueueSegment segment = producersSegment(ticket);
      int claimed = Math.min(count - done, ticketsFrom(ticket));
      if (segment != null && words.compareAndSet(TAIL, ticket, ticket + claimed)) { // R2
        for (int i = 0; i < claimed; i++) {
          done += QueueCell.fill(segment.cell(ticket + i), values[from + done]) ? 1 : 0; // R1
        }
      }
    }
    return count;
  }

  /**
   * Puts values at the end. What the supplier throws, this throws; what came before is in the
   * queue.
   *
   * @param supplier what makes them
   * @param count how many, not negative
   * @return how many were asked for
   * @throws IllegalArgumentException if the number is negative
   * @throws AllocationException if a segment is needed and there is no room; those before are in
   *     the queue, and one that was supplied is lost
   * @throws IllegalStateException if the queue is closed
   */
  public int fill(LongSupplier supplier, int count) {
    if (count < 0) {
      throw new IllegalArgumentException("a number of " + count + "; expected 0 or more");
    }
    requireOpen(words.getOpaque(TAIL));
    for (int i = 0; i < count; i++) {
      offer(supplier.getAsLong());
    }
    return count;
  }

  // ---- polling ----------------------------------------------------------------------------------

  @Override
  public long poll(long absent) {
    for (; ; ) {
      long ticket = words.getAcquire(HEAD);
      if (available(ticket) <= 0) {
        return absent;
      }
      if (words.compareAndSet(HEAD, ticket, ticket + 1)) {
        long cell = claimed(ticket);
        boolean full = isFull(cell);
        long value = full ? QueueCell.value(cell) : absent;
        leave(cell, full);
        if (full) {
          return value;
        }
      }
    }
  }

  /** Returns how many tickets there are from one of head's on, or at least some of them. */
  private long available(long head) {
    requireOpen(head);
    long seen = words.getAcquire(TAIL_SEEN); // A3
    long available = head < seen ? seen - head : lookAtTail() - head;
    if (available > 0 && ticketsFrom(head) == 1 << shift) {
      sweep(head); // before anything is claimed
    }
    return available;
  }

  private long lookAtTail() {
    long tail = words.getAcquire(TAIL); // A2: pairs with R2
    requireOpen(tail);
    words.setRelease(TAIL_SEEN, tail); // R3
    return tail;
  }

  /** Returns the cell of a ticket that is the caller's to poll. */
  private long claimed(long ticket) {
    QueueSegment segment = consumersSegment(ticket);
    if (segment == null) {
      throw new AssertionError("I3: ticket " + ticket + " has lost its cell");
    }
    return segment.cell(ticket);
  }

  /** Says whether a cell has a value; waits a moment for it, then breaks the cell. */
  private static boolean isFull(long cell) {
    for (int n = 0; n < SPINS_BEFORE_BREAK; n++) {
      if (QueueCell.isFull(cell)) { // A1: pairs with R1
        return true;
      }
      Thread.onSpinWait();
    }
    return QueueCell.isFullOrBreak(cell);
  }

  private static void leave(long cell, boolean full) {
    if (full) {
      QueueCell.takenRelease(cell); // R4
    } else {
      QueueCell.leave(cell); // R4
    }
  }

  @Override
  public int poll(long[] target, int from, int to) {
    int count = RingStorage.countOf(target, from, to);
    requireOpen(words.getOpaque(HEAD));
    int found = 0;
    while (found < count) {
      long ticket = words.getAcquire(HEAD);
      long available = available(ticket);
      if (available <= 0) {
        return found;
      }
      int most = (int) Math.min(Math.min(available, count - found), ticketsFrom(ticket));
      if (words.compareAndSet(HEAD, ticket, ticket + most)) {
        found += take(ticket, most, target, from + found);
      }
    }
    return found;
  }

  /** Takes the values of tickets of one segment, and returns how many there were. */
  private int take(long ticket, int tickets, long[] target, int from) {
    long cell = claimed(ticket);
    int found = 0;
    for (int i = 0; i < tickets; i++, cell += QueueCell.SIZE) {
      boolean full = isFull(cell);
      if (full) {
        target[from + found] = QueueCell.value(cell);
        found++;
      }
      leave(cell, full);
    }
    return found;
  }

  // ---- looking ----------------------------------------------------------------------------------

  @Override
  public long peek(long absent) {
    for (; ; ) {
      long ticket = words.getAcquire(HEAD);
      if (available(ticket) <= 0) {
        return absent;
      }
      QueueSegment segment = consumersSegment(ticket);
      if (segment != null && segment.tryHold()) {
        try {
          long cell = segment.cell(ticket);
          if (isFull(cell)) {
            long value = QueueCell.value(cell);
            if (words.getVolatile(HEAD) == ticket) {
              return value;
            }
          } else if (words.compareAndSet(HEAD, ticket, ticket + 1)) {
            QueueCell.leave(cell); // as if it had been polled
          }
        } finally {
          segment.release();
        }
      }
    }
  }

  @Override
  public long size() {
    long head = words.getAcquire(HEAD);
    long tail = words.getAcquire(TAIL);
    requireOpen(tail);
    requireOpen(head);
    return tail - head;
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
   * Ends the queue, waits for operations that are under way, and frees all segments. Closing again
   * does nothing once it has succeeded.
   *
   * @throws IllegalStateException if a thread did not get on with its operation for 10 seconds; the
   *     queue is closed, its segments are not freed, and closing it again tries again
   */
  @Override
  public synchronized void close() {
    long tail = words.getAndSet(TAIL, CLOSED);
    long head = words.getAndSet(HEAD, CLOSED);
    if (tail != CLOSED) {
      lastTail = tail;
      lastHead = head;
    }
    Waiting waiting = new Waiting();
    while (words.getVolatile(APPENDING) != 0 || !words.compareAndSet(SWEEPING, 0, 1)) {
      waiting.once();
    }
    try {
      freeAll(waiting);
    } finally {
      words.setRelease(SWEEPING, 0);
    }
  }

  private void freeAll(Waiting waiting) {
    for (QueueSegment segment = first; segment != null; segment = first) {
      for (long i = 0; i < segment.cells(); i++) {
        while (isInUse(segment.firstTicket() + i, segment.cell(i))) {
          waiting.once();
        }
      }
      while (!segment.tryFree(allocator)) {
        waiting.once();
      }
      first = segment.next();
    }
  }

  private boolean isInUse(long ticket, long cell) {
    return ticket < lastHead
        ? !QueueCell.isDone(cell)
        : ticket < lastTail && !QueueCell.isOffered(cell);
  }

  /** Close, waiting for others. */
  private static final class Waiting {
    private final long start = System.nanoTime();
    private int n;

    void once() {
      if (System.nanoTime() - start > CLOSE_TIMEOUT.toNanos()) {
        throw new IllegalStateException(
            "this MpmcUnboundedLongQueue is closed, but its memory is not freed: operations were"
                + " under way for "
                + CLOSE_TIMEOUT
                + "; close it again when they are done");
      }
      Spin.once(n++);
    }
  }

  /** When nobody is in an operation. */
  void checkInvariants() {
    long head = words.get(HEAD);
    long tail = words.get(TAIL);
    if (head > tail || words.get(TAIL_SEEN) > tail) {
      throw new AssertionError("I1: head " + head + ", tail " + tail);
    }
    long number = -1;
    for (QueueSegment segment = first; segment != null; segment = segment.next()) {
      if (segment.number <= number) {
        throw new AssertionError("I4: segment " + segment.number + " after " + number);
      }
      number = segment.number;
      checkCells(segment, head, tail);
    }
    if (tail > (number + 1) << shift) {
      throw new AssertionError("I1: tail " + tail + " is beyond segment " + number);
    }
  }

  private static void checkCells(QueueSegment segment, long head, long tail) {
    long ticket = segment.firstTicket();
    for (long end = ticket + segment.cells(); ticket < end; ticket++) {
      long cell = segment.cell(ticket);
      boolean right =
          ticket < head ? QueueCell.isDone(cell) : QueueCell.isFull(cell) == ticket < tail;
      if (!right) {
        throw new AssertionError("I2: ticket " + ticket + " from " + head + " to " + tail);
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
