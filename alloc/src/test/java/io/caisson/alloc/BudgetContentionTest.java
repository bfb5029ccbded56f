package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Two levels of limits under contention, and that what breaks them is found. */
class BudgetContentionTest {

  private static final int THREADS = 4;
  private static final int ROUNDS = 50_000;
  private static final long ROOT_LIMIT = 1000;
  private static final long LEAF_LIMIT = 600;

  /** What is held to its limit: a budget, or something that only looks like one. */
  private interface Level {
    boolean tryReserve(long byteSize);

    void release(long byteSize);

    long used();
  }

  private static Level of(Budget budget) {
    return new Level() {
      @Override
      public boolean tryReserve(long byteSize) {
        return budget.tryReserve(byteSize);
      }

      @Override
      public void release(long byteSize) {
        budget.release(byteSize);
      }

      @Override
      public long used() {
        return budget.used();
      }
    };
  }

  /** A budget for canaries, which does right. */
  private static class Ledger implements Level {
    final @Nullable Ledger parent;
    final long limit;
    final AtomicLong used = new AtomicLong();

    Ledger(@Nullable Ledger parent, long limit) {
      this.parent = parent;
      this.limit = limit;
    }

    boolean add(long byteSize) {
      long before = used.get();
      while (byteSize <= limit - before) {
        if (used.compareAndSet(before, before + byteSize)) {
          return true;
        }
        before = used.get();
      }
      return false;
    }

    void undo(long byteSize) {
      used.addAndGet(-byteSize);
    }

    @Override
    public boolean tryReserve(long byteSize) {
      if (!add(byteSize)) {
        return false;
      }
      if (parent != null && !parent.tryReserve(byteSize)) {
        undo(byteSize);
        return false;
      }
      return true;
    }

    @Override
    public void release(long byteSize) {
      used.addAndGet(-byteSize);
      if (parent != null) {
        parent.release(byteSize);
      }
    }

    @Override
    public long used() {
      return used.get();
    }
  }

  /** Keeps what it reserved where the level above refuses. */
  private static final class ForgetsToUndo extends Ledger {
    ForgetsToUndo(@Nullable Ledger parent, long limit) {
      super(parent, limit);
    }

    @Override
    void undo(long byteSize) {}
  }

  /** Looks whether there is room, and takes it later. */
  private static final class ChecksBeforeReserving extends Ledger {
    ChecksBeforeReserving(@Nullable Ledger parent, long limit) {
      super(parent, limit);
    }

    @Override
    boolean add(long byteSize) {
      if (byteSize > limit - used.get()) {
        return false;
      }
      for (int i = 0; i < 100; i++) {
        Thread.onSpinWait();
      }
      used.addAndGet(byteSize);
      return true;
    }
  }

  /**
   * The checker: threads reserve and release at random, and keep a count of their own of what they
   * were granted, which is never above what is reserved.
   */
  private static final class Contention {
    final Level root;
    final List<Level> leaves;
    final AtomicLong rootHeld = new AtomicLong();
    final List<AtomicLong> leafHeld = List.of(new AtomicLong(), new AtomicLong());

    Contention(Level root, Level one, Level other) {
      this.root = root;
      this.leaves = List.of(one, other);
    }

    void run() throws Exception {
      long seed = System.nanoTime();
      List<FutureTask<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int index = i;
        FutureTask<Void> task = new FutureTask<>(() -> work(index, new Random(seed + index)), null);
        tasks.add(task);
        Thread.ofPlatform().start(task);
      }
      for (FutureTask<Void> task : tasks) {
        task.get();
      }
      String where = "seed " + seed;
      assertEquals(0, root.used(), where);
      assertEquals(0, leaves.get(0).used(), where);
      assertEquals(0, leaves.get(1).used(), where);
    }

    private void work(int index, Random random) {
      Level leaf = leaves.get(index % 2);
      AtomicLong held = leafHeld.get(index % 2);
      for (int i = 0; i < ROUNDS; i++) {
        long byteSize = 300L + random.nextInt(301);
        if (leaf.tryReserve(byteSize)) {
          atMost(LEAF_LIMIT, held.addAndGet(byteSize));
          atMost(ROOT_LIMIT, rootHeld.addAndGet(byteSize));
          atMost(LEAF_LIMIT, leaf.used());
          atMost(ROOT_LIMIT, root.used());
          rootHeld.addAndGet(-byteSize);
          held.addAndGet(-byteSize);
          leaf.release(byteSize);
        }
      }
    }

    private static void atMost(long limit, long bytes) {
      assertTrue(bytes <= limit, () -> bytes + " bytes under a limit of " + limit);
    }
  }

  @Test
  void limits_manyThreads_hold() throws Exception {
    try (Budget root = new Budget(new BudgetProfile("root", ROOT_LIMIT));
        Budget one = root.child(new BudgetProfile("one", LEAF_LIMIT));
        Budget other = root.child(new BudgetProfile("other", LEAF_LIMIT))) {
      new Contention(of(root), of(one), of(other)).run();
      assertTrue(root.refusals() + one.refusals() + other.refusals() > 0, "never contended");
    }
  }

  @Test
  void checker_soundLedger_isContent() {
    Ledger root = new Ledger(null, ROOT_LIMIT);
    assertDoesNotThrow(
        new Contention(root, new Ledger(root, LEAF_LIMIT), new Ledger(root, LEAF_LIMIT))::run);
  }

  @Test
  void checker_ledgerThatForgetsToUndo_isFound() {
    Ledger root = new Ledger(null, ROOT_LIMIT);
    Contention contention =
        new Contention(
            root, new ForgetsToUndo(root, LEAF_LIMIT), new ForgetsToUndo(root, LEAF_LIMIT));
    assertThrows(AssertionError.class, contention::run);
  }

  @Test
  void checker_ledgerThatChecksBeforeReserving_isFound() {
    Ledger root = new ChecksBeforeReserving(null, ROOT_LIMIT);
    Contention contention =
        new Contention(
            root,
            new ChecksBeforeReserving(root, LEAF_LIMIT),
            new ChecksBeforeReserving(root, LEAF_LIMIT));
    ExecutionException found = assertThrows(ExecutionException.class, contention::run);
    assertTrue(found.getCause() instanceof AssertionError, found::toString);
  }
}
