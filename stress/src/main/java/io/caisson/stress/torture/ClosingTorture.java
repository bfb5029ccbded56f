package io.caisson.stress.torture;

import io.caisson.smr.CloseReport;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Domains are closed while others pin, retire and drain: nothing is freed under who got in. */
record ClosingTorture(int slots) implements Torture {

  private static final int THREADS = 3;
  private static final int LONGEST_LIFE_NANOS = 100_000;
  private static final Duration MUCH_LATER = Duration.ofSeconds(10);

  @Override
  public void run(long seed, Duration duration) throws Exception {
    long end = System.nanoTime() + duration.toNanos();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      for (long round = seed; System.nanoTime() - end < 0; round++) {
        runOne(threads, round);
      }
    }
  }

  private void runOne(ExecutorService threads, long seed) throws Exception {
    Stage stage = new Stage(ReclamationDomain.builder().slots(slots).bagCapacity(2));
    AtomicLong root = new AtomicLong(stage.newBlock(seed));
    List<Future<?>> users = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom random = new SplittableRandom(seed * THREADS + i);
      users.add(threads.submit(() -> use(stage, root, random)));
    }
    long start = System.nanoTime();
    long life = new SplittableRandom(seed).nextLong(LONGEST_LIFE_NANOS);
    while (System.nanoTime() - start < life) {
      Thread.onSpinWait();
    }
    CloseReport report = stage.domain.close(MUCH_LATER);
    Stage.require(report.clean(), "no clean close: " + report);
    stage.freeBlock(root.get()); // nobody can be reading it
    for (Future<?> user : users) {
      user.get();
    }
    stage.strike();
  }

  /** Reads and replaces the block until the domain is closed. */
  private static void use(Stage stage, AtomicLong root, SplittableRandom random) {
    while (!stage.domain.stats().closed()) {
      switch (random.nextInt(4)) {
        case 0 -> stage.domain.drain();
        case 1 -> replace(stage, root, random.nextLong());
        default -> read(stage, root);
      }
    }
  }

  private static void read(Stage stage, AtomicLong root) {
    Guard guard = pin(stage, false);
    if (guard != null) {
      long block = root.get();
      for (int i = 0; i < 20; i++) {
        Stage.check(block);
      }
      guard.close();
    }
  }

  private static void replace(Stage stage, AtomicLong root, long value) {
    Guard guard = pin(stage, true);
    if (guard != null) {
      long old = root.getAndSet(stage.newBlock(value));
      Stage.check(old);
      guard.retire(old, Stage.SIZE, Stage.ALIGNMENT, stage.number);
      guard.close();
    }
  }

  private static @Nullable Guard pin(Stage stage, boolean reserve) {
    try {
      return reserve ? stage.domain.pin(1, Stage.SIZE) : stage.domain.pin();
    } catch (IllegalStateException e) {
      Stage.require(stage.domain.stats().closed(), "refused before it is closed");
      return null;
    }
  }
}
