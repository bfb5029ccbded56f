package io.caisson.bench;

import io.caisson.alloc.Allocators;
import io.caisson.collections.ConcurrentLongVector;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to append to a vector that many threads share, from nothing to a million
 * elements for each thread, and to read it?
 *
 * <p>{@code guarded} appends and reads under one guard for all, {@code batch} 64 at a time. Beside
 * them a list of fastutil under a lock, a queue of the JDK, which boxes and has no index, and an
 * array of the JDK that cannot grow, filled by a counter: the least that it can cost. Misleading
 * would be a vector that is as large as it gets already: the segments are part of the cost, and so
 * is the Java heap for those that live there, whose collections are timed too.
 *
 * <pre>{@code ./caisson bench AppendVectorBenchmark -t 2}</pre>
 */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xms4g", "-Xmx4g"})
public class AppendVectorBenchmark {

  private static final int ELEMENTS = 1 << 20;
  private static final int BATCH = 64;
  private static final int MOST_THREADS = 4;

  /** What is appended to. */
  interface Target extends AutoCloseable {

    /** Appends so many elements. */
    void append(int count);

    /** Reads so many elements at random. */
    long read(int count, int bound);

    @Override
    default void close() {}
  }

  /** What is appended to. */
  @Param({"vector", "guarded", "batch", "locked-fastutil", "linked-queue", "fixed-array"})
  public String impl;

  private ReclamationDomain domain;
  private Target target;

  /** Opens a domain. */
  @Setup
  public void openDomain() {
    domain = new ReclamationDomain();
  }

  /** Closes the domain. */
  @TearDown
  public void closeDomain() {
    domain.close();
  }

  /** Makes an empty one. */
  @Setup(Level.Iteration)
  public void open() {
    target =
        switch (impl) {
          case "vector" -> new Vector(domain);
          case "guarded" -> new Guarded(domain);
          case "batch" -> new Batch(domain);
          case "locked-fastutil" -> new Locked();
          case "linked-queue" -> new Queue();
          default -> new Fixed();
        };
    target.append(1);
  }

  /** Gives its memory back. */
  @TearDown(Level.Iteration)
  public void close() {
    target.close();
  }

  /** Appends. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @Warmup(iterations = 10)
  @Measurement(iterations = 15)
  @OperationsPerInvocation(ELEMENTS)
  public void append() {
    target.append(ELEMENTS);
  }

  /** A target that is full, for who reads. */
  @State(Scope.Benchmark)
  public static class Full {
    private Target target;

    /** Fills it. */
    @Setup(Level.Iteration)
    public void fill(AppendVectorBenchmark benchmark) {
      target = benchmark.target;
      target.append(ELEMENTS - 1);
    }
  }

  /** Reads at random. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
  @Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
  @OperationsPerInvocation(BATCH)
  public long read(Full full) {
    return full.target.read(BATCH, ELEMENTS);
  }

  private static class Vector implements Target {
    final ReclamationDomain domain;
    final ConcurrentLongVector vector;

    Vector(ReclamationDomain domain) {
      this.domain = domain;
      vector = new ConcurrentLongVector(Allocators.heap().raw(), domain);
    }

    @Override
    public void append(int count) {
      for (int i = 0; i < count; i++) {
        vector.add(i);
      }
    }

    @Override
    public long read(int count, int bound) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      long sum = 0;
      for (int i = 0; i < count; i++) {
        sum += vector.get(random.nextInt(bound));
      }
      return sum;
    }

    @Override
    public void close() {
      vector.close();
    }
  }

  private static final class Guarded extends Vector {
    Guarded(ReclamationDomain domain) {
      super(domain);
    }

    @Override
    public void append(int count) {
      try (Guard guard = domain.pin()) {
        for (int i = 0; i < count; i++) {
          vector.add(guard, i);
        }
      }
    }

    @Override
    public long read(int count, int bound) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      long sum = 0;
      try (Guard guard = domain.pin()) {
        for (int i = 0; i < count; i++) {
          sum += vector.get(guard, random.nextInt(bound));
        }
      }
      return sum;
    }
  }

  private static final class Batch extends Vector {
    Batch(ReclamationDomain domain) {
      super(domain);
    }

    @Override
    public void append(int count) {
      long[] values = new long[BATCH];
      for (int done = 0; done < count; done += BATCH) {
        vector.addAll(values, 0, Math.min(BATCH, count - done));
      }
    }
  }

  private static final class Locked implements Target {
    private final LongArrayList list = new LongArrayList();

    @Override
    public void append(int count) {
      for (int i = 0; i < count; i++) {
        synchronized (list) {
          list.add(i);
        }
      }
    }

    @Override
    public long read(int count, int bound) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      long sum = 0;
      for (int i = 0; i < count; i++) {
        int index = random.nextInt(bound);
        synchronized (list) {
          sum += list.getLong(index);
        }
      }
      return sum;
    }
  }

  private static final class Queue implements Target {
    private final ConcurrentLinkedQueue<Long> queue = new ConcurrentLinkedQueue<>();

    @Override
    public void append(int count) {
      for (long i = 0; i < count; i++) {
        queue.add(i);
      }
    }

    @Override
    public long read(int count, int bound) {
      throw new UnsupportedOperationException("a queue has no index");
    }
  }

  private static final class Fixed implements Target {
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicLongArray array = new AtomicLongArray(MOST_THREADS * ELEMENTS + 1);

    @Override
    public void append(int count) {
      for (int i = 0; i < count; i++) {
        array.setRelease(next.getAndIncrement(), i);
      }
    }

    @Override
    public long read(int count, int bound) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      long sum = 0;
      for (int i = 0; i < count; i++) {
        sum += array.getAcquire(random.nextInt(bound));
      }
      return sum;
    }
  }
}
