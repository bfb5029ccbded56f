package io.caisson.smr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.testkit.LeakCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Threads replace one block, and read it, under guards of every kind: in checked memory a block
 * that is freed too early throws where it is read, in native memory its second word differs.
 */
class SharedCellTest {

  private static final long SIZE = 32;
  private static final long ALIGNMENT = 16;
  private static final int ROUNDS = 20_000;

  /** One block, linked by a word on the Java heap. */
  private static final class Cell implements AutoCloseable {
    final ReclamationDomain domain;
    final Allocator allocator;
    final int number;
    final AtomicLong root = new AtomicLong();

    Cell(ReclamationDomain domain, Allocator allocator) {
      this.domain = domain;
      this.allocator = allocator;
      number = domain.register(allocator);
      root.set(newBlock(1));
    }

    private long newBlock(long value) {
      long address = Allocations.allocate(allocator, SIZE, ALIGNMENT);
      Memory.putLong(address, value);
      Memory.putLong(address + 8, ~value);
      return address;
    }

    void check(long address) {
      long value = Memory.getLong(address);
      assertEquals(~value, Memory.getLong(address + 8));
    }

    void read(boolean refresh) {
      try (Guard guard = domain.pin()) {
        check(root.get());
        if (refresh) {
          guard.refresh();
          check(root.get());
        }
      }
    }

    void replace(long value) {
      long made = newBlock(value);
      try (Guard guard = domain.pin(1, SIZE)) {
        long old;
        do {
          old = root.get();
          check(old);
        } while (!root.compareAndSet(old, made));
        guard.retire(old, SIZE, ALIGNMENT, number);
      }
    }

    @Override
    public void close() {
      allocator.free(root.get(), SIZE, ALIGNMENT);
    }
  }

  private static void work(Cell cell, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < ROUNDS; i++) {
      switch (random.nextInt(4)) {
        case 0 -> cell.read(false);
        case 1 -> cell.read(true);
        case 2 -> cell.domain.drain();
        default -> cell.replace(random.nextLong());
      }
    }
  }

  private static void run(DomainBuilder builder, int workers) throws Exception {
    long seed = new SplittableRandom().nextLong();
    System.out.println("SharedCellTest seed " + seed);
    try (LeakCheck check = new LeakCheck();
        ReclamationDomain domain = builder.build();
        Cell cell = new Cell(domain, check.allocator());
        ExecutorService threads = Executors.newFixedThreadPool(workers)) {
      List<Future<?>> results = new ArrayList<>();
      for (int worker = 0; worker < workers; worker++) {
        long own = seed + worker;
        results.add(threads.submit(() -> work(cell, own)));
      }
      await(results);
      assertTrue(domain.drain(), () -> domain.stats().toString());
      assertEquals(0, domain.stats().chargedBytes());
    }
  }

  private static void await(List<Future<?>> results) throws Exception {
    for (Future<?> result : results) {
      try {
        result.get();
      } catch (ExecutionException e) {
        throw new AssertionError("a worker failed", e.getCause());
      }
    }
  }

  @Test
  void replaceAndRead_inSlots_isSafe() throws Exception {
    run(ReclamationDomain.builder().bagCapacity(2), 4);
  }

  @Test
  void replaceAndRead_withOneSlot_isSafe() throws Exception {
    run(ReclamationDomain.builder().slots(1).bagCapacity(1), 4);
  }

  @Test
  void replaceAndRead_atTheHardLimit_isSafe() throws Exception {
    run(
        ReclamationDomain.builder()
            .slots(4)
            .bagCapacity(4)
            .hardLimit(8 * SIZE, LimitPolicy.block(Duration.ofMinutes(1))),
        4);
  }

  @Test
  void virtualThreads_parkedWhilePinned_doNotStopOthers() throws Exception {
    int parked = 5_000;
    try (LeakCheck check = new LeakCheck();
        ReclamationDomain domain = ReclamationDomain.builder().build();
        Cell cell = new Cell(domain, check.allocator());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch pinned = new CountDownLatch(parked);
      CountDownLatch release = new CountDownLatch(1);
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < parked; i++) {
        results.add(
            threads.submit(() -> {
              try (Guard guard = cell.domain.pin()) {
                long address = cell.root.get();
                pinned.countDown();
                release.await();
                cell.check(address);
              }
              return null;
            }));
      }
      pinned.await();
      for (int i = 0; i < 1000; i++) {
        cell.replace(i);
      }
      assertEquals(1000, domain.stats().garbageBlocks());
      release.countDown();
      await(results);
      assertTrue(domain.drain());
    }
  }
}
