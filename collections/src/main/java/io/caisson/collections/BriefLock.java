package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is held for a moment: who finds it held spins a little, for parking takes longer than
 * that moment, and then parks, for its holder may have lost its processor.
 *
 * <p>A virtual thread that parks gives its carrier up. Makes no Java object unless a thread parks.
 */
final class BriefLock {

  /** A few microseconds; none where a scheduler of tests decides who is next. */
  private static final int SPINS = Memory.SIMULATED ? 0 : 64;

  private final ReentrantLock lock = new ReentrantLock();

  void lock() {
    for (int i = 0; i < SPINS; i++) {
      if (lock.tryLock()) {
        return;
      }
      Thread.onSpinWait();
    }
    lock.lock();
  }

  void unlock() {
    lock.unlock();
  }
}
