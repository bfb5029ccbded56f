package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.BytesLongTable;
import it.unimi.dsi.fastutil.objects.Object2LongOpenHashMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
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
 * Question: what does it cost to find the number of a byte string that lies in a buffer?
 *
 * <p>What would mislead: keys that the peers are given ready made. A buffer off the heap is where
 * keys are found; {@code caisson} looks there, the peers must copy the key to the heap and wrap it
 * for {@code equals}. {@code caisson-array} is given what they are. Keys have 20 bytes, random
 * ones.
 *
 * <p>Run: {@code ./caisson bench BytesMap -prof gc}
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
public class BytesMapBenchmark {

  private static final int KEY_SIZE = 20;
  private static final int QUESTIONS = 1 << 18;

  /** A key as a map of the JDK needs it. */
  @SuppressWarnings("ArrayRecordComponent") // it is never copied out
  private record Key(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  /** The map that is asked. */
  @Param({"caisson", "caisson-array", "HashMap", "fastutil"})
  String impl;

  /** The number of its entries. */
  @Param({"1000", "100000", "1000000"})
  int entries;

  /** Whether other tables were used before. */
  @Param("false")
  boolean polluted;

  private Arena arena;
  private AccountedAllocator allocator;
  private MemorySegment present;
  private MemorySegment absent;
  private BytesLongTable table;
  private final HashMap<Key, Long> map = new HashMap<>();
  private final Object2LongOpenHashMap<Key> fastutil = new Object2LongOpenHashMap<>();
  private final int[] order = new int[QUESTIONS];
  private int next;

  /** Which map it is, as a number: comparing names would take a part of the time. */
  private int kind;

  @Setup(Level.Trial)
  public void fill() {
    if (polluted) {
      Pollution.ofTables();
    }
    kind = List.of("caisson", "caisson-array", "HashMap", "fastutil").indexOf(impl);
    arena = Arena.ofConfined();
    allocator = Allocators.system();
    table = new BytesLongTable(allocator);
    SplittableRandom random = new SplittableRandom(42);
    present = randomBytes(random);
    absent = randomBytes(random);
    for (int i = 0; i < entries; i++) {
      put(i);
    }
    for (int i = 0; i < QUESTIONS; i++) {
      order[i] = random.nextInt(entries);
    }
  }

  private MemorySegment randomBytes(SplittableRandom random) {
    byte[] bytes = new byte[entries * KEY_SIZE];
    random.nextBytes(bytes);
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }

  private void put(int i) {
    switch (kind) {
      case 0, 1 -> table.put(bytes(present, i), i, 0);
      case 2 -> map.put(new Key(bytes(present, i)), (long) i);
      default -> fastutil.put(new Key(bytes(present, i)), i);
    }
  }

  private static byte[] bytes(MemorySegment segment, int i) {
    byte[] bytes = new byte[KEY_SIZE];
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, (long) i * KEY_SIZE, bytes, 0, KEY_SIZE);
    return bytes;
  }

  private long get(MemorySegment keys) {
    int i = order[next++ & (QUESTIONS - 1)];
    return switch (kind) {
      case 0 -> table.get(keys, (long) i * KEY_SIZE, KEY_SIZE, -1);
      case 1 -> table.get(bytes(keys, i), -1);
      case 2 -> map.getOrDefault(new Key(bytes(keys, i)), -1L);
      default -> fastutil.getLong(new Key(bytes(keys, i)));
    };
  }

  @TearDown(Level.Trial)
  public void close() {
    table.close();
    allocator.close();
    arena.close();
  }

  @Benchmark
  public long hit() {
    return get(present);
  }

  @Benchmark
  public long miss() {
    return get(absent);
  }
}
