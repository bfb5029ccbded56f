package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.SystemAllocator;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class AccountedAllocatorTest implements AllocatorContract {

  @Override
  public Allocator newAllocator() {
    return Allocators.system();
  }

  @Override
  public boolean knowsItsBlocks() {
    return true;
  }

  @Test
  void stats_everyOperation_areExact() {
    try (AccountedAllocator allocator = Allocators.system()) {
      long a = allocator.allocate(100, 8);
      long b = allocator.allocateZeroed(1000, 8);
      assertEquals(new AllocatorStats(2, 1100, 1100, 2, 0, 1100, 0, 0), allocator.stats());
      allocator.free(b, 1000, 8);
      assertEquals(Allocator.NULL, allocator.allocate(Long.MAX_VALUE, 8));
      assertEquals(Allocator.NULL, allocator.reallocate(a, 100, Long.MAX_VALUE, 8));
      assertEquals(new AllocatorStats(1, 100, 1100, 2, 1, 1100, 1000, 2), allocator.stats());
      a = allocator.reallocate(a, 100, 5000, 8);
      assertEquals(new AllocatorStats(1, 5000, 5000, 2, 1, 6000, 1000, 2), allocator.stats());
      a = allocator.reallocate(a, 5000, 50, 8);
      allocator.free(a, 50, 8);
      allocator.free(Allocator.NULL, 50, 8);
      assertEquals(new AllocatorStats(0, 0, 5000, 2, 2, 6000, 6000, 2), allocator.stats());
    }
  }

  @Test
  void stats_largeBlocks_keepTheExactPeak() {
    try (AccountedAllocator allocator = Allocators.system()) {
      long large = allocator.allocate(10 << 20, 8);
      long small = allocator.allocate(1000, 8);
      allocator.free(large, 10 << 20, 8);
      long again = allocator.allocate(9 << 20, 8);
      assertEquals((10 << 20) + 1000, allocator.stats().peakBytes());
      allocator.free(small, 1000, 8);
      allocator.free(again, 9 << 20, 8);
    }
  }

  @Test
  void stats_manyThreads_areExactOnceQuiet() throws Exception {
    try (AccountedAllocator allocator = Allocators.system()) {
      // More threads than stripes, so that some must share; each leaves one block to this one.
      int threads = 200;
      CountDownLatch allDone = new CountDownLatch(threads);
      List<Future<Long>> left = new ArrayList<>();
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int t = 0; t < threads; t++) {
          left.add(
              executor.submit(() -> {
                for (int i = 1; i <= 500; i++) {
                  allocator.free(allocator.allocate(i, 8), i, 8);
                }
                long address = allocator.allocate(64, 8);
                allDone.countDown();
                allDone.await();
                return address;
              }));
        }
      }
      AllocatorStats stats = allocator.stats();
      assertEquals(threads, stats.liveBlocks());
      assertEquals(threads * 64L, stats.liveBytes());
      assertEquals(threads * 501L, stats.allocations());
      assertEquals(threads * 500L, stats.frees());
      assertTrue(stats.peakBytes() >= threads * 64L);
      for (Future<Long> address : left) {
        allocator.free(address.get(), 64, 8);
      }
      assertEquals(0, allocator.stats().liveBytes());
    }
  }

  @Test
  void stats_threadsThatDie_handTheirStripesOn() throws InterruptedException {
    try (AccountedAllocator allocator = Allocators.system()) {
      for (int i = 0; i < 1000; i++) {
        Thread.ofPlatform().start(() -> allocator.free(allocator.allocate(10, 8), 10, 8)).join();
      }
      assertEquals(1000, allocator.stats().allocations());
      assertEquals(10_000, allocator.stats().freedBytes());
      assertEquals(0, allocator.stats().liveBytes());
    }
  }

  @Test
  void stats_whileAnotherThreadAllocates_staysPossible() throws InterruptedException {
    try (AccountedAllocator allocator = Allocators.system()) {
      int rounds = 20_000;
      Thread worker =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < rounds; i++) {
                  allocator.free(allocator.allocate(1 << 20, 8), 1 << 20, 8);
                }
              });
      long highest = 0;
      while (worker.isAlive()) {
        AllocatorStats stats = allocator.stats();
        assertTrue(stats.liveBytes() <= 1 << 20, stats::toString);
        assertTrue(stats.liveBlocks() <= 100, stats::toString);
        assertTrue(stats.peakBytes() >= highest, stats::toString);
        highest = stats.peakBytes();
      }
      worker.join();
      assertEquals(1 << 20, allocator.stats().peakBytes());
    }
  }

  @Test
  void stats_threadThatDied_isNotKeptAlive() throws InterruptedException {
    try (AccountedAllocator allocator = Allocators.system()) {
      Thread thread =
          Thread.ofPlatform().start(() -> allocator.free(allocator.allocate(8, 8), 8, 8));
      thread.join();
      ReferenceQueue<Thread> collected = new ReferenceQueue<>();
      WeakReference<Thread> reference = new WeakReference<>(thread, collected);
      thread = null;
      Reference<?> found = null;
      for (int i = 0; i < 50 && found == null; i++) {
        System.gc();
        found = collected.remove(100);
      }
      assertSame(reference, found);
      allocator.free(allocator.allocate(8, 8), 8, 8);
      assertEquals(2, allocator.stats().allocations());
    }
  }

  @Test
  void failure_knowsWhatIsInUse() {
    try (AccountedAllocator allocator = Allocators.system()) {
      long address = allocator.allocate(100, 8);
      assertEquals(100, allocator.failure(1L << 60, 8).inUse());
      allocator.free(address, 100, 8);
    }
  }

  @Test
  void close_overAnArena_releasesEverything() {
    try (AccountedAllocator parent = Allocators.system()) {
      AccountedAllocator arena = Allocators.accounted(new ArenaAllocator(parent, "request", 1024));
      var _ = arena.allocate(100, 8);
      assertEquals(100, arena.stats().liveBytes());
      arena.close();
      assertEquals(0, arena.stats().liveBytes());
      assertEquals(0, parent.stats().liveBytes());
    }
  }

  @Test
  void closeForcibly_overSystem_isUnsupported() {
    try (AccountedAllocator allocator = Allocators.system()) {
      assertThrows(UnsupportedOperationException.class, allocator::closeForcibly);
    }
  }

  @Test
  void raw_countsNothing() {
    try (AccountedAllocator allocator = Allocators.system()) {
      Allocator raw = allocator.raw();
      assertEquals(SystemAllocator.class, raw.getClass());
      raw.free(raw.allocate(8, 8), 8, 8);
      assertEquals(0, allocator.stats().allocations());
      assertNotNull(allocator.name());
    }
  }
}
