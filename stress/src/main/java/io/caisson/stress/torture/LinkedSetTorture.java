package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentLongLinkedSet;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationLimitException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/** Threads add and remove few values; each is there as often as it was added and not removed. */
record LinkedSetTorture(Crew crew, boolean stalled) implements Torture {

  private static final int VALUES = 24;
  private static final long LIMIT = 4096;

  static LinkedSetTorture of(Crew crew) {
    return new LinkedSetTorture(crew, false);
  }

  /** With a reader that stalls, and room for few nodes. */
  static LinkedSetTorture withStalledReader() {
    return new LinkedSetTorture(Crew.of(2), true);
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = stalled ? Stage.withLimit(LIMIT) : Stage.small();
    Work work = new Work(stage, new ConcurrentLongLinkedSet(stage.allocator, stage.domain));
    if (stalled) {
      crew.run(seed, duration, work, work::walkAndStall);
    } else {
      crew.run(seed, duration, work);
    }
    work.requireBalance();
    stage.strike();
  }

  /** What threads do with it; 0 and the last value stay. */
  private static final class Work implements Crew.Work {
    private final Stage stage;
    private final ConcurrentLongLinkedSet set;

    /** How often each value was added, less how often it was removed. */
    private final AtomicLongArray balance = new AtomicLongArray(VALUES);

    Work(Stage stage, ConcurrentLongLinkedSet set) {
      this.stage = stage;
      this.set = set;
      set.add(0);
      set.add(VALUES);
    }

    @Override
    public void step(SplittableRandom random) {
      try {
        work(random);
      } catch (ReclamationLimitException e) {
        Stage.require(e.hardLimit() == stage.limit, "refused without need: " + e);
      }
    }

    private void work(SplittableRandom random) {
      int value = random.nextInt(1, VALUES);
      switch (random.nextInt(16)) {
        case 0 -> walk(() -> pauseOrDie(random));
        case 1 -> lookUnderOneGuard(random);
        case 2 -> stage.domain.drain();
        case 3 -> Stage.require(set.first(-1) == 0, "the first is lost");
        case 4 -> Stage.require(set.contains(VALUES), "the last is lost");
        case 5, 6, 7, 8, 9 -> balance.addAndGet(value, set.add(value) ? 1 : 0);
        default -> balance.addAndGet(value, set.remove(value) ? -1 : 0);
      }
    }

    /** Lets others run, now and then, and remove what is about to be read. */
    private static void pause(SplittableRandom random) {
      if (random.nextInt(64) == 0) {
        LockSupport.parkNanos(1);
      }
    }

    private static void pauseOrDie(SplittableRandom random) {
      pause(random);
      Crew.dieOrLive(random);
    }

    /** Stalls at one value, which others remove, and what is behind it. */
    void walkAndStall(SplittableRandom random) {
      int[] left = {random.nextInt(VALUES)};
      walk(() -> {
        if (left[0]-- == 0) {
          stage.stall(random, () -> {});
        }
      });
    }

    private void walk(Runnable atEach) {
      long[] last = {-1};
      set.forEach(value -> {
        atEach.run();
        Stage.require(value > last[0] && value <= VALUES, value + " came after " + last[0]);
        last[0] = value;
      });
      Stage.require(last[0] == VALUES, "a walk ended at " + last[0]);
    }

    private void lookUnderOneGuard(SplittableRandom random) {
      try (Guard guard = stage.domain.pin()) {
        for (int i = 0; i < 5; i++) {
          set.contains(guard, random.nextInt(1, VALUES));
          pause(random);
          Stage.require(set.contains(guard, VALUES), "the last is lost");
        }
      }
    }

    void requireBalance() {
      for (int value = 1; value < VALUES; value++) {
        long expected = set.contains(value) ? 1 : 0;
        Stage.require(
            balance.get(value) == expected, value + " is there " + balance.get(value) + " times");
      }
      set.close();
    }
  }
}
