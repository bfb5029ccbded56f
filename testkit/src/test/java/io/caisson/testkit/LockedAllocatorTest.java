package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.ArenaProfile;
import io.caisson.alloc.FixedBufferAllocator;
import io.caisson.alloc.LockedAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.PoolAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.RoutingAllocator;
import io.caisson.alloc.Scratch;
import io.caisson.alloc.ScratchArenas;
import io.caisson.alloc.ZeroOnFreeAllocator;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A lock around a pool. */
class LockedAllocatorTest implements AllocatorContract {

  private final AccountedAllocator parent = Allocators.system();

  @Override
  public Allocator newAllocator() {
    return new LockedAllocator(
        new PoolAllocator(parent, "test_pool", 256, 16, 16, PoolPolicy.GROW));
  }

  @Override
  public boolean knowsItsBlocks() {
    return true;
  }

  @AfterEach
  void parentHasEverythingBack() {
    assertEquals(0, parent.stats().liveBytes());
    parent.close();
  }

  private static void useFromManyThreads(Allocator allocator) throws Exception {
    List<Future<?>> workers = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int t = 0; t < 32; t++) {
        int pattern = t;
        workers.add(
            executor.submit(() -> {
              List<TestBlock> blocks = new ArrayList<>();
              for (int i = 0; i < 100; i++) {
                blocks.add(TestBlock.allocate(allocator, 1 + i, 8, pattern * 100L + i));
              }
              blocks.forEach(TestBlock::checkAndFree);
            }));
      }
    }
    for (Future<?> worker : workers) {
      worker.get();
    }
  }

  @Test
  void allocate_manyThreadsOverSingleOwners_works() throws Exception {
    ArenaAllocator arena = new ArenaAllocator(parent, "outer", 4096);
    PoolAllocator pool = new PoolAllocator(arena, "pool", 64, 8, 16, PoolPolicy.GROW);
    // All of these are one stack, down to the arena that the pool takes its chunks from.
    try (Allocator locked =
        new LockedAllocator(
            new ZeroOnFreeAllocator(
                Allocators.accounted(
                    new RoutingAllocator("routes", pool, new MockAllocator(arena), parent))))) {
      assertTrue(locked.isThreadSafe());
      useFromManyThreads(locked);
    }
    try (Allocator closer = new LockedAllocator(pool)) {
      assertNotEquals(null, closer.name());
    }
    new LockedAllocator(arena).close();
  }

  @Test
  void allocate_directlyAfterAnotherThreadCalledTheLock_throws() throws InterruptedException {
    ArenaAllocator arena = new ArenaAllocator(parent, "mine", 1024);
    try (LockedAllocator locked = new LockedAllocator(arena)) {
      Thread.ofVirtual()
          .start(() -> {
            var _ = locked.allocate(8, 8);
          })
          .join();
      assertThrows(IllegalStateException.class, () -> arena.allocate(8, 8));
      assertNotEquals(Allocator.NULL, locked.allocate(8, 8));
    }
  }

  @Test
  void new_overWhatCannotBeHandedOver_throws() {
    try (ScratchArenas scratch = new ScratchArenas(parent, new ArenaProfile("s", 1024, 4096));
        Scratch frame = scratch.open()) {
      assertThrows(IllegalArgumentException.class, () -> new LockedAllocator(frame));
      PoolAllocator pool = new PoolAllocator(frame, "p", 8, 8, 8, PoolPolicy.GROW);
      assertThrows(IllegalArgumentException.class, () -> new LockedAllocator(pool));
      pool.close();
    }
  }

  @Test
  void close_inAnotherThread_works() throws InterruptedException {
    LockedAllocator locked = new LockedAllocator(new ArenaAllocator(parent, "mine", 1024));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread.ofPlatform()
        .uncaughtExceptionHandler((thread, e) -> thrown.set(e))
        .start(locked::close)
        .join();
    assertEquals(null, thrown.get());
  }

  @Test
  void everyAllocation_failing_changesNothing() {
    assertEquals(
        3,
        OomSweep.of(allocator ->
                new Holding(
                    new LockedAllocator(
                        new PoolAllocator(allocator, "p", 64, 8, 3, PoolPolicy.GROW))))
            .steps(4, "take", (holding, i) -> holding.take(64))
            .step("take large", holding -> holding.take(500))
            .contents(Holding::contents)
            .run());
  }

  /** A lock around an arena. */
  @Nested
  class OverAnArena implements AllocatorContract {

    @Override
    public Allocator newAllocator() {
      return new LockedAllocator(Allocators.accounted(new ArenaAllocator(parent, "locked", 1024)));
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }
  }

  /** A lock around a fixed buffer. */
  @Nested
  class OverAFixedBuffer implements AllocatorContract {

    private final Arena memory = Arena.ofShared();

    @Override
    public Allocator newAllocator() {
      return new LockedAllocator(new FixedBufferAllocator(memory.allocate(4 * BYTES_NEEDED)));
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }

    @AfterEach
    void closeMemory() {
      memory.close();
    }
  }
}
