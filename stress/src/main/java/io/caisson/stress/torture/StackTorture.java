package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentBytesStack;
import io.caisson.collections.ConcurrentLongStack;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** Threads push and pop numbers; none may be lost, made up or seen twice. */
record StackTorture(int threadsPerCore, Function<Stage, Numbers> stacks) implements Torture {

  private static final long NONE = -1;
  private static final int MOST = 64;

  /** A stack of numbers. */
  interface Numbers extends AutoCloseable {
    void push(long number);

    /** Pops, or returns -1. */
    long pop();

    /** Looks at the top, or returns -1. */
    long peek();

    /** Adds up all numbers, and pauses at each. */
    long sum(Runnable pause);

    @Override
    void close();
  }

  static StackTorture ofLongs(int threadsPerCore) {
    return new StackTorture(
        threadsPerCore, stage -> new Longs(new ConcurrentLongStack(stage.allocator, stage.domain)));
  }

  static StackTorture ofBytes(int threadsPerCore) {
    return new StackTorture(
        threadsPerCore,
        stage -> new ByteStrings(new ConcurrentBytesStack(stage.allocator, stage.domain)));
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = Stage.small();
    Work work = new Work(stage, stacks.apply(stage));
    Crew.of(threadsPerCore).run(seed, duration, work);
    work.requireAll();
    stage.strike();
  }

  /** What threads do with it; every number is pushed once. */
  private static final class Work implements Crew.Work {
    private final Stage stage;
    private final Numbers stack;
    private final AtomicLong next = new AtomicLong();
    private final LongAdder balance = new LongAdder();
    private final LongAdder sum = new LongAdder();

    Work(Stage stage, Numbers stack) {
      this.stage = stage;
      this.stack = stack;
    }

    @Override
    public void step(SplittableRandom random) {
      switch (random.nextInt(16)) {
        case 0 -> check(stack.peek());
        case 1 -> Stage.require(stack.sum(() -> pause(random)) >= 0, "numbers were made up");
        case 2 -> stage.domain.drain();
        case 3, 4, 5, 6, 7, 8 -> push();
        default -> pop();
      }
    }

    /** Lets others run, now and then, and pop what is about to be read. */
    private static void pause(SplittableRandom random) {
      if (random.nextInt(64) == 0) {
        LockSupport.parkNanos(1);
      }
    }

    private void check(long number) {
      Stage.require(number == NONE || (number >= 0 && number < next.get()), "made up: " + number);
    }

    private void push() {
      if (balance.sum() < MOST) {
        long number = next.getAndIncrement();
        stack.push(number);
        balance.increment();
        sum.add(number * number);
      }
    }

    private void pop() {
      long number = stack.pop();
      check(number);
      if (number != NONE) {
        balance.decrement();
        sum.add(-number * number);
      }
    }

    /** What is left is what was not popped. */
    void requireAll() {
      while (balance.sum() > 0) {
        long before = balance.sum();
        pop();
        Stage.require(balance.sum() == before - 1, "numbers are lost: " + before);
      }
      Stage.require(stack.pop() == NONE && sum.sum() == 0, "numbers came twice");
      stack.push(1);
      stack.close();
    }
  }

  private record Longs(ConcurrentLongStack stack) implements Numbers {
    @Override
    public void push(long number) {
      stack.push(number);
    }

    @Override
    public long pop() {
      return stack.pop(NONE);
    }

    @Override
    public long peek() {
      return stack.peek(NONE);
    }

    @Override
    public long sum(Runnable pause) {
      long[] sum = {0};
      stack.forEach(number -> {
        pause.run();
        sum[0] += number;
      });
      return sum[0];
    }

    @Override
    public void close() {
      stack.close();
    }
  }

  /** Numbers in decimal, with as many zeros in front as the number says. */
  private record ByteStrings(ConcurrentBytesStack stack) implements Numbers {
    private static long parse(byte[] bytes) {
      long number = 0;
      for (byte digit : bytes) {
        Stage.require(digit >= '0' && digit <= '9', "no digit: " + digit);
        number = 10 * number + digit - '0';
      }
      Stage.require(bytes.length == format(number).length, "changed: " + number);
      return number;
    }

    private static byte[] format(long number) {
      String digits = Long.toString(number);
      return ("0".repeat((int) (number % 50)) + digits).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void push(long number) {
      stack.push(format(number));
    }

    @Override
    public long pop() {
      byte[] bytes = stack.pop();
      return bytes == null ? NONE : parse(bytes);
    }

    @Override
    public long peek() {
      byte[] bytes = stack.peek();
      return bytes == null ? NONE : parse(bytes);
    }

    @Override
    public long sum(Runnable pause) {
      long[] sum = {0};
      stack.forEach(slice -> {
        pause.run();
        sum[0] += parse(slice.segment().toArray(ValueLayout.JAVA_BYTE));
      });
      return sum[0];
    }

    @Override
    public void close() {
      stack.close();
    }
  }
}
