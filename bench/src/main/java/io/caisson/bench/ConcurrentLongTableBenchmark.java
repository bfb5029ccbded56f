package io.caisson.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does an operation on a map from long to long cost, that several threads share?
 *
 * <p>{@code get} finds its key. {@code readHeavy}: 98 of 100 read, 1 inserts, 1 removes; {@code
 * exchange}: 10 read, 40 insert, 40 remove, 10 update; both on twice as many keys as there are
 * entries at first. {@code zipf} adds 1 to keys that Zipf's law with 0.99 chose, so that threads
 * meet at a few.
 *
 * <p>What would mislead: keys in a row (all are random); one implementation's profile spoiling
 * another's (each has its own forks); a figure of one thread for many, and of average time where a
 * table grows, for which see {@link ConcurrentTableProcess}. The pin of a domain is in ours.
 *
 * <p>Run: {@code ./caisson bench ConcurrentLongTable -t 2 -prof gc}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "-Xmx4g",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
@State(Scope.Benchmark)
public class ConcurrentLongTableBenchmark {

  private static final int QUERIES = 1 << 20;
  private static final double ZIPF = 0.99;

  /** The map. */
  @Param({"caisson", "ConcurrentHashMap", "NonBlockingHashMapLong"})
  String impl;

  /** The number of its entries at first. */
  @Param({"1000", "100000", "10000000"})
  int entries;

  private ConcurrentLongMap map;

  /** The keys that are there at first, then as many others. */
  private long[] keys;

  /**
   * The keys that a thread asks for, one after the other, so that it misses the cache for ours
   * only.
   */
  @State(Scope.Thread)
  public static class Course {
    private final long[] present = new long[QUERIES];
    private final long[] any = new long[QUERIES];
    private final long[] zipf = new long[QUERIES];
    private int next;

    /** Draws them. */
    @Setup(Level.Trial)
    public void draw(ConcurrentLongTableBenchmark benchmark) {
      SplittableRandom random = new SplittableRandom(Thread.currentThread().threadId());
      long[] keys = benchmark.keys;
      double[] sums = zipfSums(Math.min(benchmark.entries, 1 << 20));
      for (int i = 0; i < QUERIES; i++) {
        present[i] = keys[random.nextInt(benchmark.entries)];
        any[i] = keys[random.nextInt(keys.length)];
        int rank = Arrays.binarySearch(sums, random.nextDouble() * sums[sums.length - 1]);
        zipf[i] = keys[Math.min(rank < 0 ? ~rank : rank, sums.length - 1)];
      }
    }

    private static double[] zipfSums(int count) {
      double[] sums = new double[count];
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum += 1 / Math.pow(i + 1, ZIPF);
        sums[i] = sum;
      }
      return sums;
    }

    private int step() {
      return next++ & (QUERIES - 1);
    }
  }

  /** Fills the map. */
  @Setup(Level.Trial)
  public void fill() {
    map = ConcurrentLongMap.of(impl);
    SplittableRandom random = new SplittableRandom(42);
    keys = new long[2 * entries];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = random.nextLong();
    }
    for (int i = 0; i < entries; i++) {
      map.put(keys[i], i);
    }
  }

  /** Frees it. */
  @TearDown(Level.Trial)
  public void close() {
    map.close();
  }

  @Benchmark
  public long get(Course course) {
    return map.get(course.present[course.step()]);
  }

  @Benchmark
  public long readHeavy(Course course) {
    return mixed(course, 98, 1, 1);
  }

  @Benchmark
  public long exchange(Course course) {
    return mixed(course, 10, 40, 40);
  }

  /** Reads, inserts and removes so many of 100 times, and updates the rest. */
  private long mixed(Course course, int reads, int inserts, int removes) {
    int step = course.step();
    long key = course.any[step];
    int choice = (step * 37) % 100;
    if (choice < reads) {
      return map.get(key);
    }
    if (choice < reads + inserts) {
      map.put(key, step);
    } else if (choice < reads + inserts + removes) {
      map.remove(key);
    } else {
      map.replace(key, step);
    }
    return 0;
  }

  @Benchmark
  public void zipf(Course course) {
    map.add(course.zipf[course.step()], 1);
  }
}
