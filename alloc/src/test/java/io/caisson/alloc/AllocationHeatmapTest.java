package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.caisson.alloc.AllocationHeatmap.Cell;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllocationHeatmapTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final TagTree tags = new TagTree();
  private Instant now = START;
  private final AllocationHeatmap heatmap = new AllocationHeatmap(tags, () -> now, 2);

  @Test
  void sample_twice_hasWhatWasAddedBetween() {
    tags.tag("edge").allocated(10);
    tags.tag("edge").allocated(16);
    heatmap.sample();
    now = now.plusSeconds(1);
    tags.tag("edge").allocated(1000);
    tags.tag("node").allocated(30);
    heatmap.sample();
    assertEquals(
        List.of(
            new Cell(START, "edge", 16, 2),
            new Cell(now, "edge", 1024, 1),
            new Cell(now, "node", 32, 1)),
        heatmap.cells());
    assertEquals(
        """
        time,tag,size_up_to,allocations
        2026-01-01T00:00:00Z,"edge",16,2
        2026-01-01T00:00:01Z,"edge",1024,1
        2026-01-01T00:00:01Z,"node",32,1
        """,
        heatmap.toCsv());
  }

  @Test
  void sample_pastTheMost_dropsTheOldest() {
    for (int i = 0; i < 5; i++) {
      tags.tag("odd \" name").allocated(1);
      heatmap.sample();
      now = now.plusSeconds(1);
    }
    assertEquals(2, heatmap.cells().size());
    assertEquals(START.plusSeconds(3), heatmap.cells().getFirst().time());
    assertEquals(
        "2026-01-01T00:00:03Z,\"odd \"\" name\",16,1", heatmap.toCsv().lines().toList().get(1));
    assertThrows(IllegalArgumentException.class, () -> new AllocationHeatmap(tags, () -> now, 0));
  }
}
