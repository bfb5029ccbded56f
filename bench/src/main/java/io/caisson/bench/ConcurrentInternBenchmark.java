package io.caisson.bench;

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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Question: what does it cost threads to keep one copy of each token of a stream of 10,000,000, of
 * which 1,000,000 are different, and does it cost more when there are two?
 *
 * <p>What would mislead: as in {@link InternBenchmark}. Each thread starts at another place of the
 * stream. Ours counts references, which no peer does. By Zipf's law threads meet at the frequent
 * tokens: one in fifteen is the same, and its count is the bottleneck of many threads. What the
 * locks cost shows beside {@link InternBenchmark}, whose table has none.
 *
 * <p>Run: {@code ./caisson bench ConcurrentIntern -prof gc}, and with {@code -t 1}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Threads(2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms3g", "-Xmx3g", "--enable-native-access=ALL-UNNAMED"})
@State(Scope.Benchmark)
public class ConcurrentInternBenchmark {

  private static final int APART = 1_234_567;

  /** What keeps the tokens. */
  @Param({"caisson", "ConcurrentHashMap", "guava"})
  String impl;

  /** How many different tokens there are. */
  @Param("1000000")
  int entries;

  private Tokens tokens;
  private Interning interning;

  /** Where a thread is in the stream. */
  @State(Scope.Thread)
  public static class Cursor {
    private int next;

    @Setup
    public void start(ThreadParams thread, ConcurrentInternBenchmark benchmark) {
      next = (int) ((long) APART * thread.getThreadIndex() % benchmark.tokens.length());
    }
  }

  @Setup(Level.Trial)
  public void fill() {
    tokens = new Tokens(entries, 10 * entries);
    interning = Interning.ofThreads(impl);
    for (int token = 0; token < entries; token++) {
      interning.intern(tokens, token);
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    interning.close();
    tokens.close();
  }

  private int next(Cursor cursor) {
    cursor.next = cursor.next + 1 == tokens.length() ? 0 : cursor.next + 1;
    return tokens.at(cursor.next);
  }

  @Benchmark
  public long hit(Cursor cursor) {
    return interning.intern(tokens, next(cursor));
  }
}
