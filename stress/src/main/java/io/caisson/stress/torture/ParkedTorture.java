package io.caisson.stress.torture;

import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Very many virtual threads park while they are pinned: others go on, nothing that they see is
 * freed, and all of it is when they have gone.
 */
final class ParkedTorture implements Torture {

  private static final int PARKED = Memory.MODE == MemoryMode.CHECKED ? 10_000 : 100_000;
  private static final int REPLACED = 2_000;

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = new Stage(ReclamationDomain.builder());
    AtomicLong root = new AtomicLong(stage.newBlock(seed));
    AtomicInteger right = new AtomicInteger();
    CountDownLatch pinned = new CountDownLatch(PARKED);
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < PARKED; i++) {
        threads.execute(() -> {
          Guard guard = stage.domain.pin();
          long block = root.get();
          pinned.countDown();
          awaitQuietly(go);
          Stage.check(block);
          right.incrementAndGet();
          guard.close();
        });
        if (i % (PARKED / REPLACED) == 0) {
          replace(stage, root, i);
        }
      }
      pinned.await();
      var stats = stage.domain.stats();
      long open = stats.pinnedSlots() + stats.pinnedInCounters();
      Stage.require(open == PARKED, open + " guards are open; expected " + PARKED);
      go.countDown();
    }
    Stage.require(right.get() == PARKED, "only " + right.get() + " threads saw their block");
    stage.freeBlock(root.get());
    stage.strike();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void replace(Stage stage, AtomicLong root, long value) {
    long made = stage.newBlock(value);
    try (Guard guard = stage.domain.pin(1, Stage.SIZE)) {
      long old = root.getAndSet(made);
      guard.retire(old, Stage.SIZE, Stage.ALIGNMENT, stage.number);
    }
  }
}
