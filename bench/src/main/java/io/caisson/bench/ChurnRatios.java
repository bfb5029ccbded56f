package io.caisson.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Question: what do allocators take, in time and memory, for programs that churn, beside mimalloc
 * from C?
 *
 * <p>What would mislead: memory that the JVM takes meanwhile. Its heap is touched from the start
 * and the JIT has done its work before the memory is looked at; where little is live, what remains
 * of it still says nothing, and no ratio is printed. Processes take turns, as in {@link
 * AllocatorRatios}. Whether memory stays flat is seen where a pattern that leaves little or nothing
 * live runs again: <em>again</em> is by how many MiB the process has then grown, in eight more
 * runs, half as long each.
 *
 * <p>Run: {@code java -cp bench/target/benchmarks.jar io.caisson.bench.ChurnRatios [ROUNDS
 * [NAME...]]}, with names of allocators, of patterns, or of both: all of a kind that none is named
 * of. Needs gcc.
 */
public final class ChurnRatios {

  private static final int DEFAULT_ROUNDS = 3;
  private static final long LARGE = 64 << 20;
  private static final List<String> ALLOCATORS =
      List.of(
          "slab",
          "slab-accounted",
          "mimalloc",
          "system",
          "unsafe",
          "netty-adaptive",
          "netty-pooled",
          "lwjgl-jemalloc",
          "arena-confined");

  /** The medians of some rounds. */
  private static final class Figures {
    final double[] nanos;
    final double[] growth;
    final double[] again;
    double live;

    Figures(int rounds) {
      nanos = new double[rounds];
      growth = new double[rounds];
      again = new double[rounds];
    }

    void set(int round, String line) {
      String[] words = line.split(" ");
      nanos[round] = Double.parseDouble(words[0]);
      growth[round] = Double.parseDouble(words[1]);
      live = Double.parseDouble(words[2]);
      again[round] = words.length > 3 ? Double.parseDouble(words[3]) : Double.NaN;
    }

    /** By how many MiB the process grew while it did it all again, if it did. */
    String flatness() {
      double median = Processes.median(again);
      return Double.isNaN(median) ? "" : String.format(Locale.ROOT, "%+.1f", median);
    }

    String memory() {
      return live < LARGE
          ? ""
          : String.format(Locale.ROOT, "%.2f", Processes.median(growth) / live);
    }
  }

  private ChurnRatios() {}

  /** Runs the patterns and prints a table. */
  public static void main(String[] arguments) {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROUNDS;
    List<String> names =
        Arrays.asList(arguments).subList(Math.min(1, arguments.length), arguments.length);
    List<String> patterns = named(names, Churn.PATTERNS);
    List<String> allocators = named(names, ALLOCATORS);
    if (!names.stream().allMatch(name -> patterns.contains(name) || allocators.contains(name))) {
      throw new IllegalArgumentException(
          names + "; expected of " + ALLOCATORS + " and " + Churn.PATTERNS);
    }
    Processes processes = new Processes();
    System.out.println("| pattern, allocator | ns | over C | RSS over live | C's | again |");
    System.out.println("|---|---|---|---|---|---|");
    for (String allocator : allocators) {
      for (String pattern : patterns) {
        measure(pattern, allocator, rounds, processes);
      }
    }
  }

  /** Returns those of some names that were given, or all if none was. */
  private static List<String> named(List<String> given, List<String> all) {
    List<String> named = all.stream().filter(given::contains).toList();
    return named.isEmpty() ? all : named;
  }

  private static void measure(String pattern, String allocator, int rounds, Processes processes) {
    if (allocator.equals("arena-confined") && !Churn.CONFINED.contains(pattern)) {
      return;
    }
    Figures java = new Figures(rounds);
    Figures c = new Figures(rounds);
    for (int i = 0; i < rounds; i++) {
      java.set(i, processes.java(2, List.of(), ChurnProcess.class, List.of(allocator, pattern)));
      c.set(i, processes.c(2, List.of(pattern)));
    }
    double nanos = Processes.median(java.nanos);
    System.out.printf(
        Locale.ROOT,
        "| %s, %s | %.1f | %.2f | %s | %s | %s |%n",
        pattern,
        allocator,
        nanos,
        nanos / Processes.median(c.nanos),
        java.memory(),
        c.memory(),
        java.flatness());
  }
}
