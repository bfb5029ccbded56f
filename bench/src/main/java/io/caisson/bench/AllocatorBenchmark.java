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
 * Question: what does it cost to allocate and free a block, one at a time, at random among many,
 * and in batches, beside mimalloc called from C?
 *
 * <p>What would mislead: one call of a C loop is a thousand steps here, so that the call itself
 * costs nothing, but its compiler sees sizes that are not constant, as ours does not either; each
 * implementation has its own forks, so a call through {@code Allocator} is monomorphic. An
 * operation is one allocation, one write to the block, and one free. The peers that make an object
 * for each block show it with {@code -prof gc}.
 *
 * <p>Run: {@code ./caisson bench AllocatorBenchmark -prof gc}; {@code mimalloc-from-C} needs gcc
 * and the library.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "-Dio.netty.leakDetection.level=disabled"
    })
@State(Scope.Thread)
public class AllocatorBenchmark {

  private static final int STEPS = 1000;

  /** The allocator that is asked. */
  @Param({
    "mimalloc-from-C",
    "slab",
    "slab-8k",
    "slab-8k-accounted",
    "mimalloc",
    "mimalloc-accounted",
    "system",
    "system-accounted",
    "confined-arena",
    "unsafe",
    "netty-adaptive",
    "netty-pooled"
  })
  String impl;

  /** The size of each block; for {@code churn} the largest. */
  @Param({"64", "256", "8000"})
  int byteSize;

  private AllocationPatterns patterns;

  @Setup(Level.Trial)
  public void open() {
    patterns = AllocationPatterns.of(impl);
  }

  @TearDown(Level.Trial)
  public void close() {
    patterns.close();
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public long pair() {
    return patterns.pair(STEPS, byteSize);
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public long churn() {
    return patterns.churn(STEPS, byteSize);
  }

  @Benchmark
  @OperationsPerInvocation(AllocationPatterns.BULK)
  public long batch() {
    return patterns.batch(byteSize);
  }
}
