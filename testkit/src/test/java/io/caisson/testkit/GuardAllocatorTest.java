package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.FixedBufferAllocator;
import io.caisson.alloc.GuardAllocator;
import io.caisson.alloc.LeakDetectingAllocator;
import io.caisson.alloc.LeakLevel;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.alloc.internal.GuardLayout;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GuardAllocatorTest implements StackTakingContract {

  @Override
  public Allocator newAllocator() {
    return new GuardAllocator(Allocators.system());
  }

  @Override
  public boolean knowsItsBlocks() {
    return true;
  }

  // ---- content --------------------------------------------------------------------------------

  private static void assertAll0f(int value, long address, long byteSize) {
    for (long i = 0; i < byteSize; i++) {
      assertEquals((byte) value, GuardLayout.byteAt(address + i));
    }
  }

  @Test
  void allocate_freshAndFreed_areFilled() {
    try (Allocator guard = newAllocator()) {
      long address = guard.allocate(100, 8);
      assertAll0f(0xCD, address, 100);
      Memory.fill(address, 100, (byte) 1);
      guard.free(address, 100, 8);
      assertAll0f(0xDD, address, 100);
    }
  }

  @Test
  void allocateZeroed_memoryUsedBefore_isZeroAndGuarded() {
    try (AccountedAllocator system = Allocators.system();
        GuardAllocator guard = new GuardAllocator(system, 32, 0)) {
      guard.free(guard.allocate(1000, 64), 1000, 64);
      long address = guard.allocateZeroed(1000, 64);
      assertAll0f(0, address, 1000);
      assertAll0f(0xFD, address + 1000, 32);
      guard.free(address, 1000, 64);
    }
  }

  @Test
  void resize_inPlace_movesTheRedZone() {
    try (Arena arena = Arena.ofConfined();
        GuardAllocator guard =
            new GuardAllocator(new FixedBufferAllocator(arena.allocate(1 << 16, 64)))) {
      long address = guard.allocate(100, 8);
      Memory.fill(address, 100, (byte) 1);
      assertTrue(guard.resize(address, 100, 200, 8));
      assertAll0f(1, address, 100);
      assertAll0f(0xCD, address + 100, 100);
      assertAll0f(0xFD, address + 200, 32);
      assertTrue(guard.resize(address, 200, 50, 8));
      assertAll0f(0xFD, address + 50, 32);
      guard.check();
      assertThrows(CheckedMemoryException.class, () -> guard.free(address, 200, 8));
      guard.free(address, 50, 8);
    }
  }

  // ---- quarantine -----------------------------------------------------------------------------

  @Test
  void free_quarantine_isBoundedInBytes() {
    try (AccountedAllocator system = Allocators.system()) {
      GuardAllocator guard = new GuardAllocator(system, 32, 10_000);
      for (int i = 1; i <= 300; i++) {
        long byteSize = i * 37L;
        guard.free(guard.allocate(byteSize, 16), byteSize, 16);
        assertTrue(guard.quarantinedBytes() <= 10_000);
        assertEquals(guard.quarantinedBytes(), system.stats().liveBytes());
      }
      guard.free(guard.allocate(100, 16), 100, 16);
      assertNotEquals(0, guard.quarantinedBytes());
      guard.close();
      assertEquals(0, system.stats().liveBytes());
    }
  }

  @Test
  void allocate_exhaustedParent_givesUpTheQuarantineFirst() {
    try (AccountedAllocator system = Allocators.system()) {
      MockAllocator mock = new MockAllocator(system).failNth(2);
      GuardAllocator guard = new GuardAllocator(mock, 32, 1 << 20);
      guard.free(guard.allocate(100, 8), 100, 8);
      long address = guard.allocate(200, 8);
      assertNotEquals(Allocator.NULL, address);
      assertEquals(0, guard.quarantinedBytes());
      guard.free(address, 200, 8);
      guard.close();
    }
  }

  @Test
  void constructor_settings_areTakenAndNamedWhenBad() {
    String property = "caisson.guard.quarantine";
    try (AccountedAllocator system = Allocators.system()) {
      System.setProperty(property, "0");
      GuardAllocator guard = new GuardAllocator(system);
      guard.free(guard.allocate(100, 8), 100, 8);
      assertEquals(0, guard.quarantinedBytes());
      System.setProperty(property, "some");
      IllegalArgumentException bad =
          assertThrows(IllegalArgumentException.class, () -> new GuardAllocator(system));
      assertTrue(bad.getMessage().contains(property), bad::getMessage);
      assertThrows(IllegalArgumentException.class, () -> new GuardAllocator(system, 0, 0));
      assertThrows(IllegalArgumentException.class, () -> new GuardAllocator(system, 32, -1));
    } finally {
      System.clearProperty(property);
    }
  }

  // ---- closing --------------------------------------------------------------------------------

  @Test
  void close_blocksOut_carriesTheirStacks() {
    GuardAllocator guard = new GuardAllocator(SystemAllocator.create());
    long address = Stacks.allocateHere(guard, 24, 8);
    IllegalStateException out = assertThrows(IllegalStateException.class, guard::close);
    assertTrue(out.getMessage().contains("1 blocks of 24 bytes out"), out::getMessage);
    Stacks.assertMentions(out.getSuppressed()[0], "allocateHere");
    guard.free(address, 24, 8);
    guard.close();
  }

  @Test
  void closeForcibly_blocksOut_givesThemBackAndStillReportsDamage() {
    try (AccountedAllocator system = Allocators.system()) {
      GuardAllocator guard = new GuardAllocator(system);
      long address = guard.allocate(24, 8);
      var _ = guard.allocate(5000, 4096);
      GuardLayout.fill(address + 24, 1, (byte) 0);
      assertThrows(CheckedMemoryException.class, guard::closeForcibly);
      assertEquals(0, system.stats().liveBytes());
      guard.closeForcibly();
      guard.close();
      assertThrows(IllegalStateException.class, () -> guard.allocate(8, 8));
    }
  }

  @Test
  void close_overAnArena_findsDamageInBlocksThatAreOut() {
    try (AccountedAllocator system = Allocators.system()) {
      GuardAllocator guard = new GuardAllocator(new ArenaAllocator(system, "request", 4096));
      var _ = guard.allocate(24, 8);
      long address = guard.allocate(24, 8);
      GuardLayout.fill(address - 1, 1, (byte) 0);
      CheckedMemoryException found = assertThrows(CheckedMemoryException.class, guard::close);
      assertTrue(found.getMessage().contains("underrun"), found::getMessage);
      assertEquals(0, system.stats().liveBytes());
    }
  }

  @Test
  void free_damagedBlock_changesNothingAndCanBeRepeated() {
    try (AccountedAllocator account = Allocators.accounted(newAllocator())) {
      long address = account.allocate(24, 8);
      GuardLayout.fill(address + 24, 8, (byte) 0);
      assertThrows(CheckedMemoryException.class, () -> account.free(address, 24, 8));
      assertEquals(24, account.stats().liveBytes());
      account.free(address, 24, 8);
    }
  }

  @Test
  void check_severalDamaged_reportsAll() {
    try (GuardAllocator guard = new GuardAllocator(Allocators.system())) {
      List<Long> blocks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        blocks.add(guard.allocate(40, 8));
      }
      guard.check();
      blocks.forEach(address -> GuardLayout.fill(address - 40, 8, (byte) 7));
      CheckedMemoryException found = assertThrows(CheckedMemoryException.class, guard::check);
      assertEquals(3, found.getSuppressed().length);
      for (long address : blocks) {
        assertThrows(CheckedMemoryException.class, () -> guard.free(address, 40, 8));
        guard.free(address, 40, 8);
      }
    }
  }

  // ---- its own book ---------------------------------------------------------------------------

  /** A few blocks of a guard, as something to sweep. */
  private static final class Blocks implements AutoCloseable {
    private final GuardAllocator guard;
    private final List<TestBlock> blocks = new ArrayList<>();

    Blocks(Allocator allocator) {
      guard = new GuardAllocator(allocator, 32, 0);
    }

    void allocateAndFree(int i) {
      long address =
          i % 2 == 0
              ? Allocations.allocate(guard, 10 + i, 16)
              : Allocations.allocateZeroed(guard, 10 + i, 16);
      guard.free(address, 10 + i, 16);
    }

    void keep(int i) {
      long address = Allocations.allocate(guard, 20, 8);
      blocks.add(new TestBlock(guard, address, 20, 8, i));
    }

    void grow() {
      if (blocks.isEmpty()) {
        return;
      }
      TestBlock block = blocks.getLast();
      long size = block.byteSize();
      long moved = Allocations.reallocate(guard, block.address(), size, size * 3, 8);
      blocks.set(blocks.size() - 1, new TestBlock(guard, moved, size * 3, 8, block.pattern()));
    }

    List<Long> contents() {
      return blocks.stream().map(TestBlock::byteSize).toList();
    }

    @Override
    public void close() {
      blocks.forEach(block -> guard.free(block.address(), block.byteSize(), 8));
      guard.close();
    }
  }

  @Test
  void everyOperation_parentFails_leavesTheBookUnchanged() {
    long failed =
        OomSweep.of(Blocks::new)
            .steps(4, "allocate and free", Blocks::allocateAndFree)
            .steps(3, "keep", Blocks::keep)
            .steps(3, "grow", (blocks, i) -> blocks.grow())
            .contents(Blocks::contents)
            .invariants(blocks -> blocks.guard.check())
            .run();
    assertEquals(10, failed);
  }

  @Test
  void free_byTwoThreadsAtOnce_oneIsFoundWrong() throws Exception {
    int rounds = 2000;
    try (AccountedAllocator system = Allocators.system();
        ExecutorService executor = Executors.newFixedThreadPool(2)) {
      GuardAllocator guard = new GuardAllocator(system, 32, 1 << 14);
      long[] addresses = new long[rounds];
      AtomicInteger wrong = new AtomicInteger();
      CyclicBarrier start = new CyclicBarrier(2);
      Runnable freer =
          () -> {
            for (int i = 0; i < rounds; i++) {
              meet(start);
              try {
                guard.free(addresses[i], 48, 8);
              } catch (CheckedMemoryException e) {
                assertTrue(e.getMessage().contains("double free"), e::getMessage);
                wrong.incrementAndGet();
              }
            }
          };
      for (int i = 0; i < rounds; i++) {
        addresses[i] = guard.allocate(48, 8);
      }
      Future<?> a = executor.submit(freer);
      Future<?> b = executor.submit(freer);
      a.get();
      b.get();
      assertEquals(rounds, wrong.get());
      guard.close();
      assertEquals(0, system.stats().liveBlocks());
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void check_whileOthersAllocateAndFree_findsNothing() throws Exception {
    long seed = System.nanoTime();
    System.out.println("check_whileOthersAllocateAndFree: seed " + seed);
    try (AccountedAllocator system = Allocators.system();
        ExecutorService executor = Executors.newCachedThreadPool()) {
      GuardAllocator guard = new GuardAllocator(system, 32, 1 << 16);
      AtomicBoolean done = new AtomicBoolean();
      Future<?> checker =
          executor.submit(() -> {
            while (!done.get()) {
              guard.check();
            }
          });
      List<Future<?>> workers = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        long ownSeed = seed + t;
        workers.add(executor.submit(() -> churn(guard, new Random(ownSeed))));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      done.set(true);
      checker.get();
      guard.close();
      assertEquals(0, system.stats().liveBlocks());
    }
  }

  private static void churn(Allocator allocator, Random random) {
    List<TestBlock> blocks = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      if (blocks.size() < 20 || random.nextBoolean()) {
        blocks.add(TestBlock.allocate(allocator, 1 + random.nextInt(400), 8, i));
      } else {
        TestBlock block = blocks.remove(random.nextInt(blocks.size()));
        if (random.nextInt(3) == 0) {
          blocks.add(block.reallocate(1 + random.nextInt(400)));
        } else {
          block.checkAndFree();
        }
      }
    }
    blocks.forEach(TestBlock::checkAndFree);
  }

  // ---- stacks of allocators -------------------------------------------------------------------

  @Nested
  class WithoutQuarantine implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return new GuardAllocator(Allocators.system(), 1, 0);
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }
  }

  @Nested
  class OverArena implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return new GuardAllocator(new ArenaAllocator(SystemAllocator.create(), "arena", 4096));
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }
  }

  @Nested
  class OverFixedBuffer implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return new GuardAllocator(new FixedBufferAllocator(Arena.ofAuto().allocate(32 << 20, 64)));
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }
  }

  @Nested
  class OverMock implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return new GuardAllocator(new MockAllocator(Allocators.system()).refuseResize(), 100, 50_000);
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }
  }

  @Nested
  class OverGuard implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return new GuardAllocator(new GuardAllocator(SystemAllocator.create()));
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }
  }

  @Nested
  class UnderArena implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return new ArenaAllocator(new GuardAllocator(Allocators.system()), "arena", 4096);
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }
  }

  @Nested
  class UnderLeakDetector implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return LeakDetectingAllocator.over(new GuardAllocator(SystemAllocator.create()))
          .level(LeakLevel.PARANOID)
          .build();
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }

    @Test
    void free_overrunBlock_reportsAndKeepsBothBooksInStep() {
      try (Allocator both = newAllocator()) {
        long address = both.allocate(24, 8);
        GuardLayout.fill(address + 30, 1, (byte) 0);
        assertThrows(CheckedMemoryException.class, () -> both.free(address, 24, 8));
        both.free(address, 24, 8);
        assertThrows(CheckedMemoryException.class, () -> both.free(address, 24, 8));
      }
    }
  }
}
