package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.ArenaProfile;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.PoolAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.Scratch;
import io.caisson.alloc.ScratchArenas;
import io.caisson.alloc.internal.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Frames, each the outermost one of its own lender of arenas. */
class ScratchArenasTest implements AllocatorContract {

  private static final ArenaProfile PROFILE = new ArenaProfile("temporary", 1024, 16 << 20);

  private final AccountedAllocator parent = Allocators.system();
  private final List<ScratchArenas> lenders = new ArrayList<>();

  @Override
  public Allocator newAllocator() {
    return lender(2).open();
  }

  @Override
  public boolean knowsItsBlocks() {
    return false;
  }

  private ScratchArenas lender(int maxIdle) {
    lenders.add(new ScratchArenas(parent, PROFILE, maxIdle));
    return lenders.getLast();
  }

  @AfterEach
  void parentHasEverythingBack() {
    lenders.forEach(ScratchArenas::close);
    assertEquals(0, parent.stats().liveBytes());
    parent.close();
  }

  @Test
  void close_frame_releasesWhatItAllocated() {
    ScratchArenas scratch = lender(1);
    long first;
    try (Scratch frame = scratch.open()) {
      first = frame.allocate(100, 16);
      assertEquals(1, scratch.openThreads());
      assertEquals(0, scratch.idleArenas());
    }
    assertEquals(0, scratch.openThreads());
    assertEquals(1, scratch.idleArenas());
    try (Scratch frame = scratch.open()) {
      assertEquals(first, frame.allocate(100, 16)); // the same arena, from its start
    }
    assertEquals(1, parent.stats().allocations());
  }

  @Test
  void open_inAFrame_nestsInTheSameArena() {
    ScratchArenas scratch = lender(1);
    try (Scratch outer = scratch.open()) {
      TestBlock kept = TestBlock.allocate(outer, 100, 8, 1);
      long used = outer.used();
      long inner = Allocator.NULL;
      for (int i = 0; i < 1000; i++) {
        try (Scratch frame = scratch.open()) {
          long address = frame.allocate(200, 8);
          assertTrue(inner == Allocator.NULL || inner == address);
          inner = address;
        }
        assertEquals(used, outer.used());
      }
      assertEquals(1, parent.stats().liveBlocks());
      kept.checkAndFree();
    }
  }

  @Test
  void open_severalWithoutAllocating_closeOneByOne() {
    ScratchArenas scratch = lender(1);
    try (Scratch outer = scratch.open()) {
      for (int i = 0; i < 3; i++) {
        try (Scratch middle = scratch.open();
            Scratch inner = scratch.open()) {
          assertNotEquals(Allocator.NULL, inner.allocate(100, 8));
          assertThrows(IllegalStateException.class, middle::close);
        }
        assertNotEquals(Allocator.NULL, outer.allocate(8, 8));
      }
      assertTrue(outer.used() < 100);
    }
  }

  @Test
  void allocate_inAnOuterFrame_throwsWhileAnInnerIsOpen() {
    ScratchArenas scratch = lender(1);
    try (Scratch outer = scratch.open()) {
      Scratch inner = scratch.open();
      assertThrows(IllegalStateException.class, () -> outer.allocate(8, 8));
      assertThrows(IllegalStateException.class, outer::close);
      assertNotEquals(Allocator.NULL, inner.allocate(8, 8));
      inner.close();
      inner.close();
      assertThrows(IllegalStateException.class, () -> inner.allocate(8, 8));
      assertNotEquals(Allocator.NULL, outer.allocate(8, 8));
    }
  }

