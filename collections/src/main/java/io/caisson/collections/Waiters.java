package io.caisson.collections;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that sleep until something may have become possible.
 *
 * <p>Thread-safe. No wake-up is lost: a thread first says that it waits, then tries once more, then
 * sleeps; another first does what makes it possible, then looks for those who wait. Between the two
 * steps each has a full fence, so one of them sees the other.
 */
final class Waiters {

  /** What a thread waits to succeed in. */
  interface Attempt {
    /** Tries, and returns whether it succeeded. */
    boolean run();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Changed under the lock. */
  private volatile int waiting;

  /** Wakes all, if there are any; called after what makes their attempts possible. */
  void wake() {
    VarHandle.fullFence(); // pairs with the one in await
    if (waiting != 0) {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Tries and sleeps until an attempt succeeds, or returns false when the time is up. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  boolean await(Attempt attempt, long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      waiting++;
      long left = nanos;
      VarHandle.fullFence(); // pairs with the one in wake
      while (!attempt.run()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      waiting--;
      lock.unlock();
    }
  }
}
