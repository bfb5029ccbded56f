package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A cell of an unbounded queue, used once, by one who offers and one who polls.
 *
 * <pre>
 *  0        8        16
 *  +--------+--------+
 *  | state  | value  |
 *  +--------+--------+
 * </pre>
 *
 * <p>The state is EMPTY, then FULL or BROKEN for ever, to which marks are added: that its producer
 * has seen it is broken, and that its consumer will not look at it again.
 */
final class QueueCell {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("state"), ValueLayout.JAVA_LONG.withName("value"));

  static final long SIZE = LAYOUT.byteSize();
  static final long STATE = offset("state");
  static final long VALUE = offset("value");

  private static final long EMPTY = 0;
  private static final long FULL = 1;

  /** Given up by one who looked at it before its producer had come: it stays without a value. */
  private static final long BROKEN = 2;

  /** A mark: its producer has been there, and found it broken. */
  private static final long MISSED = 4;

  /** A mark: its consumer is done with it. */
  private static final long TAKEN = 8;

  private QueueCell() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  private static long stateAcquire(long cell) {
    return Memory.getLongAcquire(cell + STATE);
  }

  private static boolean change(long cell, long from, long to) {
    return Memory.compareAndSetLong(cell + STATE, from, to);
  }

  private static void mark(long cell, long mark) {
    long state = stateAcquire(cell);
    while (!change(cell, state, state | mark)) {
      state = stateAcquire(cell);
    }
  }

  /** Its producer puts a value in; or, if the cell is broken, is done with it and returns false. */
  static boolean fill(long cell, long value) {
    Memory.putLong(cell + VALUE, value);
    if (change(cell, EMPTY, FULL)) {
      return true;
    }
    mark(cell, MISSED);
    return false;
  }

  /** Says whether it has a value. */
  static boolean isFull(long cell) {
    return (stateAcquire(cell) & FULL) != 0;
  }

  /** Says whether it has a value, and breaks it if its producer has not come yet. */
  static boolean isFullOrBreak(long cell) {
    return !change(cell, EMPTY, BROKEN) && isFull(cell);
  }

  /** Returns the value of a full cell. */
  static long value(long cell) {
    return Memory.getLong(cell + VALUE);
  }

  /** Its consumer is done with a full cell. */
  static void takenRelease(long cell) {
    Memory.putLongRelease(cell + STATE, FULL | TAKEN);
  }

  /** Its consumer is done with a broken cell. */
  static void leave(long cell) {
    mark(cell, TAKEN);
  }

  /** Says whether its producer is done with it. */
  static boolean isOffered(long cell) {
    return (stateAcquire(cell) & (FULL | MISSED)) != 0;
  }

  /** Says whether its producer and its consumer are done with it. */
  static boolean isDone(long cell) {
    long state = stateAcquire(cell);
    return (state & TAKEN) != 0 && (state & (FULL | MISSED)) != 0;
  }
}
