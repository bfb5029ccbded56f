package io.caisson.stress.torture;

import io.caisson.smr.DomainBuilder;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Threads read and replace a few blocks under guards of every kind: refreshed, nested, closed
 * twice, and stalled.
 */
record CellTorture(Crew crew, Supplier<DomainBuilder> domains) implements Torture {

  private static final int CELLS = 3;
  private static final long LIMIT = 12 * Stage.SIZE;
  private static final long LONGEST_STALL_NANOS = 3_000_000;

  /** With as many slots as there are by default, and bags of a few blocks. */
  static CellTorture with(int threadsPerCore) {
    return new CellTorture(
        Crew.of(threadsPerCore), () -> ReclamationDomain.builder().slots(8).bagCapacity(2));
  }

  /** With threads that die. */
  static CellTorture withMortals() {
    return new CellTorture(
        Crew.ofMortals(2), () -> ReclamationDomain.builder().slots(8).bagCapacity(4));
  }

  /** With one slot, so that most guards are in the counters. */
  static CellTorture withOneSlot() {
    return new CellTorture(Crew.of(4), () -> ReclamationDomain.builder().slots(1).bagCapacity(2));
  }

  /** With a thread of the domain's own. */
  static CellTorture withReclaimer() {
    return new CellTorture(
        Crew.of(4),
        () -> ReclamationDomain.builder().slots(8).bagCapacity(2).reclaimInBackground());
  }

  /** With room for a few blocks only. */
  static CellTorture withLimit() {
    return new CellTorture(
        Crew.of(4),
        () ->
            ReclamationDomain.builder()
                .slots(4)
                .bagCapacity(2)
                .hardLimit(LIMIT, LimitPolicy.block(Duration.ofSeconds(30))));
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = new Stage(domains.get());
    Cells cells = new Cells(stage);
    crew.run(seed, duration, cells);
    cells.free();
    stage.strike();
  }

  /** The blocks. */
  private static final class Cells implements Crew.Work {
    private final Stage stage;
    private final AtomicLongArray roots = new AtomicLongArray(CELLS);
    private final AtomicLong latest = new AtomicLong();

    Cells(Stage stage) {
      this.stage = stage;
      for (int cell = 0; cell < CELLS; cell++) {
        roots.set(cell, stage.newBlock(cell));
      }
    }

    void free() {
      for (int cell = 0; cell < CELLS; cell++) {
        stage.freeBlock(roots.get(cell));
      }
    }

    @Override
    public void step(SplittableRandom random) {
      checkThatItNeverGoesBack();
      int cell = random.nextInt(CELLS);
      switch (random.nextInt(8)) {
        case 0, 1 -> read(cell, random);
        case 2 -> readAndRefresh(cell, random);
        case 3 -> readTwice(cell);
        case 4 -> stage.domain.drain();
        default -> replace(cell, random);
      }
    }

    private void checkThatItNeverGoesBack() {
      long before = latest.get();
      long now = stage.epoch();
      Stage.require(now >= before, "the epoch went back from " + before + " to " + now);
      if (now > before) {
        latest.accumulateAndGet(now, Math::max);
      }
    }

    private void read(int cell, SplittableRandom random) {
      Guard guard = stage.domain.pin();
      long first = stage.epoch();
      long block = roots.get(cell);
      dwell(random);
      Stage.check(block);
      Stage.checkTicks(first, stage.epoch());
      guard.close();
      if (random.nextInt(4) == 0) {
        guard.close();
      }
    }

    private void readAndRefresh(int cell, SplittableRandom random) {
      try (Guard guard = stage.domain.pin()) {
        Stage.check(roots.get(cell));
        guard.refresh();
        long first = stage.epoch();
        long block = roots.get(cell);
        dwell(random);
        Stage.check(block);
        Stage.checkTicks(first, stage.epoch());
      }
    }

    private void readTwice(int cell) {
      Guard outer = stage.domain.pin();
      long block = roots.get(cell);
      Guard inner = stage.domain.pin();
      long other = roots.get((cell + 1) % CELLS);
      Stage.check(block);
      outer.close();
      Stage.check(other);
      inner.close();
    }

    private void replace(int cell, SplittableRandom random) {
      long made = stage.newBlock(random.nextLong());
      try (Guard guard = stage.domain.pin(2, 2 * Stage.SIZE)) {
        long old = roots.getAndSet(cell, made);
        dwell(random);
        Stage.check(old);
        guard.retire(old, Stage.SIZE, Stage.ALIGNMENT, stage.number);
      }
    }

    /** Does nothing for a moment, or, seldom, for a while. */
    private static void dwell(SplittableRandom random) {
      int choice = random.nextInt(2000);
      if (choice == 0) {
        LockSupport.parkNanos(random.nextLong(LONGEST_STALL_NANOS));
      }
      for (int i = choice & 31; i > 0; i--) {
        Thread.onSpinWait();
      }
    }
  }
}
