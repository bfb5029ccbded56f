package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetProfile;
import io.caisson.alloc.BudgetedAllocator;
import io.caisson.alloc.FixedBufferAllocator;
import io.caisson.alloc.LockedAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.PoolAllocator;
import io.caisson.alloc.PoolPolicy;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class BudgetedAllocatorTest implements AllocatorContract {

  private final AccountedAllocator base = Allocators.system();
  private final List<Allocator> toClose = new ArrayList<>();
  private final Budget process = new Budget(new BudgetProfile("process", 1L << 40));
  private final Budget operation = process.child(new BudgetProfile("operation", 64 << 20));

  @Override
  public Allocator newAllocator() {
    return new BudgetedAllocator(Allocators.system(), operation);
  }

  @Override
  public boolean knowsItsBlocks() {
    return false;
  }

  @AfterEach
  void nothingIsReserved() {
    toClose.forEach(Allocator::close);
    operation.close();
    process.close();
    base.close();
  }

  private static Budget budget(Budget parent, String name, long limit) {
    return parent.child(new BudgetProfile(name, limit));
  }

  private void assertUsed(long byteSize) {
    assertEquals(byteSize, operation.used());
    assertEquals(byteSize, process.used());
    assertEquals(byteSize, base.stats().liveBytes());
  }

  @Test
  void everyOperation_chargesWhatIsOut() {
    try (Allocator allocator = new BudgetedAllocator(base, operation)) {
      TestBlock block = TestBlock.allocate(allocator, 1000, 8, 1);
      assertUsed(1000);
      block = block.reallocate(5000);
      assertUsed(5000);
      block = block.reallocate(100);
      assertUsed(100);
      block = block.resize(90);
      assertUsed(block.byteSize());
      allocator.free(Allocator.NULL, 10, 8);
      assertUsed(block.byteSize());
      block.checkAndFree();
      assertUsed(0);
      assertEquals(5000, operation.peak());
    }
  }

  @Test
  void allocate_overBudget_isNullAndTheFailureNamesEachLevel() {
    Budget inner = budget(operation, "inner", 32 << 20);
    try (Allocator allocator = new BudgetedAllocator(base, inner)) {
      assertTrue(operation.tryReserve(40 << 20));
      long block = allocator.allocate(1000, 8);
      assertEquals(Allocator.NULL, allocator.allocate(30 << 20, 16));
      AllocationException failure = allocator.failure(30 << 20, 16);
      long used = (40 << 20) + 1000;
      assertEquals(
          List.of(
              new AllocationException.Level("inner", 30 << 20, 1000, 32 << 20, false),
              new AllocationException.Level("operation", 30 << 20, used, 64 << 20, true),
              new AllocationException.Level("process", 30 << 20, used, 1L << 40, false)),
          failure.levels());
      assertEquals(List.of(used, 64L << 20), List.of(failure.inUse(), failure.limit()));
      assertTrue(
          failure
              .getMessage()
              .contains("budget 'operation' refuses 31457280 bytes with 41944040 of 67108864 used"),
          failure::getMessage);
      allocator.free(block, 1000, 8);
      operation.release(40 << 20);
    }
    inner.close();
  }

  @Test
  void reallocate_overBudget_isNullAndOnlyTheGrowthIsRequested() {
    Budget inner = budget(operation, "inner", 1000);
    try (Allocator allocator = new BudgetedAllocator(base, inner)) {
      TestBlock block = TestBlock.allocate(allocator, 600, 8, 1);
      assertEquals(Allocator.NULL, allocator.reallocate(block.address(), 600, 1001, 8));
      assertEquals(401, allocator.failure(1001, 8).levels().getFirst().requested());
      assertFalse(allocator.resize(block.address(), 600, 1001, 8));
      block = block.reallocate(1000);
      assertEquals(1000, inner.used());
      block.checkAndFree();
    }
    inner.close();
  }

  @Test
  void allocate_otherFails_undoesAndTheFailureIsTheOthers() {
    MockAllocator mock = new MockAllocator(base).script(false, true, false, false);
    try (Allocator allocator = new BudgetedAllocator(mock, operation)) {
      assertEquals(Allocator.NULL, allocator.allocate(1000, 8));
      assertEquals(List.of(), allocator.failure(1000, 8).levels());
      TestBlock block = TestBlock.allocate(allocator, 100, 8, 1);
      assertEquals(Allocator.NULL, allocator.reallocate(block.address(), 100, 200, 8));
      assertEquals(Allocator.NULL, allocator.allocateZeroed(1000, 8));
      assertUsed(100);
      block.checkAndFree();
    }
  }

  @Test
  void allocate_otherThrows_undoes() {
    AccountedAllocator closed = Allocators.system();
    closed.close();
    try (Allocator allocator = new BudgetedAllocator(closed, operation)) {
      assertThrows(IllegalStateException.class, () -> allocator.allocate(100, 8));
      assertThrows(IllegalStateException.class, () -> allocator.allocateZeroed(100, 8));
      assertUsed(0);
    }
  }

  @Test
  void free_ofWhatWasNeverCharged_throws() {
    try (Allocator allocator = new BudgetedAllocator(base, operation)) {
      long foreign = base.allocate(100, 8);
      assertThrows(IllegalStateException.class, () -> allocator.free(foreign, 100, 8));
      assertUsed(0); // it is freed all the same
    }
  }

  @Test
  void new_overAnArena_isRefused() {
    try (ArenaAllocator arena = new ArenaAllocator(base, "arena", 1024)) {
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class, () -> new BudgetedAllocator(arena, operation));
      assertTrue(refusal.getMessage().contains("'arena'"), refusal::getMessage);
    }
  }

  @Test
  void arena_overABudget_givesItBack() {
    Allocator allocator = new BudgetedAllocator(base, operation);
    try (ArenaAllocator arena = new ArenaAllocator(allocator, "arena", 1024)) {
      var _ = arena.allocate(10_000, 8);
      assertTrue(operation.used() >= 11_024);
    }
    assertUsed(0);
  }

  @Test
  void close_withBlocksOut_leavesThemReserved() {
    BudgetedAllocator allocator = new BudgetedAllocator(base, operation);
    TestBlock block = TestBlock.allocate(allocator, 100, 8, 1);
    allocator.close();
    assertThrows(UnsupportedOperationException.class, allocator::closeForcibly);
    assertUsed(100);
    block.checkAndFree();
    assertUsed(0);
  }

  @Test
  void everyAllocation_failing_changesNothing() {
    assertEquals(
        4,
        OomSweep.of(allocator -> new Holding(new BudgetedAllocator(allocator, operation)))
            .step("take", holding -> holding.take(100))
            .step("grow", holding -> holding.reallocateLast(5000))
            .step("shrink", holding -> holding.reallocateLast(10))
            .step("take another", holding -> holding.take(1 << 20))
            .contents(Holding::contents)
            .run());
    assertEquals(0, operation.used());
  }

  /** Budgets under contention, over an allocator that fails at random. */
  @Nested
  class Contended {

    private static final int WORKERS = 4;
    private static final int ROUNDS = 20_000;
    private static final int LEAF_LIMIT = 20_000;
    private static final int ROOT_LIMIT = 50_000;

    private final long seed = System.nanoTime();
    private final AtomicInteger warnings = new AtomicInteger();
    private final Budget root =
        process.child(
            new BudgetProfile("root", ROOT_LIMIT), (budget, used) -> warnings.incrementAndGet());
    private final List<Budget> leaves = new ArrayList<>();
    private final AtomicLong refused = new AtomicLong();

    /** One thread's blocks, taken and given at random. */
    private void work(int index) {
      Random random = new Random(seed + index);
      // Each fails by itself; two threads share a leaf.
      MockAllocator failing = new MockAllocator(base);
      Allocator allocator = new BudgetedAllocator(failing, leaves.get(index / 2));
      Deque<TestBlock> blocks = new ArrayDeque<>();
      for (int i = 0; i < ROUNDS; i++) {
        failing.failNth(random.nextInt(10) == 0 ? failing.attempts() + 1 : 0);
        long size = 1L + random.nextInt(4000);
        switch (random.nextInt(3)) {
          case 0 -> take(allocator, blocks, size);
          case 1 -> reallocate(allocator, blocks, size);
          default -> {
            if (!blocks.isEmpty()) {
              blocks.remove().checkAndFree();
            }
          }
        }
      }
      blocks.forEach(TestBlock::checkAndFree);
    }

    private void take(Allocator allocator, Deque<TestBlock> blocks, long size) {
      long address = allocator.allocate(size, 8);
      if (address == Allocator.NULL) {
        refused.incrementAndGet();
        assertNotEquals(null, allocator.failure(size, 8));
      } else {
        blocks.add(TestBlock.filled(allocator, address, size, 8, size));
      }
    }

    private void reallocate(Allocator allocator, Deque<TestBlock> blocks, long size) {
      TestBlock block = blocks.poll();
      if (block != null) {
        long moved = allocator.reallocate(block.address(), block.byteSize(), size, 8);
        blocks.add(moved == Allocator.NULL ? block : block.movedTo(moved, size));
      }
    }

    @Test
    void limits_manyThreadsAndFailures_holdAtEveryMoment() throws Exception {
      System.out.println("BudgetedAllocator: seed " + seed);
      for (int i = 0; i < WORKERS / 2; i++) {
        leaves.add(budget(root, "leaf " + i, LEAF_LIMIT + i * 10_000L));
      }
      AtomicBoolean done = new AtomicBoolean();
      Threads sampler =
          Threads.start(
              1,
              index -> {
                while (!done.get()) {
                  assertTrue(root.used() <= root.limit(), root::toString);
                  for (Budget leaf : leaves) {
                    assertTrue(leaf.used() <= leaf.limit(), leaf::toString);
                  }
                }
              });
      try {
        Threads.run(WORKERS, this::work);
      } finally {
        done.set(true);
        sampler.join();
      }
      assertTrue(refused.get() > 0);
      assertTrue(root.peak() <= ROOT_LIMIT, root::toString);
      assertTrue(warnings.get() > 0);
      for (Budget leaf : leaves) {
        assertEquals(0, leaf.used());
        leaf.close();
      }
      assertEquals(0, root.used());
      root.close();
      assertEquals(0, base.stats().liveBytes());
    }
  }

  /** Over a single owner, handed from thread to thread by a lock. */
  @Nested
  class OverASingleOwner implements AllocatorContract {

    @Override
    public Allocator newAllocator() {
      PoolAllocator pool = new PoolAllocator(base, "pool", 256, 64, 32, PoolPolicy.GROW);
      toClose.add(pool);
      return new LockedAllocator(new BudgetedAllocator(pool, operation));
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }

    @Test
    void new_overAFixedBuffer_isRefused() {
      try (Arena arena = Arena.ofConfined()) {
        Allocator fixed = new FixedBufferAllocator(arena.allocate(100), "fixed");
        assertThrows(IllegalArgumentException.class, () -> new BudgetedAllocator(fixed, operation));
      }
    }
  }
}
