package io.caisson.bench;

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
 * Question: what does a lookup in a map from long to long cost, of a key that is there and of one
 * that is not?
 *
 * <p>What would mislead: keys in sequence (all keys here are random), asking in the order of
 * insertion (here in another), and one implementation's profile spoiling another's (each has its
 * own forks). At 10,000,000 entries HashMap needs about 800 MB of heap.
 *
 * <p>Run: {@code ./caisson bench LongLongTableGet -prof gc}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "-Xmx4g",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"
    })
@State(Scope.Thread)
public class LongLongTableGetBenchmark {

  private static final int QUERIES = 1 << 20;

  /** The map that is asked. */
  @Param({"caisson", "caisson-huge", "HashMap", "fastutil", "agrona"})
  String impl;

  /** The number of its entries. */
  @Param({"1000", "100000", "10000000"})
  int entries;

  private LongLongMap map;
  private final long[] present = new long[QUERIES];
  private final long[] absent = new long[QUERIES];
  private int next;

  @Setup(Level.Trial)
  public void fill() {
    map = LongLongMap.of(impl);
    SplittableRandom keys = new SplittableRandom(42);
    long[] all = new long[entries];
    for (int i = 0; i < entries; i++) {
      all[i] = keys.nextLong();
      map.put(all[i], i);
    }
    SplittableRandom order = new SplittableRandom(43);
    for (int i = 0; i < QUERIES; i++) {
      present[i] = all[order.nextInt(entries)];
      absent[i] = order.nextLong();
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    map.close();
  }

  @Benchmark
  public long hit() {
    return map.get(present[next++ & (QUERIES - 1)]);
  }

  @Benchmark
  public long miss() {
    return map.get(absent[next++ & (QUERIES - 1)]);
  }
}
