package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A cell of a concurrent table of longs: the code of a key, and the code of its value. Zeroed
 * memory is a cell without either.
 *
 * <p>A code is the key or the value, exclusive-or a mask, which is another for each cell and each
 * generation: so that any long may be a key and a value, though a few codes stand for something
 * else.
 */
final class LongLongCell {

  private static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("key"), ValueLayout.JAVA_LONG.withName("value"));

  static final int SIZE = (int) LAYOUT.byteSize();
  static final int SHIFT = Integer.numberOfTrailingZeros(SIZE);
  private static final long KEY = LAYOUT.byteOffset(PathElement.groupElement("key"));
  private static final long VALUE = LAYOUT.byteOffset(PathElement.groupElement("value"));

  /** In the place of a key's code: the cell is no key's yet. */
  static final long EMPTY = 0;

  /** In the place of a key's code: the cell was moved on before it was any key's. */
  static final long SEALED = 1;

  /** In the place of a value's code: the key is not there. */
  static final long ABSENT = 0;

  /** In the place of a value's code: the cell was moved on. */
  static final long MOVED = 1;

  /** How many codes are not those of keys and values: those from 0 on. */
  static final long RESERVED = 2;

  private LongLongCell() {}

  /** Returns the address of a cell of a bank. */
  static long at(long bank, int index) {
    return bank + ((long) index << SHIFT);
  }

  /** Returns the index of a cell in its bank. */
  static int indexOf(long cell, long bank) {
    return (int) ((cell - bank) >>> SHIFT);
  }

  /** Turns a key or value into its code in a cell, and back. */
  static long code(long word, Generation generation, long cell) {
    return word ^ (generation.salt + cell);
  }

  static long key(long cell) {
    return Memory.getLongAcquire(cell + KEY);
  }

  static boolean compareAndSetKey(long cell, long expected, long code) {
    return Memory.compareAndSetLong(cell + KEY, expected, code);
  }

  static long value(long cell) {
    return Memory.getLongAcquire(cell + VALUE);
  }

  static boolean compareAndSetValue(long cell, long expected, long code) {
    return Memory.compareAndSetLong(cell + VALUE, expected, code);
  }
}
