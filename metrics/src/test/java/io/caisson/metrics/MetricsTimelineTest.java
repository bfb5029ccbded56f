package io.caisson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AllocationHeatmap.Cell;
import io.caisson.alloc.TagTree;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MetricsTimelineTest {

  @Test
  void sample_growth_isSeenOverTime() {
    try (Workload workload = new Workload();
        MetricsTimeline timeline = new MetricsTimeline(workload.registry, 10)) {
      timeline.sample();
      workload.clock.advance(Duration.ofSeconds(2));
      workload.allocate(5);
      timeline.sample();
      List<MetricsTimeline.Point> points = timeline.points();
      assertEquals(
          Duration.ofSeconds(2),
          Duration.between(points.getFirst().time(), points.getLast().time()));
      assertEquals(30_000, points.getFirst().tags().get("graph.node"));
      assertEquals(30_500, points.getLast().tags().get("graph.node"));
      assertEquals(Map.of("map", 192L), points.getLast().garbage());
      assertEquals(45_000, points.getLast().budgets().get("service"));
    }
  }

  @Test
  void heatmap_samples_haveWhatWasAllocatedBetween() {
    try (Workload workload = new Workload();
        MetricsTimeline timeline = new MetricsTimeline(workload.registry, 10)) {
      Instant first = workload.clock.instant();
      timeline.sample();
      workload.clock.advance(Duration.ofSeconds(1));
      workload.allocate(5);
      timeline.sample();
      assertEquals(
          List.of(
              new Cell(first, "cache.rebuild", 40_960, 1),
              new Cell(first, "graph.node", 112, 300),
              new Cell(first.plusSeconds(1), "graph.node", 112, 5)),
          timeline.heatmap().get("app"));
    }
  }

  @Test
  void sample_full_dropsTheOldest() {
    TestClock clock = new TestClock();
    MetricsTimeline timeline = new MetricsTimeline(new MetricsRegistry(clock), 3);
    Instant start = clock.instant();
    for (int i = 0; i < 5; i++) {
      timeline.sample();
      clock.advance(Duration.ofSeconds(1));
    }
    assertEquals(
        List.of(start.plusSeconds(2), start.plusSeconds(3), start.plusSeconds(4)),
        timeline.points().stream().map(MetricsTimeline.Point::time).toList());
  }

  @Test
  void sample_twoTrees_qualifiesTags() {
    MetricsRegistry registry = new MetricsRegistry(new TestClock());
    TagTree first = new TagTree();
    first.tag("a");
    TagTree second = new TagTree();
    second.tag("a");
    MetricsTimeline timeline = new MetricsTimeline(registry, 3);
    registry.register("one", first).register("two", second);
    timeline.sample();
    assertEquals(Map.of("one:a", 0L, "two:a", 0L), timeline.points().getFirst().tags());
  }

  @Test
  void sample_failingSink_reachesTheOthers() {
    List<MetricsSnapshot> seen = new ArrayList<>();
    MetricsTimeline timeline = new MetricsTimeline(new MetricsRegistry(new TestClock()), 3);
    timeline
        .add(snapshot -> {
          throw new IOException("a sink that fails, as the test wants it");
        })
        .add(seen::add);
    MetricsSnapshot snapshot = timeline.sample();
    assertEquals(List.of(snapshot), seen);
  }

  @Test
  void start_byItself_samplesUntilClosed() throws InterruptedException {
    CountDownLatch samples = new CountDownLatch(3);
    MetricsTimeline timeline = new MetricsTimeline(new MetricsRegistry(), 100);
    timeline.add(_ -> {
      assertTrue(Thread.currentThread().isDaemon());
      samples.countDown();
    });
    timeline.start(Duration.ofMillis(1));
    assertTrue(samples.await(60, TimeUnit.SECONDS));
    assertThrows(IllegalStateException.class, () -> timeline.start(Duration.ofMillis(1)));
    timeline.close();
    int points = timeline.points().size();
    assertTrue(points >= 3);
    timeline.close();
    assertEquals(points, timeline.points().size());
    assertThrows(IllegalStateException.class, () -> timeline.start(Duration.ofMillis(1)));
  }

  @Test
  void arguments_bad_throw() {
    MetricsRegistry registry = new MetricsRegistry();
    assertThrows(IllegalArgumentException.class, () -> new MetricsTimeline(registry, 0));
    MetricsTimeline timeline = new MetricsTimeline(registry, 1);
    assertThrows(IllegalArgumentException.class, () -> timeline.start(Duration.ZERO));
  }
}
