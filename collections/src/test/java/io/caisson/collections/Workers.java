package io.caisson.collections;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Threads that start at the same time, one task each; what the first throws fails the test at once,
 * though others may wait for ever for what that one did not do.
 */
final class Workers implements AutoCloseable {

  /** What a thread does. */
  interface Task {
    void run() throws Exception;
  }

  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
  private final ExecutorCompletionService<Void> results = new ExecutorCompletionService<>(threads);
  private int tasks;
  private final CountDownLatch start = new CountDownLatch(1);

  /** Adds a task, which waits for the start. */
  Workers add(Task task) {
    tasks++;
    results.submit(() -> {
      start.await();
      task.run();
      return null;
    });
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
    for (; tasks > 0; tasks--) {
      try {
        results.take().get();
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
