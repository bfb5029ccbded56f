package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.LongVector;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.util.ArrayList;
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
 * Question: what does a growable array of longs cost to fill, to read in random order and to add
 * up?
 *
 * <p>What would mislead: small numbers in the list of the JDK, which come from a cache (all are
 * random). {@code fill} and {@code sum} are all elements, to be divided by their number.
 *
 * <p>Run: {@code ./caisson bench LongVector -prof gc}
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
public class LongVectorBenchmark {

  /** The list. */
  @Param({"caisson", "ArrayList", "fastutil"})
  String impl;

  /** The number of its elements. */
  @Param({"1000", "1000000"})
  int elements;

  private AccountedAllocator allocator;
  private LongVector vector;
  private ArrayList<Long> list;
  private LongArrayList fastutil;
  private long[] numbers;
  private int[] order;
  private int next;

  /** Which list it is, as a number: comparing names would take longer than a read. */
  private int kind;

  @Setup(Level.Trial)
  public void fillOnce() {
    kind = List.of("caisson", "ArrayList", "fastutil").indexOf(impl);
    allocator = Allocators.system();
    vector = new LongVector(allocator);
    SplittableRandom random = new SplittableRandom(42);
    numbers = random.longs(elements).toArray();
    order = random.ints(1 << 16, 0, elements).toArray();
    fill();
  }

  @TearDown(Level.Trial)
  public void close() {
    vector.close();
    allocator.close();
  }

  @Benchmark
  public Object fill() {
    switch (kind) {
      case 0 -> {
        vector.close();
        vector = new LongVector(allocator);
        for (long number : numbers) {
          vector.add(number);
        }
        return vector;
      }
      case 1 -> {
        list = new ArrayList<>();
        for (long number : numbers) {
          list.add(number);
        }
        return list;
      }
      default -> {
        fastutil = new LongArrayList();
        for (long number : numbers) {
          fastutil.add(number);
        }
        return fastutil;
      }
    }
  }

  @Benchmark
  public long get() {
    int index = order[next++ & (order.length - 1)];
    return switch (kind) {
      case 0 -> vector.get(index);
      case 1 -> list.get(index);
      default -> fastutil.getLong(index);
    };
  }

  @Benchmark
  public long sum() {
    long sum = 0;
    switch (kind) {
      case 0 -> {
        for (int i = 0; i < elements; i++) {
          sum += vector.get(i);
        }
      }
      case 1 -> {
        for (long number : list) {
          sum += number;
        }
      }
      default -> {
        for (int i = 0; i < elements; i++) {
          sum += fastutil.getLong(i);
        }
      }
    }
    return sum;
  }
}
