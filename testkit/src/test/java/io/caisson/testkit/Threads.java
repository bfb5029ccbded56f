package io.caisson.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that run one task each, and hand on what it throws. */
final class Threads {

  /** What a thread does. */
  interface Task {
    void run(int index) throws Exception;
  }

  /** What two threads do at the same moment. */
  interface Race {
    void run(int round, int index) throws Exception;
  }

  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentLinkedQueue<Throwable> thrown = new ConcurrentLinkedQueue<>();

  private Threads() {}

  static Threads start(int count, Task task) {
    Threads started = new Threads();
    for (int i = 0; i < count; i++) {
      int index = i;
      started.threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  task.run(index);
                } catch (Throwable t) {
                  started.thrown.add(t);
                }
              }));
    }
    return started;
  }

  static void run(int count, Task task) throws InterruptedException {
    start(count, task).join();
  }

  /**
   * Lets two threads do something at the same moment, again and again. They spin until both are
   * there: threads that are woken up come one after the other, and hardly ever meet.
   */
  @SuppressWarnings("ThreadPriorityCheck") // on a busy machine the other needs this processor
  static void race(int rounds, Race race) throws InterruptedException {
    AtomicInteger arrived = new AtomicInteger();
    AtomicBoolean failed = new AtomicBoolean();
    run(
        2,
        index -> {
          boolean passed = false;
          try {
            for (int round = 0; round < rounds && !failed.get(); round++) {
              arrived.incrementAndGet();
              for (int spins = 0; arrived.get() < 2 * (round + 1) && !failed.get(); spins++) {
                if (spins > 1000) {
                  Thread.yield();
                } else {
                  Thread.onSpinWait();
                }
              }
              race.run(round, index);
            }
            passed = true;
          } finally {
            failed.compareAndSet(false, !passed);
          }
        });
  }

  /** Waits for the end of all, and fails if any failed. */
  void join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    if (!thrown.isEmpty()) {
      throw new AssertionError(thrown.size() + " threads failed", thrown.peek());
    }
  }
}
