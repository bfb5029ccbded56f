package io.caisson.smr;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A moment until which a thread waits, in pauses that grow. */
final class Deadline {

  private static final long FIRST_PAUSE_NANOS = 1_000;
  private static final long LONGEST_PAUSE_NANOS = 1_000_000;

  private final long start = System.nanoTime();
  private final long nanos;
  private long pause = FIRST_PAUSE_NANOS;

  Deadline(long nanos) {
    this.nanos = nanos;
  }

  /** Creates the moment a duration from now. */
  static Deadline after(Duration duration) {
    try {
      return new Deadline(duration.toNanos());
    } catch (ArithmeticException e) {
      return new Deadline(duration.isNegative() ? 0 : Long.MAX_VALUE); // 292 years
    }
  }

  boolean hasPassed() {
    return System.nanoTime() - start >= nanos;
  }

  /**
   * Parks for a while, or returns false at once if the moment has passed or the thread is
   * interrupted, which it stays.
   */
  boolean pause() {
    long remaining = nanos - (System.nanoTime() - start);
    if (remaining <= 0 || Thread.currentThread().isInterrupted()) {
      return false;
    }
    LockSupport.parkNanos(Math.min(pause, remaining));
    pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    return true;
  }
}
