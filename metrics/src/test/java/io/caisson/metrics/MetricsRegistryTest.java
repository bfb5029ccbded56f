package io.caisson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.LeakReport;
import io.caisson.alloc.TagTree;
import io.caisson.metrics.MetricsSnapshot.BudgetEntry;
import io.caisson.metrics.MetricsSnapshot.TagEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsRegistryTest {

  @Test
  void snapshot_empty_hasNothing() {
    TestClock clock = new TestClock();
    MetricsSnapshot snapshot = new MetricsRegistry(clock).snapshot();
    assertEquals(clock.instant(), snapshot.time());
    assertTrue(snapshot.allocators().isEmpty());
    assertTrue(snapshot.tags().isEmpty());
    assertTrue(snapshot.domains().isEmpty());
  }

  @Test
  void snapshot_everything_hasTheFigures() {
    try (Workload workload = new Workload()) {
      MetricsSnapshot snapshot = workload.registry.snapshot();
      assertEquals(Workload.AWKWARD, snapshot.allocators().getFirst().name());
      assertEquals(workload.allocator.stats(), snapshot.allocators().getFirst().stats());
      assertEquals(
          List.of("cache", "cache.rebuild", "graph", "graph.node"),
          snapshot.tags().stream().map(it -> it.stats().path()).toList());
      TagEntry nodes = snapshot.tags().getLast();
      assertEquals("app", nodes.tree());
      assertEquals(Workload.BLOCKS * Workload.BLOCK_SIZE, nodes.stats().memory().liveBytes());
      assertEquals(
          List.of(
              new BudgetEntry("request", "service", 1L << 40, 45_000, 45_000 + 50_000, 0),
              new BudgetEntry("service", null, 50_000, 45_000, 45_000, 1)),
          snapshot.budgets());
      assertNull(snapshot.budgets().getLast().parent());
      assertEquals(workload.domain.stats().retiredBlocks(), Workload.GARBAGE);
      assertEquals(3 * 64, snapshot.domains().getFirst().stats().garbageBytes());
      assertEquals(0, snapshot.pools().getFirst().stats().liveBlocks());
    }
  }

  @Test
  void snapshot_unregistered_isForgotten() {
    try (Workload workload = new Workload()) {
      assertTrue(workload.registry.unregister("service"));
      assertFalse(workload.registry.unregister("service"));
      assertEquals(1, workload.registry.snapshot().budgets().size());
    }
  }

  @Test
  void register_nameTaken_throws() {
    MetricsRegistry registry = new MetricsRegistry();
    TagTree tags = new TagTree();
    registry.register("a", tags).register("a", tags);
    IllegalArgumentException failure =
        assertThrows(IllegalArgumentException.class, () -> registry.register("a", new TagTree()));
    assertTrue(failure.getMessage().contains("'a'"), failure.getMessage());
    assertThrows(IllegalArgumentException.class, () -> registry.register(" ", tags));
  }

  @Test
  void leaks_blockOut_areReported() {
    try (Workload workload = new Workload()) {
      List<LeakReport> leaks = workload.registry.leaks();
      assertEquals(1, leaks.size());
      assertEquals(Workload.LEAK_SIZE, leaks.getFirst().byteSize());
    }
  }
}
