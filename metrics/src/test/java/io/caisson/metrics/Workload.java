package io.caisson.metrics;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetProfile;
import io.caisson.alloc.ConcurrentPoolAllocator;
import io.caisson.alloc.LeakDetectingAllocator;
import io.caisson.alloc.LeakLevel;
import io.caisson.alloc.Operation;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.PoolProfile;
import io.caisson.alloc.TagTree;
import io.caisson.alloc.TaggedAllocator;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import java.util.ArrayList;
import java.util.List;

/**
 * One of everything that can be registered, each with something to show: 300 blocks live under a
 * tag, an operation that has ended, a budget that refused, garbage that a reader holds, a leak.
 */
final class Workload implements AutoCloseable {

  /** A name that every form must escape. */
  static final String AWKWARD = "nodes \"a\\b\"\n</script><b>&";

  static final int BLOCKS = 300;
  static final int BLOCK_SIZE = 100;
  static final int SCRATCH_SIZE = 40_000;
  static final int LIMIT = 50_000;
  static final int RESERVED = 45_000;
  static final int GARBAGE = 3;
  static final int GARBAGE_SIZE = 64;
  static final int LEAK_SIZE = 777;

  final TestClock clock = new TestClock();
  final MetricsRegistry registry = new MetricsRegistry(clock);
  final TagTree tags = new TagTree();
  final LeakCheck check = new LeakCheck();
  final AccountedAllocator allocator = (AccountedAllocator) check.allocator();
  final Budget budget = new Budget(new BudgetProfile("service", LIMIT));
  final Budget inner = budget.child(new BudgetProfile("request", 1L << 40));
  final ReclamationDomain domain = ReclamationDomain.builder().name("map").build();
  final LeakDetectingAllocator detector =
      LeakDetectingAllocator.over(allocator).level(LeakLevel.PARANOID).build();
  final ConcurrentPoolAllocator pool =
      new ConcurrentPoolAllocator(allocator, new PoolProfile("pool", 64, 16, 32, PoolPolicy.GROW));
  private final Guard reader = domain.pin();
  private final Allocator nodes = new TaggedAllocator(allocator, tags.tag("graph.node"));
  private final List<Long> blocks = new ArrayList<>();
  private final long leak;

  Workload() {
    registry
        .register(AWKWARD, allocator)
        .register("app", tags)
        .register("service", budget)
        .register("request", inner)
        .register("map", domain)
        .register("detector", detector)
        .register("pool", pool);
    allocate(BLOCKS);
    try (Operation rebuild = new Operation(allocator, tags.tag(TagTree.CACHE_REBUILD))) {
      long scratch = Allocations.allocate(rebuild.allocator(), SCRATCH_SIZE, 8);
      rebuild.allocator().free(scratch, SCRATCH_SIZE, 8);
    }
    assertTrue(inner.tryReserve(RESERVED));
    assertFalse(inner.tryReserve(LIMIT));
    int number = domain.register(allocator);
    for (int i = 0; i < GARBAGE; i++) {
      try (Guard guard = domain.pin(1, GARBAGE_SIZE)) {
        guard.retire(Allocations.allocate(allocator, GARBAGE_SIZE, 16), GARBAGE_SIZE, 16, number);
      }
    }
    leak = Allocations.allocate(detector, LEAK_SIZE, 8);
  }

  /** Allocates nodes, which are freed at the end. */
  void allocate(int count) {
    for (int i = 0; i < count; i++) {
      blocks.add(Allocations.allocate(nodes, BLOCK_SIZE, 8));
    }
  }

  @Override
  public void close() {
    detector.free(leak, LEAK_SIZE, 8);
    reader.close();
    domain.close();
    inner.release(RESERVED);
    inner.close();
    budget.close();
    pool.close();
    blocks.forEach(block -> nodes.free(block, BLOCK_SIZE, 8));
    check.close();
  }
}
