package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.PoolAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.PoolProfile;
import io.caisson.alloc.PoolStats;
import io.caisson.alloc.ZeroOnFreeAllocator;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PoolAllocatorTest implements AllocatorContract {

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

  private PoolAllocator pool(long blockByteSize, long blocksPerChunk, PoolPolicy policy) {
    return new PoolAllocator(parent, "test_pool", blockByteSize, 16, blocksPerChunk, policy);
  }

  /** The original's test_pool_reuse. */
  @Test
  void free_poolReuse_nextAllocateGivesTheSameBlock() {
    try (PoolAllocator pool = new PoolAllocator(parent, "edge_pool", 48, 8, 10, PoolPolicy.FIXED)) {
      assertEquals("edge_pool", pool.name());
      List<Long> objects = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        objects.add(pool.allocate());
        assertNotEquals(Allocator.NULL, objects.getLast());
      }
      assertEquals(10, new HashSet<>(objects).size());
      assertEquals(Allocator.NULL, pool.allocate());
      AllocationException failure = pool.failure(48, 8);
      assertEquals(480, failure.inUse());
      assertEquals(480, failure.limit());
      pool.free(objects.get(5));
      assertEquals(objects.get(5), pool.allocate());
      assertEquals(new PoolStats(10, 0, 10, 1, 0), pool.stats());
      objects.forEach(pool::free);
      assertEquals(new PoolStats(10, 10, 0, 1, 0), pool.stats());
    }
  }

  @Test
  void free_several_areHandedOutLatestFirst() {
    try (PoolAllocator pool = pool(64, 4, PoolPolicy.GROW)) {
      long a = pool.allocate();
      long b = pool.allocate();
      long c = pool.allocate();
      for (long block : new long[] {b, a, c}) {
        pool.free(block);
      }
      assertEquals(c, pool.allocate());
      assertEquals(a, pool.allocate());
      assertEquals(b, pool.allocate());
      for (long block : new long[] {a, b, c}) {
        pool.free(block);
      }
    }
  }

  @Test
  void allocate_growing_takesChunksLazilyAndKeepsThem() {
    try (PoolAllocator pool = pool(100, 64, PoolPolicy.GROW)) {
      assertEquals(new PoolStats(0, 0, 0, 0, 0), pool.stats());
      assertEquals(0, parent.stats().liveBytes());
      List<TestBlock> blocks = new ArrayList<>();
      for (int i = 0; i < 130; i++) {
        blocks.add(TestBlock.allocate(pool, 100, 16, i));
      }
      assertEquals(new PoolStats(192, 62, 130, 3, 0), pool.stats());
      assertEquals(3 * 64 * 112, parent.stats().liveBytes());
      blocks.forEach(TestBlock::checkAndFree);
      assertEquals(new PoolStats(192, 192, 0, 3, 0), pool.stats());
      assertEquals(3, parent.stats().liveBlocks());
    }
  }

  @Test
  void new_fixedParentRefuses_throwsAndLeaksNothing() {
    MockAllocator mock = new MockAllocator(parent).failNth(1);
    AllocationException failure =
        assertThrows(
            AllocationException.class,
            () -> new PoolAllocator(mock, "p", 64, 8, 10, PoolPolicy.FIXED));
    assertEquals("p", failure.allocator());
    assertEquals(AllocationException.class, failure.getCause().getClass());
  }

  @Test
  void new_badSizes_throws() {
    long[][] bad = {
      {0, 8, 1},
      {-1, 8, 1},
      {8, 0, 1},
      {8, 3, 1},
      {8, 8, 0},
      {8, 8, -1},
      {Long.MAX_VALUE, 8, 1},
      {1 << 20, 8, 1L << 44},
      {8, 1L << 62, 4}
    };
    for (long[] b : bad) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new PoolAllocator(parent, "p", b[0], b[1], b[2], PoolPolicy.GROW),
          () -> Arrays.toString(b));
    }
  }

  @Test
  void allocate_largerThanABlock_goesToTheParentAndBack() {
    try (PoolAllocator pool = pool(64, 4, PoolPolicy.FIXED)) {
      TestBlock large = TestBlock.allocate(pool, 65, 8, 1);
      TestBlock aligned = TestBlock.allocate(pool, 8, 32, 2);
      assertEquals(new PoolStats(4, 4, 0, 1, 2), pool.stats());
      assertThrows(IllegalStateException.class, pool::close);
      assertThrows(IllegalStateException.class, () -> pool.free(large.address() + 1, 65, 8));
      aligned.checkAndFree();
      TestBlock moved = large.reallocate(1000);
      assertEquals(new PoolStats(4, 4, 0, 1, 1), pool.stats());
      TestBlock pooled = moved.reallocate(10);
      assertEquals(new PoolStats(4, 3, 1, 1, 0), pool.stats());
      TestBlock again = pooled.reallocate(100);
      assertEquals(new PoolStats(4, 4, 0, 1, 1), pool.stats());
      again.checkAndFree();
    }
  }

  @Test
  void resize_withinTheBlock_isInPlace() {
    try (PoolAllocator pool = pool(64, 4, PoolPolicy.FIXED)) {
      long block = pool.allocate(8, 8);
      assertTrue(pool.resize(block, 8, 64, 8));
      Memory.fill(block, 64, (byte) 1);
      assertFalse(pool.resize(block, 64, 65, 8));
      assertEquals(block, pool.reallocate(block, 64, 1, 8));
      pool.free(block, 1, 8);
      long large = pool.allocate(4096, 8);
      assertFalse(pool.resize(large, 4096, 64, 8)); // else its free would go to the pool
      pool.free(large, 4096, 8);
    }
  }

  @Test
  void reallocate_failing_leavesTheBlock() {
    MockAllocator mock = new MockAllocator(parent);
    try (PoolAllocator pool = new PoolAllocator(mock, "p", 64, 8, 2, PoolPolicy.FIXED)) {
      TestBlock pooled = TestBlock.allocate(pool, 64, 8, 1);
      TestBlock large = TestBlock.allocate(pool, 100, 8, 2);
      TestBlock other = TestBlock.allocate(pool, 64, 8, 3);
      mock.failAbove(0);
      assertEquals(Allocator.NULL, pool.reallocate(pooled.address(), 64, 100, 8));
      assertEquals(Allocator.NULL, pool.reallocate(large.address(), 100, 64, 8));
      assertEquals(Allocator.NULL, pool.reallocate(large.address(), 100, 200_000, 8));
      assertEquals(new PoolStats(2, 0, 2, 1, 1), pool.stats());
      pooled.checkAndFree();
      large.checkAndFree();
      other.checkAndFree();
    }
  }

  @Test
  void close_withBlocksOut_namesTheirNumber() {
    PoolAllocator pool = pool(64, 4, PoolPolicy.FIXED);
    TestBlock a = TestBlock.allocate(pool, 64, 8, 1);
    TestBlock b = TestBlock.allocate(pool, 100, 8, 2);
    IllegalStateException refusal = assertThrows(IllegalStateException.class, pool::close);
    assertTrue(refusal.getMessage().contains("2 blocks"), refusal::getMessage);
    assertEquals(BlockRegistry.isActive() ? 2 : 0, refusal.getSuppressed().length);
    a.checkAndFree();
    b.checkAndFree();
    pool.close();
    assertThrows(IllegalStateException.class, () -> pool.free(a.address(), 64, 8));
  }

  @Test
  void closeForcibly_withBlocksOut_releasesAll() {
    PoolAllocator pool = pool(64, 4, PoolPolicy.GROW);
    long first = pool.allocate();
    for (int i = 0; i < 10; i++) {
      pool.allocate();
    }
    var _ = pool.allocate(1000, 8);
    pool.closeForcibly();
    pool.closeForcibly();
    assertEquals(0, parent.stats().liveBytes());
    assertEquals(new PoolStats(0, 0, 0, 0, 0), pool.stats());
    assertThrows(IllegalStateException.class, pool::allocate);
    if (BlockRegistry.isActive()) {
      assertThrows(CheckedMemoryException.class, () -> Memory.getLong(first));
    }
  }

  @Test
  void read_ofAFreeBlocksLink_isCaughtInCheckedMode() {
    try (PoolAllocator pool = pool(64, 4, PoolPolicy.GROW)) {
      long block = pool.allocate();
      pool.free(block);
      if (BlockRegistry.isActive()) {
        CheckedMemoryException caught =
            assertThrows(CheckedMemoryException.class, () -> Memory.putLong(block, 1));
        assertTrue(caught.release() != null);
      }
      assertEquals(block, pool.allocate());
      pool.free(block);
    }
  }

  @Test
  void forLayout_namedLayout_fitsIt() {
    MemoryLayout point =
        MemoryLayout.structLayout(ValueLayout.JAVA_DOUBLE, ValueLayout.JAVA_DOUBLE)
            .withName("point");
    try (PoolAllocator pool = PoolAllocator.forLayout(parent, point)) {
      assertEquals(new PoolProfile("point_pool", 16, 8, 1024, PoolPolicy.FIXED), pool.profile());
      assertEquals(1024, pool.stats().totalBlocks());
      Set<Long> seen = new HashSet<>();
      for (int i = 0; i < 1024; i++) {
        assertTrue(seen.add(Allocations.allocate(pool, 16, 8)));
      }
      assertEquals(Allocator.NULL, pool.allocate());
      seen.forEach(pool::free);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> PoolAllocator.forLayout(parent, MemoryLayout.structLayout()));
  }

  @Test
  void profiles_areThoseOfTheGraph() {
    assertEquals(8192, PoolProfile.EDGE.blockByteSize());
    assertEquals(4096, PoolProfile.NODE.blockByteSize());
    assertEquals(65536, PoolProfile.BUFFER.blockByteSize());
    for (PoolProfile profile : List.of(PoolProfile.EDGE, PoolProfile.NODE, PoolProfile.BUFFER)) {
      try (PoolAllocator pool = new PoolAllocator(parent, profile)) {
        TestBlock.allocate(pool, profile.blockByteSize(), 64, 1).checkAndFree();
        assertEquals(1 << 20, parent.stats().liveBytes());
      }
    }
  }

  @Test
  void everyAllocation_failing_leavesThePoolAsItWas() {
    long swept =
        OomSweep.of(allocator ->
                new Holding(new PoolAllocator(allocator, "p", 64, 8, 3, PoolPolicy.GROW)))
            .steps(8, "take", (holding, i) -> holding.take(64))
            .step("take large", holding -> holding.take(500))
            .step("grow large", holding -> holding.reallocateLast(5000))
            .step("shrink into the pool", holding -> holding.reallocateLast(32))
            .step("grow out of the pool", holding -> holding.reallocateLast(100_000))
            .contents(Holding::contents)
            .run();
    assertTrue(swept >= 6, () -> swept + " allocations");
    assertEquals(
        2,
        OomSweep.of(allocator ->
                new Holding(new PoolAllocator(allocator, "p", 64, 8, 3, PoolPolicy.FIXED)))
            .steps(3, "take", (holding, i) -> holding.take(64))
            .step("take large", holding -> holding.take(500))
            .contents(Holding::contents)
            .run());
  }

  /** Two pools, and what wipes, above an arena. */
  @Nested
  class OverAnArena implements AllocatorContract {

    private final List<ArenaAllocator> arenas = new ArrayList<>();

    @Override
    public Allocator newAllocator() {
      ArenaAllocator arena = new ArenaAllocator(parent, "outer", 4096);
      arenas.add(arena);
      PoolAllocator large = new PoolAllocator(arena, "large", 1000, 64, 8, PoolPolicy.GROW);
      return new ZeroOnFreeAllocator(
          new PoolAllocator(new MockAllocator(large), "small", 16, 8, 8, PoolPolicy.GROW));
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }

    @AfterEach
    void closeArenas() {
      arenas.forEach(ArenaAllocator::close);
    }
  }

  /** A pool under an account, whose parent is an account too. */
  @Nested
  class Accounted implements AllocatorContract {

    @Override
    public Allocator newAllocator() {
      return Allocators.accounted(pool(1024, 8, PoolPolicy.GROW));
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }
  }
}
