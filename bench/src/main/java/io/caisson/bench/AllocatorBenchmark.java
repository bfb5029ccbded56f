package io.caisson.bench;

import java.util.concurrent.TimeUnit;
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
 * Question: what does it cost to allocate and free a block, one at a time, at random among many, in
 * bulk, and from one thread to another, on ours and on the peers?
 *
 * <p>What would mislead: a size that does not change is hoisted out of the loop by C2, not by the
 * compiler of C, which does not see into the library; {@code random} has no such size. Each
 * implementation has its own forks, so a call through {@code Allocator} is monomorphic; {@link
 * AllocatorRatios} measures it polluted and not inlined as well. An operation is one allocation,
 * one write to the block, and one free. The peers that make an object for each block show it with
 * {@code -prof gc}; all others are at 0 B/op. On a noisy machine forks minutes apart do not
 * compare: the ratios to C are {@link AllocatorRatios}'.
 *
 * <p>Run: {@code ./caisson bench AllocatorBenchmark -prof gc}; {@code mimalloc-from-c} needs gcc.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 250, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "-Dio.netty.leakDetection.level=disabled"
    })
public class AllocatorBenchmark {

  private static final int STEPS = 1000;

  /** The allocator that is asked. */
  @State(Scope.Thread)
  public static class Asked {
    @Param({
      "mimalloc-from-c",
      "slab",
      "slab-accounted",
      "mimalloc",
      "mimalloc-accounted",
      "system",
      "arena-confined",
      "netty-adaptive",
      "netty-pooled",
      "unsafe",
      "lwjgl-jemalloc"
    })
    String allocator;

    AllocationPatterns patterns;

    @Setup(Level.Trial)
    public void open() {
      patterns = AllocationPatterns.of(allocator);
    }

    @TearDown(Level.Trial)
    public void close() {
      patterns.close();
    }
  }

  /** The same without the confined arena, whose blocks only their own thread frees. */
  @State(Scope.Thread)
  public static class AskedByTwo {
    @Param({
      "mimalloc-from-c",
      "slab",
      "slab-accounted",
      "mimalloc",
      "mimalloc-accounted",
      "system",
      "netty-adaptive",
      "netty-pooled",
      "unsafe",
      "lwjgl-jemalloc"
    })
    String allocator;

    AllocationPatterns patterns;

    @Setup(Level.Trial)
    public void open() {
      patterns = AllocationPatterns.of(allocator);
    }

    @TearDown(Level.Trial)
    public void close() {
      patterns.close();
    }
  }

  /** The size of a block of {@link #pair}, and its alignment where it asks for one. */
  @State(Scope.Thread)
  public static class Size {
    @Param({"16", "64", "256", "1024", "8000", "4096/64", "64/4096"})
    String block;

    long byteSize;
    long byteAlignment;

    @Setup(Level.Trial)
    public void parse() {
      String[] parts = block.split("/");
      byteSize = Long.parseLong(parts[0]);
      byteAlignment = parts.length == 1 ? SlotPatterns.ALIGNMENT : Long.parseLong(parts[1]);
    }
  }

  /** The largest size of {@link #random}. */
  @State(Scope.Thread)
  public static class MaxSize {
    @Param({"256", "8192"})
    long maxByteSize;
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void pair(Asked asked, Size size) {
    asked.patterns.pair(STEPS, size.byteSize, size.byteAlignment);
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void random(Asked asked, MaxSize size) {
    asked.patterns.random(STEPS, size.maxByteSize);
  }

  @Benchmark
  @OperationsPerInvocation(AllocationPatterns.BULK)
  public void bulk(Asked asked) {
    asked.patterns.bulk(64);
  }

  @Benchmark
  @OperationsPerInvocation(AllocationPatterns.BATCH * AllocationPatterns.BATCHES)
  public void handOver(AskedByTwo asked) {
    asked.patterns.handOver(64);
  }
}
