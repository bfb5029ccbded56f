package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.Owned;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * What every {@link Allocator} must do. Implement this in a test class and name the allocator.
 *
 * <p>The tests take at most {@link #BYTES_NEEDED} from an allocator at a time.
 */
public interface AllocatorContract {

  /** The bytes that an allocator under test must be able to provide. */
  long BYTES_NEEDED = 4 << 20;

  /**
   * Makes an allocator with nothing out.
   *
   * @return the allocator, owned and closed by the test
   */
  @Owned
  Allocator newAllocator();

  /**
   * Says whether the allocator refuses to close while blocks are out, in native mode too.
   *
   * @return whether it knows its blocks
   */
  boolean knowsItsBlocks();

  /**
   * Says how often to take and free a block to show that memory comes back; each is of 4 KiB.
   *
   * @return a number that is less for an allocator that takes a stack at each call, as all do in
   *     checked mode
   */
  default int timesToReuse() {
    return BlockRegistry.isActive() ? 20_000 : 200_000;
  }

  /** Every size and alignment gives an aligned block, wholly writable, that overlaps no other. */
  @Test
  default void allocate_everySizeAndAlignment_givesAlignedDisjointBlocks() {
    long[] sizes = {1, 7, 8, 16, 64, 100, 128, 256, 1024, 4096, 65536};
    long[] alignments = {1, 2, 8, 16, 32, 64, 128, 256, 512, 1024, 4096};
    try (Allocator allocator = newAllocator()) {
      for (long alignment : alignments) {
        List<TestBlock> blocks = new ArrayList<>();
        for (long size : sizes) {
          blocks.add(TestBlock.allocate(allocator, size, alignment, blocks.size()));
        }
        blocks.forEach(TestBlock::checkAndFree);
      }
    }
  }

  /** A size that is not positive and an alignment that is no power of two are refused. */
  @Test
  default void everyOperation_badSizeOrAlignment_throws() {
    try (Allocator allocator = newAllocator()) {
      TestBlock block = TestBlock.allocate(allocator, 64, 8, 1);
      for (long size : new long[] {0, -1, Long.MIN_VALUE}) {
        assertRefused(() -> allocator.allocate(size, 8));
        assertRefused(() -> allocator.allocateZeroed(size, 8));
        assertRefused(() -> allocator.resize(block.address(), 64, size, 8));
        assertRefused(() -> allocator.resize(block.address(), size, 64, 8));
        assertRefused(() -> allocator.reallocate(block.address(), 64, size, 8));
        assertRefused(() -> allocator.free(block.address(), size, 8));
      }
      for (long alignment : new long[] {0, -1, 3, 24, Long.MIN_VALUE, Long.MAX_VALUE}) {
        assertRefused(() -> allocator.allocate(64, alignment));
        assertRefused(() -> allocator.allocateZeroed(64, alignment));
        assertRefused(() -> allocator.resize(block.address(), 64, 32, alignment));
        assertRefused(() -> allocator.reallocate(block.address(), 64, 128, alignment));
        assertRefused(() -> allocator.free(block.address(), 64, alignment));
      }
      assertRefused(() -> allocator.resize(Allocator.NULL, 64, 128, 8));
      assertRefused(() -> allocator.reallocate(Allocator.NULL, 64, 128, 8));
      block.checkAndFree();
    }
  }

  private static void assertRefused(Executable call) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call);
    assertNotNull(refusal.getMessage());
  }

  /** What no machine could provide is answered with NULL, and the failure says what was asked. */
  @Test
  default void allocate_moreThanThereIs_returnsNull() {
    try (Allocator allocator = newAllocator()) {
      for (long size : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 4096, 1L << 62}) {
        for (long alignment : new long[] {1, 16, 4096, 1L << 40}) {
          assertEquals(Allocator.NULL, allocator.allocate(size, alignment));
          assertEquals(Allocator.NULL, allocator.allocateZeroed(size, alignment));
        }
      }
      AllocationException failure = allocator.failure(Long.MAX_VALUE, 16);
      assertEquals(Long.MAX_VALUE, failure.byteSize());
      assertEquals(16, failure.byteAlignment());
      assertNames(allocator, failure);
    }
  }

  private static void assertNames(Allocator allocator, RuntimeException exception) {
    assertTrue(String.valueOf(exception.getMessage()).contains("'" + allocator.name() + "'"));
  }

  /** A zeroed block is zero even where the memory was used before. */
  @Test
  default void allocateZeroed_afterUse_isZero() {
    try (Allocator allocator = newAllocator()) {
      for (long size : new long[] {1, 24, 100, 4096, 100_000}) {
        for (long alignment : new long[] {1, 64}) {
          TestBlock.allocate(allocator, size, alignment, 5).checkAndFree();
          long address = allocator.allocateZeroed(size, alignment);
          assertEquals(0, address & (alignment - 1));
          for (long i = 0; i < size; i++) {
            assertEquals(0, Memory.getByte(address + i));
          }
          allocator.free(address, size, alignment);
        }
      }
    }
  }

  /** A reallocated block keeps its content up to the lesser size, and its alignment. */
  @Test
  default void reallocate_anySize_keepsContent() {
    try (Allocator allocator = newAllocator()) {
      for (long alignment : new long[] {8, 256}) {
        TestBlock block = TestBlock.allocate(allocator, 100, alignment, 3);
        for (long size : new long[] {101, 4096, 200_000, 5000, 16, 1}) {
          block = block.reallocate(size);
        }
        block.checkAndFree();
      }
    }
  }

  /** When there is no room to move to, the old block stays as it was. */
  @Test
  default void reallocate_noRoom_leavesTheBlock() {
    try (Allocator allocator = newAllocator()) {
      TestBlock block = TestBlock.allocate(allocator, 1000, 16, 7);
      assertEquals(
          Allocator.NULL, allocator.reallocate(block.address(), 1000, Long.MAX_VALUE - 4096, 16));
      block.checkAndFree();
    }
  }

  /** A block resized in place keeps its content; one that was not is unchanged. */
  @Test
  default void resize_inPlaceOrNot_keepsContent() {
    try (Allocator allocator = newAllocator()) {
      TestBlock block = TestBlock.allocate(allocator, 1000, 16, 9);
      for (long size : new long[] {1001, 1008, 900, 5000, 100, Long.MAX_VALUE >> 1}) {
        block = block.resize(size);
      }
      block.checkAndFree();
    }
  }

  /** Freeing NULL does nothing. */
  @Test
  default void free_null_doesNothing() {
    try (Allocator allocator = newAllocator()) {
      allocator.free(Allocator.NULL, 8, 8);
    }
  }

  /** A closed allocator refuses to allocate; closing it again does nothing. */
  @Test
  default void close_twice_refusesToAllocate() {
    Allocator allocator = newAllocator();
    allocator.close();
    allocator.close();
    assertThrows(IllegalStateException.class, () -> allocator.allocate(8, 8));
    assertThrows(IllegalStateException.class, () -> allocator.allocateZeroed(8, 8));
  }

  /** An allocator that knows its blocks stays open while any is out. */
  @Test
  default void close_withBlocksOut_throwsAndStaysOpen() {
    assumeTrue(knowsItsBlocks());
    Allocator allocator = newAllocator();
    TestBlock block = TestBlock.allocate(allocator, 64, 8, 1);
    IllegalStateException refusal = assertThrows(IllegalStateException.class, allocator::close);
    assertNames(allocator, refusal);
    TestBlock.allocate(allocator, 32, 8, 2).checkAndFree();
    block.checkAndFree();
    allocator.close();
  }

  /** The form for java.lang.foreign gives zeroed, aligned segments and throws when exhausted. */
  @Test
  default void asSegmentAllocator_anySize_givesSegments() {
    try (Allocator allocator = newAllocator()) {
      SegmentAllocator segments = allocator.asSegmentAllocator();
      MemorySegment empty = segments.allocate(0, 16);
      assertEquals(0, empty.byteSize());
      assertEquals(0, empty.address() & 15);
      MemorySegment text = segments.allocateFrom("caisson");
      assertEquals("caisson", text.getString(0));
      MemorySegment array = segments.allocate(ValueLayout.JAVA_LONG, 10);
      assertEquals(0, array.address() & 7);
      assertEquals(0, array.getAtIndex(ValueLayout.JAVA_LONG, 9));
      assertThrows(AllocationException.class, () -> segments.allocate(Long.MAX_VALUE >> 1, 8));
      allocator.free(array.address(), array.byteSize(), 8);
      allocator.free(text.address(), text.byteSize(), 1);
    }
  }

  /** What is freed can be allocated again, for ever. */
  @Test
  default void free_oneByOne_makesRoom() {
    try (Allocator allocator = newAllocator()) {
      assumeTrue(allocator.freesIndividually());
      for (int i = timesToReuse(); i > 0; i--) {
        long address = allocator.allocate(4096, 16);
        assertNotEquals(Allocator.NULL, address);
        allocator.free(address, 4096, 16);
      }
    }
  }

  /** Random calls of every kind never damage a block. */
  @Test
  default void everyOperation_atRandom_keepsEveryBlock() {
    long seed = System.nanoTime();
    System.out.println("everyOperation_atRandom: seed " + seed);
    Random random = new Random(seed);
    try (Allocator allocator = newAllocator()) {
      Deque<TestBlock> blocks = new ArrayDeque<>();
      long budget = BYTES_NEEDED / 4;
      for (int i = 0; i < 3000 && budget > 0; i++) {
        TestBlock block = blocks.size() < 200 && random.nextInt(3) > 0 ? null : blocks.poll();
        long size = 1L + random.nextInt(random.nextInt(100) == 0 ? 20_000 : 300);
        long alignment = 1L << random.nextInt(8);
        if (block == null) {
          budget -= allocator.freesIndividually() ? 0 : size + alignment;
          blocks.add(TestBlock.allocate(allocator, size, alignment, i));
        } else {
          switch (random.nextInt(3)) {
            case 0 -> blocks.add(block.resize(size));
            case 1 -> {
              budget -= allocator.freesIndividually() ? 0 : size + 128L;
              blocks.add(block.reallocate(size));
            }
            default -> block.checkAndFree();
          }
        }
      }
      blocks.forEach(TestBlock::checkAndFree);
    }
  }

  /**
   * A thread-safe allocator takes back in one thread what another allocated.
   *
   * @throws InterruptedException if the test is interrupted
   */
  @Test
  default void free_inAnotherThread_works() throws InterruptedException {
    try (Allocator allocator = newAllocator()) {
      assumeTrue(allocator.isThreadSafe());
      BlockingQueue<TestBlock> handOver = new ArrayBlockingQueue<>(64);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      int count = 20_000;
      Thread consumer =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, e) -> thrown.set(e))
              .start(() -> {
                for (int i = 0; i < count; i++) {
                  takeFrom(handOver).checkAndFree();
                }
              });
      for (int i = 0; i < count && consumer.isAlive(); i++) {
        handOver.put(TestBlock.allocate(allocator, 1 + i % 500, 8, i));
      }
      consumer.join();
      assertEquals(null, thrown.get());
    }
  }

  private static TestBlock takeFrom(BlockingQueue<TestBlock> queue) {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * An allocator that is not thread-safe refuses every thread but its own.
   *
   * @throws InterruptedException if the test is interrupted
   */
  @Test
  default void allocate_inAnotherThread_throwsUnlessThreadSafe() throws InterruptedException {
    try (Allocator allocator = newAllocator()) {
      assumeTrue(!allocator.isThreadSafe());
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread.ofPlatform()
          .uncaughtExceptionHandler((thread, e) -> thrown.set(e))
          .start(() -> {
            var _ = allocator.allocate(8, 8);
          })
          .join();
      assertEquals(IllegalStateException.class, thrown.get().getClass());
    }
  }

  /** In checked mode a stray access to a block and a bad free of it are exceptions. */
  @Test
  default void misuse_inCheckedMode_throwsWithBothStacks() {
    assumeTrue(BlockRegistry.isActive());
    try (Allocator allocator = newAllocator();
        Allocator other = newAllocator()) {
      long address = allocator.allocate(24, 8);
      assertStray(() -> Memory.getByte(address + 24), false);
      assertStray(() -> Memory.putLong(address + 20, 1), false);
      assertStray(() -> other.free(address, 24, 8), false);
      assertStray(() -> allocator.free(address, 25, 8), false);
      assertStray(() -> allocator.free(address + 8, 16, 8), false);
      allocator.free(address, 24, 8);
      assertAll(
          () -> assertStray(() -> Memory.getLong(address), true),
          () -> assertStray(() -> Memory.putByte(address + 23, (byte) 1), true),
          () -> assertStray(() -> allocator.free(address, 24, 8), true));
    }
  }

  private static void assertStray(Runnable misuse, boolean freed) {
    CheckedMemoryException found = assertThrows(CheckedMemoryException.class, misuse::run);
    assertNotNull(found.allocation(), found.getMessage());
    assertEquals(freed, found.release() != null, found.getMessage());
  }

  /** An allocator has a name. */
  @Test
  default void name_isNotBlank() {
    try (Allocator allocator = newAllocator()) {
      assertFalse(allocator.name().isBlank());
    }
  }
}
