package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StructVectorTest {

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void create_badShape_throws() {
    LeakCheck.run(allocator -> {
      List<Runnable> bad =
          List.of(
              () -> new StructVector(allocator, 0),
              () -> new StructVector(allocator, -8),
              () -> new StructVector(allocator, Long.MIN_VALUE),
              () -> new StructVector(allocator, 0, 1),
              () -> new StructVector(allocator, 8, 0),
              () -> new StructVector(allocator, 8, 3),
              () -> new StructVector(allocator, 8, -8),
              () -> new StructVector(allocator, 8, Long.MIN_VALUE),
              () -> new StructVector(allocator, 12, 8));
      for (int i = 0; i < bad.size(); i++) {
        IllegalArgumentException e =
            assertThrows(IllegalArgumentException.class, bad.get(i)::run, "shape " + i);
        assertTrue(e.getMessage().contains("expected"), e.getMessage());
      }
    });
  }

  @Test
  void create_strideAlone_alignsAsTheStrideAllows() {
    LeakCheck.run(allocator -> {
      for (long stride : new long[] {1, 3, 12, 24, 48, 64}) {
        try (StructVector vector = new StructVector(allocator, stride)) {
          vector.add();
          vector.checkInvariants();
        }
      }
    });
  }

  @Test
  void create_alignment_alignsEveryElement() {
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 192, 64)) {
        for (int i = 0; i < 20; i++) {
          vector.add();
          assertEquals(0, vector.segment(i).address() % 64);
        }
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void add_reusedMemory_isZeroed(TestAllocators source) {
    source.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 12)) {
        for (int round = 0; round < 3; round++) {
          for (int i = 0; i < 20; i++) {
            assertEquals(i, vector.add());
            assertArrayEquals(new byte[12], bytes(vector.segment(i)));
            vector.segment(i).fill((byte) 0xff);
          }
          vector.clear();
        }
      }
    });
  }

  @Test
  void fields_eachType_readWhatWasWritten() {
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 21)) {
        vector.add();
        vector.add();
        vector.setByte(1, 0, (byte) -7);
        vector.setInt(1, 1, Integer.MIN_VALUE);
        vector.setLong(1, 5, Long.MAX_VALUE - 1);
        vector.setDouble(1, 13, -2.5);
        assertEquals(-7, vector.getByte(1, 0));
        assertEquals(Integer.MIN_VALUE, vector.getInt(1, 1));
        assertEquals(Long.MAX_VALUE - 1, vector.getLong(1, 5));
        assertEquals(-2.5, vector.getDouble(1, 13));
        assertArrayEquals(new byte[21], bytes(vector.segment(0)));
      }
    });
  }

  @Test
  void fields_outOfBounds_throwAndWriteNothing() {
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 12)) {
        vector.reserve(10);
        vector.add();
        vector.add();
        for (long index : new long[] {-1, 2, 9, Long.MAX_VALUE, Long.MIN_VALUE}) {
          refused(vector, index, 0, 1);
        }
        for (long offset : new long[] {-1, 12, Long.MAX_VALUE, Long.MIN_VALUE}) {
          refused(vector, 0, offset, 1);
        }
        refused(vector, 0, 9, 4);
        refused(vector, 0, 5, 8);
        vector.setInt(0, 8, 1);
        vector.setLong(0, 4, 1);
        assertArrayEquals(new byte[12], bytes(vector.segment(1)));
      }
      try (StructVector narrow = new StructVector(allocator, 3)) {
        narrow.add();
        refused(narrow, 0, 0, 4);
      }
    });
  }

  /** Checks that accesses of at least a size are refused. */
  private static void refused(StructVector vector, long index, long offset, int byteSize) {
    Class<IndexOutOfBoundsException> refusal = IndexOutOfBoundsException.class;
    if (byteSize <= 1) {
      assertThrows(refusal, () -> vector.getByte(index, offset));
      assertThrows(refusal, () -> vector.setByte(index, offset, (byte) 1));
    }
    if (byteSize <= 4) {
      assertThrows(refusal, () -> vector.getInt(index, offset));
      assertThrows(refusal, () -> vector.setInt(index, offset, 1));
    }
    assertThrows(refusal, () -> vector.getLong(index, offset));
    assertThrows(refusal, () -> vector.setLong(index, offset, 1));
    assertThrows(refusal, () -> vector.getDouble(index, offset));
    assertThrows(refusal, () -> vector.setDouble(index, offset, 1));
  }

  @Test
  void set_segment_copiesIt() {
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 4);
          Arena arena = Arena.ofConfined()) {
        vector.add();
        vector.add();
        byte[] record = {1, 2, 3, 4};
        vector.set(0, MemorySegment.ofArray(record));
        vector.set(1, arena.allocate(4).fill((byte) 9));
        assertArrayEquals(record, bytes(vector.segment(0)));
        assertArrayEquals(new byte[] {9, 9, 9, 9}, bytes(vector.segment(1)));
        vector.set(1, vector.segment(0));
        assertArrayEquals(record, bytes(vector.segment(1)));
      }
    });
  }

  @Test
  void set_badSegmentOrIndex_throwsAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 4)) {
        vector.add();
        for (int size : new int[] {0, 3, 5}) {
          MemorySegment source = MemorySegment.ofArray(new byte[size]).fill((byte) 1);
          assertThrows(IllegalArgumentException.class, () -> vector.set(0, source));
        }
        MemorySegment fits = MemorySegment.ofArray(new byte[4]);
        assertThrows(IndexOutOfBoundsException.class, () -> vector.set(1, fits));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.segment(1));
        assertArrayEquals(new byte[4], bytes(vector.segment(0)));
      }
    });
  }

  @Test
  void sort_byAField_ordersWholeRecords() {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("StructVectorTest sorts: seed " + seed);
    Random random = new Random(seed);
    LeakCheck.run(allocator -> {
      for (int size : new int[] {0, 1, 2, 12, 13, 14, 100, 1000}) {
        for (int range : new int[] {1, 3, 1 << 30}) {
          try (StructVector vector = new StructVector(allocator, 13)) {
            int[] keys = new int[size];
            for (int i = 0; i < size; i++) {
              keys[i] = range == 3 ? size - i : random.nextInt(range);
              vector.setInt(vector.add(), 9, keys[i]);
              vector.setLong(i, 1, ~(long) keys[i]);
            }
            vector.sort((a, b) -> Integer.compare(vector.getInt(a, 9), vector.getInt(b, 9)));
            Arrays.sort(keys);
            for (int i = 0; i < size; i++) {
              assertEquals(keys[i], vector.getInt(i, 9), () -> "seed " + seed);
              assertEquals(~(long) keys[i], vector.getLong(i, 1));
            }
          }
        }
      }
    });
  }

  @Test
  void heap_bothSorts_order() {
    Random random = new Random(3);
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 8);
          LongVector longs = new LongVector(allocator)) {
        VectorCore core = new VectorCore(allocator, 8, 8);
        for (int i = 0; i < 500; i++) {
          long value = random.nextInt(100);
          longs.add(value);
          Memory.putLong(core.append(), value);
        }
        new RecordSort(
                core,
                8,
                (a, b) -> Long.compare(Memory.getLong(core.at(a)), Memory.getLong(core.at(b))))
            .heap(0, 500);
        WordSort.heap(longs.asSlice().address(), 500, 3);
        for (int i = 1; i < 500; i++) {
          assertTrue(longs.get(i - 1) <= longs.get(i));
          assertEquals(longs.get(i), Memory.getLong(core.at(i)));
        }
        core.close();
      }
    });
  }

  @Test
  void sort_badComparator_harmsNothing() {
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 8)) {
        for (int i = 0; i < 200; i++) {
          vector.setLong(vector.add(), 0, i);
        }
        vector.sort((a, b) -> -1);
        vector.sort((a, b) -> 1);
        vector.sort((a, b) -> Long.compare(vector.getLong(a, 0), vector.getLong(b, 0)));
        for (int i = 0; i < 200; i++) {
          assertEquals(i, vector.getLong(i, 0));
        }
        assertThrows(
            ConcurrentModificationException.class,
            () ->
                vector.sort((a, b) -> {
                  vector.add();
                  return 0;
                }));
        assertThrows(
            RuntimeException.class,
            () ->
                vector.sort((a, b) -> {
                  vector.close();
                  return 0;
                }));
      }
    });
  }

  @Test
  void insertAndRemove_eachPlace_moveTheRest() {
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 12)) {
        for (int i = 0; i < 4; i++) {
          vector.insert(0);
          assertEquals(0, vector.getInt(0, 8));
          vector.setInt(0, 8, i + 1);
        }
        vector.addAll(vector.asSlice().segment());
        vector.remove(1);
        vector.swapRemove(0);
        List<Integer> seen = new ArrayList<>();
        vector.forEachIndex(i -> seen.add(vector.getInt(i, 8)));
        assertEquals(List.of(1, 2, 1, 4, 3, 2), seen);
        assertThrows(IndexOutOfBoundsException.class, () -> vector.insert(7));
        assertThrows(
            ConcurrentModificationException.class,
            () -> vector.forEachIndex(i -> vector.remove(i)));
      }
    });
  }

  @Test
  void removeLast_untilEmpty_thenThrows() {
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 4)) {
        vector.add();
        assertFalse(vector.isEmpty());
        vector.removeLast();
        assertTrue(vector.isEmpty());
        assertThrows(IndexOutOfBoundsException.class, vector::removeLast);
      }
    });
  }

  @Test
  void asSlice_elements_haveTheStride() {
    LeakCheck.run(allocator -> {
      try (StructVector vector = new StructVector(allocator, 24)) {
        for (int i = 0; i < 5; i++) {
          vector.setLong(vector.add(), 0, i);
        }
        Slice slice = vector.asSlice();
        assertEquals(24, slice.elementByteSize());
        assertEquals(5, slice.size());
        assertEquals(4, slice.getLong(4));
      }
    });
  }

  @Test
  void close_everyMethod_thenThrows() {
    LeakCheck.run(allocator -> {
      StructVector vector = new StructVector(allocator, 16);
      vector.add();
      vector.close();
      vector.close();
      List<Runnable> uses =
          List.of(
              vector::add,
              () -> vector.getByte(0, 0),
              () -> vector.setByte(0, 0, (byte) 1),
              () -> vector.getInt(0, 0),
              () -> vector.setInt(0, 0, 1),
              () -> vector.getLong(0, 0),
              () -> vector.setLong(0, 0, 1),
              () -> vector.getDouble(0, 0),
              () -> vector.setDouble(0, 0, 1),
              () -> vector.segment(0),
              () -> vector.set(0, MemorySegment.ofArray(new byte[16])),
              vector::removeLast,
              () -> vector.addAll(MemorySegment.ofArray(new byte[16])),
              () -> vector.insert(0),
              () -> vector.remove(0),
              () -> vector.swapRemove(0),
              () -> vector.sort((a, b) -> 0),
              () -> vector.forEachIndex(i -> {}),
              vector::clear,
              () -> vector.reserve(1),
              vector::trimToSize,
              vector::size,
              vector::capacity,
              vector::isEmpty,
              vector::asSlice);
      for (int i = 0; i < uses.size(); i++) {
        assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void operations_random_agreeWithArrayList(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("StructVectorTest over " + source + ": seed " + seed);
    source.run(allocator -> runRandom(new Random(seed), allocator, "seed " + seed));
  }

  private static void runRandom(Random random, Allocator allocator, String message) {
    List<byte[]> model = new ArrayList<>();
    int stride = 1 + random.nextInt(100);
    try (StructVector vector = new StructVector(allocator, stride)) {
      for (int i = 0; i < 3000; i++) {
        switch (random.nextInt(10)) {
          case 0 -> vector.trimToSize();
          case 1, 2 -> {
            if (!model.isEmpty()) {
              vector.removeLast();
              model.removeLast();
            }
          }
          case 3, 4, 5 -> {
            if (!model.isEmpty()) {
              int index = random.nextInt(model.size());
              assertArrayEquals(model.get(index), bytes(vector.segment(index)), message);
              random.nextBytes(model.get(index));
              vector.set(index, MemorySegment.ofArray(model.get(index)));
            }
          }
          default -> {
            assertEquals(model.size(), vector.add(), message);
            model.add(new byte[stride]);
          }
        }
        vector.checkInvariants();
      }
      for (int i = 0; i < model.size(); i++) {
        assertArrayEquals(model.get(i), bytes(vector.segment(i)), message);
      }
    }
  }
}
