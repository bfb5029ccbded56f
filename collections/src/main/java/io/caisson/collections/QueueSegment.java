package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.CacheLine;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A block of cells of an unbounded queue, which tickets in a row have, and the one after it.
 *
 * <p>This object is on the Java heap, so that whoever reaches it may ask it whether its cells are
 * still there: they belong to who holds one of its tickets, and to who {@linkplain #tryHold holds}
 * it.
 */
final class QueueSegment {

  private static final long FREED = -1;
  private static final VarHandle NEXT;
  private static final VarHandle HOLDERS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEXT = lookup.findVarHandle(QueueSegment.class, "next", QueueSegment.class);
      HOLDERS = lookup.findVarHandle(QueueSegment.class, "holders", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The binary logarithm of the number of cells. */
  private final int shift;

  /** Its tickets are those whose number this is, without the last bits. */
  final long number;

  private final long address;

  private volatile @Nullable QueueSegment next;

  /** How many hold it, or FREED. */
  private volatile long holders;

  /** Cells before this are done with; only for who sweeps. */
  private int done;

  /**
   * Allocates cells that are empty, or throws.
   *
   * @param shift the binary logarithm of their number
   */
  QueueSegment(Allocator allocator, int shift, long number) {
    this.shift = shift;
    this.number = number;
    address = Allocations.allocateZeroed(allocator, byteSize(), CacheLine.BYTE_SIZE);
  }

  int cells() {
    return 1 << shift;
  }

  private long byteSize() {
    return cells() * QueueCell.SIZE;
  }

  /** Returns the first of its tickets. */
  long firstTicket() {
    return number << shift;
  }

  /** Returns the address of the cell that a ticket has. */
  long cell(long ticket) {
    return address + (ticket & (cells() - 1)) * QueueCell.SIZE;
  }

  // ---- links ------------------------------------------------------------------------------------

  @Nullable QueueSegment next() {
    return next;
  }

  /** Links the segment after the last one; returns false if there is another. */
  boolean append(QueueSegment segment) {
    return NEXT.compareAndSet(this, null, segment);
  }

  /** Unlinks what comes between this segment and another; by who sweeps. */
  void skipTo(@Nullable QueueSegment segment) {
    next = segment;
  }

  // ---- the end ----------------------------------------------------------------------------------

  /** Keeps the cells, if they are there, until they are released. */
  boolean tryHold() {
    long now = holders;
    while (now != FREED) {
      if (HOLDERS.compareAndSet(this, now, now + 1)) {
        return true;
      }
      now = holders;
    }
    return false;
  }

  void release() {
    HOLDERS.getAndAdd(this, -1L);
  }

  /** Says whether all its cells are done with; for who sweeps. */
  boolean isDone() {
    while (done < cells() && QueueCell.isDone(cell(done))) {
      done++;
    }
    return done == cells();
  }

  /** Frees the cells, which nobody has a ticket for, unless somebody holds them. */
  boolean tryFree(Allocator allocator) {
    if (!HOLDERS.compareAndSet(this, 0L, FREED)) {
      return false;
    }
    allocator.free(address, byteSize(), CacheLine.BYTE_SIZE);
    return true;
  }

  /** Frees cells that nobody else has seen. */
  void free(Allocator allocator) {
    allocator.free(address, byteSize(), CacheLine.BYTE_SIZE);
  }
}
