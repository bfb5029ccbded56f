package io.caisson.examples.workloads;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.OwnedBlock;
import io.caisson.alloc.PoolAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.PoolProfile;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Edges of a graph: a graph's in an arena, dropped together, and a stream's through a pool. */
class EdgeWorkloadTest {

  private static final StructLayout EDGE =
      MemoryLayout.structLayout(
              JAVA_LONG.withName("source"),
              JAVA_LONG.withName("target"),
              JAVA_DOUBLE.withName("weight"))
          .withName("edge");
  private static final long SOURCE = offset("source");
  private static final long TARGET = offset("target");
  private static final long WEIGHT = offset("weight");

  private static long offset(String field) {
    return EDGE.byteOffset(PathElement.groupElement(field));
  }

  private static void fill(MemorySegment edge, long source, long target, double weight) {
    edge.set(JAVA_LONG, SOURCE, source);
    edge.set(JAVA_LONG, TARGET, target);
    edge.set(JAVA_DOUBLE, WEIGHT, weight);
  }

  // ---- in an arena ------------------------------------------------------------------------------

  /** An edge with its texts, all three borrowed from the arena of its graph. */
  private record Edge(MemorySegment fields, MemorySegment type, MemorySegment note) {

    /** Allocates three times and cleans nothing up: the arena has whatever was made. */
    static Edge create(SegmentAllocator memory, long source, long target, String type) {
      MemorySegment fields = memory.allocate(EDGE);
      fill(fields, source, target, 0.5 * source);
      return new Edge(
          fields,
          memory.allocateFrom(type),
          memory.allocateFrom("from " + source + " to " + target));
    }

    String text() {
      return fields.get(JAVA_LONG, SOURCE)
          + type.getString(0)
          + fields.get(JAVA_LONG, TARGET)
          + " weighs "
          + fields.get(JAVA_DOUBLE, WEIGHT)
          + " "
          + note.getString(0);
    }
  }

  /** A graph that is built once and dropped as a whole. */
  private static final class Graph implements AutoCloseable {
    private final ArenaAllocator arena;
    private final List<Edge> edges = new ArrayList<>();

    Graph(Allocator allocator) {
      arena = new ArenaAllocator(allocator, "graph", 256);
    }

    void connect(long source, long target, String type) {
      edges.add(Edge.create(arena.asSegmentAllocator(), source, target, type));
    }

    List<String> texts() {
      return edges.stream().map(Edge::text).toList();
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  @Test
  void edges_inAnArena_areThreeBlocksEachAndDroppedTogether() {
    AccountedAllocator base = Allocators.system();
    try (LeakCheck check = new LeakCheck(base)) {
      try (Graph graph = new Graph(check.allocator())) {
        for (int i = 0; i < 1000; i++) {
          graph.connect(i, i + 1, "->");
        }
        assertEquals("7->8 weighs 3.5 from 7 to 8", graph.texts().get(7));
        assertEquals("999->1000 weighs 499.5 from 999 to 1000", graph.texts().get(999));
      }
      long blocks = base.stats().allocations();
      assertTrue(blocks < 20, () -> blocks + " blocks for 3,000 requests");
    }
  }

  @Test
  void edges_inAnArena_eachAllocationFailing_leaveNothing() {
    OomSweep<Graph> sweep = OomSweep.of(Graph::new).contents(Graph::texts);
    for (int i = 0; i < 60; i++) {
      int source = i;
      sweep.absorbingStep("connect", graph -> graph.connect(source, source + 1, "->"));
    }
    assertTrue(sweep.run() > 3);
  }

  // ---- through a pool ---------------------------------------------------------------------------

  /** Passes edges on, in blocks that are used again at once. */
  private static final class EdgeStream implements AutoCloseable {
    private final PoolAllocator pool;
    private final List<OwnedBlock> waiting = new ArrayList<>();
    private double total;

    EdgeStream(Allocator allocator) {
      pool =
          new PoolAllocator(
              allocator,
              new PoolProfile("edges", EDGE.byteSize(), EDGE.byteAlignment(), 4, PoolPolicy.GROW));
    }

    private OwnedBlock read(long number) {
      OwnedBlock edge = OwnedBlock.allocate(pool, EDGE.byteSize(), EDGE.byteAlignment());
      fill(edge.segment(), number, number + 1, 0.5 * number);
      return edge;
    }

    /** Reads an edge, adds its weight, frees it, and returns where it was. */
    long process(long number) {
      try (OwnedBlock edge = read(number)) {
        total += edge.segment().get(JAVA_DOUBLE, WEIGHT);
        return edge.address();
      }
    }

    /** Reads an edge that is not processed yet. */
    void hold(long number) {
      waiting.add(read(number));
    }

    void processHeld() {
      for (OwnedBlock edge : waiting) {
        total += edge.segment().get(JAVA_DOUBLE, WEIGHT);
        edge.close();
      }
      waiting.clear();
    }

    List<Number> figures() {
      return List.of(total, waiting.size(), pool.stats().liveBlocks());
    }

    @Override
    public void close() {
      waiting.forEach(OwnedBlock::close);
      pool.close();
    }
  }

  @Test
  void edges_throughAPool_useOneBlockAgainAndAgain() {
    AccountedAllocator base = Allocators.system();
    try (LeakCheck check = new LeakCheck(base);
        EdgeStream stream = new EdgeStream(check.allocator())) {
      long first = stream.process(0);
      for (int i = 1; i < 10_000; i++) {
        assertEquals(first, stream.process(i));
      }
      assertEquals(0.25 * 10_000 * 9_999, stream.total);
      assertEquals(1, base.stats().allocations());
    }
  }

  @Test
  void edges_throughAPool_eachAllocationFailing_leakNothing() {
    long allocations =
        OomSweep.of(EdgeStream::new)
            .steps(9, "hold", EdgeStream::hold)
            .step("process all", EdgeStream::processHeld)
            .steps(3, "process", EdgeStream::process)
            .contents(EdgeStream::figures)
            .run();
    assertEquals(3, allocations); // chunks of four
  }
}
