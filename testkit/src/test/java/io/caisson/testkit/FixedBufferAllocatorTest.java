package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.FixedBufferAllocator;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FixedBufferAllocatorTest implements AllocatorContract {

  private final Arena memory = Arena.ofConfined();

  @Override
  public Allocator newAllocator() {
    return new FixedBufferAllocator(memory.allocate(BYTES_NEEDED, 1));
  }

  @Override
  public boolean knowsItsBlocks() {
    return false;
  }

  @AfterEach
  void closeMemory() {
    memory.close();
  }

  private FixedBufferAllocator fixed(long byteSize) {
    return new FixedBufferAllocator(memory.allocate(byteSize, 64));
  }

  @Test
  void allocate_untilFull_thenNullWithStateUnchanged() {
    try (FixedBufferAllocator fixed = fixed(1024)) {
      long a = fixed.allocate(32, 32);
      long b = fixed.allocate(64, 64);
      assertEquals(a + 64, b);
      assertEquals(128, fixed.used());
      assertEquals(Allocator.NULL, fixed.allocate(1024 - 128 + 1, 1));
      assertEquals(Allocator.NULL, fixed.allocate(Long.MAX_VALUE, 1L << 62));
      assertEquals(128, fixed.used());
      assertEquals(128, fixed.failure(900, 1).inUse());
      assertEquals(1024, fixed.failure(900, 1).limit());
      assertNotEquals(Allocator.NULL, fixed.allocate(1024 - 128, 1));
      assertEquals(1024, fixed.used());
      fixed.reset();
      assertEquals(0, fixed.used());
      assertEquals(1024, fixed.peak());
      assertEquals(a, fixed.allocate(1024, 64));
    }
  }

  @Test
  void allocate_sixteenAfterSixteen_isContiguous() {
    try (FixedBufferAllocator fixed = fixed(1024)) {
      long p1 = fixed.allocate(16, 8);
      assertEquals(p1 + 16, fixed.allocate(16, 8));
    }
  }

  @Test
  void free_lastBlock_givesItBack() {
    try (FixedBufferAllocator fixed = fixed(1024)) {
      long first = fixed.allocate(100, 4);
      long last = fixed.allocate(200, 4);
      fixed.free(first, 100, 4);
      assertEquals(300, fixed.used());
      fixed.free(last, 200, 4);
      assertEquals(100, fixed.used());
      assertEquals(last, fixed.allocate(10, 4));
      assertEquals(300, fixed.peak());
    }
  }

  @Test
  void resize_lastBlock_growsInPlace() {
    try (FixedBufferAllocator fixed = fixed(1024)) {
      long first = fixed.allocate(100, 4);
      long last = fixed.allocate(100, 4);
      assertFalse(fixed.resize(first, 100, 101, 4));
      assertTrue(fixed.resize(last, 100, 924, 4));
      assertFalse(fixed.resize(last, 924, 925, 4));
      assertEquals(1024, fixed.used());
      assertTrue(fixed.resize(last, 924, 10, 4));
      assertEquals(110, fixed.used());
    }
  }

  @Test
  void new_segmentThatCannotServe_throws() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new FixedBufferAllocator(MemorySegment.ofArray(new byte[100])));
    assertThrows(
        IllegalArgumentException.class,
        () -> new FixedBufferAllocator(memory.allocate(100).asReadOnly()));
    assertThrows(
        IllegalArgumentException.class, () -> new FixedBufferAllocator(MemorySegment.NULL));
    MemorySegment dead;
    try (Arena arena = Arena.ofConfined()) {
      dead = arena.allocate(100);
    }
    assertThrows(IllegalStateException.class, () -> new FixedBufferAllocator(dead));
  }

  @Test
  void allocate_segmentClosed_throws() {
    FixedBufferAllocator fixed;
    try (Arena arena = Arena.ofConfined()) {
      fixed = new FixedBufferAllocator(arena.allocate(100));
      assertNotEquals(Allocator.NULL, fixed.allocate(8, 8));
    }
    assertThrows(IllegalStateException.class, () -> fixed.allocate(8, 8));
    fixed.close();
  }

  @Test
  void close_overABlock_givesItBackWhole() {
    try (AccountedAllocator parent = Allocators.system()) {
      MemorySegment segment = parent.asSegmentAllocator().allocate(1024, 16);
      FixedBufferAllocator fixed = new FixedBufferAllocator(segment);
      long inside = fixed.allocate(8, 8);
      Memory.putLong(inside, 7);
      if (BlockRegistry.isActive()) {
        assertThrows(CheckedMemoryException.class, () -> Memory.getLong(inside + 8));
      }
      fixed.close();
      assertEquals(7, Memory.getLong(inside)); // the segment's again, and untouched
      assertEquals(0, Memory.getLong(inside + 1016));
      parent.free(segment.address(), 1024, 16);
    }
  }

  @Test
  void close_overPartOfABlock_givesItBackWhole() {
    try (AccountedAllocator parent = Allocators.system()) {
      long block = parent.allocateZeroed(1024, 16);
      for (long offset : new long[] {0, 256}) {
        FixedBufferAllocator fixed = new FixedBufferAllocator(Memory.segment(block + offset, 512));
        var _ = fixed.allocate(64, 16);
        var _ = fixed.allocate(64, 16);
        fixed.close();
        assertEquals(0, Memory.getLong(block + offset));
        assertEquals(0, Memory.getLong(block + offset + 64));
      }
      parent.free(block, 1024, 16);
    }
  }

  @Test
  void segmentClosedFirst_blocksOfOthersAreLeftAlone() {
    try (AccountedAllocator parent = Allocators.system()) {
      for (int round = 0; round < 20; round++) {
        FixedBufferAllocator fixed;
        try (Arena arena = Arena.ofConfined()) {
          fixed = new FixedBufferAllocator(arena.allocate(1000));
          for (int i = 0; i < 5; i++) {
            var _ = fixed.allocate(100, 1);
          }
        }
        // The C library hands the memory of the arena out again.
        long[] blocks = new long[20];
        for (int i = 0; i < blocks.length; i++) {
          blocks[i] = parent.allocate(1000, 16);
        }
        if (round % 2 == 0) {
          fixed.close();
        }
        for (long block : blocks) {
          Memory.putLong(block + 500, 1);
          parent.free(block, 1000, 16);
        }
      }
    }
  }

  @Test
  void viewOfTheBuffer_doesNotHideAFreedBlock() {
    assumeTrue(BlockRegistry.isActive());
    MemorySegment buffer = memory.allocate(1000, 8);
    try (FixedBufferAllocator fixed = new FixedBufferAllocator(buffer)) {
      long address = fixed.allocate(64, 8);
      Memory.addressOf(buffer);
      fixed.free(address, 64, 8);
      assertThrows(CheckedMemoryException.class, () -> Memory.getByte(address));
    }
  }

  @Test
  void allocate_inPartOfABlock_leavesTheRestAccessible() {
    assumeTrue(BlockRegistry.isActive());
    try (AccountedAllocator parent = Allocators.system()) {
      long block = parent.allocateZeroed(1024, 16);
      FixedBufferAllocator fixed = new FixedBufferAllocator(Memory.segment(block + 256, 512));
      long inside = fixed.allocate(64, 8);
      assertEquals(0, Memory.getLong(block));
      assertEquals(0, Memory.getLong(block + 1000));
      fixed.free(inside, 64, 8);
      assertThrows(CheckedMemoryException.class, () -> Memory.getLong(inside));
      fixed.close();
      parent.free(block, 1024, 16);
      assertThrows(CheckedMemoryException.class, () -> Memory.getLong(block + 1000));
    }
  }
}
