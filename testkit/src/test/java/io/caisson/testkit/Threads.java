package io.caisson.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Threads that run one task each, and hand on what it throws. */
final class Threads {

  /** What a thread does. */
  interface Task {
    void run(int index) throws Exception;
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
