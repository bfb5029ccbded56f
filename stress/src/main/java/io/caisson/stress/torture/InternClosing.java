package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentInternTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Intern tables are closed while others acquire and release, who are told, and nothing is left. */
record InternClosing() implements Torture {

  private static final int THREADS = 3;
  private static final int STRINGS = 64;
  private static final int LONGEST_LIFE_NANOS = 200_000;

  @Override
  public void run(long seed, Duration duration) throws Exception {
    long end = System.nanoTime() + duration.toNanos();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (long round = seed; System.nanoTime() - end < 0; round++) {
        runOne(threads, round);
      }
    }
  }

  private static void runOne(ExecutorService threads, long seed) throws Exception {
    Stage stage = Stage.small();
    ConcurrentInternTable table = new ConcurrentInternTable(stage.allocator, "closing", 2);
    List<Future<?>> users = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom random = new SplittableRandom(seed * THREADS + i);
      users.add(threads.submit(() -> use(table, random)));
    }
    long start = System.nanoTime();
    long life = new SplittableRandom(seed).nextLong(LONGEST_LIFE_NANOS);
    while (System.nanoTime() - start < life) {
      Thread.onSpinWait();
    }
    table.close();
    for (Future<?> user : users) {
      user.get();
    }
    stage.strike();
  }

  private static void use(ConcurrentInternTable table, SplittableRandom random) {
    try {
      while (true) {
        int handle = table.acquire(InternTorture.string(random.nextInt(STRINGS)));
        if (random.nextInt(4) != 0) {
          table.release(handle);
        }
      }
    } catch (IllegalStateException e) {
      Stage.require("the table is closed".equals(e.getMessage()), "refused: " + e);
    }
  }
}
