package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.ArenaProfile;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.alloc.internal.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ArenaAllocatorTest implements AllocatorContract {

  private final AccountedAllocator parent = Allocators.system();

  @Override
  public Allocator newAllocator() {
    return new ArenaAllocator(parent, "test", 1024);
  }

  @Override
  public boolean knowsItsBlocks() {
    return false;
  }

  @AfterEach
  void parentHasEverythingBack() {
    assertEquals(0, parent.stats().liveBytes());
    parent.close();
  }

  private ArenaAllocator arena(long hint, long cap) {
    return new ArenaAllocator(parent, "test", hint, cap);
  }

  @Test
  void allocate_arenaBasic_isAlignedAndOrdered() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      long p1 = arena.allocate(100);
      long p2 = arena.allocate(200);
      assertNotEquals(Allocator.NULL, p1);
      assertTrue(p2 >= p1 + 100);
      assertEquals(0, arena.allocate(64, 16) % 16);
      assertEquals(0, arena.overflowCount());
      assertEquals(1024, arena.capacity());
      assertEquals("test", arena.name());
    }
  }

  @Test
  void allocate_arenaOverflow_getsABlockOfItsOwn() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      assertNotEquals(Allocator.NULL, arena.allocate(2048));
      assertEquals(1, arena.overflowCount());
      assertEquals(1024 + 2048, arena.capacity());
      assertEquals(2048, arena.used());
    }
  }

  @Test
  void allocate_oneAfterTheOther_leavesNoGap() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      long p1 = arena.allocate(16, 8);
      assertEquals(p1 + 16, arena.allocate(32, 8));
      assertEquals(p1 + 48, arena.allocate(1, 1));
      assertEquals(p1 + 64, arena.allocate(64, 64) - ((p1 + 64) % 64 == 0 ? 0 : 64 - p1 % 64));
    }
  }

  @Test
  void allocate_manyBlocks_doublesUpToTheCap() {
    try (ArenaAllocator arena = arena(1024, 10 * 1024)) {
      List<Long> capacities = new ArrayList<>();
      while (arena.allocate(256, 1) != Allocator.NULL) {
        if (capacities.isEmpty() || capacities.getLast() != arena.capacity()) {
          capacities.add(arena.capacity());
        }
      }
      // 1024, then 2048, 4096, and what the cap leaves.
      assertEquals(List.of(1024L, 3072L, 7168L, 10240L), capacities);
      assertEquals(10240, arena.used());
      assertEquals(1, arena.failures());
      AllocationException failure = arena.failure(256, 1);
      assertEquals(10240, failure.limit());
      assertEquals(10240, failure.inUse());
    }
  }

  @Test
  void allocate_parentRefusesToDouble_takesWhatIsNeeded() {
    MockAllocator mock = new MockAllocator(parent).failAbove(1500);
    try (ArenaAllocator arena = new ArenaAllocator(mock, "test", 1024)) {
      for (int i = 0; i < 10; i++) {
        assertNotEquals(Allocator.NULL, arena.allocate(1000, 8));
      }
      assertEquals(Allocator.NULL, arena.allocate(1501, 8));
      assertEquals(1501, arena.failure(1501, 8).byteSize());
    }
  }

  @Test
  void new_parentRefuses_throwsAndLeaksNothing() {
    MockAllocator mock = new MockAllocator(parent).failNth(1);
    assertThrows(AllocationException.class, () -> new ArenaAllocator(mock, "test", 1024));
  }

  @Test
  void new_badSizes_throws() {
    assertThrows(IllegalArgumentException.class, () -> arena(0, 10));
    assertThrows(IllegalArgumentException.class, () -> arena(-1, 10));
    assertThrows(IllegalArgumentException.class, () -> arena(11, 10));
  }

  @Test
  void reset_keepsTheLargestBlockAndThePeak() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      for (int i = 0; i < 12; i++) {
        var _ = arena.allocate(500, 4);
      }
      arena.allocate(100_000);
      long peak = arena.peak();
      assertTrue(peak >= 106_000);
      arena.reset();
      assertEquals(0, arena.used());
      assertEquals(0, arena.overflowCount());
      assertEquals(4096, arena.capacity());
      assertEquals(peak, arena.peak());
      assertNotEquals(Allocator.NULL, arena.allocate(4000, 8));
      assertEquals(4096, arena.capacity());
    }
  }

  @Test
  void free_ofOneBlock_givesNothingBack() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      long first = arena.allocate(100, 8);
      long last = arena.allocate(200, 8);
      long used = arena.used();
      arena.free(last, 200, 8);
      arena.free(first, 100, 8);
      assertEquals(used, arena.used());
      assertTrue(arena.allocate(100, 8) >= last + 200);
    }
  }

  @Test
  void rewind_releasesWhatCameAfterTheMark() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      TestBlock kept = TestBlock.allocate(arena, 100, 8, 1);
      long used = arena.used();
      ArenaAllocator.Mark outer = arena.mark();
      long first = arena.allocate(50, 8);
      ArenaAllocator.Mark inner = arena.mark();
      for (int i = 0; i < 20; i++) {
        var _ = arena.allocate(300, 8);
      }
      var _ = arena.allocate(50_000, 8);
      long capacity = arena.capacity();
      arena.rewind(outer);
      assertEquals(used, arena.used());
      assertEquals(0, arena.overflowCount());
      assertEquals(capacity - 50_000, arena.capacity());
      assertThrows(IllegalStateException.class, () -> arena.rewind(inner));
      assertEquals(first, arena.allocate(50, 8));
      // What was taken before is used again, so frames in a loop do not go to the parent.
      long allocations = parent.stats().allocations();
      for (int round = 0; round < 10; round++) {
        arena.rewind(outer);
        for (int i = 0; i < 20; i++) {
          assertNotEquals(Allocator.NULL, arena.allocate(300, 8));
        }
      }
      assertEquals(allocations, parent.stats().allocations());
      arena.reset();
      assertThrows(IllegalStateException.class, () -> arena.rewind(outer));
      assertTrue(kept.address() != 0);
    }
  }

  @Test
  void resize_belowAMark_movesInsteadOfGrowingAcrossIt() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      TestBlock block = TestBlock.allocate(arena, 64, 8, 1);
      ArenaAllocator.Mark mark = arena.mark();
      assertFalse(arena.resize(block.address(), 64, 128, 8));
      assertTrue(arena.resize(block.address(), 64, 16, 8));
      long after = arena.allocate(100, 8);
      assertTrue(after >= block.address() + 64); // what the mark is above stays put
      arena.rewind(mark);
      assertEquals(after, arena.allocate(32, 8));
    }
  }

  @Test
  void mark_nothingAllocatedSince_isTheSame() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      ArenaAllocator.Mark mark = arena.mark();
      assertSame(mark, arena.mark());
      var _ = arena.allocate(8, 8);
      arena.rewind(mark);
      assertSame(mark, arena.mark());
      assertThrows(NullPointerException.class, () -> arena.rewind(null));
      arena.rewind(mark);
    }
  }

  @Test
  void reset_lastBlockCutShortByTheCap_keepsTheLargest() {
    try (ArenaAllocator arena = arena(1000, 1100)) {
      var _ = arena.allocate(1000, 1);
      var _ = arena.allocate(90, 1);
      assertEquals(1100, arena.capacity());
      arena.reset();
      assertEquals(1000, arena.capacity());
    }
  }

  @Test
  void allocate_alignmentBeyondTheNextBlock_takesABlockOfItsOwn() {
    try (ArenaAllocator arena = arena(4096, 8192)) {
      long address = arena.allocate(64, 1 << 16);
      assertNotEquals(Allocator.NULL, address);
      assertEquals(0, address & 0xFFFF);
    }
  }

  @Test
  void rewind_markOfAnotherArena_throws() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE);
        ArenaAllocator other = arena(1024, Long.MAX_VALUE)) {
      assertThrows(IllegalStateException.class, () -> arena.rewind(other.mark()));
    }
  }

  @Test
  void resize_lastBlock_growsInPlace() {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      long first = arena.allocate(16, 8);
      long last = arena.allocate(16, 8);
      assertFalse(arena.resize(first, 16, 32, 8));
      assertTrue(arena.resize(last, 16, 512, 8));
      assertFalse(arena.resize(last, 512, 2000, 8));
      assertTrue(arena.resize(last, 512, 8, 8));
      assertEquals(last + 8, arena.allocate(8, 8));
      assertEquals(528, arena.peak());
    }
  }

  @Test
  void promote_outlivesTheArena() {
    long copy;
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      long address = arena.allocate(8, 8);
      Memory.putLong(address, 42);
      copy = arena.promote(address, 8, 8, parent);
      MockAllocator full = new MockAllocator(parent).failNth(1);
      assertThrows(AllocationException.class, () -> arena.promote(address, 8, 8, full));
    }
    assertEquals(42, Memory.getLong(copy));
    parent.free(copy, 8, 8);
  }

  @Test
  void within_actionThrows_closesTheArena() {
    List<ArenaAllocator> seen = new ArrayList<>();
    RuntimeException thrown = new RuntimeException("on purpose");
    assertSame(
        thrown,
        assertThrows(
            RuntimeException.class,
            () ->
                ArenaAllocator.within(
                    parent,
                    "request",
                    64 << 10,
                    arena -> {
                      seen.add(arena);
                      throw thrown;
                    })));
    assertThrows(IllegalStateException.class, () -> seen.getFirst().allocate(8, 8));
  }

  @Test
  void profile_overriddenByProperty_isConfigured() {
    assertEquals(new ArenaProfile("cache-rebuild", 8 << 20, 256 << 20), ArenaProfile.CACHE_REBUILD);
    assertEquals(new ArenaProfile("attr-query", 4 << 20, 128 << 20), ArenaProfile.ATTRIBUTE_QUERY);
    String property = "caisson.arena.cache-rebuild.hint";
    try {
      System.setProperty(property, "64KiB");
      ArenaProfile profile = ArenaProfile.CACHE_REBUILD.configured();
      assertEquals(64 << 10, profile.hint());
      assertEquals(256 << 20, profile.cap());
      System.setProperty(property, "lots");
      IllegalArgumentException bad =
          assertThrows(IllegalArgumentException.class, ArenaProfile.CACHE_REBUILD::configured);
      assertTrue(bad.getMessage().contains(property), bad::getMessage);
    } finally {
      System.clearProperty(property);
    }
    try (ArenaAllocator arena = new ArenaAllocator(parent, ArenaProfile.CACHE_REBUILD)) {
      assertEquals(8 << 20, arena.capacity());
    }
  }

  @Test
  void parallelArenas_doNotTouchEachOther() throws Exception {
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<Long>> peaks = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int thread = t;
        peaks.add(
            executor.submit(() -> {
              try (ArenaAllocator arena = arena(1024, 1 << 20)) {
                List<TestBlock> blocks = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                  blocks.add(TestBlock.allocate(arena, 1 + i, 8, thread * 1000L + i));
                }
                blocks.forEach(TestBlock::checkAndFree);
                return arena.peak();
              }
            }));
      }
      for (Future<Long> peak : peaks) {
        assertTrue(peak.get() >= 500 * 501 / 2);
      }
    }
  }

  @Test
  void use_afterResetRewindOrClose_isCaughtInCheckedMode() {
    assumeTrue(BlockRegistry.isActive());
    assertEscapeCaught(ArenaAllocator::reset);
    assertEscapeCaught(ArenaAllocator::close);
    ArenaAllocator arena = arena(1024, Long.MAX_VALUE);
    long before = arena.allocate(8, 8);
    ArenaAllocator.Mark mark = arena.mark();
    long after = arena.allocate(8, 8);
    arena.rewind(mark);
    Memory.putLong(before, 1);
    CheckedMemoryException escape =
        assertThrows(CheckedMemoryException.class, () -> Memory.getLong(after));
    assertTrue(escape.release() != null);
    // Nor may anyone reach what the arena has not handed out.
    assertThrows(CheckedMemoryException.class, () -> Memory.getLong(after + 64));
    arena.close();
  }

  private void assertEscapeCaught(java.util.function.Consumer<ArenaAllocator> release) {
    try (ArenaAllocator arena = arena(1024, Long.MAX_VALUE)) {
      // An arena inside the arena, whose blocks must die with it.
      ArenaAllocator nested = new ArenaAllocator(arena, "nested", 512);
      long address = nested.allocate(8, 8);
      long large = arena.allocate(10_000, 8);
      Memory.putLong(address, 1);
      release.accept(arena);
      assertThrows(CheckedMemoryException.class, () -> Memory.getLong(address));
      assertThrows(CheckedMemoryException.class, () -> Memory.getLong(large));
    }
  }

  /** An arena on top of each other kind of allocator. */
  @Nested
  class Stacked implements AllocatorContract {

    @Override
    public Allocator newAllocator() {
      BiFunction<Allocator, String, ArenaAllocator> over =
          (parent, name) -> new ArenaAllocator(parent, name, 4096);
      return Allocators.accounted(
          over.apply(new MockAllocator(over.apply(SystemAllocator.create(), "outer")), "inner"));
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }
  }
}
