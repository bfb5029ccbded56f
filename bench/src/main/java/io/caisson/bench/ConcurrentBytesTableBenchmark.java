package io.caisson.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
 * Question: what does a map from byte strings to byte strings cost that several threads share, in
 * Oak's shape (keys of 100 bytes, values of 1000), asked by a Zipf distribution of 0.99 as YCSB
 * does?
 *
 * <p>{@code view} reads two bytes of a value in place, {@code copy} copies it into an array, {@code
 * a} is YCSB's mix A (half reads into an array, half updates), {@code b} its mix B (19 in 20 are
 * reads); mix C is {@code copy}. What would mislead: keys whose hash is kept (here each lookup on
 * the heap makes its key, as a request does), and values that are shared (here each update makes
 * one). The keys of {@code caisson} are off the heap, those of {@code caisson-array} arrays.
 *
 * <p>Run: {@code ./caisson bench ConcurrentBytesTable -t 2}
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xmx1g",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
@State(Scope.Benchmark)
public class ConcurrentBytesTableBenchmark {

  private static final int KEY_BYTE_SIZE = 100;
  private static final int VALUE_BYTE_SIZE = 1000;
  private static final int QUERIES = 1 << 20;
  private static final double SKEW = 0.99;

  /** The map that is asked. */
  @Param({"caisson", "caisson-array", "ohc", "ConcurrentHashMap", "ConcurrentSkipListMap"})
  String impl;

  /** The number of its entries. */
  @Param({"100000"})
  int entries;

  private SharedBytesMap map;
  private final int[] queries = new int[QUERIES];
  private final AtomicInteger threads = new AtomicInteger();

  /** Where a thread is in the queries. */
  @State(Scope.Thread)
  public static class Position {
    private int next;
    private SharedBytesMap.Reader reader;

    @Setup(Level.Trial)
    public void start(ConcurrentBytesTableBenchmark benchmark) {
      next = benchmark.threads.getAndIncrement() * (QUERIES / 7);
      reader = benchmark.map.reader();
    }

    @TearDown(Level.Trial)
    public void end() {
      reader.close();
    }
  }

  @Setup(Level.Trial)
  public void fill() {
    SplittableRandom random = new SplittableRandom(42);
    byte[][] keys = new byte[entries][KEY_BYTE_SIZE];
    for (byte[] key : keys) {
      random.nextBytes(key);
    }
    map = SharedBytesMap.open(impl, keys);
    for (int i = 0; i < entries; i++) {
      map.put(i, value(i));
    }
    double[] cumulated = new double[entries];
    double sum = 0;
    for (int i = 0; i < entries; i++) {
      sum += 1 / Math.pow(i + 1, SKEW);
      cumulated[i] = sum;
    }
    for (int i = 0; i < QUERIES; i++) {
      int found = Arrays.binarySearch(cumulated, random.nextDouble() * sum);
      queries[i] = Math.min(entries - 1, found < 0 ? -found - 1 : found);
    }
  }

  private static byte[] value(int i) {
    byte[] value = new byte[VALUE_BYTE_SIZE];
    value[0] = (byte) i;
    return value;
  }

  private int query(Position position) {
    return queries[position.next++ & (QUERIES - 1)];
  }

  @Benchmark
  public int view(Position position) {
    return position.reader.view(query(position));
  }

  @Benchmark
  public byte[] copy(Position position) {
    return position.reader.copy(query(position));
  }

  @Benchmark
  public Object a(Position position) {
    int key = query(position);
    return (position.next & 1) == 0 ? update(key) : position.reader.copy(key);
  }

  @Benchmark
  public Object b(Position position) {
    int key = query(position);
    return position.next % 20 == 0 ? update(key) : position.reader.copy(key);
  }

  private Object update(int key) {
    byte[] value = value(key);
    map.put(key, value);
    return value;
  }

  @TearDown(Level.Trial)
  public void close() {
    map.close();
  }
}
