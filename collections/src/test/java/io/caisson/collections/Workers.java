package io.caisson.collections;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that start at the same time, one task each; whatever they throw fails the test. */
final class Workers implements AutoCloseable {

  /** What a thread does. */
  interface Task {
    void run() throws Exception;
  }

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> results = new ArrayList<>();
  private final CountDownLatch start = new CountDownLatch(1);

  /** Adds a task, which waits for the start. */
  Workers add(Task task) {
    results.add(
        threads.submit(() -> {
          start.await();
          task.run();
          return null;
        }));
    return this;
  }

  /** Starts all. */
  Workers start() {
    start.countDown();
    return this;
  }

  /** Starts all, if they are not, and waits for their end. */
  void run() {
    start();
    for (Future<?> result : results) {
      try {
        result.get();
      } catch (ExecutionException e) {
        throw new AssertionError("a thread failed", e.getCause());
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
