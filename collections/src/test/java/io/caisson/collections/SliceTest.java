package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SliceTest {

  /** Runs a test on a block that holds the longs 0, 1, 2, … */
  private static void withLongs(int count, Consumer<MemorySegment> test) {
    LeakCheck.run(allocator -> {
      MemorySegment segment = allocator.asSegmentAllocator().allocate(ValueLayout.JAVA_LONG, count);
      for (int i = 0; i < count; i++) {
        segment.setAtIndex(ValueLayout.JAVA_LONG, i, i);
      }
      test.accept(segment);
      allocator.free(segment.address(), segment.byteSize(), Long.BYTES);
    });
  }

  @Test
  void of_heapSegment_throws() {
    MemorySegment heap = MemorySegment.ofArray(new long[4]);
    assertThrows(IllegalArgumentException.class, () -> Slice.of(heap));
    assertThrows(IllegalArgumentException.class, () -> Slice.of(heap, 8));
  }

  @Test
  void of_closedSegment_throws() {
    Arena arena = Arena.ofConfined();
    MemorySegment segment = arena.allocate(8);
    arena.close();
    assertThrows(IllegalStateException.class, () -> Slice.of(segment));
  }

  @Test
  void of_badElementSize_throws() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(24);
      for (long bad : new long[] {0, -1, Long.MIN_VALUE, 7, 16, 25}) {
        assertThrows(IllegalArgumentException.class, () -> Slice.of(segment, bad));
      }
      assertEquals(2, Slice.of(segment, 12).size());
    }
  }

  @Test
  void of_emptySegment_isEmpty() {
    Slice slice = Slice.of(MemorySegment.NULL);
    assertEquals(0, slice.size());
    assertEquals(0, slice.byteSize());
    assertEquals(0, slice.segment().byteSize());
    assertEquals(0, slice.slice(0, 0).size());
    assertThrows(IndexOutOfBoundsException.class, () -> slice.getByte(0));
  }

  @Test
  void get_withinBounds_readsEachType() {
    withLongs(
        4,
        segment -> {
          segment.setAtIndex(ValueLayout.JAVA_DOUBLE, 1, 2.5);
          segment.setAtIndex(ValueLayout.JAVA_INT, 4, -5);
          segment.setAtIndex(ValueLayout.JAVA_BYTE, 31, (byte) -6);
          assertEquals(0, Slice.of(segment, 8).getLong(0));
          assertEquals(2.5, Slice.of(segment, 8).getDouble(1));
          assertEquals(-5, Slice.of(segment, 4).getInt(4));
          assertEquals(-6, Slice.of(segment).getByte(31));
          assertEquals(2.5, Slice.of(segment).getDouble(8));
          assertEquals(-5, Slice.of(segment, 16).getInt(1));
        });
  }

  @Test
  void get_outOfBounds_throws() {
    withLongs(
        2,
        segment -> {
          Slice longs = Slice.of(segment, 8);
          for (long index : new long[] {-1, 2, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 61}) {
            assertThrows(IndexOutOfBoundsException.class, () -> longs.getByte(index));
            assertThrows(IndexOutOfBoundsException.class, () -> longs.getInt(index));
            assertThrows(IndexOutOfBoundsException.class, () -> longs.getLong(index));
            assertThrows(IndexOutOfBoundsException.class, () -> longs.getDouble(index));
          }
          Slice bytes = Slice.of(segment);
          bytes.getLong(8);
          bytes.getInt(12);
          assertThrows(IndexOutOfBoundsException.class, () -> bytes.getLong(9));
          assertThrows(IndexOutOfBoundsException.class, () -> bytes.getDouble(9));
          assertThrows(IndexOutOfBoundsException.class, () -> bytes.getInt(13));
          assertThrows(IndexOutOfBoundsException.class, () -> bytes.getByte(16));
        });
  }

  @Test
  void slice_range_showsIt() {
    withLongs(
        10,
        segment -> {
          Slice middle = Slice.of(segment, 8).slice(3, 4);
          assertEquals(4, middle.size());
          assertEquals(32, middle.byteSize());
          assertEquals(8, middle.elementByteSize());
          assertEquals(3, middle.getLong(0));
          assertEquals(6, middle.slice(3, 1).getLong(0));
          assertThrows(IndexOutOfBoundsException.class, () -> middle.getLong(4));
          assertEquals(0, middle.slice(4, 0).size());
        });
  }

  @Test
  void slice_outOfBounds_throws() {
    withLongs(
        4,
        segment -> {
          Slice slice = Slice.of(segment, 8);
          long[][] ranges = {
            {-1, 1}, {0, -1}, {0, 5}, {4, 1}, {5, 0}, {1, Long.MAX_VALUE}, {Long.MAX_VALUE, 1}
          };
          for (long[] range : ranges) {
            assertThrows(IndexOutOfBoundsException.class, () -> slice.slice(range[0], range[1]));
          }
        });
  }

  @Test
  void segment_elements_areSharedAndReadOnly() {
    withLongs(
        4,
        segment -> {
          MemorySegment shown = Slice.of(segment, 8).slice(1, 2).segment();
          assertEquals(16, shown.byteSize());
          assertTrue(shown.isReadOnly());
          segment.setAtIndex(ValueLayout.JAVA_LONG, 1, 77);
          assertEquals(77, shown.getAtIndex(ValueLayout.JAVA_LONG, 0));
        });
  }

  @Test
  void slice_any_allocatesNothing() {
    LeakCheck.run(allocator -> {
      try (LongVector vector = new LongVector(allocator)) {
        vector.addAll(new long[] {1, 2, 3});
        long before = allocations(allocator);
        vector.asSlice().slice(1, 2).segment();
        assertEquals(before, allocations(allocator));
      }
    });
  }

  @Test
  void get_afterOwnerMoved_isRefusedInCheckedMemory() {
    assumeTrue(Memory.MODE == MemoryMode.CHECKED, "undefined in native memory");
    LeakCheck.run(allocator -> {
      try (LongVector vector = new LongVector(allocator, 4)) {
        vector.add(1);
        Slice slice = vector.asSlice();
        vector.reserve(1 << 20);
        assertThrows(CheckedMemoryException.class, () -> slice.getLong(0));
        assertThrows(CheckedMemoryException.class, slice::segment);
      }
    });
  }

  private static long allocations(Allocator allocator) {
    return ((AccountedAllocator) allocator).stats().allocations();
  }

  @Test
  void get_segmentOfAnArena_isReadWhileItLives() {
    Slice slice;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(16, 8);
      segment.set(ValueLayout.JAVA_LONG, 8, 42);
      slice = Slice.of(segment, 8);
      assertEquals(42, slice.getLong(1));
    }
    if (Memory.MODE == MemoryMode.CHECKED) {
      assertThrows(CheckedMemoryException.class, () -> slice.getLong(1));
    }
  }
}
