package io.caisson.bench;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetProfile;
import io.caisson.alloc.BudgetedAllocator;
import io.caisson.alloc.LeakDetectingAllocator;
import io.caisson.alloc.LeakLevel;
import io.caisson.alloc.SlabAllocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.alloc.TagTree;
import io.caisson.alloc.TaggedAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it add to an allocation and its free to count them, to count them under a
 * tag, and to hold them to a budget of two levels?
 *
 * <p>What would mislead: the slab under it is the fastest allocator that there is here, so the
 * additions show, and their share is the greatest it can be; a pair is two calls, so a call costs
 * half of the difference. {@code accounted} has in it the check whether a block is large enough for
 * the Flight Recorder; with {@code -jvmArgsAppend -Dcaisson.jfr.large=1} each block is, and the
 * difference is what an event costs that nobody records. With several threads, accounts are
 * striped, and a budget is one word that all of them change.
 *
 * <p>Run: {@code ./caisson bench AccountingBenchmark}; with {@code -t 2} for two threads.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
@Threads(1)
@State(Scope.Benchmark)
public class AccountingBenchmark {

  private static final int STEPS = 1000;

  /** What is put over the slab. */
  @Param({"none", "accounted", "tagged", "budgeted", "all", "leaks-sampled", "leaks-full"})
  String impl;

  /** The size of each block. */
  @Param({"64"})
  int byteSize;

  private final SlabAllocator slab = new SlabAllocator(SystemAllocator.create());
  private Allocator allocator;

  @Setup(Level.Trial)
  public void open() {
    TagTree tags = new TagTree();
    Budget process = new Budget(new BudgetProfile("process", 1L << 40));
    Budget budget = process.child(new BudgetProfile("operation", 1L << 30));
    allocator =
        switch (impl) {
          case "none" -> slab;
          case "accounted" -> Allocators.accounted(slab);
          case "tagged" -> new TaggedAllocator(slab, tags.tag(TagTree.CACHE));
          case "budgeted" -> new BudgetedAllocator(slab, budget);
          case "all" ->
              new TaggedAllocator(
                  new BudgetedAllocator(Allocators.accounted(slab), budget),
                  tags.tag(TagTree.CACHE));
          case "leaks-sampled" -> leaks(LeakLevel.SIMPLE);
          case "leaks-full" -> leaks(LeakLevel.PARANOID);
          default -> throw new IllegalArgumentException("nothing is called " + impl);
        };
  }

  private Allocator leaks(LeakLevel level) {
    return LeakDetectingAllocator.over(slab).level(level).build();
  }

  @TearDown(Level.Trial)
  public void close() {
    allocator.close();
    slab.close();
  }

  @Benchmark
  @OperationsPerInvocation(STEPS)
  public long pair() {
    long sum = 0;
    for (int i = 0; i < STEPS; i++) {
      long address = allocator.allocate(byteSize, 8);
      sum += address;
      allocator.free(address, byteSize, 8);
    }
    return sum;
  }

  /** The same by calls that are not inlined, as in a program too large for that. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public long called() {
    long sum = 0;
    for (int i = 0; i < STEPS; i++) {
      long address = allocate();
      sum += address;
      free(address);
    }
    return sum;
  }

  @CompilerControl(CompilerControl.Mode.DONT_INLINE)
  private long allocate() {
    return allocator.allocate(byteSize, 8);
  }

  @CompilerControl(CompilerControl.Mode.DONT_INLINE)
  private void free(long address) {
    allocator.free(address, byteSize, 8);
  }
}
