package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.OwnedBlock;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OwnedBlockTest {

  private static final int ROUNDS = 20_000;

  private static final List<Consumer<OwnedBlock>> USES =
      List.of(
          OwnedBlock::address,
          OwnedBlock::byteSize,
          OwnedBlock::byteAlignment,
          OwnedBlock::allocator,
          OwnedBlock::segment,
          OwnedBlock::transfer,
          OwnedBlock::release);

  private static void assertDead(OwnedBlock block, String state) {
    for (Consumer<OwnedBlock> use : USES) {
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> use.accept(block));
      assertTrue(refused.getMessage().startsWith(state), refused::getMessage);
    }
    block.close();
    assertTrue(block.toString().startsWith(state), block::toString);
  }

  @Test
  void allocate_andClose_frees() {
    LeakCheck.run(allocator -> {
      try (OwnedBlock block = OwnedBlock.allocate(allocator, 100, 64)) {
        assertEquals(100, block.byteSize());
        assertEquals(64, block.byteAlignment());
        assertEquals(0, block.address() % 64);
        assertSame(allocator, block.allocator());
        block.segment().set(ValueLayout.JAVA_BYTE, 99, (byte) 7);
        assertEquals(block.address(), block.segment().address());
        assertEquals(100, block.segment().byteSize());
      }
    });
  }

  @Test
  void allocateZeroed_isZero() {
    LeakCheck.run(allocator -> {
      try (OwnedBlock block = OwnedBlock.allocateZeroed(allocator, 1000, 8)) {
        for (long i = 0; i < 1000; i++) {
          assertEquals(0, block.segment().get(ValueLayout.JAVA_BYTE, i));
        }
      }
    });
  }

  @Test
  void allocate_refused_throwsAndLeaksNothing() {
    LeakCheck.run(allocator -> {
      MockAllocator mock = new MockAllocator(allocator).failAfter(1);
      assertThrows(AllocationException.class, () -> OwnedBlock.allocate(mock, 8, 8));
      assertThrows(AllocationException.class, () -> OwnedBlock.allocateZeroed(mock, 8, 8));
      assertThrows(IllegalArgumentException.class, () -> OwnedBlock.allocate(allocator, 0, 8));
      assertThrows(IllegalArgumentException.class, () -> OwnedBlock.allocate(allocator, 8, 3));
    });
  }

  @Test
  void of_badArguments_throwsAndTakesNothing() {
    LeakCheck.run(allocator -> {
      assertThrows(
          IllegalArgumentException.class, () -> OwnedBlock.of(allocator, Allocator.NULL, 8, 8));
      long address = allocator.allocate(8, 8);
      assertThrows(IllegalArgumentException.class, () -> OwnedBlock.of(allocator, address, 0, 8));
      assertThrows(IllegalArgumentException.class, () -> OwnedBlock.of(allocator, address, 8, 5));
      OwnedBlock.of(allocator, address, 8, 8).close();
    });
  }

  @Test
  void close_twice_freesOnce() {
    try (AccountedAllocator allocator = Allocators.system()) {
      OwnedBlock block = OwnedBlock.allocate(allocator, 100, 8);
      block.close();
      assertDead(block, "closed");
      assertEquals(1, allocator.stats().frees());
    }
  }

  @Test
  void transfer_leavesOneOwner() {
    try (AccountedAllocator allocator = Allocators.system()) {
      OwnedBlock first = OwnedBlock.allocate(allocator, 100, 16);
      long address = first.address();
      OwnedBlock second = first.transfer();
      assertNotSame(first, second);
      assertDead(first, "transferred");
      assertEquals(0, allocator.stats().frees());
      assertEquals(address, second.address());
      assertEquals(100, second.byteSize());
      assertEquals(16, second.byteAlignment());
      second.close();
      assertDead(first, "transferred");
      assertEquals(1, allocator.stats().frees());
    }
  }

  @Test
  void transfer_inTryWithResources_outlivesTheScope() {
    LeakCheck.run(allocator -> {
      OwnedBlock kept;
      try (OwnedBlock block = OwnedBlock.allocate(allocator, 8, 8)) {
        kept = block.transfer();
      }
      kept.segment().set(ValueLayout.JAVA_LONG, 0, 5);
      kept.close();
    });
  }

  @Test
  void release_givesTheBlockToTheCaller() {
    LeakCheck.run(allocator -> {
      OwnedBlock block = OwnedBlock.allocate(allocator, 100, 8);
      long address = block.address();
      assertEquals(address, block.release());
      assertDead(block, "released");
      allocator.free(address, 100, 8);
    });
  }

  @Test
  void close_refusedByTheAllocator_keepsTheBlock() throws InterruptedException {
    try (AccountedAllocator parent = Allocators.system();
        ArenaAllocator arena = new ArenaAllocator(parent, "frame", 1024)) {
      OwnedBlock block = OwnedBlock.allocate(arena, 100, 8);
      inAnotherThread(() -> assertThrows(IllegalStateException.class, block::close));
      assertEquals(100, block.byteSize());
      block.close();
      assertDead(block, "closed");
    }
  }

  @Test
  void transfer_acrossThreads_showsWhatWasWritten() throws InterruptedException {
    try (LeakCheck check = new LeakCheck()) {
      BlockingQueue<OwnedBlock> queue = new ArrayBlockingQueue<>(1000);
      Threads consumer =
          Threads.start(
              1,
              index -> {
                for (long i = 0; i < 1000; i++) {
                  try (OwnedBlock block = queue.take()) {
                    assertEquals(i, block.segment().get(ValueLayout.JAVA_LONG, 0));
                  }
                }
              });
      for (long i = 0; i < 1000; i++) {
        OwnedBlock block = OwnedBlock.allocate(check.allocator(), 8, 8);
        block.segment().set(ValueLayout.JAVA_LONG, 0, i);
        queue.put(block.transfer());
      }
      consumer.join();
    }
  }

  /** Counts what is freed and has no memory, so that a block freed twice harms nobody. */
  private static Allocator counting(AtomicInteger frees) {
    return (Allocator)
        Proxy.newProxyInstance(
            Allocator.class.getClassLoader(),
            new Class<?>[] {Allocator.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "free" -> {
                    frees.incrementAndGet();
                    yield null;
                  }
                  case "name" -> "counting";
                  default -> throw new AssertionError(method);
                });
  }

  private static OwnedBlock[] blocksOf(Allocator allocator) {
    OwnedBlock[] blocks = new OwnedBlock[ROUNDS];
    Arrays.setAll(blocks, i -> OwnedBlock.of(allocator, 64L * (i + 1), 64, 8));
    return blocks;
  }

  @Test
  void close_twoThreads_freesOnce() throws InterruptedException {
    AtomicInteger frees = new AtomicInteger();
    OwnedBlock[] blocks = blocksOf(counting(frees));
    Threads.race(ROUNDS, (round, index) -> blocks[round].close());
    assertEquals(ROUNDS, frees.get());
  }

  @Test
  void transferReleaseAndClose_twoThreads_exactlyOneWins() throws InterruptedException {
    AtomicInteger frees = new AtomicInteger();
    AtomicInteger released = new AtomicInteger();
    OwnedBlock[] blocks = blocksOf(counting(frees));
    Threads.race(
        ROUNDS,
        (round, index) -> {
          try {
            switch ((round / (1 + index * 3)) % 3) {
              case 0 -> blocks[round].transfer().close();
              case 1 -> {
                assertEquals(64L * (round + 1), blocks[round].release());
                released.incrementAndGet();
              }
              default -> blocks[round].close();
            }
          } catch (IllegalStateException lost) {
            assertFalse(String.valueOf(lost.getMessage()).startsWith("live"));
          }
        });
    assertEquals(ROUNDS, frees.get() + released.get());
  }

  private static void inAnotherThread(Runnable action) throws InterruptedException {
    Threads.run(1, index -> action.run());
  }
}
