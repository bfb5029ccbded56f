package io.caisson.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
 * What does it cost to pass a number from one thread to another?
 *
 * <p>{@code oneToOne} is the time between two numbers that arrive, when one thread offers as fast
 * as it can and one polls; {@code manyToMany} and {@code manyToOne} the same with two of each, or
 * two that offer; on two cores they are oversubscribed, and measure as much how threads lose their
 * processors as the queue. {@code burst} is one thread that offers 100 and polls 100: what the
 * operations cost when no line moves between cores. {@code pingPong} is the way there and back,
 * over two queues.
 *
 * <p>Misleading would be to forget what the queues of objects hold: with {@code fresh=false}
 * numbers below 128, for which there are objects already, so that only pointers of four bytes are
 * moved; with {@code fresh=true} each number is a new object, which is what longs cost there.
 *
 * <pre>{@code ./caisson bench QueueBenchmark -prof gc}</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "-Xms2g",
      "-Xmx2g",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"
    })
public class QueueBenchmark {

  private static final int MESSAGES = 1 << 20;
  private static final int ROUND_TRIPS = 1 << 14;
  private static final int BURST = 100;
  private static final int SPINS = 1000;
  private static final int CAPACITY = 1 << 14;

  /** Two queues, and threads at the other end. */
  @State(Scope.Benchmark)
  public abstract static class Line {

    /** Whether each number is an object of its own, where numbers are objects. */
    @Param("false")
    public boolean fresh;

    private final ExecutorService others = Executors.newCachedThreadPool();
    private final List<Future<?>> running = new ArrayList<>();
    private long mask;
    private long bits;
    Courier there;
    Courier back;

    abstract String implementation();

    /** Opens the queues. */
    @Setup
    public void open() {
      there = Courier.of(implementation(), CAPACITY);
      back = Courier.of(implementation(), CAPACITY);
      mask = fresh ? Integer.MAX_VALUE : 127;
      bits = fresh ? 1L << 32 : 0;
    }

    /** Closes them. */
    @TearDown
    public void close() {
      others.shutdown();
      there.close();
      back.close();
    }

    long number(int i) {
      return (i & mask) | bits;
    }

    void start(Runnable action) {
      running.add(others.submit(action));
    }

    void join() {
      for (Future<?> future : running) {
        try {
          future.get();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
      running.clear();
    }

    void offer(Courier queue, int count) {
      for (int i = 0; i < count; i++) {
        long number = number(i);
        for (int spins = 0; !queue.offer(number); spins++) {
          pause(spins);
        }
      }
    }

    long poll(Courier queue, int count) {
      long sum = 0;
      for (int i = 0; i < count; i++) {
        sum += await(queue);
      }
      return sum;
    }

    static long await(Courier queue) {
      long value = queue.poll();
      for (int spins = 0; value == Courier.NONE; spins++) {
        pause(spins);
        value = queue.poll();
      }
      return value;
    }

    private static void pause(int spins) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }

    long transfer(int producers, int consumers) {
      for (int i = 0; i < producers; i++) {
        start(() -> offer(there, MESSAGES / producers));
      }
      for (int i = 1; i < consumers; i++) {
        start(() -> poll(there, MESSAGES / consumers));
      }
      long sum = poll(there, MESSAGES / consumers);
      join();
      return sum;
    }
  }

  /** Queues for one thread at each end at least: all of them. */
  @State(Scope.Benchmark)
  public static class AnyLine extends Line {
    @Param({
      "caisson-spsc",
      "jctools-spsc",
      "agrona-spsc",
      "caisson-mpsc",
      "jctools-mpsc",
      "agrona-mpsc",
      "caisson-mpmc",
      "jctools-mpmc",
      "caisson-unbounded",
      "jctools-unbounded",
      "ConcurrentLinkedQueue",
      "caisson-ring-one",
      "agrona-ring-one",
      "caisson-ring-many",
      "agrona-ring-many"
    })
    public String queue;

    @Override
    String implementation() {
      return queue;
    }
  }

  /** Queues for many that offer. */
  @State(Scope.Benchmark)
  public static class ManyToOneLine extends Line {
    @Param({"caisson-mpsc", "jctools-mpsc", "agrona-mpsc", "caisson-ring-many", "agrona-ring-many"})
    public String toOne;

    @Override
    String implementation() {
      return toOne;
    }
  }

  /** Queues for many at each end. */
  @State(Scope.Benchmark)
  public static class ManyToManyLine extends Line {
    @Param({
      "caisson-mpmc",
      "jctools-mpmc",
      "caisson-unbounded",
      "jctools-unbounded",
      "ConcurrentLinkedQueue"
    })
    public String toMany;

    @Override
    String implementation() {
      return toMany;
    }
  }

  /** A number from one thread to one other. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public long oneToOne(AnyLine line) {
    return line.transfer(1, 1);
  }

  /** A number from two threads to one. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public long manyToOne(ManyToOneLine line) {
    return line.transfer(2, 1);
  }

  /** A number from two threads to two. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public long manyToMany(ManyToManyLine line) {
    return line.transfer(2, 2);
  }

  /** A number that is offered and polled by one thread, in bursts. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public long burst(AnyLine line) {
    line.offer(line.there, BURST);
    return line.poll(line.there, BURST);
  }

  /** A number there and back. */
  @Benchmark
  @OperationsPerInvocation(ROUND_TRIPS)
  public long pingPong(AnyLine line) {
    line.start(() -> {
      for (int i = 0; i < ROUND_TRIPS; i++) {
        line.back.offer(Line.await(line.there));
      }
    });
    long sum = 0;
    for (int i = 0; i < ROUND_TRIPS; i++) {
      line.there.offer(line.number(i));
      sum += Line.await(line.back);
    }
    line.join();
    return sum;
  }
}
