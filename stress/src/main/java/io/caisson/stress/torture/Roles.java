package io.caisson.stress.torture;

import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Who may put numbers into a queue and who may take them out, as roles that threads take for a
 * moment; and what becomes of the numbers: each comes out once, those of a producer in their order.
 */
final class Roles {

  private static final int SHIFT = 40;

  private final ConcurrentLinkedQueue<Producer> producers = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Consumer> consumers = new ConcurrentLinkedQueue<>();
  private final int producerCount;
  private final LongAdder balance = new LongAdder();
  private final LongAdder sum = new LongAdder();

  Roles(int producerCount, int consumerCount) {
    this.producerCount = producerCount;
    for (int i = 0; i < producerCount; i++) {
      producers.add(new Producer(i));
    }
    for (int i = 0; i < consumerCount; i++) {
      consumers.add(new Consumer(producerCount));
    }
  }

  /** Takes the role of a producer, if one is free. */
  @Nullable Producer tryProducer() {
    return producers.poll();
  }

  /** Takes the role of a consumer, if one is free. */
  @Nullable Consumer tryConsumer() {
    return consumers.poll();
  }

  void giveBack(Producer producer) {
    producers.add(producer);
  }

  void giveBack(Consumer consumer) {
    consumers.add(consumer);
  }

  /** Returns how many numbers are in the queue. */
  long balance() {
    return balance.sum();
  }

  /** Nobody has a role, and nothing is in the queue. */
  void requireAll() {
    Stage.require(balance.sum() == 0, "numbers are lost: " + balance);
    Stage.require(sum.sum() == 0, "numbers came twice");
  }

  /** Checks a number that somebody has only looked at, as far as it does not change meanwhile. */
  void checkProducer(long number) {
    Stage.require(number >>> SHIFT < producerCount, "made up: " + Long.toHexString(number));
  }

  private void count(long number, long sign) {
    balance.add(sign);
    sum.add(sign * (number * number + number));
  }

  /** Who puts numbers in, one more each time. */
  final class Producer {
    private final long id;
    private long next;

    Producer(int id) {
      this.id = id;
    }

    /** Returns the nth number from the next on. */
    long number(int n) {
      return id << SHIFT | (next + n);
    }

    /** Notes that numbers are in. They may be out by now. */
    void put(int numbers) {
      for (int i = 0; i < numbers; i++) {
        count(number(i), 1);
      }
      next += numbers;
    }
  }

  /** Who takes numbers out. */
  final class Consumer {
    private final long[] last;

    Consumer(int producerCount) {
      last = new long[producerCount];
      Arrays.fill(last, -1);
    }

    /** Notes that a number is out. */
    void take(long number) {
      long producer = number >>> SHIFT;
      long place = number & (1L << SHIFT) - 1;
      Stage.require(
          producer >= 0 && producer < last.length && place > last[(int) producer],
          "out of order, or made up: " + Long.toHexString(number));
      last[(int) producer] = place;
      count(number, -1);
    }
  }
}
