package io.caisson.bench;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.ConcurrentPoolAllocator;
import io.caisson.alloc.PoolAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.PoolProfile;
import io.caisson.alloc.SystemAllocator;
import io.caisson.alloc.internal.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Question: what else than the mean of a pair is there to an allocator? How steady one allocation
 * is, what the end of everything costs, whether what was allocated together lies together, and what
 * kind of allocator suits a graph.
 *
 * <p>What would mislead: the longest of a million allocations is the operating system's as often as
 * the allocator's; so the table has a row that allocates nothing. A heap that nobody has used yet
 * gives addresses in a row, whatever the allocator: so it is worn first. Figures are medians of the
 * rounds, the allocators in turns.
 *
 * <p>Run: {@code java --enable-native-access=ALL-UNNAMED -Xms2g -Xmx2g -XX:+AlwaysPreTouch -cp
 * bench/target/benchmarks.jar io.caisson.bench.AllocatorQualities [ROUNDS]}.
 */
public final class AllocatorQualities {

  private static final int DEFAULT_ROUNDS = 5;
  private static final long ALIGNMENT = 8;

  private static final int TIMED = 1_000_000;
  private static final int LIVE = 1024;

  private static final int NODE_SIZE = 64;
  private static final int NODES = 1 << 20;

  private static final int OBJECTS = 1000;
  private static final int OBJECT_ROUNDS = 2000;

  private static final int VERTICES = 1 << 16;
  private static final int DEGREE = 8;
  private static final int EDGE_SIZE = 32;
  private static final int EDGES = VERTICES * DEGREE;

  private static final long ARENA_HINT = 1 << 20;
  private static final List<String> KINDS =
      List.of("slab", "pool", "concurrent-pool", "mimalloc", "lwjgl-jemalloc", "system", "arena");
  private static final List<String> BACKENDS = List.of("system", "mimalloc", "lwjgl-jemalloc");

  private final int rounds;

  private AllocatorQualities(int rounds) {
    this.rounds = rounds;
  }

  /** Takes all measurements and prints their tables. */
  public static void main(String[] arguments) {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROUNDS;
    AllocatorQualities qualities = new AllocatorQualities(rounds);
    qualities.steadiness();
    qualities.backends();
    qualities.kinds();
    qualities.graphs();
  }

  // ---- what is measured -------------------------------------------------------------------------

  /** An allocator and what it stands on, which is closed after it. */
  private record Stand(Allocator allocator, List<AutoCloseable> below) implements AutoCloseable {

    static Stand of(String kind) {
      SystemAllocator system = SystemAllocator.create();
      return switch (kind) {
        case "pool" -> new Stand(new PoolAllocator(system, profile()), List.of(system));
        case "concurrent-pool" ->
            new Stand(new ConcurrentPoolAllocator(system, profile()), List.of(system));
        case "arena" -> arena("system");
        default -> new Stand(Subject.of(kind).allocator(), List.of(system));
      };
    }

    static Stand arena(String backend) {
      Allocator parent = Subject.of(backend).allocator();
      return new Stand(new ArenaAllocator(parent, "arena", ARENA_HINT), List.of(parent));
    }

    private static PoolProfile profile() {
      return new PoolProfile("pool", NODE_SIZE, 16, 1 << 14, PoolPolicy.GROW);
    }

    long allocate(long byteSize) {
      long address = allocator.allocate(byteSize, ALIGNMENT);
      if (address == Allocator.NULL) {
        throw allocator.failure(byteSize, ALIGNMENT);
      }
      Memory.putLong(address, 0);
      return address;
    }

