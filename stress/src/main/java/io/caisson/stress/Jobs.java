package io.caisson.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Work with processes of its own, each of which keeps one core busy for most of its time. */
final class Jobs {

  /** Each process may take a gigabyte. */
  private static final int MOST_AT_ONCE = 4;

  private Jobs() {}

  /** Runs them to the end, as many at once as there are cores, but for a few. */
  static void run(List<Runnable> jobs) {
    int atOnce = Math.min(MOST_AT_ONCE, Runtime.getRuntime().availableProcessors());
    try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
      List<Future<?>> ends = new ArrayList<>();
      jobs.forEach(job -> ends.add(threads.submit(job)));
      for (Future<?> end : ends) {
        end.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while jobs were running", e);
    }
  }
}
