package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * One cache line of the index of an intern table: twelve slots with their tags.
 *
 * <pre>
 *   0  tags    of each slot 7 bits of hash, or {@link Group#EMPTY}
 *  12  passed  how many entries are further on because this chunk was full
 *  16  slots   what is in each, an int
 * </pre>
 *
 * <p>Sets of slots are masks as those of {@link Group}, for the first eight and the last four.
 */
final class InternChunk {

  /** How many slots there are. */
  static final int SLOTS = 12;

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          MemoryLayout.sequenceLayout(SLOTS, ValueLayout.JAVA_BYTE).withName("tags"),
          ValueLayout.JAVA_INT.withName("passed"),
          MemoryLayout.sequenceLayout(SLOTS, ValueLayout.JAVA_INT).withName("slots"));

  static final long SIZE = LAYOUT.byteSize();
  static final long TAGS = offset("tags");
  static final long PASSED = offset("passed");
  static final long FIRST_SLOT = offset("slots");

  /** Where the slots of the last four tags are. */
  static final long NINTH_SLOT = FIRST_SLOT + (long) Group.SIZE * Integer.BYTES;

  /** The slots of the second group; what follows their tags is no tag. */
  private static final long LAST_FOUR = 0xffff_ffffL;

  private static final long EMPTY_TAGS = 0x8080808080808080L;

  private InternChunk() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  static void initialize(long chunk) {
    Memory.putLong(chunk + TAGS, EMPTY_TAGS);
    Memory.putInt(chunk + TAGS + Group.SIZE, (int) EMPTY_TAGS);
    Memory.putInt(chunk + PASSED, 0);
  }

  /** Returns those of the first eight slots that may have a tag. */
  static long matchingFirst(long chunk, long tag) {
    return Group.matching(Group.load(chunk + TAGS), tag);
  }

  /** Returns those of the last four slots that may have a tag. */
  static long matchingLast(long chunk, long tag) {
    return Group.matching(Group.load(chunk + TAGS + Group.SIZE), tag) & LAST_FOUR;
  }

  /** Returns the first empty slot, or -1. */
  static int firstEmpty(long chunk) {
    long empty = Group.empty(Group.load(chunk + TAGS));
    if (empty != 0) {
      return Group.first(empty);
    }
    empty = Group.empty(Group.load(chunk + TAGS + Group.SIZE)) & LAST_FOUR;
    return empty == 0 ? -1 : Group.SIZE + Group.first(empty);
  }

  static byte tag(long chunk, int index) {
    return Memory.getByte(chunk + TAGS + index);
  }

  static void setTag(long chunk, int index, byte tag) {
    Memory.putByte(chunk + TAGS + index, tag);
  }

  static int slot(long chunk, int index) {
    return Memory.getInt(chunk + FIRST_SLOT + (long) index * Integer.BYTES);
  }

  static void setSlot(long chunk, int index, int slot) {
    Memory.putInt(chunk + FIRST_SLOT + (long) index * Integer.BYTES, slot);
  }

  static int passed(long chunk) {
    return Memory.getInt(chunk + PASSED);
  }

  static void addPassed(long chunk, int count) {
    Memory.putInt(chunk + PASSED, passed(chunk) + count);
  }
}
