package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A segment of an unbounded queue: so many cells, each used once, the indices of the first that is
 * not offered to and the first that is not polled, and the segment after it.
 *
 * <pre>
 *  0          128        256     384               16,384
 *  +----------+----------+-------+------------------+
 *  |   tail   |   head   | next  |  1000 cells      |
 *  +----------+----------+-------+------------------+
 * </pre>
 */
final class QueueSegment {

  /** So many that a segment takes 16 KiB. */
  static final int CELLS = 1000;

  private static final long LINE = 128;

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("tail"),
          MemoryLayout.paddingLayout(LINE - Long.BYTES), // keeps producers off the consumers' line
          ValueLayout.JAVA_LONG.withName("head"),
          MemoryLayout.paddingLayout(LINE - Long.BYTES),
          ValueLayout.JAVA_LONG.withName("next"),
          MemoryLayout.paddingLayout(LINE - Long.BYTES),
          MemoryLayout.sequenceLayout(CELLS, QueueSlot.LAYOUT).withName("cells"));

  static final long SIZE = LAYOUT.byteSize();
  static final long ALIGNMENT = LINE;
  static final long TAIL = offset("tail");
  static final long HEAD = offset("head");
  static final long NEXT = offset("next");
  static final long CELL_0 = offset("cells");

  /** A cell that nobody has come to. */
  private static final long EMPTY = 0;

  /** A cell with a value. */
  private static final long FULL = 1;

  /** A cell that a consumer came to before its producer: it stays without a value. */
  private static final long BROKEN = 2;

  private QueueSegment() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  static long cell(long segment, long index) {
    return segment + CELL_0 + index * QueueSlot.SIZE;
  }

  // ---- indices ----------------------------------------------------------------------------------

  static long tailAcquire(long segment) {
    return Memory.getLongAcquire(segment + TAIL);
  }

  static long headAcquire(long segment) {
    return Memory.getLongAcquire(segment + HEAD);
  }

  /** Returns the index of a cell that is the caller's to offer to, or CELLS if there is none. */
  static long claimTail(long segment) {
    return claim(segment + TAIL);
  }

  /** Returns the index of a cell that is the caller's to poll, or CELLS if there is none. */
  static long claimHead(long segment) {
    return claim(segment + HEAD);
  }

  private static long claim(long at) {
    for (; ; ) {
      long index = Memory.getLongAcquire(at);
      if (index >= CELLS || Memory.compareAndSetLong(at, index, index + 1)) {
        return index;
      }
      Thread.onSpinWait();
    }
  }

  /** Makes a segment that nobody else sees start with a value. */
  static void startWith(long segment, long value) {
    fill(segment, 0, value);
    Memory.putLong(segment + TAIL, 1);
  }

  // ---- links ------------------------------------------------------------------------------------

  static long nextAcquire(long segment) {
    return Memory.getLongAcquire(segment + NEXT);
  }

  static boolean link(long segment, long next) {
    return Memory.compareAndSetLong(segment + NEXT, Memory.NULL, next);
  }

  // ---- cells ------------------------------------------------------------------------------------

  /** Puts a value into a cell that is the caller's; returns false if the cell is broken. */
  static boolean fill(long segment, long index, long value) {
    long cell = cell(segment, index);
    QueueSlot.setValue(cell, value);
    return Memory.compareAndSetLong(cell + QueueSlot.SEQUENCE, EMPTY, FULL);
  }

  /** Says whether a cell has a value, and breaks it if nobody has come to it. */
  static boolean isFullOrBreak(long cell) {
    return isFull(cell)
        || (!Memory.compareAndSetLong(cell + QueueSlot.SEQUENCE, EMPTY, BROKEN) && isFull(cell));
  }

  static boolean isFull(long cell) {
    return QueueSlot.sequenceAcquire(cell) == FULL;
  }
}
