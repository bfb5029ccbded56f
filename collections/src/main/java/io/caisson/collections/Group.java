package io.caisson.collections;

import io.caisson.alloc.internal.Memory;

/**
 * Eight control bytes of a table, looked at as one {@code long}: the byte at the lowest address is
 * the lowest byte.
 *
 * <p>A control byte is {@link #EMPTY}, or the tag of the entry in its slot: the top 7 bits of the
 * hash. Sets of bytes are masks with bit 7 of each member set. The arithmetic is that of
 * hashbrown's portable group and, before it, of Hacker's Delight 6-1.
 */
final class Group {

  /** The number of control bytes in a group. */
  static final int SIZE = 8;

  /** The control byte of a slot without an entry; the only one that is negative. */
  static final byte EMPTY = (byte) 0x80;

  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final int TAG_SHIFT = 57;

  private Group() {}

  /** Reads the group that starts at an address. */
  static long load(long address) {
    return Memory.getLongLittleEndian(address);
  }

  /** Returns the tag of a hash, as a number from 0 to 127. */
  static long tag(long hash) {
    return hash >>> TAG_SHIFT;
  }

  /**
   * Returns the bytes that equal a tag, and perhaps one above such a byte that does not: the caller
   * compares keys anyway.
   */
  static long matching(long group, long tag) {
    long difference = group ^ (tag * LOW_BITS);
    return (difference - LOW_BITS) & ~difference & HIGH_BITS;
  }

  /** Returns the bytes that are empty. */
  static long empty(long group) {
    return group & HIGH_BITS;
  }

  /** Returns the bytes that are not empty. */
  static long full(long group) {
    return ~group & HIGH_BITS;
  }

  /** Returns the index in the group of the first byte of a set that is not void. */
  static int first(long set) {
    return Long.numberOfTrailingZeros(set) >>> 3;
  }

  /** Returns a set without its first byte. */
  static long withoutFirst(long set) {
    return set & (set - 1);
  }

  // ---- any number of control bytes in a row -----------------------------------------------------

  /** Puts a byte at an address, and moves what was there, and on to an empty byte, up by one. */
  static void insert(long address, long inserted) {
    long at = address;
    long moving = inserted;
    long group = load(at);
    while (empty(group) == 0) {
      Memory.putLongLittleEndian(at, (group << Byte.SIZE) | moving);
      moving = group >>> (Long.SIZE - Byte.SIZE);
      at += SIZE;
      group = load(at);
    }
    long moved = upTo(first(empty(group)));
    Memory.putLongLittleEndian(at, (group & ~moved) | (((group << Byte.SIZE) | moving) & moved));
  }

  /** Moves a number of bytes, those that follow one, down by one over it; one is empty then. */
  static void remove(long address, long following) {
    long at = address;
    long rest = following;
    for (; rest >= SIZE; rest -= SIZE) {
      Memory.putLongLittleEndian(at, load(at + 1));
      at += SIZE;
    }
    long group = load(at);
    long moved = upTo((int) rest);
    long empty = (EMPTY & 0xffL) << (Byte.SIZE * rest);
    Memory.putLongLittleEndian(at, (group & ~moved) | ((group & moved) >>> Byte.SIZE) | empty);
  }

  /** Returns the bits of all bytes up to an index. */
  private static long upTo(int index) {
    return -1L >>> (Long.SIZE - Byte.SIZE - Byte.SIZE * index);
  }
}
