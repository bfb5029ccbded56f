package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import java.lang.foreign.MemoryLayout;

/**
 * The blocks of a pool: how large, how many at a time, and what comes after the last.
 *
 * @param name the name of the pool
 * @param blockByteSize the size of a block in bytes, at least 1
 * @param blockByteAlignment the alignment of a block in bytes, a power of two
 * @param blocksPerChunk how many blocks are taken from the parent at once, at least 1
 * @param policy what happens when all are out
 */
public record PoolProfile(
    String name,
    long blockByteSize,
    long blockByteAlignment,
    long blocksPerChunk,
    PoolPolicy policy) {

  /** Blocks of 8 KiB for the edges of a graph, 1 MiB at a time. */
  public static final PoolProfile EDGE =
      new PoolProfile("edge_pool", 8 << 10, 64, 128, PoolPolicy.GROW);

  /** Blocks of 4 KiB for the nodes of a graph or a tree, 1 MiB at a time. */
  public static final PoolProfile NODE =
      new PoolProfile("node_pool", 4 << 10, 64, 256, PoolPolicy.GROW);

  /** Blocks of 64 KiB for buffers, 1 MiB at a time. */
  public static final PoolProfile BUFFER =
      new PoolProfile("buffer_pool", 64 << 10, 64, 16, PoolPolicy.GROW);

  private static final long BLOCKS_FOR_LAYOUT = 1024;

  /**
   * Creates a profile.
   *
   * @throws IllegalArgumentException if a size or number is not positive, the alignment no power of
   *     two, or a chunk larger than {@link Long#MAX_VALUE} bytes
   */
  public PoolProfile {
    BlockArguments.check(blockByteSize, blockByteAlignment);
    if (blocksPerChunk < 1) {
      throw new IllegalArgumentException(
          "pool '" + name + "': " + blocksPerChunk + " blocks in a chunk; expected at least 1");
    }
    Allocations.product(blocksPerChunk, stride(blockByteSize, blockByteAlignment));
  }

  /**
   * Returns the profile for objects of a layout: 1024 at a time, in a pool named {@code
   * "<name>_pool"} after the layout.
   *
   * @param layout the layout of an object, of at least 1 byte
   * @param policy what happens when all are out
   * @return the profile
   * @throws IllegalArgumentException if the layout has no size
   */
  public static PoolProfile forLayout(MemoryLayout layout, PoolPolicy policy) {
    String name = layout.name().orElseGet(layout::toString) + "_pool";
    return new PoolProfile(
        name, layout.byteSize(), layout.byteAlignment(), BLOCKS_FOR_LAYOUT, policy);
  }

  /** Returns the bytes from one block to the next; a free block has room for an aligned link. */
  long stride() {
    return stride(blockByteSize, blockByteAlignment);
  }

  private static long stride(long blockByteSize, long blockByteAlignment) {
    return BlockArguments.alignUp(blockByteSize, Math.max(blockByteAlignment, Long.BYTES));
  }

  long chunkByteSize() {
    return blocksPerChunk * stride();
  }

  long chunkByteAlignment() {
    return Math.max(blockByteAlignment, Long.BYTES);
  }
}
