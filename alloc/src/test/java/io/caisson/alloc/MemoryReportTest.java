package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MemoryReportTest {

  @Test
  void dump_everything_isATree() {
    TagTree tags = new TagTree();
    try (AccountedAllocator base = Allocators.system();
        Budget process = new Budget(new BudgetProfile("process", 1 << 20));
        Budget cache = process.child(new BudgetProfile("cache", 1 << 10))) {
      Allocator budgeted = new BudgetedAllocator(base, cache);
      Allocator rebuild = new TaggedAllocator(budgeted, tags.tag(TagTree.CACHE_REBUILD));
      Allocator edges = new TaggedAllocator(base, tags.tag(TagTree.EDGE));
      long block = rebuild.allocate(1000, 8);
      long edge = edges.allocate(30, 8);
      var _ = rebuild.allocate(1000, 8);
      tags.tag(TagTree.CACHE_REBUILD).ended(2048);
      assertEquals(
          """
          memory
          ├─ tags: 1.0 KiB in 2 blocks, peak 1.0 KiB, 2 allocations, 1 failures
          │  ├─ cache: 0 B in 0 blocks, peak 0 B, 0 allocations, 0 failures
          │  │  └─ rebuild: 1000 B in 1 blocks, peak 1000 B, 1 allocations, 1 failures
          │  │     ├─ sizes: 1 blocks, p50 1.0 KiB, p90 1.0 KiB, p99 1.0 KiB
          │  │     │  └─ bins that would fit: [1024], 0.0 % wasted, 0 blocks too large
          │  │     └─ 1 operations, peak 2.0 KiB, of the last 2.0 KiB
          │  └─ edge: 30 B in 1 blocks, peak 30 B, 1 allocations, 0 failures
          │     └─ sizes: 1 blocks, p50 32 B, p90 32 B, p99 32 B
          │        └─ bins that would fit: [32], 0.0 % wasted, 0 blocks too large
          ├─ budget process: 1000 B of 1.0 MiB, peak 1000 B, 0 refusals
          │  └─ budget cache: 1000 B of 1.0 KiB, peak 1000 B, 1 refusals
          └─ tag cache.rebuild
             └─ budget cache
                └─ account: 1.0 KiB in 2 blocks, peak 1.0 KiB, 2 allocations, 0 failures
                   └─ system
          """,
          new MemoryReport().add(tags).add(process).add(rebuild).dump());
      rebuild.free(block, 1000, 8);
      edges.free(edge, 30, 8);
    }
  }

  @Test
  void dump_everyAllocator_isShown() {
    try (AccountedAllocator base = Allocators.system();
        ArenaAllocator arena = new ArenaAllocator(base, "request", 1024);
        PoolAllocator pool = new PoolAllocator(base, "nodes", 64, 8, 16, PoolPolicy.GROW);
        ConcurrentPoolAllocator shared =
            new ConcurrentPoolAllocator(base, "edges", 64, 8, 16, PoolPolicy.GROW);
        SlabAllocator slab = new SlabAllocator(base);
        RoutingAllocator routing = new RoutingAllocator("sizes", slab, pool, arena);
        Allocator guarded =
            LeakDetectingAllocator.over(
                    new GuardAllocator(new ZeroOnFreeAllocator(new MockAllocator(routing))))
                .build()) {
      String dump = new MemoryReport().add(guarded).add(shared).toString();
      for (String line :
          new String[] {
            "leak detector",
            "guard",
            "zero on free",
            "mock",
            "routing sizes",
            "pool nodes",
            "arena request",
            "pool edges: PoolStats",
            "account: "
          }) {
        assertTrue(dump.contains("─ " + line), dump);
      }
    }
    assertEquals("memory\n", new MemoryReport().dump());
  }
}
