package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.MimallocAllocator;
import io.caisson.alloc.MimallocHeap;
import io.caisson.alloc.internal.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MimallocHeapTest {

  private static final long BLOCK = 1000;

  @BeforeAll
  static void requireLibrary() {
    MimallocAllocatorTest.requireLibrary();
  }

  @Test
  void create_version2_isUnsupportedNamingTheVersion() {
    assumeTrue(MimallocAllocator.versionNumber() < 300);
    String refusal =
        assertThrows(UnsupportedOperationException.class, () -> MimallocHeap.create("heap"))
            .getMessage();
    assertTrue(refusal.contains("mimalloc " + MimallocAllocator.version()), refusal);
  }

  @Nested
  class OfVersion3 implements AllocatorContract {

    @BeforeAll
    static void requireHeaps() {
      assumeTrue(MimallocAllocator.versionNumber() >= 300, "heaps are bound to threads");
    }

    @Override
    public Allocator newAllocator() {
      return MimallocHeap.create("heap");
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }

    @Test
    void closeForcibly_blocksOfEverySizeOut_releasesThemAll() {
      for (int round = 0; round < 50; round++) {
        MimallocHeap heap = MimallocHeap.create("round " + round);
        for (long size = 1; size <= 4 << 20; size *= 2) {
          TestBlock.allocate(heap, size, 1L << (round % 13), size);
          TestBlock.allocate(heap, size, 8, size).reallocate(size + size / 2 + 1);
        }
        assertEquals(46, heap.stats().liveBlocks());
        heap.closeForcibly();
        heap.closeForcibly();
        heap.close();
        assertEquals(0, heap.stats().liveBlocks());
        assertEquals(0, heap.stats().liveBytes());
      }
    }

    @Test
    void closeForcibly_blocksOfManyThreads_releasesThemAll() throws Exception {
      for (int round = 0; round < 20; round++) {
        MimallocHeap heap = MimallocHeap.create("shared");
        MimallocHeap other = MimallocHeap.create("other");
        List<TestBlock> kept = new ArrayList<>();
        try (ExecutorService executor =
            round % 2 == 0
                ? Executors.newVirtualThreadPerTaskExecutor()
                : Executors.newCachedThreadPool()) {
          List<Future<TestBlock>> running = new ArrayList<>();
          for (int t = 0; t < 16; t++) {
            int pattern = t;
            running.add(
                executor.submit(() -> {
                  for (int i = 0; i < 100; i++) {
                    TestBlock.allocate(heap, 1 + i * 7, 8, i);
                    TestBlock.allocate(heap, 1 + i * 7, 8, i).checkAndFree();
                  }
                  return TestBlock.allocate(other, BLOCK, 64, pattern);
                }));
          }
          for (Future<TestBlock> thread : running) {
            kept.add(thread.get());
          }
        }
        assertEquals(1600, heap.stats().liveBlocks());
        Thread.ofPlatform().start(heap::closeForcibly).join();
        kept.forEach(TestBlock::checkAndFree);
        other.close();
      }
    }

    @Test
    void free_ofAClosedHeap_isRefused() {
      MimallocHeap heap = MimallocHeap.create("closed");
      long address = heap.allocate(8, 8);
      heap.closeForcibly();
      assertThrows(IllegalStateException.class, () -> heap.free(address, 8, 8));
      assertThrows(IllegalStateException.class, () -> heap.resize(address, 8, 16, 8));
      assertThrows(IllegalStateException.class, () -> heap.reallocate(address, 8, 16, 8));
    }

    @Test
    void closeForcibly_inCheckedMode_strikesEveryBlockOff() {
      assumeTrue(BlockRegistry.isActive());
      MimallocHeap heap = MimallocHeap.create("checked");
      long block = heap.allocate(BLOCK, 8);
      long freed = heap.allocate(BLOCK, 8);
      heap.free(freed, BLOCK, 8);
      ArenaAllocator arena = new ArenaAllocator(heap, "arena", BLOCK);
      long inner = arena.allocate(100, 8);
      heap.closeForcibly();
      for (long address : new long[] {block, freed, inner}) {
        assertThrows(CheckedMemoryException.class, () -> Memory.getByte(address));
      }
      // What the heap had in quarantine leaves it without being freed a second time.
      try (Allocator other = MimallocAllocator.load()) {
        for (int i = 0; i < 40; i++) {
          TestBlock.allocate(other, 1 << 20, 8, i).checkAndFree();
        }
      }
    }

    @Test
    void failure_knowsWhatIsInUse() {
      try (MimallocHeap heap = MimallocHeap.create("full")) {
        long address = heap.allocate(100, 8);
        assertEquals(100, heap.failure(1L << 60, 8).inUse());
        heap.free(address, 100, 8);
      }
    }
  }
}
