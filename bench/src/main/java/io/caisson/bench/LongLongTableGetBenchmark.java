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
 * Question: what does a lookup in a map from long to long cost, of keys that are there, of keys
 * that are not, and of as many of each?
 *
 * <p>What would mislead: keys in sequence (all keys here are random), asking in the order of
 * insertion (here in another), a stream of questions short enough to be learned (there are a
 * million), and one implementation's profile spoiling another's (each has its own forks; {@code
 * polluted} runs first exercise other tables of the library, over other allocators). At 10,000,000
 * entries HashMap needs about 800 MB of heap.
 *
 * <p>Run: {@code ./caisson bench LongLongTableGet -prof gc}
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
public class LongLongTableGetBenchmark {

  private static final int QUESTIONS = 1 << 20;

  /** The map that is asked. */
  @Param({"caisson", "HashMap", "fastutil", "agrona", "hppc"})
  String impl;

  /** The number of its entries. */
  @Param({"1000", "100000", "10000000"})
  int entries;

  /** How often each key is asked for. */
  @Param({"uniform", "zipf"})
  String keys;

  /** Whether other tables were used before. */
  @Param("false")
  boolean polluted;

  private LongLongMap map;
  private final long[] present = new long[QUESTIONS];
  private final long[] mixed = new long[QUESTIONS];
  private final long[] absent = new long[QUESTIONS];
  private int next;

  @Setup(Level.Trial)
  public void fill() {
    if (polluted) {
      Pollution.ofTables();
    }
    map = LongLongMap.of(impl);
    SplittableRandom random = new SplittableRandom(42);
    long[] all = new long[entries];
    long[] none = new long[entries];
    for (int i = 0; i < entries; i++) {
      all[i] = random.nextLong();
      none[i] = random.nextLong();
      map.put(all[i], i);
    }
    Zipf zipf = new Zipf(entries, Zipf.YCSB);
    SplittableRandom order = new SplittableRandom(43);
    for (int i = 0; i < QUESTIONS; i++) {
      int rank = keys.equals("zipf") ? zipf.next(order) : order.nextInt(entries);
      present[i] = all[rank];
      absent[i] = none[rank];
      mixed[i] = order.nextBoolean() ? present[i] : absent[i];
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    map.close();
  }

  @Benchmark
  public long hit() {
    return map.get(present[next++ & (QUESTIONS - 1)]);
  }

  @Benchmark
  public long halfHits() {
    return map.get(mixed[next++ & (QUESTIONS - 1)]);
  }

  @Benchmark
  public long miss() {
    return map.get(absent[next++ & (QUESTIONS - 1)]);
  }
}
