package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.ConcurrentPoolAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.SimulatedMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SimulatedAllocatorTest {

  @Test
  void new_memoryIsNotSimulated_saysWhatItNeeds() {
    assumeFalse(Memory.SIMULATED);
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, SimulatedAllocator::new);
    assertTrue(refusal.getMessage().contains("-Dcaisson.memory=simulated"), refusal::getMessage);
  }

  /** In a JVM whose memory is simulated; in any other every test is skipped. */
  @Nested
  @Tag("simulated")
  class InSimulatedMemory implements AllocatorContract {

    @BeforeEach
    void beginAfresh() {
      assumeTrue(Memory.SIMULATED, "memory is not simulated");
      SimulatedMemory.reset();
    }

    @Override
    public Allocator newAllocator() {
      return new SimulatedAllocator();
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }

    @Override
    public int timesToReuse() {
      return 20_000;
    }

    @Override
    @Test
    public void asSegmentAllocator_anySize_givesSegments() {
      try (Allocator allocator = newAllocator()) {
        assertThrows(UnsupportedOperationException.class, allocator::asSegmentAllocator);
      }
    }

    @Test
    void free_thenAllocate_givesTheSameAddressAtOnce() {
      try (SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld()) {
        long address = allocator.allocate(24, 8);
        allocator.free(address, 24, 8);
        assertThrows(CheckedMemoryException.class, () -> Memory.getLong(address));
        assertThrows(CheckedMemoryException.class, () -> allocator.free(address, 24, 8));
        assertEquals(address, allocator.allocate(24, 8));
        assertEquals(1, allocator.liveBlocks());
        assertEquals(24, allocator.liveBytes());
        allocator.free(address, 24, 8);
      }
    }

    @Test
    void reallocate_growing_moves() {
      try (SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld()) {
        long address = allocator.allocate(1, 8);
        long moved = allocator.reallocate(address, 1, 2, 8);
        assertNotEquals(address, moved);
        assertThrows(CheckedMemoryException.class, () -> Memory.getByte(address));
        allocator.free(moved, 2, 8);
      }
    }

    @Test
    void allocate_whatATestWantsToFail_returnsNull() {
      try (SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld()) {
        allocator.failNth(2).limit(100);
        long first = allocator.allocate(60, 8);
        assertEquals(Allocator.NULL, allocator.allocate(8, 8));
        assertEquals(Allocator.NULL, allocator.allocate(41, 8));
        assertEquals(Allocator.NULL, allocator.reallocate(first, 60, 101, 8));
        assertEquals(100, allocator.failure(41, 8).limit());
        assertEquals(60, allocator.failure(41, 8).inUse());
        long second = allocator.allocate(40, 8);
        allocator.free(first, 60, 8);
        allocator.free(second, 40, 8);
        assertThrows(IllegalArgumentException.class, () -> allocator.failNth(-1));
      }
    }

    @Test
    void close_withBlocksOut_listsThem() {
      SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();
      SimulatedMemory.markRetired(allocator.allocate(24, 8));
      IllegalStateException refusal = assertThrows(IllegalStateException.class, allocator::close);
      assertTrue(refusal.getMessage().contains("24 bytes aligned to 8, retired"));
      allocator.closeForcibly();
      assertEquals(0, allocator.liveBlocks());
      assertThrows(IllegalStateException.class, () -> allocator.allocate(8, 8));
    }
  }

  /** A pool keeps its links on the Java heap, so it works on simulated memory, too. */
  @Nested
  @Tag("simulated")
  class UnderAPool implements AllocatorContract {

    private SimulatedAllocator parent;

    @BeforeEach
    void beginAfresh() {
      assumeTrue(Memory.SIMULATED, "memory is not simulated");
      parent = SimulatedAllocator.inFreshWorld();
    }

    @AfterEach
    void close() {
      if (parent != null) {
        parent.close();
      }
    }

    @Override
    public Allocator newAllocator() {
      return new ConcurrentPoolAllocator(parent, "pool", 64, 8, 16, PoolPolicy.GROW);
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }

    @Override
    public int timesToReuse() {
      return 20_000;
    }

    @Override
    @Test
    public void asSegmentAllocator_anySize_givesSegments() {
      try (Allocator allocator = newAllocator()) {
        assertThrows(
            UnsupportedOperationException.class,
            () -> allocator.asSegmentAllocator().allocate(8, 8));
        allocator.closeForcibly();
      }
    }
  }
}
