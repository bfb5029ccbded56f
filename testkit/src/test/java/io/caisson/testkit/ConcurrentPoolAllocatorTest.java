package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.ConcurrentPoolAllocator;
import io.caisson.alloc.LockedAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.PoolStats;
import io.caisson.alloc.ZeroOnFreeAllocator;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ConcurrentPoolAllocatorTest implements AllocatorContract {

  private final AccountedAllocator parent = Allocators.system();

  @Override
  public Allocator newAllocator() {
    return pool(4096, 10, PoolPolicy.GROW);
  }

  @Override
  public boolean knowsItsBlocks() {
    return true;
  }

  @AfterEach
  void parentHasEverythingBack() {
    assertEquals(0, parent.stats().liveBytes());
    parent.close();
  }

  private ConcurrentPoolAllocator pool(long blockByteSize, long blocksPerChunk, PoolPolicy policy) {
    return new ConcurrentPoolAllocator(
        parent, "test_pool", blockByteSize, 16, blocksPerChunk, policy);
  }

  @Test
  void free_poolReuse_nextAllocateGivesTheSameBlock() {
    try (ConcurrentPoolAllocator pool = pool(48, 10, PoolPolicy.FIXED)) {
      List<Long> objects = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        objects.add(pool.allocate());
        assertNotEquals(Allocator.NULL, objects.getLast());
      }
      assertEquals(10, new HashSet<>(objects).size());
      assertEquals(Allocator.NULL, pool.allocate());
      assertEquals(480, pool.failure(48, 16).limit());
      pool.free(objects.get(5));
      assertEquals(objects.get(5), pool.allocate());
      assertEquals(new PoolStats(10, 0, 10, 1, 0), pool.stats());
      objects.forEach(pool::free);
      assertEquals(new PoolStats(10, 10, 0, 1, 0), pool.stats());
    }
  }

  @Test
  void allocate_growing_takesChunksAsNeeded() {
    try (ConcurrentPoolAllocator pool = pool(100, 64, PoolPolicy.GROW)) {
      assertEquals(0, parent.stats().liveBytes());
      List<TestBlock> blocks = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        blocks.add(TestBlock.allocate(pool, 100, 16, i));
      }
      assertEquals(new PoolStats(256, 56, 200, 4, 0), pool.stats());
      blocks.forEach(TestBlock::checkAndFree);
      assertEquals(new PoolStats(256, 256, 0, 4, 0), pool.stats());
    }
  }

  @Test
  void free_whatIsNoLiveBlock_throwsInEveryMode() {
    try (ConcurrentPoolAllocator pool = pool(64, 4, PoolPolicy.FIXED);
        ConcurrentPoolAllocator other = pool(64, 4, PoolPolicy.FIXED)) {
      long block = pool.allocate();
      assertThrows(IllegalStateException.class, () -> other.free(block));
      assertThrows(IllegalStateException.class, () -> pool.free(block + 16));
      assertThrows(IllegalStateException.class, () -> pool.free(16));
      pool.free(block);
      assertThrows(IllegalStateException.class, () -> pool.free(block));
      assertEquals(new PoolStats(4, 4, 0, 1, 0), pool.stats());
    }
  }

  @Test
  void close_withBlocksOut_namesTheirNumber() {
    ConcurrentPoolAllocator pool = pool(64, 4, PoolPolicy.FIXED);
    long pooled = pool.allocate();
    long large = pool.allocate(1000, 8);
    IllegalStateException refusal = assertThrows(IllegalStateException.class, pool::close);
    assertTrue(refusal.getMessage().contains("2 blocks"), refusal::getMessage);
    assertEquals(BlockRegistry.isActive() ? 2 : 0, refusal.getSuppressed().length);
    pool.free(pooled);
    pool.free(large, 1000, 8);
    pool.close();
    assertThrows(IllegalStateException.class, () -> pool.free(pooled));
  }

  @Test
  void closeForcibly_withBlocksOut_releasesAll() {
    ConcurrentPoolAllocator pool = pool(64, 4, PoolPolicy.GROW);
    long first = pool.allocate();
    for (int i = 0; i < 10; i++) {
      pool.allocate();
    }
    var _ = pool.allocate(1000, 8);
    pool.closeForcibly();
    pool.closeForcibly();
    assertEquals(0, parent.stats().liveBytes());
    assertThrows(IllegalStateException.class, pool::allocate);
    assertThrows(IllegalStateException.class, () -> pool.free(first));
    assertThrows(IllegalStateException.class, pool::allocate);
  }

  @Test
  void new_whatCannotServe_throws() {
    try (ArenaAllocator arena = new ArenaAllocator(parent, "mine", 1024)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new ConcurrentPoolAllocator(arena, "p", 64, 8, 4, PoolPolicy.GROW));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new ConcurrentPoolAllocator(parent, "p", 64, 8, 1L << 31, PoolPolicy.GROW));
    MockAllocator mock = new MockAllocator(parent).failNth(1);
    assertThrows(
        AllocationException.class,
        () -> new ConcurrentPoolAllocator(mock, "p", 64, 8, 10, PoolPolicy.FIXED));
  }

  @Test
  void forLayout_namedLayout_fitsIt() {
    MemoryLayout event = ValueLayout.JAVA_LONG.withName("event");
    try (ConcurrentPoolAllocator pool = ConcurrentPoolAllocator.forLayout(parent, event)) {
      assertEquals("event_pool", pool.name());
      assertEquals(1024, pool.stats().totalBlocks());
    }
  }

  @Test
  void everyAllocation_failing_leavesThePoolAsItWas() {
    long swept =
        OomSweep.of(allocator ->
                new Holding(new ConcurrentPoolAllocator(allocator, "p", 64, 8, 3, PoolPolicy.GROW)))
            .steps(8, "take", (holding, i) -> holding.take(64))
            .step("take large", holding -> holding.take(500))
            .step("grow large", holding -> holding.reallocateLast(5000))
            .step("shrink into the pool", holding -> holding.reallocateLast(32))
            .step("grow out of the pool", holding -> holding.reallocateLast(100_000))
            .contents(Holding::contents)
            .run();
    assertTrue(swept >= 6, () -> swept + " allocations");
  }

  /** What one thread does to a pool that others use too, stamping each block as its own. */
  private static final class Worker implements Runnable {
    private final ConcurrentPoolAllocator pool;
    private final long stamp;
    private final Random random;
    private final Deque<Long> blocks = new ArrayDeque<>();

    Worker(ConcurrentPoolAllocator pool, long stamp, long seed) {
      this.pool = pool;
      this.stamp = stamp;
      this.random = new Random(seed + stamp);
    }

    @Override
    public void run() {
      for (int i = 0; i < 2000; i++) {
        if (blocks.size() < 8 && random.nextInt(5) < 3) {
          take();
        } else if (!blocks.isEmpty()) {
          give(random.nextBoolean() ? blocks.removeFirst() : blocks.removeLast());
        }
        if (random.nextInt(64) == 0) {
          Thread.onSpinWait();
        }
      }
      blocks.forEach(this::give);
    }

    private void take() {
      long block = pool.allocate();
      if (block != Allocator.NULL) {
        Memory.putLong(block, stamp);
        Memory.putLong(block + 56, ~stamp);
        blocks.add(block);
      }
    }

    private void give(long block) {
      if (Memory.getLong(block) != stamp || Memory.getLong(block + 56) != ~stamp) {
        throw new AssertionError("two threads had the block at 0x" + Long.toHexString(block));
      }
      pool.free(block);
    }
  }

  private void stress(PoolPolicy policy, long blocksPerChunk) throws Exception {
    long seed = System.nanoTime();
    System.out.println("ConcurrentPoolAllocator " + policy + ": seed " + seed);
    try (ConcurrentPoolAllocator pool = pool(64, blocksPerChunk, policy)) {
      List<Future<?>> workers = new ArrayList<>();
      try (ExecutorService platform = Executors.newFixedThreadPool(8);
          ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 1; i <= 64; i++) {
          ExecutorService executor = i <= 8 ? platform : virtual;
          workers.add(executor.submit(new Worker(pool, i, seed)));
        }
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      PoolStats stats = pool.stats();
      assertEquals(0, stats.liveBlocks());
      assertEquals(stats.totalBlocks(), takeAll(pool, stats.totalBlocks()));
    }
  }

  /** Takes every block and gives it back; they are all different if the free list is sound. */
  private static int takeAll(ConcurrentPoolAllocator pool, long count) {
    HashSet<Long> all = new HashSet<>();
    for (long i = 0; i < count; i++) {
      all.add(pool.allocate());
    }
    all.forEach(pool::free);
    return all.size();
  }

  @Test
  void allocateAndFree_manyThreadsOnFewBlocks_neverHandOutOneTwice() throws Exception {
    stress(PoolPolicy.FIXED, 24);
  }

  @Test
  void allocateAndFree_manyThreadsWhileGrowing_neverHandOutOneTwice() throws Exception {
    stress(PoolPolicy.GROW, 5);
  }

  /** Two pools, and what wipes, above a locked arena. */
  @Nested
  class OverALockedArena implements AllocatorContract {

    private final List<Allocator> arenas = new ArrayList<>();

    @Override
    public Allocator newAllocator() {
      Allocator arena = new LockedAllocator(new ArenaAllocator(parent, "outer", 4096));
      arenas.add(arena);
      Allocator large = new ConcurrentPoolAllocator(arena, "large", 1000, 64, 8, PoolPolicy.GROW);
      return new ZeroOnFreeAllocator(
          new ConcurrentPoolAllocator(
              new MockAllocator(large), "small", 16, 8, 8, PoolPolicy.GROW));
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }

    @AfterEach
    void closeArenas() {
      arenas.forEach(Allocator::close);
    }
  }
}
