package io.caisson.bench;

import io.caisson.alloc.Allocators;
import io.caisson.collections.ConcurrentLongStack;
import io.caisson.smr.ReclamationDomain;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * What does a push with a pop cost, on a stack that several threads share?
 *
 * <p>The worst case for a Treiber stack: nobody does anything else. Misleading would be more
 * threads than processors taken for contention: a thread that is not running contends with nobody.
 *
 * <pre>{@code ./caisson bench ConcurrentStackBenchmark -t 2}</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ConcurrentStackBenchmark {

  private static final int FILLED = 100;

  /** A stack of longs. */
  interface Subject extends AutoCloseable {
    void push(long value);

    long pop();

    @Override
    default void close() {}
  }

  /** The stack. */
  @Param({"longs", "linked-deque"})
  public String impl;

  private Subject stack;

  /** Makes a stack that does not run empty. */
  @Setup
  public void open() {
    stack = impl.equals("longs") ? new Longs() : new Deque();
    for (int i = 0; i < FILLED; i++) {
      stack.push(i);
    }
  }

  /** Closes it. */
  @TearDown
  public void close() {
    stack.close();
  }

  /** Pushes and pops. */
  @Benchmark
  public long pushPop() {
    stack.push(1);
    return stack.pop();
  }

  private static final class Longs implements Subject {
    private final ReclamationDomain domain = new ReclamationDomain();
    private final ConcurrentLongStack stack =
        new ConcurrentLongStack(Allocators.heap().raw(), domain);

    @Override
    public void push(long value) {
      stack.push(value);
    }

    @Override
    public long pop() {
      return stack.pop(0);
    }

    @Override
    public void close() {
      stack.close();
      domain.close();
    }
  }

  private static final class Deque implements Subject {
    private final ConcurrentLinkedDeque<Long> deque = new ConcurrentLinkedDeque<>();

    @Override
    public void push(long value) {
      deque.push(value);
    }

    @Override
    public long pop() {
      Long value = deque.poll();
      return value == null ? 0 : value;
    }
  }
}