    @Override
    public void close() {
      allocator.close();
      try {
        for (AutoCloseable it : below) {
          it.close();
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private double median(DoubleSupplier measurement) {
    double[] values = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      values[i] = measurement.getAsDouble();
    }
    return Processes.median(values);
  }

  private static void row(String name, double... figures) {
    StringBuilder line = new StringBuilder("| ").append(name).append(" |");
    for (double figure : figures) {
      line.append(String.format(Locale.ROOT, figure < 100 ? " %.1f |" : " %,.0f |", figure));
    }
    System.out.println(line);
  }

  private static void head(String title, String... columns) {
    System.out.println("\n" + title + "\n\n| | " + String.join(" | ", columns) + " |");
    System.out.println("|---" + "|---".repeat(columns.length) + "|");
  }

  // ---- how steady one allocation is -------------------------------------------------------------

  private void steadiness() {
    head("ns of one allocation, the clock's own included", "median", "99 %", "99.9 %", "longest");
    timed("nothing", null);
    for (String kind : KINDS) {
      try (Stand stand = Stand.of(kind)) {
        timed(kind, stand);
      }
    }
  }

  private void timed(String name, @Nullable Stand stand) {
    double[][] figures = new double[4][rounds];
    for (int round = -1; round < rounds; round++) { // once to warm up
      int[] nanos = times(stand, new Xorshift(round));
      Arrays.sort(nanos);
      if (round >= 0) {
        figures[0][round] = nanos[TIMED / 2];
        figures[1][round] = nanos[TIMED / 100 * 99];
        figures[2][round] = nanos[TIMED / 1000 * 999];
        figures[3][round] = nanos[TIMED - 1];
      }
    }
    row(name, Arrays.stream(figures).mapToDouble(Processes::median).toArray());
  }

  /**
   * Replaces blocks of 1 to 64 bytes at random among some that are live, timing each allocation.
   */
  private static int[] times(@Nullable Stand stand, Xorshift random) {
    int[] nanos = new int[TIMED];
    long[] blocks = new long[LIVE];
    int[] sizes = new int[LIVE];
    for (int i = 0; i < TIMED; i++) {
      int slot = random.next(LIVE);
      int byteSize = 1 + random.next(NODE_SIZE);
      if (stand != null && blocks[slot] != Allocator.NULL) {
        stand.allocator.free(blocks[slot], sizes[slot], ALIGNMENT);
      }
      long started = System.nanoTime();
      long address = stand == null ? 0 : stand.allocator.allocate(byteSize, ALIGNMENT);
      nanos[i] = (int) Math.min(Integer.MAX_VALUE, System.nanoTime() - started);
      blocks[slot] = address;
      sizes[slot] = byteSize;
    }
    if (stand != null) {
      for (int slot = 0; slot < LIVE; slot++) {
        if (blocks[slot] != Allocator.NULL) {
          stand.allocator.free(blocks[slot], sizes[slot], ALIGNMENT);
        }
      }
      if (stand.allocator instanceof ArenaAllocator arena) {
        arena.reset();
      }
    }
    return nanos;
  }

  // ---- what the end costs, and what lies together -----------------------------------------------

  private void backends() {
    head(
        "A list of 2^20 nodes of 64 B on a worn heap, ns a node",
        "built",
        "followed",
        "torn down",
        "torn down, µs in all");
    for (String backend : BACKENDS) {
      list(backend + ", node by node", () -> new Stand(Subject.of(backend).allocator(), List.of()));
      list(backend + ", arena", () -> Stand.arena(backend));
    }
    list("slab", () -> Stand.of("slab"));
    list("pool", () -> Stand.of("pool"));
    head("The end of an arena over the C library, µs", "2^10 nodes", "2^14", "2^18", "2^20");
    row("reset", ends(ArenaAllocator::reset));
    row("closed", ends(ArenaAllocator::close));
  }

  private void list(String name, Supplier<Stand> stands) {
    double[][] figures = new double[4][rounds];
    for (int round = -1; round < rounds; round++) {
      double[] once = listOnce(stands.get(), new Xorshift(round));
      for (int i = 0; i < once.length && round >= 0; i++) {
        figures[i][round] = once[i];
      }
    }
    row(name, Arrays.stream(figures).mapToDouble(Processes::median).toArray());
  }

  private static double[] listOnce(Stand stand, Xorshift random) {
    boolean frees = stand.allocator.freesIndividually();
    long[] worn = frees ? wear(stand, NODES, NODE_SIZE, random) : new long[0];
    long started = System.nanoTime();
    long head = Allocator.NULL;
    for (int i = 0; i < NODES; i++) {
      long node = stand.allocate(NODE_SIZE);
      Memory.putLong(node, head);
      head = node;
    }
    long built = System.nanoTime();
    long followed = 0;
    for (int i = 0; i < 4; i++) {
      long began = System.nanoTime();
      long count = 0;
      for (long node = head; node != Allocator.NULL; node = Memory.getLong(node)) {
        count++;
      }
      if (count != NODES) {
        throw new IllegalStateException(count + " nodes");
      }
      followed = System.nanoTime() - began; // the last time
    }
    long ending = System.nanoTime();
    if (frees) {
      while (head != Allocator.NULL) {
        long next = Memory.getLong(head);
        stand.allocator.free(head, NODE_SIZE, ALIGNMENT);
        head = next;
      }
    } else {
      stand.allocator.close();
    }
    double ended = System.nanoTime() - ending;
    for (long block : worn) {
      stand.allocator.free(block, NODE_SIZE, ALIGNMENT);
    }
    stand.close();
    double nodes = NODES;
    return new double[] {(built - started) / nodes, followed / nodes, ended / nodes, ended / 1000};
  }

  /** Leaves some holes of a size, in no order; returns the blocks between them. */
  private static long[] wear(Stand stand, int holes, long byteSize, Xorshift random) {
    long[] blocks = new long[2 * holes];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = stand.allocate(byteSize);
    }
    for (int i = blocks.length - 1; i > 0; i--) {
      int other = random.next(i + 1);
      long block = blocks[i];
      blocks[i] = blocks[other];
      blocks[other] = block;
    }
    for (int i = holes; i < blocks.length; i++) {
      stand.allocator.free(blocks[i], byteSize, ALIGNMENT);
    }
    return Arrays.copyOf(blocks, holes);
  }

  private double[] ends(Consumer<ArenaAllocator> end) {
    return Arrays.stream(new int[] {1 << 10, 1 << 14, 1 << 18, 1 << 20})
        .mapToDouble(nodes -> median(() -> endOf(nodes, end)))
        .toArray();
  }

  private static double endOf(int nodes, Consumer<ArenaAllocator> end) {
    try (Stand stand = Stand.arena("system")) {
      for (int i = 0; i < nodes; i++) {
        stand.allocate(NODE_SIZE);
      }
      long started = System.nanoTime();
      end.accept((ArenaAllocator) stand.allocator);
      return (System.nanoTime() - started) / 1e3;
    }
  }

  // ---- stack, pool, heap, counted ---------------------------------------------------------------

  private void kinds() {
    head("1000 objects of 64 B and their end, ns an object", "");
    for (String kind : KINDS) {
      row(kind, median(() -> objects(kind)));
    }
    row("mimalloc-accounted", median(() -> objects("mimalloc-accounted")));
    row("slab-accounted", median(() -> objects("slab-accounted")));
  }

  private static double objects(String kind) {
    try (Stand stand = Stand.of(kind)) {
      long[] blocks = new long[OBJECTS];
      for (int i = 0; i < OBJECT_ROUNDS; i++) { // to warm up
        objects(stand, blocks);
      }
      long started = System.nanoTime();
      for (int i = 0; i < OBJECT_ROUNDS; i++) {
        objects(stand, blocks);
      }
      return (double) (System.nanoTime() - started) / OBJECTS / OBJECT_ROUNDS;
    }
  }

  private static void objects(Stand stand, long[] blocks) {
    for (int i = 0; i < OBJECTS; i++) {
      blocks[i] = stand.allocate(NODE_SIZE);
    }
    if (stand.allocator instanceof ArenaAllocator arena) {
      arena.reset();
      return;
    }
    for (int i = OBJECTS - 1; i >= 0; i--) {
      stand.allocator.free(blocks[i], NODE_SIZE, ALIGNMENT);
    }
  }

  // ---- graphs -----------------------------------------------------------------------------------

  private void graphs() {
    head(
        "A graph of 2^16 vertices, 8 edges each as a list: ns an edge",
        "built",
        "scanned",
        "torn down",
        "all");
    for (String kind : KINDS) {
      double[][] figures = new double[4][rounds];
      for (int round = -1; round < rounds; round++) {
        double[] once = graph(kind, new Xorshift(round));
        for (int i = 0; i < once.length && round >= 0; i++) {
          figures[i][round] = once[i];
        }
      }
      row(kind, Arrays.stream(figures).mapToDouble(Processes::median).toArray());
    }
  }

  /** Edges come in vertex by vertex, as where an index is rebuilt from a journal. */
  private static double[] graph(String kind, Xorshift random) {
    Stand stand = Stand.of(kind);
    boolean frees = stand.allocator.freesIndividually();
    long[] worn = frees ? wear(stand, EDGES, EDGE_SIZE, random) : new long[0];
    long[] heads = new long[VERTICES];
    long started = System.nanoTime();
    for (int edge = 0; edge < EDGES; edge++) {
      int from = edge / DEGREE;
      long node = stand.allocate(EDGE_SIZE);
      Memory.putLong(node, heads[from]);
      Memory.putLong(node + 8, random.next(VERTICES));
      heads[from] = node;
    }
    long built = System.nanoTime();
    long sum = 0;
    for (long head : heads) {
      for (long node = head; node != Allocator.NULL; node = Memory.getLong(node)) {
        sum += Memory.getLong(node + 8);
      }
    }
    long scanned = System.nanoTime();
    if (sum == 0) {
      throw new IllegalStateException("no edges");
    }
    if (frees) {
      freeEdges(stand, heads);
    } else {
      stand.allocator.close();
    }
    long ended = System.nanoTime();
    for (long block : worn) {
      stand.allocator.free(block, EDGE_SIZE, ALIGNMENT);
    }
    stand.close();
    double edges = EDGES;
    return new double[] {
      (built - started) / edges,
      (scanned - built) / edges,
      (ended - scanned) / edges,
      (ended - started) / edges
    };
  }

  private static void freeEdges(Stand stand, long[] heads) {
    for (long head : heads) {
      while (head != Allocator.NULL) {
        long next = Memory.getLong(head);
        stand.allocator.free(head, EDGE_SIZE, ALIGNMENT);
        head = next;
      }
    }
  }
}
