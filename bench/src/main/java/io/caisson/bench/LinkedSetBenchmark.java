package io.caisson.bench;

import io.caisson.alloc.Allocators;
import io.caisson.collections.ConcurrentLongLinkedSet;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * Up to how many elements is a linked list the better ordered set, beside the skip list of the JDK?
 *
 * <p>Values are drawn from twice as many as there are elements, so that half of the lookups and
 * half of the updates are in vain; {@code guarded} looks up 64 under one guard. Misleading would be
 * nodes that lie side by side because they were made so: updates shuffle them first.
 *
 * <pre>{@code ./caisson bench LinkedSetBenchmark -t 2}</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class LinkedSetBenchmark {

  private static final int BATCH = 64;
  private static final int SHUFFLES = 20;

  /** A set of longs. */
  interface Subject extends AutoCloseable {
    boolean add(long value);

    boolean remove(long value);

    boolean contains(long value);

    /** Looks for many; returns how many are there. */
    default int count(int bound) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      int count = 0;
      for (int i = 0; i < BATCH; i++) {
        count += contains(random.nextInt(bound)) ? 1 : 0;
      }
      return count;
    }

    @Override
    default void close() {}
  }

  /** The set. */
  @Param({"linked", "guarded", "skip-list-set"})
  public String impl;

  /** How many elements there are, about. */
  @Param({"10", "100", "1000"})
  public int entries;

  private ReclamationDomain domain;
  private Subject set;

  /** Fills a set. */
  @Setup
  public void open() {
    domain = new ReclamationDomain();
    set =
        switch (impl) {
          case "linked" -> new Linked(domain);
          case "guarded" -> new Guarded(domain);
          default -> new SkipListSet();
        };
    for (int i = 0; i < SHUFFLES * entries; i++) {
      update();
    }
  }

  /** Closes it. */
  @TearDown
  public void close() {
    set.close();
    domain.close();
  }

  /** Looks for values. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int contains() {
    return set.count(2 * entries);
  }

  /** Adds or removes one. */
  @Benchmark
  public boolean update() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long value = random.nextInt(2 * entries);
    return random.nextBoolean() ? set.add(value) : set.remove(value);
  }

  private static class Linked implements Subject {
    final ReclamationDomain domain;
    final ConcurrentLongLinkedSet set;

    Linked(ReclamationDomain domain) {
      this.domain = domain;
      set = new ConcurrentLongLinkedSet(Allocators.heap().raw(), domain);
    }

    @Override
    public boolean add(long value) {
      return set.add(value);
    }

    @Override
    public boolean remove(long value) {
      return set.remove(value);
    }

    @Override
    public boolean contains(long value) {
      return set.contains(value);
    }

    @Override
    public void close() {
      set.close();
    }
  }

  private static final class Guarded extends Linked {
    Guarded(ReclamationDomain domain) {
      super(domain);
    }

    @Override
    public int count(int bound) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      int count = 0;
      try (Guard guard = domain.pin()) {
        for (int i = 0; i < BATCH; i++) {
          count += set.contains(guard, random.nextInt(bound)) ? 1 : 0;
        }
      }
      return count;
    }
  }

  private static final class SkipListSet implements Subject {
    private final ConcurrentSkipListSet<Long> set = new ConcurrentSkipListSet<>();

    @Override
    public boolean add(long value) {
      return set.add(value);
    }

    @Override
    public boolean remove(long value) {
      return set.remove(value);
    }

    @Override
    public boolean contains(long value) {
      return set.contains(value);
    }
  }
}
