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
 * Question: what does it cost to fill a map from long to long from nothing, to replace entries of
 * one at constant size, and to add up all of its values?
 *
 * <p>What would mislead: maps that are made large enough from the start (none is), removal of what
 * was put last (here it is what was put first), and an iteration shorter than a fill. {@code
 * insert} is one insertion of as many as there are entries, the closing of the map and the making
 * of another included; {@code replace} is one removal and one insertion; {@code iterate} is all
 * entries, to be divided by their number.
 *
 * <p>Run: {@code ./caisson bench LongLongTableChange -prof gc}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx4g",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"
    })
@State(Scope.Thread)
public class LongLongTableChangeBenchmark {

  /** The map that is changed. */
  @Param({"caisson", "HashMap", "fastutil", "agrona", "hppc"})
  String impl;

  /** The number of its entries. */
  @Param({"1000", "100000", "10000000"})
  int entries;

  private LongLongMap full;
  private LongLongMap growing;
  private long[] keys;
  private int oldest;
  private int inserted;

  @Setup(Level.Trial)
  public void fill() {
    SplittableRandom random = new SplittableRandom(42);
    keys = random.longs(2L * entries).toArray();
    full = LongLongMap.of(impl);
    growing = LongLongMap.of(impl);
    for (int i = 0; i < entries; i++) {
      full.put(keys[i], i);
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    full.close();
    growing.close();
  }

  @Benchmark
  public void insert() {
    if (inserted == entries) {
      growing.close();
      growing = LongLongMap.of(impl);
      inserted = 0;
    }
    growing.put(keys[inserted++], 1);
  }

  @Benchmark
  public void replace() {
    int newest = oldest < entries ? oldest + entries : oldest - entries;
    full.remove(keys[oldest]);
    full.put(keys[newest], newest);
    oldest = oldest + 1 == keys.length ? 0 : oldest + 1;
  }

  @Benchmark
  public long iterate() {
    return full.sum();
  }
}
