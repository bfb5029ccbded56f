package io.caisson.bench;

import static io.caisson.bench.AllocatorRatios.Variant.CLEAN;
import static io.caisson.bench.AllocatorRatios.Variant.NOT_INLINED;
import static io.caisson.bench.AllocatorRatios.Variant.POLLUTED;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Question: how many times the time of mimalloc from C do our allocators take?
 *
 * <p>What would mislead: a noisy machine, on which two figures taken a minute apart have no ratio.
 * So a process in Java and one in C, a second and less each, take turns, and the ratio is that of
 * the medians over the rounds.
 *
 * <p>Run: {@code java -cp bench/target/benchmarks.jar io.caisson.bench.AllocatorRatios [ROUNDS
 * [WORD]]}; with a word only the rows that have it. Needs gcc.
 */
public final class AllocatorRatios {

  /** How an allocator is called. */
  enum Variant {
    /** Through a call site that meets it alone. */
    CLEAN(List.of()),
    /** Through a call site that has met three others. */
    POLLUTED(List.of()),
    /** The same as clean, with C2 told to inline neither allocate nor free. */
    NOT_INLINED(
        List.of(
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=dontinline,io.caisson.alloc.SlabAllocator::allocate",
            "-XX:CompileCommand=dontinline,io.caisson.alloc.SlabAllocator::free"));

    final List<String> options;

    Variant(List<String> options) {
      this.options = options;
    }
  }

  private record Row(
      String pattern, long byteSize, long byteAlignment, String allocator, Variant variant) {

    String name() {
      String size = byteAlignment == 8 ? "" + byteSize : byteSize + "/" + byteAlignment;
      String how = variant == CLEAN ? "" : " " + variant.name().toLowerCase(Locale.ROOT);
      return pattern + " " + size + ", " + allocator + how;
    }

    int threads() {
      return pattern.equals("hand-over") ? 2 : 1;
    }

    List<String> shape() {
      return List.of(pattern, Long.toString(byteSize), Long.toString(byteAlignment));
    }

    double java(Processes processes) {
      List<String> arguments = new ArrayList<>(List.of(allocator));
      arguments.addAll(shape());
      if (variant == POLLUTED) {
        arguments.add("polluted");
      }
      return Double.parseDouble(
          processes.java(threads(), variant.options, PatternProcess.class, arguments));
    }

    double c(Processes processes) {
      return Double.parseDouble(processes.c(threads(), shape()));
    }
  }

  private static final int DEFAULT_ROUNDS = 5;

  private AllocatorRatios() {}

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (long size : new long[] {16, 64, 256, 1024, 8000}) {
      rows.add(new Row("pair", size, 8, "slab", CLEAN));
    }
    rows.add(new Row("pair", 4096, 64, "slab", CLEAN));
    rows.add(new Row("pair", 64, 4096, "slab", CLEAN));
    rows.add(new Row("pair", 64, 8, "slab", NOT_INLINED));
    rows.add(new Row("pair", 64, 8, "slab", POLLUTED));
    rows.add(new Row("pair", 64, 8, "slab-accounted", CLEAN));
    rows.add(new Row("random", 256, 8, "slab", CLEAN));
    rows.add(new Row("random", 8192, 8, "slab", CLEAN));
    rows.add(new Row("bulk", 64, 8, "slab", CLEAN));
    rows.add(new Row("hand-over", 64, 8, "slab", CLEAN));
    rows.add(new Row("random", 256, 8, "slab", POLLUTED));
    rows.add(new Row("pair", 64, 8, "mimalloc", CLEAN));
    rows.add(new Row("random", 256, 8, "mimalloc", CLEAN));
    rows.add(new Row("random", 8192, 8, "mimalloc", CLEAN));
    rows.add(new Row("bulk", 64, 8, "mimalloc", CLEAN));
    rows.add(new Row("hand-over", 64, 8, "mimalloc", CLEAN));
    rows.add(new Row("pair", 64, 8, "arena-confined", CLEAN));
    rows.add(new Row("pair", 64, 8, "netty-adaptive", CLEAN));
    return rows;
  }

  /** Runs the rows and prints a table. */
  public static void main(String[] arguments) {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROUNDS;
    String word = arguments.length > 1 ? arguments[1] : "";
    Processes processes = new Processes();
    System.out.println("| pattern, allocator | ns | ns from C | ratio | of the rounds |");
    System.out.println("|---|---|---|---|---|");
    rows().stream()
        .filter(row -> row.name().contains(word))
        .forEach(row -> measure(row, rounds, processes));
  }

  private static void measure(Row row, int rounds, Processes processes) {
    double[] java = new double[rounds];
    double[] c = new double[rounds];
    double[] ratios = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      java[i] = row.java(processes);
      c[i] = row.c(processes);
      ratios[i] = java[i] / c[i];
    }
    Arrays.sort(ratios);
    double javaMedian = Processes.median(java);
    double cMedian = Processes.median(c);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f | %.2f | %.2f | %.2f–%.2f |%n",
        row.name(),
        javaMedian,
        cMedian,
        javaMedian / cMedian,
        ratios[0],
        ratios[rounds - 1]);
  }
}
