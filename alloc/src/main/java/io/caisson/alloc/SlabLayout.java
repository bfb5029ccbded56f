package io.caisson.alloc;

import io.caisson.alloc.internal.MetadataMemory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/** What a slab keeps in the memory that it manages: superblock headers, links of free blocks. */
final class SlabLayout {

  private SlabLayout() {}

  /**
   * The header of a superblock. Blocks of one size follow it, the first at the least multiple of
   * that size that is past the header; a block finds its superblock by clearing its low bits.
   */
  static final class Superblock {
    static final int SHIFT = 16;
    static final long SIZE = 1L << SHIFT;
    static final long MASK = -SIZE;

    private static final StructLayout HEADER =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("next"),
            ValueLayout.JAVA_LONG.withName("previous"),
            ValueLayout.JAVA_LONG.withName("freeHead"),
            ValueLayout.JAVA_LONG.withName("freeCount"),
            ValueLayout.JAVA_LONG.withName("untouched"),
            MemoryLayout.paddingLayout(88).withName("keepsBlocksOffTheHeadersLines"));

    static final long HEADER_SIZE = HEADER.byteSize();
    static final long NEXT = offset("next");
    static final long PREVIOUS = offset("previous");
    static final long FREE_HEAD = offset("freeHead");
    static final long FREE_COUNT = offset("freeCount");
    static final long UNTOUCHED = offset("untouched");

    private Superblock() {}

    private static long offset(String field) {
      return HEADER.byteOffset(PathElement.groupElement(field));
    }

    /** Returns the superblock that a block is in. */
    static long of(long block) {
      return block & MASK;
    }

    static long next(long superblock) {
      return MetadataMemory.getLong(superblock + NEXT);
    }

    static void setNext(long superblock, long next) {
      MetadataMemory.putLong(superblock + NEXT, next);
    }

    static long previous(long superblock) {
      return MetadataMemory.getLong(superblock + PREVIOUS);
    }

    static void setPrevious(long superblock, long previous) {
      MetadataMemory.putLong(superblock + PREVIOUS, previous);
    }

    /** The first of the blocks that were freed, linked through {@link FreeBlock}. */
    static long freeHead(long superblock) {
      return MetadataMemory.getLong(superblock + FREE_HEAD);
    }

    static void setFreeHead(long superblock, long block) {
      MetadataMemory.putLong(superblock + FREE_HEAD, block);
    }

    /** The number of blocks that are free, touched or not. */
    static long freeCount(long superblock) {
      return MetadataMemory.getLong(superblock + FREE_COUNT);
    }

    static void setFreeCount(long superblock, long count) {
      MetadataMemory.putLong(superblock + FREE_COUNT, count);
    }

    /** The address of the first block that was never handed out; all after it were not either. */
    static long untouched(long superblock) {
      return MetadataMemory.getLong(superblock + UNTOUCHED);
    }

    static void setUntouched(long superblock, long block) {
      MetadataMemory.putLong(superblock + UNTOUCHED, block);
    }
  }

  /** A block that is free: its first word links it to the next one. */
  static final class FreeBlock {
    private FreeBlock() {}

    static long next(long block) {
      return MetadataMemory.getLong(block);
    }

    static void setNext(long block, long next) {
      MetadataMemory.putLong(block, next);
    }
  }
}