  @Test
  void close_inAnotherThread_throws() throws InterruptedException {
    ScratchArenas scratch = lender(1);
    try (Scratch frame = scratch.open()) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread.ofPlatform()
          .uncaughtExceptionHandler((thread, e) -> thrown.set(e))
          .start(frame::close)
          .join();
      assertEquals(IllegalStateException.class, thrown.get().getClass());
      assertNotEquals(Allocator.NULL, frame.allocate(8, 8));
    }
  }

  @Test
  void use_afterTheFrame_isCaughtInCheckedMode() {
    assumeTrue(BlockRegistry.isActive());
    ScratchArenas scratch = lender(1);
    try (Scratch outer = scratch.open()) {
      long kept = outer.allocate(8, 8);
      long gone;
      try (Scratch inner = scratch.open()) {
        gone = inner.allocate(8, 8);
      }
      Memory.putLong(kept, 1);
      assertThrows(CheckedMemoryException.class, () -> Memory.getLong(gone));
    }
  }

  @Test
  void allocate_aboveTheCap_returnsNull() {
    ScratchArenas scratch = lender(1);
    try (Scratch frame = scratch.open()) {
      assertEquals(Allocator.NULL, frame.allocate(PROFILE.cap(), 8));
      assertEquals(PROFILE.cap(), frame.failure(PROFILE.cap(), 8).limit());
    }
  }

  /** The policy for virtual threads: those that live on without a frame hold nothing. */
  @Test
  void open_manyVirtualThreads_pinNoArenas() throws Exception {
    ScratchArenas scratch = lender(4);
    int threads = 5000;
    CountDownLatch used = new CountDownLatch(threads);
    CountDownLatch mayEnd = new CountDownLatch(1);
    List<Future<?>> ends = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < threads; i++) {
        int pattern = i;
        ends.add(
            executor.submit(() -> {
              try (Scratch frame = scratch.open()) {
                TestBlock block = TestBlock.allocate(frame, 200, 8, pattern);
                block.checkAndFree();
              } finally {
                used.countDown();
              }
              mayEnd.await();
              return null;
            }));
      }
      used.await();
      // All of them are alive, and what is left is bounded by the number of idle arenas.
      assertEquals(0, scratch.openThreads());
      assertTrue(scratch.idleArenas() <= 4);
      assertEquals(scratch.idleArenas() * PROFILE.hint(), parent.stats().liveBytes());
      mayEnd.countDown();
    }
    for (Future<?> end : ends) {
      end.get();
    }
  }

  @Test
  void open_manyPlatformThreads_shareNothing() throws Exception {
    ScratchArenas scratch = lender(2);
    List<Future<?>> ends = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 200; i++) {
        int pattern = i;
        ends.add(
            executor.submit(() -> {
              try (Scratch outer = scratch.open()) {
                TestBlock first = TestBlock.allocate(outer, 300, 8, pattern);
                try (Scratch inner = scratch.open()) {
                  TestBlock.allocate(inner, 5000, 8, pattern + 1).check();
                }
                first.checkAndFree();
              }
            }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
    assertTrue(scratch.idleArenas() <= scratch.maxIdle());
  }

  @Test
  void close_withAFrameOpen_throwsAndStaysOpen() {
    ScratchArenas scratch = lender(1);
    Scratch frame = scratch.open();
    IllegalStateException refusal = assertThrows(IllegalStateException.class, scratch::close);
    String name = Thread.currentThread().getName();
    assertTrue(refusal.getMessage().contains("1 threads: '" + name + "'"), refusal::getMessage);
    assertNotEquals(Allocator.NULL, frame.allocate(8, 8));
    frame.close();
    scratch.close();
    scratch.close();
    assertThrows(IllegalStateException.class, scratch::open);
  }

  @Test
  void closeForcibly_withFramesOpen_releasesAll() {
    ScratchArenas scratch = lender(1);
    Scratch outer = scratch.open();
    Scratch inner = scratch.open();
    assertNotEquals(Allocator.NULL, inner.allocate(10_000, 8));
    scratch.closeForcibly();
    assertEquals(0, parent.stats().liveBytes());
    assertThrows(IllegalStateException.class, () -> inner.allocate(8, 8));
    inner.close();
    outer.close();
  }

  @Test
  void new_whatCannotServe_throws() {
    try (ArenaAllocator arena = new ArenaAllocator(parent, "mine", 1024)) {
      assertThrows(IllegalArgumentException.class, () -> new ScratchArenas(arena, PROFILE));
    }
    assertThrows(IllegalArgumentException.class, () -> new ScratchArenas(parent, PROFILE, -1));
  }

  @Test
  void open_keepingNoneIdle_givesEachBack() {
    ScratchArenas scratch = lender(0);
    try (Scratch frame = scratch.open()) {
      assertNotEquals(Allocator.NULL, frame.allocate(8, 8));
    }
    assertEquals(0, parent.stats().liveBytes());
  }

  @Test
  void everyAllocation_failing_leavesItAsItWas() {
    long swept =
        OomSweep.of(allocator -> new ScratchArenas(allocator, PROFILE, 0))
            .steps(
                3,
                "frames",
                (scratch, i) -> {
                  try (Scratch outer = scratch.open()) {
                    Allocations.allocate(outer, 1000, 8);
                    try (Scratch inner = scratch.open()) {
                      Allocations.allocate(inner, 5000, 8);
                    }
                  }
                })
            .contents(scratch -> List.of(scratch.openThreads(), scratch.idleArenas()))
            .run();
    assertEquals(6, swept);
  }

  @Test
  void open_parentFull_throwsAllocationException() {
    ScratchArenas huge = new ScratchArenas(parent, new ArenaProfile("huge", 1L << 60, 1L << 60), 1);
    assertThrows(AllocationException.class, huge::open);
    assertEquals(0, huge.openThreads());
    huge.close();
  }

  /** A frame with a pool in it. */
  @Nested
  class UnderAPool implements AllocatorContract {

    @Override
    public Allocator newAllocator() {
      return new PoolAllocator(lender(1).open(), "in_scratch", 64, 16, 32, PoolPolicy.GROW);
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }

    @AfterEach
    void closeFrames() {
      lenders.forEach(ScratchArenas::closeForcibly);
    }
  }
}
