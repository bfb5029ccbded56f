package io.caisson.stress.torture;

import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import io.caisson.smr.CloseReport;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A domain is closed under a guard that stays open, in a slot or in the counters: close returns at
 * its deadline, says so, and frees nothing; nobody pins any more; nothing that is tried meanwhile
 * frees either; and when the guard is gone, closing again frees everything.
 */
final class StuckClose implements Torture {

  private static final Duration DEADLINE = Duration.ofMillis(50);
  private static final Duration LATER = Duration.ofMillis(200);
  private static final Duration MUCH_LATER = Duration.ofSeconds(10);

  @Override
  public void run(long seed, Duration duration) throws Exception {
    run(false);
    run(true);
  }

  private static void run(boolean inCounter) throws Exception {
    Stage stage = new Stage(ReclamationDomain.builder().slots(inCounter ? 1 : 64).bagCapacity(1));
    Guard occupant = stage.domain.pin();
    Guard stuck = inCounter ? stage.domain.pin(1, Stage.SIZE) : occupant;
    Guard writer = inCounter ? stuck : stage.domain.pin(1, Stage.SIZE);
    retire(stage);
    if (inCounter) {
      occupant.close();
    }
    Future<Boolean> synchronize = synchronize(stage);
    requireStuck(stage, inCounter ? 1 : 2);
    writer.retire(stage.newBlock(2), Stage.SIZE, Stage.ALIGNMENT, stage.number);
    requireNobodyPins(stage);
    Stage.require(!stage.domain.synchronize(DEADLINE), "synchronize under a stuck guard");
    Stage.require(!stage.domain.drain(), "drained under a stuck guard");
    requireStuck(stage, inCounter ? 1 : 2);
    Stage.require(!synchronize.get(), "synchronize took a close for a step of the epoch");
    stuck.close();
    writer.close();
    CloseReport clean = stage.domain.close(MUCH_LATER);
    Stage.require(clean.clean() && clean.stuck().isEmpty(), "no clean close: " + clean);
    stage.strike();
  }

  private static void retire(Stage stage) {
    try (Guard guard = stage.domain.pin(1, Stage.SIZE)) {
      guard.retire(stage.newBlock(1), Stage.SIZE, Stage.ALIGNMENT, stage.number);
    }
  }

  /** Lets another thread wait for the guards that are open; returns when it does. */
  private static Future<Boolean> synchronize(Stage stage) {
    FutureTask<Boolean> task = new FutureTask<>(() -> stage.domain.synchronize(LATER));
    Thread thread = Thread.ofPlatform().daemon().start(task);
    while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
      Thread.onSpinWait();
    }
    return task;
  }

  private static void requireStuck(Stage stage, int guards) {
    long live = stage.allocator.stats().liveBlocks();
    long start = System.nanoTime();
    CloseReport report = stage.domain.close(DEADLINE);
    long nanos = System.nanoTime() - start;
    Stage.require(!report.clean(), "close is clean under a guard");
    Stage.require(nanos >= DEADLINE.toNanos(), "close gave up after " + nanos + " ns");
    Stage.require(nanos < MUCH_LATER.toNanos(), "close gave up after " + nanos + " ns");
    Stage.require(report.stuck().size() == guards, "open guards: " + report);
    Stage.require(report.leakedBlocks() == live, "leaked, of " + live + ": " + report);
    Stage.require(stage.allocator.stats().liveBlocks() == live, "close freed under a guard");
    boolean checked = Memory.MODE == MemoryMode.CHECKED;
    for (CloseReport.StuckGuard guard : report.stuck()) {
      Stage.require((guard.stack() != null) == checked, "the stack that pinned: " + guard);
    }
  }

  /** Each thread has a slot of its own to begin with, so some find theirs free. */
  private static void requireNobodyPins(Stage stage) throws InterruptedException {
    AtomicInteger refused = new AtomicInteger();
    int threads = 100;
    for (int i = 0; i < threads; i++) {
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  stage.domain.pin().close();
                } catch (IllegalStateException e) {
                  refused.incrementAndGet();
                }
              });
      thread.join();
    }
    Stage.require(refused.get() == threads, "pinned after close");
  }
}
