package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetProfile;
import io.caisson.alloc.BudgetedAllocator;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.LockedAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.Operation;
import io.caisson.alloc.PoolAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.SizeHistogram;
import io.caisson.alloc.Tag;
import io.caisson.alloc.TagStats;
import io.caisson.alloc.TagTree;
import io.caisson.alloc.TaggedAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TaggedAllocatorTest implements AllocatorContract {

  private final AccountedAllocator base = Allocators.system();
  private final TagTree tags = new TagTree();
  private final List<Allocator> toClose = new ArrayList<>();

  @Override
  public Allocator newAllocator() {
    return new TaggedAllocator(Allocators.system(), tags.tag("contract"));
  }

  @Override
  public boolean knowsItsBlocks() {
    return false;
  }

  @AfterEach
  void nothingIsOut() {
    toClose.forEach(Allocator::close);
    assertEquals(0, tags.total().liveBytes());
    assertEquals(0, tags.total().liveBlocks());
    base.close();
  }

  private TaggedAllocator tagged(String path) {
    return new TaggedAllocator(base, tags.tag(path));
  }

  private AllocatorStats memory(String path) {
    return tags.tag(path).stats().memory();
  }

  @Test
  void stats_everyOperation_areThoseOfTheTag() {
    Allocator edges = new TaggedAllocator(new MockAllocator(base).failNth(3), tags.tag("edge"));
    TestBlock a = TestBlock.allocate(edges, 1024, 8, 1);
    TestBlock b = TestBlock.allocate(edges, 2048, 8, 2);
    assertEquals(new AllocatorStats(2, 3072, 3072, 2, 0, 3072, 0, 0), memory("edge"));
    assertEquals(Allocator.NULL, edges.allocate(10, 8));
    a.checkAndFree();
    b = b.reallocate(4096).reallocate(100);
    b.checkAndFree();
    edges.free(Allocator.NULL, 8, 8);
    assertEquals(new AllocatorStats(0, 0, 4096, 2, 2, 5120, 5120, 1), memory("edge"));
    assertEquals(
        List.of(
            new SizeHistogram.Bucket(112, 1),
            new SizeHistogram.Bucket(1024, 1),
            new SizeHistogram.Bucket(2048, 1),
            new SizeHistogram.Bucket(4096, 1)),
        tags.tag("edge").stats().sizes().buckets());
  }

  @Test
  void failure_saysWhatItWasFor() {
    try (Budget budget = new Budget(new BudgetProfile("small", 100))) {
      Allocator inside = new BudgetedAllocator(tagged("inside"), budget);
      Allocator outside = new TaggedAllocator(new BudgetedAllocator(base, budget), tags.tag("out"));
      assertEquals(Allocator.NULL, inside.allocate(101, 8));
      assertEquals(Allocator.NULL, outside.allocate(101, 8));
      assertEquals("inside", inside.failure(101, 8).tag());
      AllocationException failure = outside.failure(101, 8);
      assertEquals("out", failure.tag());
      assertEquals(1, failure.levels().size());
      assertTrue(failure.getMessage().contains("tagged 'out'"), failure::getMessage);
      assertEquals(1, memory("out").failures());
    }
  }

  @Test
  void free_underAnotherTag_isFoundInCheckedMode() {
    assumeTrue(BlockRegistry.isActive());
    Allocator nodes = tagged("node");
    Allocator edges = tagged("edge");
    long block = nodes.allocate(64, 8);
    for (Executable misuse :
        List.<Executable>of(
            () -> edges.free(block, 64, 8),
            () -> edges.resize(block, 64, 60, 8),
            () -> edges.reallocate(block, 64, 128, 8))) {
      CheckedMemoryException found = assertThrows(CheckedMemoryException.class, misuse);
      assertTrue(found.getMessage().contains("tag 'edge'"), found::getMessage);
      assertTrue(found.getMessage().contains("'node'"), found::getMessage);
    }
    nodes.free(block, 64, 8);
  }

  @Test
  void arena_overATag_hasItsGrowthCounted() {
    Allocator cache = tagged("cache");
    try (ArenaAllocator arena = new ArenaAllocator(cache, "arena", 1024)) {
      var _ = arena.allocate(1500, 8);
      TagStats stats = tags.tag("cache").stats();
      assertEquals(2, stats.growths().count());
      assertEquals(stats.sizes(), stats.growths());
      assertEquals(1024 + 2048, stats.memory().liveBytes());
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          try (ArenaAllocator arena = new ArenaAllocator(base, "arena", 1024)) {
            new TaggedAllocator(arena, tags.tag("over"));
          }
        });
  }

  @Test
  void operation_ended_tellsItsPeak() {
    Tag tag = tags.tag(TagTree.JOURNAL_READ);
    for (long byteSize : new long[] {1000, 5000, 2000}) {
      Operation operation = new Operation(base, tag);
      TestBlock block = TestBlock.allocate(operation.allocator(), byteSize, 8, 1);
      assertThrows(IllegalStateException.class, operation::close);
      assertEquals(byteSize, tag.stats().memory().liveBytes());
      block.checkAndFree();
      operation.close();
      operation.close();
      assertThrows(IllegalStateException.class, () -> operation.allocator().allocate(8, 8));
    }
    TagStats stats = tag.stats();
    assertEquals(3, stats.operations());
    assertEquals(2000, stats.lastOperationPeak());
    assertEquals(5000, stats.highestOperationPeak());
    assertEquals(5000, stats.memory().peakBytes());
  }

  @Test
  void everyAllocation_failing_changesNothing() {
    assertEquals(
        4,
        OomSweep.of(allocator -> new Holding(new TaggedAllocator(allocator, tags.tag("swept"))))
            .step("take", holding -> holding.take(100))
            .step("grow", holding -> holding.reallocateLast(5000))
            .step("shrink", holding -> holding.reallocateLast(10))
            .step("take another", holding -> holding.take(1 << 20))
            .contents(Holding::contents)
            .run());
  }

  /** Many threads that take and give under many tags, stopped now and then to be counted. */
  @Nested
  class Shared {

    private static final int WORKERS = 4;
    private static final int ROUNDS = 20;
    private static final int STEPS = 2_000;
    private static final int TAGS = 7;

    private final long seed = System.nanoTime();
    private final Budget budget = new Budget(new BudgetProfile("all", 3 << 20));
    private final List<Allocator> allocators = new ArrayList<>();

    /** Blocks on their way from any thread to any other. */
    private final ConcurrentLinkedQueue<TestBlock> blocks = new ConcurrentLinkedQueue<>();

    private final CyclicBarrier quiet = new CyclicBarrier(WORKERS, this::checkSums);
    private int checks;
    private boolean seenSome;

    private void checkSums() {
      AllocatorStats root = base.stats();
      AllocatorStats sum = tags.total();
      assertEquals(root.liveBytes(), sum.liveBytes(), () -> "seed " + seed);
      assertEquals(root.liveBlocks(), sum.liveBlocks(), () -> "seed " + seed);
      assertEquals(root.allocatedBytes(), sum.allocatedBytes(), () -> "seed " + seed);
      assertEquals(root.liveBytes(), budget.used(), () -> "seed " + seed);
      assertEquals(
          root.liveBytes(),
          blocks.stream().mapToLong(TestBlock::byteSize).sum(),
          () -> "seed " + seed);
      long below = tags.tag("tag").children().stream().mapToLong(t -> t.total().liveBytes()).sum();
      assertEquals(root.liveBytes(), below, () -> "seed " + seed);
      checks++;
      seenSome |= root.liveBytes() > 0;
    }

    private void work(int index) throws Exception {
      Random random = new Random(seed + index);
      for (int round = 0; round < ROUNDS; round++) {
        for (int step = 0; step < STEPS; step++) {
          step(random);
        }
        quiet.await();
      }
      for (TestBlock block = blocks.poll(); block != null; block = blocks.poll()) {
        block.checkAndFree();
      }
    }

    private void step(Random random) {
      long size = 1L + random.nextInt(1 << random.nextInt(1, 16));
      TestBlock block = random.nextInt(3) == 0 ? null : blocks.poll();
      if (block == null) {
        Allocator allocator = allocators.get(random.nextInt(TAGS));
        long address =
            random.nextBoolean() ? allocator.allocate(size, 8) : allocator.allocateZeroed(size, 8);
        if (address != Allocator.NULL) {
          blocks.add(TestBlock.filled(allocator, address, size, 8, size));
        }
        return;
      }
      switch (random.nextInt(3)) {
        case 0 -> block.checkAndFree();
        case 1 -> blocks.add(block.resize(size));
        default -> {
          long moved = block.allocator().reallocate(block.address(), block.byteSize(), size, 8);
          blocks.add(moved == Allocator.NULL ? block : block.movedTo(moved, size));
        }
      }
    }

    @Test
    void sumOfTags_atEveryQuietPoint_isWhatIsOut() throws Exception {
      System.out.println("TaggedAllocator: seed " + seed);
      for (int i = 0; i < TAGS; i++) {
        Allocator budgeted = new BudgetedAllocator(base, budget);
        allocators.add(new TaggedAllocator(budgeted, tags.tag("tag." + (char) ('a' + i))));
      }
      Threads.run(WORKERS, this::work);
      assertEquals(ROUNDS, checks);
      assertTrue(seenSome);
      assertEquals(0, base.stats().liveBytes());
      budget.close();
    }
  }

  /** Over a single owner, handed from thread to thread by a lock. */
  @Nested
  class OverASingleOwner implements AllocatorContract {

    @Override
    public Allocator newAllocator() {
      PoolAllocator pool = new PoolAllocator(base, "pool", 256, 64, 32, PoolPolicy.GROW);
      toClose.add(pool);
      return new LockedAllocator(new TaggedAllocator(pool, tags.tag("locked")));
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }
  }
}
