package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.internal.Memory;
import io.caisson.collections.DoubleField;
import io.caisson.collections.LongField;
import io.caisson.collections.RecordCodec;
import io.caisson.collections.Vector;
import java.lang.invoke.MethodHandles;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * Question: does a generated codec cost more than offsets written by hand, to read a record, to
 * write one, and to update a field in place?
 *
 * <p>What would mislead: records that escape to the one side only (none does), bounds that only one
 * side checks (both check the index), NaN that only one makes canonical (both do), and a codec
 * whose call site has seen other codecs: {@code polluted} runs have, and are apart. Each operation
 * takes one record of 1000, in cache, in random order.
 *
 * <p>Run: {@code ./caisson bench Codec -prof gc}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Thread)
public class CodecBenchmark {

  /** What is kept. */
  record Quote(long id, int size, Range range, boolean open) {}

  /** A record in it. */
  record Range(double low, double high) {}

  /** One that only spoils the profile. */
  record Other(long a, double b) {}

  /** Another one. */
  record Third(int a) {}

  private static final int RECORDS = 1000;
  private static final int STRIDE = 40;

  private AccountedAllocator allocator;
  private RecordCodec<Quote> codec;
  private Vector<Quote> vector;
  private LongField<Quote> size;
  private DoubleField<Quote> high;
  private Vector<Quote>.Cursor cursor;
  private long base;
  private int count = RECORDS;
  private final int[] order = new int[RECORDS];

  @Setup(Level.Trial)
  public void fill() {
    allocator = Allocators.system();
    codec = RecordCodec.of(MethodHandles.lookup(), Quote.class);
    if (codec.byteSize() != STRIDE) {
      throw new AssertionError(codec.layout());
    }
    size = codec.longField("size");
    high = codec.doubleField("range.high");
    vector = new Vector<>(allocator, codec);
    base = allocator.allocate((long) RECORDS * STRIDE, 8);
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < RECORDS; i++) {
      order[i] = random.nextInt(RECORDS);
      Quote quote = new Quote(i, i * 3, new Range(i / 2.0, i * 2.0), (i & 1) == 0);
      vector.add(quote);
      store(i, quote);
    }
    cursor = vector.cursor();
  }

  /** Shows the call sites of the library other codecs. */
  private void pollute() {
    RecordCodec<Other> other = RecordCodec.of(MethodHandles.lookup(), Other.class);
    RecordCodec<Third> third = RecordCodec.of(MethodHandles.lookup(), Third.class);
    try (Vector<Other> others = new Vector<>(allocator, other);
        Vector<Third> thirds = new Vector<>(allocator, third)) {
      others.add(new Other(1, 2));
      thirds.add(new Third(1));
      long sum = 0;
      for (int i = 0; i < 100_000; i++) {
        others.set(0, new Other(i, i));
        thirds.set(0, new Third(i));
        sum += others.get(0).a() + thirds.get(0).a();
      }
      if (sum == 0) {
        throw new AssertionError("nothing was read");
      }
    }
  }

  /** The state of runs whose profile other codecs have spoilt. */
  @State(Scope.Thread)
  public static class Polluted {
    @Setup(Level.Trial)
    public void pollute(CodecBenchmark benchmark) {
      benchmark.pollute();
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    vector.close();
    allocator.free(base, (long) RECORDS * STRIDE, 8);
    allocator.close();
  }

  // ---- by hand ----------------------------------------------------------------------------------

  private long at(int index) {
    return base + (long) Objects.checkIndex(index, count) * STRIDE;
  }

  private Quote load(int index) {
    long address = at(index);
    return new Quote(
        Memory.getLong(address),
        Memory.getInt(address + 8),
        new Range(Memory.getDouble(address + 16), Memory.getDouble(address + 24)),
        Memory.getByte(address + 32) != 0);
  }

  private void store(int index, Quote quote) {
    long address = at(index);
    Memory.putLong(address, quote.id());
    Memory.putInt(address + 8, quote.size());
    Memory.putInt(address + 12, 0);
    Memory.putLong(address + 16, Double.doubleToLongBits(quote.range().low()));
    Memory.putLong(address + 24, Double.doubleToLongBits(quote.range().high()));
    Memory.putLong(address + 32, quote.open() ? 1 : 0);
  }

  private static double sum(Quote quote) {
    return quote.id()
        + quote.size()
        + quote.range().low()
        + quote.range().high()
        + (quote.open() ? 1 : 0);
  }

  private static Quote quote(int i) {
    return new Quote(i, i + 1, new Range(i * 0.5, i * 1.5), (i & 1) == 0);
  }

  // ---- reading ----------------------------------------------------------------------------------

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public double readByHand() {
    double sum = 0;
    for (int i = 0; i < RECORDS; i++) {
      sum += sum(load(order[i]));
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public double readCodec() {
    double sum = 0;
    for (int i = 0; i < RECORDS; i++) {
      sum += sum(vector.get(order[i]));
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public double readCodecPolluted(Polluted state) {
    return readCodec();
  }

  // ---- writing ----------------------------------------------------------------------------------

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public void writeByHand() {
    for (int i = 0; i < RECORDS; i++) {
      store(order[i], quote(i));
    }
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public void writeCodec() {
    for (int i = 0; i < RECORDS; i++) {
      vector.set(order[i], quote(i));
    }
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public void writeCodecPolluted(Polluted state) {
    writeCodec();
  }

  // ---- in place ---------------------------------------------------------------------------------

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public double updateByHand() {
    double sum = 0;
    for (int i = 0; i < RECORDS; i++) {
      long address = at(order[i]);
      Memory.putInt(address + 8, i);
      sum += Memory.getDouble(address + 24);
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public double updateCursor() {
    double sum = 0;
    for (int i = 0; i < RECORDS; i++) {
      cursor.moveTo(order[i]);
      size.set(cursor, i);
      sum += high.get(cursor);
    }
    return sum;
  }
}
