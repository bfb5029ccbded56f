package io.caisson.collections;

import io.caisson.alloc.internal.Memory;

/**
 * A count that many threads change, each on a line of its own if their ids let them.
 *
 * <p>Thread-safe and wait-free. The sum counts every change that was made before, and some of those
 * that are made meanwhile.
 */
final class StripedCount {

  private static final int STRIPES = 8;

  private final PaddedWords words = new PaddedWords(STRIPES);

  private static int home() {
    return Memory.SIMULATED ? 0 : (int) Thread.currentThread().threadId() & (STRIPES - 1);
  }

  /** Adds to the count, and returns the part of it that was added to. */
  long add(long delta) {
    return words.getAndAdd(home(), delta) + delta;
  }

  /** Returns the count, or 0 if it is negative for a moment. */
  long sum() {
    long sum = 0;
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      sum += words.getVolatile(stripe);
    }
    return Math.max(0, sum);
  }
}
