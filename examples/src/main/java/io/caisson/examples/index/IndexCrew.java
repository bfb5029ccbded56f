package io.caisson.examples.index;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Several threads, or the caller's alone, that take files from one list, each the next one that
 * nobody has taken.
 */
final class IndexCrew implements AutoCloseable {

  private final List<FileIndexer> indexers = new ArrayList<>();

  /** Creates a crew of so many threads, of which one is the caller's if it is the only one. */
  IndexCrew(int threads, InputMemory memory, Problems problems, Progress progress) {
    try {
      for (int i = 0; i < threads; i++) {
        Progress part = threads == 1 ? progress : progress.part();
        indexers.add(new FileIndexer(memory, FileIndexer.BUFFER_SIZE, problems, part));
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Counts the strings of all files once.
   *
   * @param counters one for each thread
   * @throws io.caisson.alloc.AllocationException if an allocator is exhausted
   */
  void index(List<Path> files, List<? extends StringCounter> counters) {
    indexers.forEach(FileIndexer::startRound);
    AtomicInteger next = new AtomicInteger();
    if (indexers.size() == 1) {
      index(indexers.getFirst(), counters.getFirst(), files, next);
      return;
    }
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < indexers.size(); i++) {
      FileIndexer indexer = indexers.get(i);
      StringCounter counter = counters.get(i);
      threads.add(
          Thread.ofPlatform()
              .name("index-" + i)
              .uncaughtExceptionHandler((thread, e) -> {
                failure.compareAndSet(null, e);
                next.set(files.size()); // the others need not go on
              })
              .start(() -> index(indexer, counter, files, next)));
    }
    threads.forEach(IndexCrew::awaitEnd);
    rethrow(failure.get());
  }

  private static void index(
      FileIndexer indexer, StringCounter counter, List<Path> files, AtomicInteger next) {
    for (int i = next.getAndIncrement(); i < files.size(); i = next.getAndIncrement()) {
      indexer.index(files.get(i), counter);
    }
  }

  private static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // it uses memory of the caller's: it is not left alone
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void rethrow(@Nullable Throwable failure) {
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
  }

  /** Returns the sum of a figure of all threads. */
  long sum(ToLongFunction<FileIndexer> figure) {
    return indexers.stream().mapToLong(figure).sum();
  }

  /** Returns the largest figure of a thread. */
  long largest(ToLongFunction<FileIndexer> figure) {
    return indexers.stream().mapToLong(figure).max().orElse(0);
  }

  @Override
  public void close() {
    indexers.forEach(FileIndexer::close);
  }
}
