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
import org.openjdk.jmh.infra.Blackhole;

/**
 * Question: what do an ordered map's lookups, changes and scans cost, for one thread and for
 * several that share it?
 *
 * <p>Keys are from 0 to twice the number of entries, and half of them are there, put in random
 * order; puts and removals in equal numbers keep it so. {@code readHeavy} is 98 lookups to a put
 * and a removal, {@code exchange} 10 lookups, 40 puts, 40 removals and 10 replacements of what is
 * there. A scan meets about 100 entries.
 *
 * <p>What would mislead: a map that was filled in order, whose nodes lie side by side in memory;
 * for the JDK's, a heap so large that nothing is ever collected (its garbage is part of its cost);
 * and a time per operation for several threads, which JMH gives for each thread.
 *
 * <p>Run: {@code ./caisson bench OrderedMapBenchmark -prof gc}, and with {@code -t 2}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xmx4g", "--enable-native-access=ALL-UNNAMED"})
@State(Scope.Benchmark)
public class OrderedMapBenchmark {

  private static final int SCANNED = 100;

  /** The map. */
  @Param({"caisson", "jdk", "caisson-bytes", "jdk-bytes"})
  String impl;

  /** The number of its entries. */
  @Param({"1000", "100000", "1000000"})
  int entries;

  private OrderedMap map;

  /** Random numbers of a thread's own. */
  @State(Scope.Thread)
  public static class Choice {
    private final Xorshift random = new Xorshift(Thread.currentThread().threadId());
  }

  /** Puts half of the keys, in no order. */
  @Setup(Level.Trial)
  public void fill() {
    map = OrderedMap.of(impl);
    SplittableRandom random = new SplittableRandom(42);
    int[] keys = new int[2 * entries];
    for (int i = 0; i < keys.length; i++) {
      int j = random.nextInt(i + 1);
      keys[i] = keys[j];
      keys[j] = i;
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

  private long key(Choice choice) {
    return choice.random.next(2 * entries);
  }

  /** A key that is there, or not. */
  @Benchmark
  public void get(Choice choice, Blackhole sink) {
    map.get(key(choice), sink);
  }

  /** Mostly lookups. */
  @Benchmark
  public void readHeavy(Choice choice, Blackhole sink) {
    long key = key(choice);
    switch (choice.random.next(100)) {
      case 0 -> map.put(key, key);
      case 1 -> map.remove(key);
      default -> map.get(key, sink);
    }
  }

  /** Mostly changes. */
  @Benchmark
  public void exchange(Choice choice, Blackhole sink) {
    long key = key(choice);
    int kind = choice.random.next(100);
    if (kind < 10) {
      map.get(key, sink);
    } else if (kind < 50) {
      map.put(key, kind);
    } else if (kind < 90) {
      map.remove(key);
    } else {
      map.update(key, kind);
    }
  }

  /** About 100 entries upwards. */
  @Benchmark
  public void scan(Choice choice, Blackhole sink) {
    long from = key(choice);
    map.scan(from, from + 2 * SCANNED, sink);
  }

  /** About 100 entries downwards. */
  @Benchmark
  public void scanDown(Choice choice, Blackhole sink) {
    long from = key(choice);
    map.scanDown(from, from + 2 * SCANNED, sink);
  }
}
