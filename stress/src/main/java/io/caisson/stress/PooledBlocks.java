package io.caisson.stress;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.ConcurrentPoolAllocator;
import io.caisson.alloc.PoolPolicy;

/** The real pool. */
public final class PooledBlocks implements FreeList {

  private final ConcurrentPoolAllocator pool;

  /** Creates a pool of some blocks of 64 bytes. */
  public PooledBlocks(Allocator parent, int count) {
    pool = new ConcurrentPoolAllocator(parent, "stress", 64, 8, count, PoolPolicy.FIXED);
  }

  @Override
  public long allocate() {
    return pool.allocate();
  }

  @Override
  public void free(long block) {
    pool.free(block);
  }

  @Override
  public void close() {
    pool.closeForcibly();
  }
}
