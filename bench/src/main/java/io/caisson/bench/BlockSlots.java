package io.caisson.bench;

/**
 * Numbered places for blocks of one allocator: what the patterns are written against, so that a
 * block is an address where it can be and an object only where its allocator makes one.
 *
 * <p>Not thread-safe: who uses a slot after another thread did orders the two.
 */
interface BlockSlots {

  /** Fills a slot with a new block, and writes to the block. */
  void allocate(int slot, long byteSize, long byteAlignment);

  /** Frees the block in a slot, which was allocated with this size and alignment. */
  void free(int slot, long byteSize, long byteAlignment);

  /** Allocates a block, writes to it, and frees it. */
  void pair(long byteSize, long byteAlignment);

  /** Writes one byte to the block in a slot. */
  void write(int slot, long byteOffset, byte value);

  /** Exchanges the content of a slot with that of one of other slots of the same allocator. */
  void swap(int slot, BlockSlots others, int other);
}
