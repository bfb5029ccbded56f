package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;

/**
 * How a word that can be any {@code long}, or none any more, is kept in one word: as it is, unless
 * its upper 16 bits are the prefix; such values stand in a cell, and the word has the prefix and
 * the cell's address. The prefix without an address is {@link #DEAD}.
 *
 * <p>So the whole state of an entry is one word for one compare-and-set. The prefix is none of
 * small numbers, positive or negative, of text in UTF-8, or of likely doubles: of random values one
 * in 65,536 needs a cell.
 */
final class ValueWord {

  /** The prefix, in the upper bits. */
  static final long PREFIX = 0xF5C1L << 48;

  /** What is no value. */
  static final long DEAD = PREFIX;

  static final long CELL_SIZE = Long.BYTES;
  static final long CELL_ALIGNMENT = Long.BYTES;

  private static final long PREFIX_MASK = 0xFFFFL << 48;
  private static final int ADDRESS_SHIFT = 3; // cells are aligned, and 51 bits can be told
  private static final long MOST_ADDRESS = ~PREFIX_MASK << ADDRESS_SHIFT;

  private ValueWord() {}

  /** Says whether a word that is not DEAD has a cell, or a value needs one. */
  static boolean hasCell(long word) {
    return (word & PREFIX_MASK) == PREFIX;
  }

  /** Returns the value of a word that is not DEAD; under the guard that it was read under. */
  static long value(long word) {
    return hasCell(word) ? Memory.getLong(cell(word)) : word;
  }

  static long cell(long word) {
    return (word & ~PREFIX_MASK) << ADDRESS_SHIFT;
  }

  /** Returns a word for a value, with a cell of the caller's if it needs one. */
  static long of(long value, Allocator allocator) {
    return hasCell(value) ? inCell(value, allocator) : value;
  }

  private static long inCell(long value, Allocator allocator) {
    long cell = Allocations.allocate(allocator, CELL_SIZE, CELL_ALIGNMENT);
    if ((cell & ~MOST_ADDRESS) != 0) {
      allocator.free(cell, CELL_SIZE, CELL_ALIGNMENT);
      throw new IllegalStateException(
          "an allocator gave the address 0x" + Long.toHexString(cell) + "; expected 51 bits");
    }
    Memory.putLong(cell, value);
    return PREFIX | cell >>> ADDRESS_SHIFT;
  }

  /** Frees the cell of a word that nobody else has seen. */
  static void free(long word, Allocator allocator) {
    if (hasCell(word) && word != DEAD) {
      allocator.free(cell(word), CELL_SIZE, CELL_ALIGNMENT);
    }
  }
}
