package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.LongLongTable;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Question: how many bytes does an entry take, in maps from long to long and in what interns
 * tokens?
 *
 * <p>What would mislead: garbage. What is on the heap is what is in use after collections, with and
 * without the subject; what is off it, the allocator says. Sizes between two powers of two are
 * shown too, for most maps double. The table of {@code String.intern} is not counted.
 *
 * <p>Run: {@code java -Xmx4g --sun-misc-unsafe-memory-access=allow
 * --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED -cp bench/target/benchmarks.jar
 * io.caisson.bench.Footprints}
 */
public final class Footprints {

  private static final int[] ENTRIES = {1_000_000, 1_300_000, 1_600_000, 2_000_000};

  private static final String SHARED = "caisson, for many threads";

  private Footprints() {}

  /** Prints the tables. */
  public static void main(String[] arguments) {
    heading("long to long");
    for (String map : List.of("caisson", "HashMap", "fastutil", "agrona", "hppc")) {
      row(map, entries -> longs(map, entries));
    }
    heading("tokens of 34 bytes on average");
    for (String interning : List.of("caisson", SHARED, "ConcurrentHashMap", "guava")) {
      row(interning, entries -> tokens(interning, entries));
    }
  }

  /** Measures a subject of a size. */
  @FunctionalInterface
  private interface Measure {
    double bytes(int entries);
  }

  private static void heading(String what) {
    System.out.print("| bytes an entry, " + what + " |");
    for (int entries : ENTRIES) {
      System.out.printf(Locale.ROOT, " %,d |", entries);
    }
    System.out.println("\n|---|---|---|---|---|");
  }

  private static void row(String name, Measure measure) {
    System.out.print("| " + name + " |");
    for (int entries : ENTRIES) {
      System.out.printf(Locale.ROOT, " %.1f |", measure.bytes(entries) / entries);
    }
    System.out.println();
  }

  private static double longs(String name, int entries) {
    SplittableRandom random = new SplittableRandom(42);
    if (name.equals("caisson")) {
      try (AccountedAllocator allocator = Allocators.system();
          LongLongTable table = new LongLongTable(allocator)) {
        for (int i = 0; i < entries; i++) {
          table.put(random.nextLong(), i, 0);
        }
        return allocator.stats().liveBytes();
      }
    }
    long before = heapBytes();
    try (LongLongMap map = LongLongMap.of(name)) {
      for (int i = 0; i < entries; i++) {
        map.put(random.nextLong(), i);
      }
      return (double) heapBytes() - before + map.get(0) * 0;
    }
  }

  private static double tokens(String name, int entries) {
    try (Tokens tokens = new Tokens(entries, entries)) {
      long before = heapBytes();
      try (Interning interning =
          name.equals(SHARED) ? Interning.ofThreads("caisson") : Interning.of(name)) {
        for (int token = 0; token < entries; token++) {
          interning.intern(tokens, token);
        }
        double onHeap = (double) heapBytes() - before + interning.intern(tokens, 0) * 0;
        return name.startsWith("caisson") ? interning.bytesOffHeap() : onHeap;
      }
    }
  }

  private static long heapBytes() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
