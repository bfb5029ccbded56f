package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.SystemAllocator;
import io.caisson.alloc.internal.Memory;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SystemAllocatorTest implements AllocatorContract {

  @Override
  public Allocator newAllocator() {
    return SystemAllocator.create();
  }

  @Override
  public boolean knowsItsBlocks() {
    return BlockRegistry.isActive();
  }

  @Test
  void closeForcibly_isUnsupported() {
    try (Allocator allocator = newAllocator()) {
      assertThrows(UnsupportedOperationException.class, allocator::closeForcibly);
    }
  }

  @Test
  void resizeAndReallocate_freedBlock_isCaughtInCheckedMode() {
    assumeTrue(BlockRegistry.isActive());
    try (Allocator allocator = newAllocator()) {
      for (long byteSize : new long[] {64, 64 << 20}) {
        long address = allocator.allocate(byteSize, 16);
        allocator.free(address, byteSize, 16);
        assertThrows(
            CheckedMemoryException.class, () -> allocator.resize(address, byteSize, 40, 16));
        assertThrows(
            CheckedMemoryException.class, () -> allocator.reallocate(address, byteSize, 40, 16));
      }
    }
  }

  /** The same, with huge OS pages behind large blocks. */
  @Nested
  class WithHugePages implements AllocatorContract {

    @Override
    public Allocator newAllocator() {
      return SystemAllocator.withHugePages();
    }

    @Override
    public boolean knowsItsBlocks() {
      return BlockRegistry.isActive();
    }

    @Test
    void reallocate_acrossTheHugePageLimit_keepsContentAndAlignment() {
      try (Allocator allocator = newAllocator()) {
        TestBlock block = TestBlock.allocate(allocator, 1000, 16, 3);
        for (long size : new long[] {2 << 20, (2 << 20) - 1, 3 << 20, 100}) {
          block = block.reallocate(size);
          if (size >= 2 << 20) {
            assertEquals(0, block.address() & ((2 << 20) - 1));
          }
        }
        block.checkAndFree();
      }
    }

    @Test
    void resize_acrossTheHugePageLimit_neverInPlace() {
      try (Allocator allocator = newAllocator()) {
        long address = allocator.allocate((2 << 20) - 1, 16);
        assertFalse(allocator.resize(address, (2 << 20) - 1, 2 << 20, 16));
        allocator.free(address, (2 << 20) - 1, 16);
      }
    }

    @Test
    void allocateZeroed_hugeBlock_isZero() {
      try (Allocator allocator = newAllocator()) {
        long byteSize = (4 << 20) + 123;
        TestBlock.allocate(allocator, byteSize, 64, 1).checkAndFree();
        long address = allocator.allocateZeroed(byteSize, 64);
        assertNotEquals(Allocator.NULL, address);
        for (long i = 0; i < byteSize; i += 511) {
          assertEquals(0, Memory.getByte(address + i));
        }
        allocator.free(address, byteSize, 64);
      }
    }
  }
}
