package io.caisson.collections;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what comes out of a structure into which several producers put numbered values: each must
 * come out once, and, from a queue, those of one producer in their order.
 */
final class Tally {

  private final int producers;
  private final int each;
  private final AtomicIntegerArray times;
  private final AtomicLong taken = new AtomicLong();

  Tally(int producers, int each) {
    this.producers = producers;
    this.each = each;
    times = new AtomicIntegerArray(producers * each);
  }

  /** Returns the value with a number, from 0, of a producer, from 0. */
  static long value(int producer, int number) {
    return (long) producer << 32 | number;
  }

  /** Counts a value; of a stack, or of a queue of whose order nothing is known. */
  void take(long value) {
    int producer = (int) (value >>> 32);
    int number = (int) value;
    if (producer >= producers || number < 0 || number >= each) {
      throw new AssertionError("nobody put in " + Long.toHexString(value));
    }
    times.incrementAndGet(producer * each + number);
    taken.incrementAndGet();
  }

  boolean isComplete() {
    return taken.get() >= (long) producers * each;
  }

  void assertEachOnce() {
    for (int i = 0; i < times.length(); i++) {
      if (times.get(i) != 1) {
        throw new AssertionError(
            "value " + i % each + " of producer " + i / each + " came " + times.get(i) + " times");
      }
    }
  }

  /** What one consumer took; belongs to one thread. */
  final class InOrder {
    private final long[] last = new long[producers];

    InOrder() {
      Arrays.fill(last, -1);
    }

    /** Counts a value that comes after all that its producer put in before, if it comes here. */
    void take(long value) {
      Tally.this.take(value);
      int producer = (int) (value >>> 32);
      if ((int) value <= last[producer]) {
        throw new AssertionError(
            "value " + (int) value + " of producer " + producer + " came after " + last[producer]);
      }
      last[producer] = (int) value;
    }
  }
}
