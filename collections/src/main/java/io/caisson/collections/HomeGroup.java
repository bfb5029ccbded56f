package io.caisson.collections;

import io.caisson.alloc.internal.Memory;

/**
 * Eight control bytes of a table with linear probing, looked at as one {@code long}: the byte at
 * the lowest address is the lowest byte.
 *
 * <p>A control byte is {@link #EMPTY}, or else the tag of the entry in its slot, 7 bits of the hash
 * of which one is set, and above it a bit that is not about that entry: whether the slot is the
 * home of one that is eight or more slots away. Sets of bytes are masks with bit 7 of each member
 * set. Without that bit a byte plus 127 has bit 7 set unless it is 0, so all answers are exact.
 */
final class HomeGroup {

  /** The number of control bytes in a group. */
  static final int SIZE = 8;

  /** The control byte of a slot without an entry. */
  static final byte EMPTY = 0;

  /** The bit of a control byte that says that entries whose home this is are beyond the group. */
  static final int PASSED = 0x80;

  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long TAG_BITS = 0x7f7f7f7f7f7f7f7fL;
  private static final int TAG_SHIFT = 57;

  private HomeGroup() {}

  /** Reads the group that starts at an address. */
  static long load(long address) {
    return Memory.getLongLittleEndian(address);
  }

  /** Returns the tag of a hash, as a number from 1 to 127. */
  static long tag(long hash) {
    return Math.max(1, hash >>> TAG_SHIFT);
  }

  /** Returns the tag in a control byte; 0 of an empty slot. */
  static long tagIn(byte control) {
    return control & (PASSED - 1);
  }

  /** Returns the tag of the first slot of a group; 0 if it is empty. */
  static long tagOfHome(long group) {
    return group & (PASSED - 1);
  }

  /** Returns the bytes that have a tag. */
  static long matching(long group, long tag) {
    return full(group ^ (tag * LOW_BITS)) ^ HIGH_BITS;
  }

  /** Returns the bytes that are empty. */
  static long empty(long group) {
    return full(group) ^ HIGH_BITS;
  }

  /** Returns the bytes that are not empty. */
  static long full(long group) {
    return ((group & TAG_BITS) + TAG_BITS) & HIGH_BITS;
  }

  /** Says whether all entries whose home is the first slot of a group are in the group. */
  static boolean holdsAllOfHome(long group) {
    return ((~group & PASSED) | empty(group)) != 0;
  }

  /** Returns the index in the group of the first byte of a set that is not void. */
  static int first(long set) {
    return Long.numberOfTrailingZeros(set) >>> 3;
  }

  /** Returns a set without its first byte. */
  static long withoutFirst(long set) {
    return set & (set - 1);
  }
}
