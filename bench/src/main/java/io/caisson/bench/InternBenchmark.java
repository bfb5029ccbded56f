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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it cost to keep one copy of each token of a stream of 10,000,000, of which
 * 1,000,000 are different?
 *
 * <p>What would mislead: strings that exist before they are looked for. Tokens of 4 to 64 bytes lie
 * in a buffer off the heap, as read from a file, and come by Zipf's law; a peer must make a string
 * of one before it can ask for it. {@code all} interns the whole stream into nothing. {@link
 * Footprints} has the memory. The table of {@code String.intern} outlives a run; its strings do
 * not, for nobody keeps them.
 *
 * <p>Run: {@code ./caisson bench Intern -prof gc}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms3g", "-Xmx3g", "--enable-native-access=ALL-UNNAMED"})
@State(Scope.Thread)
public class InternBenchmark {

  /** What keeps the tokens. */
  @Param({"caisson", "ConcurrentHashMap", "String.intern", "guava"})
  String impl;

  /** How many different tokens there are. */
  @Param("1000000")
  int entries;

  private Tokens tokens;
  private Interning interning;
  private int next;

  @Setup(Level.Trial)
  public void fill() {
    tokens = new Tokens(entries, 10 * entries);
    interning = Interning.of(impl);
    for (int token = 0; token < entries; token++) {
      interning.intern(tokens, token);
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    interning.close();
    tokens.close();
  }

  @Benchmark
  public long hit() {
    next = next + 1 == tokens.length() ? 0 : next + 1;
    return interning.intern(tokens, tokens.at(next));
  }

  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  @Warmup(iterations = 1)
  @Measurement(iterations = 3)
  public long all() {
    interning.close();
    interning = Interning.of(impl);
    long last = 0;
    for (int i = 0; i < tokens.length(); i++) {
      last = interning.intern(tokens, tokens.at(i));
    }
    return last;
  }
}
