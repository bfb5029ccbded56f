package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.ZeroOnFreeAllocator;
import io.caisson.alloc.internal.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ZeroOnFreeAllocatorTest implements AllocatorContract {

  private final AccountedAllocator parent = Allocators.system();

  @Override
  public Allocator newAllocator() {
    return new ZeroOnFreeAllocator(Allocators.system());
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

  /** A parent that looks into every block that it takes back, while it still may. */
  private static final class Inspector implements Allocator {
    private final Allocator delegate;
    private boolean refuseResize;
    private int frees;
    private int shrinks;
    private long dirtyBytes;

    Inspector(Allocator delegate) {
      this.delegate = delegate;
    }

    private void inspect(long address, long byteSize) {
      for (long i = 0; i < byteSize; i++) {
        dirtyBytes += Memory.getByte(address + i) != 0 ? 1 : 0;
      }
    }

    @Override
    public long allocate(long byteSize, long byteAlignment) {
      return delegate.allocate(byteSize, byteAlignment);
    }

    @Override
    public long allocateZeroed(long byteSize, long byteAlignment) {
      return delegate.allocateZeroed(byteSize, byteAlignment);
    }

    /** Agrees to shrink by way of an arena, which always can. */
    @Override
    public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
      if (refuseResize || !delegate.resize(address, oldByteSize, oldByteSize, byteAlignment)) {
        return false;
      }
      if (newByteSize < oldByteSize) {
        shrinks++;
        inspect(address + newByteSize, oldByteSize - newByteSize);
      }
      return delegate.resize(address, oldByteSize, newByteSize, byteAlignment);
    }

    /** Never to be called: it would move a block and leave the old one as it is. */
    @Override
    public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
      throw new AssertionError("the old block would not be wiped");
    }

    @Override
    public void free(long address, long byteSize, long byteAlignment) {
      frees++;
      inspect(address, byteSize);
      delegate.free(address, byteSize, byteAlignment);
    }

    @Override
    public AllocationException failure(long byteSize, long byteAlignment) {
      return delegate.failure(byteSize, byteAlignment);
    }

    @Override
    public String name() {
      return delegate.name();
    }

    @Override
    public boolean isThreadSafe() {
      return delegate.isThreadSafe();
    }

    @Override
    public boolean freesIndividually() {
      return delegate.freesIndividually();
    }

    @Override
    public void close() {
      delegate.close();
    }

    @Override
    public void closeForcibly() {
      delegate.closeForcibly();
    }
  }

  @Test
  void free_secret_isWipedBeforeTheParentHasIt() {
    Inspector inspector = new Inspector(parent);
    ZeroOnFreeAllocator wiping = new ZeroOnFreeAllocator(inspector);
    TestBlock.allocate(wiping, 1000, 8, 1).checkAndFree();
    assertEquals(1, inspector.frees);
    assertEquals(0, inspector.dirtyBytes);
    // The inspector does see what was not wiped.
    TestBlock.allocate(inspector, 1000, 8, 1).checkAndFree();
    assertNotEquals(0, inspector.dirtyBytes);
  }

  @Test
  void reallocate_moving_wipesTheOldBlock() {
    Inspector inspector = new Inspector(parent);
    inspector.refuseResize = true;
    ZeroOnFreeAllocator wiping = new ZeroOnFreeAllocator(inspector);
    TestBlock block = TestBlock.allocate(wiping, 1000, 8, 1);
    block = block.reallocate(5000);
    assertEquals(1, inspector.frees);
    block = block.reallocate(10);
    block.checkAndFree();
    assertEquals(0, inspector.dirtyBytes);
  }

  @Test
  void resize_shrinking_wipesTheTail() {
    try (ArenaAllocator arena = new ArenaAllocator(parent, "arena", 64 << 10)) {
      Inspector inspector = new Inspector(arena);
      ZeroOnFreeAllocator wiping = new ZeroOnFreeAllocator(inspector);
      TestBlock block = TestBlock.allocate(wiping, 1000, 8, 1);
      assertTrue(wiping.resize(block.address(), 1000, 300, 8));
      block = block.movedTo(block.address(), 300);
      assertEquals(1, inspector.shrinks);
      assertEquals(block.address(), wiping.reallocate(block.address(), 300, 10, 8));
      block = block.movedTo(block.address(), 10);
      assertEquals(2, inspector.shrinks);
      block.checkAndFree();
      assertEquals(0, inspector.dirtyBytes);
    }
  }

  @Test
  void resize_shrinkRefused_restoresTheTail() {
    Inspector inspector = new Inspector(parent);
    inspector.refuseResize = true;
    ZeroOnFreeAllocator wiping = new ZeroOnFreeAllocator(inspector);
    TestBlock block = TestBlock.allocate(wiping, 1000, 8, 1);
    assertFalse(wiping.resize(block.address(), 1000, 300, 8));
    block.checkAndFree(); // all of its 1000 bytes are as they were
    assertEquals(2, inspector.frees); // what was saved meanwhile is wiped as well
    assertEquals(0, inspector.dirtyBytes);
  }

  @Test
  void resize_noRoomToSaveTheTail_changesNothing() {
    MockAllocator mock = new MockAllocator(parent);
    ZeroOnFreeAllocator wiping = new ZeroOnFreeAllocator(mock);
    TestBlock block = TestBlock.allocate(wiping, 1000, 8, 1);
    mock.failAfter(1);
    assertFalse(wiping.resize(block.address(), 1000, 990, 8));
    assertEquals(Allocator.NULL, wiping.reallocate(block.address(), 1000, 990, 8));
    block.checkAndFree();
  }

  @Test
  void everyAllocation_failing_changesNothing() {
    long swept =
        OomSweep.of(allocator -> new Holding(new ZeroOnFreeAllocator(allocator)))
            .step("take", holding -> holding.take(100))
            .step("grow", holding -> holding.reallocateLast(5000))
            .step("grow again", holding -> holding.reallocateLast(100_000))
            .contents(Holding::contents)
            .run();
    assertEquals(3, swept);
  }

  /** Wiping what an account on an arena hands out. */
  @Nested
  class OverAnArena implements AllocatorContract {

    @Override
    public Allocator newAllocator() {
      return new ZeroOnFreeAllocator(
          Allocators.accounted(new ArenaAllocator(parent, "arena", 4096)));
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }
  }
}
