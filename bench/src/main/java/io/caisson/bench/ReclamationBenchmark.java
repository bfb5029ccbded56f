package io.caisson.bench;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to pin, and to retire instead of to free?
 *
 * <p>{@code casFenceReadRelease} is the least that a reader of this protocol must do, on one word;
 * {@code pinReadUnpin} is measured against it. {@code allocateRetire} includes its share of
 * sealing, advancing and freeing, for thousands of blocks go round; {@code allocateFree} is the
 * same without reclamation; {@code pairFromC} is the same from C. Misleading would be one thread's
 * figure for a domain that many share: a slot that two threads want costs a probe more.
 *
 * <pre>{@code ./caisson bench ReclamationBenchmark -prof gc}</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ReclamationBenchmark {

  private static final long BLOCK = 64;
  private static final long ALIGNMENT = 16;
  private static final int WORD = 16;
  private static final int BATCH = 64;
  private static final int C_STEPS = 10_000;
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] words = new long[2 * WORD + 1];
  private final long[] root = {42};
  private final long[] blocks = new long[BATCH];
  private Allocator allocator;
  private ReclamationDomain domain;
  private int number;

  /** Opens a domain that frees to the default heap. */
  @Setup
  public void open() {
    allocator = Allocators.heap().raw();
    domain =
        ReclamationDomain.builder().hardLimit(1 << 20, LimitPolicy.fail()).name("bench").build();
    number = domain.register(allocator);
  }

  /** Closes the domain. */
  @TearDown
  public void close() {
    domain.close();
  }

  /** The bare protocol of a reader, on one word. */
  @Benchmark
  public long casFenceReadRelease() {
    if (!WORDS.compareAndSet(words, WORD, 0L, 9L)) {
      throw new IllegalStateException();
    }
    VarHandle.fullFence();
    long value = (long) WORDS.getAcquire(root, 0);
    WORDS.setRelease(words, WORD, 0L);
    return value;
  }

  /** A reader's guard. */
  @Benchmark
  public long pinReadUnpin() {
    try (Guard guard = domain.pin()) {
      return (long) WORDS.getAcquire(root, 0);
    }
  }

  /** The guard of an operation that may retire and does not. */
  @Benchmark
  public long pinReservedReadUnpin() {
    try (Guard guard = domain.pin(1, BLOCK)) {
      return (long) WORDS.getAcquire(root, 0);
    }
  }

  /** A block that needs no reclamation. */
  @Benchmark
  public long allocateFree() {
    long address = allocator.allocate(BLOCK, ALIGNMENT);
    allocator.free(address, BLOCK, ALIGNMENT);
    return address;
  }

  /** A block that is retired, and the freeing of one. */
  @Benchmark
  public long allocateRetire() {
    long address = allocator.allocate(BLOCK, ALIGNMENT);
    try (Guard guard = domain.pin(1, BLOCK)) {
      guard.retire(address, BLOCK, ALIGNMENT, number);
    }
    return address;
  }

  /** As {@link #allocateFree}, many at a time. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void allocateFreeBatch() {
    for (int i = 0; i < BATCH; i++) {
      blocks[i] = allocator.allocate(BLOCK, ALIGNMENT);
    }
    for (int i = 0; i < BATCH; i++) {
      allocator.free(blocks[i], BLOCK, ALIGNMENT);
    }
  }

  /** As {@link #allocateRetire}, many under one guard: what retiring costs without the pin. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void allocateRetireBatch() {
    for (int i = 0; i < BATCH; i++) {
      blocks[i] = allocator.allocate(BLOCK, ALIGNMENT);
    }
    try (Guard guard = domain.pin(BATCH, BATCH * BLOCK)) {
      guard.retireAll(blocks, 0, BATCH, BLOCK, ALIGNMENT, number);
    }
  }

  /** The same library from C, for a measure. */
  @State(Scope.Benchmark)
  public static class FromC {
    final PatternsFromC patterns = new PatternsFromC();
  }

  /** A block allocated and freed by C. */
  @Benchmark
  @OperationsPerInvocation(C_STEPS)
  public void pairFromC(FromC c) {
    c.patterns.pair(C_STEPS, BLOCK, ALIGNMENT);
  }
}
