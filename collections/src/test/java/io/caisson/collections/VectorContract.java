package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every vector of primitives must do; values are passed as longs that fit its type. Past 600
 * lines: a few lines for each of the many operations, in one suite that every vector runs.
 */
interface VectorContract {

  /** A vector of any primitive type, seen as one of longs. */
  interface Vector extends AutoCloseable {
    void add(long value);

    void addAll(long... values);

    long get(long index);

    void set(long index, long value);

    long removeLast();

    void addAll(MemorySegment values);

    void insert(long index, long value);

    long remove(long index);

    long swapRemove(long index);

    void sort();

    long binarySearch(long value);

    LongStream stream();

    PrimitiveIterator<?, ?> iterator();

    void clear();

    void reserve(long minCapacity);

    void trimToSize();

    long size();

    long capacity();

    boolean isEmpty();

    long[] toArray();

    void forEach(LongConsumer action);

    Slice asSlice();

    long read(Slice slice, long index);

    void checkInvariants();

    @Override
    void close();
  }

  Vector create(Allocator allocator);

  Vector create(Allocator allocator, long initialCapacity);

  /** The size of an element in bytes. */
  long elementByteSize();

  private static void fill(Vector vector, int count) {
    for (int i = 0; i < count; i++) {
      vector.add(i);
    }
  }

  private static long[] upTo(int count) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return values;
  }

  /** Runs a test with a mock of the system's allocator, and fails it if it leaks. */
  private static void withMock(Consumer<MockAllocator> test) {
    AccountedAllocator account = Allocators.system();
    MockAllocator mock = new MockAllocator(account);
    try (mock) {
      test.accept(mock);
      assertEquals(0, account.stats().liveBytes());
    }
  }

  // ---- creation -------------------------------------------------------------------------------

  @Test
  default void create_withoutCapacity_allocatesNothing() {
    withMock(mock -> {
      try (Vector vector = create(mock)) {
        assertTrue(vector.isEmpty());
        assertEquals(0, vector.capacity());
        assertEquals(0, vector.toArray().length);
        vector.forEach(value -> fail("no value to pass"));
        vector.trimToSize();
        vector.clear();
        vector.addAll();
        vector.checkInvariants();
      }
      assertEquals(List.of(), mock.calls());
    });
  }

  @Test
  default void create_withCapacity_holdsThatManyInOneAllocation() {
    withMock(mock -> {
      try (Vector vector = create(mock, 100)) {
        assertEquals(100, vector.capacity());
        fill(vector, 100);
        assertEquals(1, mock.attempts());
        assertEquals(100 * elementByteSize(), mock.calls().getFirst().byteSize());
      }
    });
  }

  @Test
  default void create_badCapacity_throws() {
    withMock(mock -> {
      assertThrows(IllegalArgumentException.class, () -> create(mock, -1));
      assertThrows(IllegalArgumentException.class, () -> create(mock, Long.MAX_VALUE));
      assertEquals(0, mock.attempts());
    });
  }

  @Test
  default void create_exhausted_throwsAndLeaksNothing() {
    withMock(mock -> {
      mock.failAfter(1);
      assertThrows(AllocationException.class, () -> create(mock, 1));
    });
  }

  // ---- elements -------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  default void add_many_keepsAllInOrder(TestAllocators source) {
    source.run(allocator -> {
      try (Vector vector = create(allocator)) {
        for (int i = 0; i < 1000; i++) {
          vector.add(-i);
          vector.checkInvariants();
        }
        assertEquals(1000, vector.size());
        assertFalse(vector.isEmpty());
        for (int i = 0; i < 1000; i++) {
          assertEquals(-i, vector.get(i));
        }
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  default void addAll_array_appendsEveryValue(TestAllocators source) {
    source.run(allocator -> {
      try (Vector vector = create(allocator)) {
        vector.add(7);
        vector.addAll(1, 2, 3);
        vector.addAll(upTo(100));
        assertEquals(104, vector.size());
        assertEquals(7, vector.get(0));
        assertEquals(3, vector.get(3));
        assertEquals(99, vector.get(103));
        vector.checkInvariants();
      }
    });
  }

  @Test
  default void addAll_exhausted_addsNone() {
    withMock(mock -> {
      try (Vector vector = create(mock)) {
        vector.addAll(1, 2, 3);
        long capacity = vector.capacity();
        mock.refuseResize().failAfter(1);
        assertThrows(AllocationException.class, () -> vector.addAll(upTo(1000)));
        assertArrayEquals(new long[] {1, 2, 3}, vector.toArray());
        assertEquals(capacity, vector.capacity());
        vector.checkInvariants();
      }
    });
  }

  @Test
  default void set_eachIndex_replacesOnlyIt() {
    LeakCheck.run(allocator -> {
      try (Vector vector = create(allocator)) {
        fill(vector, 3);
        vector.set(1, 42);
        assertArrayEquals(new long[] {0, 42, 2}, vector.toArray());
      }
    });
  }

  @Test
  default void access_outOfBounds_throws() {
    LeakCheck.run(allocator -> {
      try (Vector vector = create(allocator, 10)) {
        assertThrows(IndexOutOfBoundsException.class, () -> vector.get(0));
        fill(vector, 3);
        for (long index : new long[] {-1, 3, 9, 10, Long.MIN_VALUE, Long.MAX_VALUE}) {
          assertThrows(IndexOutOfBoundsException.class, () -> vector.get(index));
          assertThrows(IndexOutOfBoundsException.class, () -> vector.set(index, 1));
        }
      }
    });
  }

  @Test
  default void removeLast_untilEmpty_returnsValuesThenThrows() {
    LeakCheck.run(allocator -> {
      try (Vector vector = create(allocator)) {
        fill(vector, 2);
        assertEquals(1, vector.removeLast());
        assertEquals(0, vector.removeLast());
        assertThrows(IndexOutOfBoundsException.class, vector::removeLast);
        assertTrue(vector.isEmpty());
        vector.checkInvariants();
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  default void addAll_segmentOnHeapOffHeapAndOwn_appendsIt(TestAllocators source) {
    source.run(allocator -> {
      try (Vector vector = create(allocator);
          Vector other = create(allocator);
          Arena arena = Arena.ofConfined()) {
        fill(vector, 5);
        MemorySegment own = vector.asSlice().segment();
        byte[] bytes = own.toArray(ValueLayout.JAVA_BYTE);
        other.addAll(MemorySegment.ofArray(bytes));
        other.addAll(arena.allocate(bytes.length, 8).copyFrom(MemorySegment.ofArray(bytes)));
        for (int i = 0; i < 5; i++) {
          other.addAll(other.asSlice().segment()); // its block moves while it is read
        }
        assertEquals(320, other.size());
        for (int i = 0; i < 320; i++) {
          assertEquals(i % 5, other.get(i));
        }
        MemorySegment ragged = MemorySegment.ofArray(new byte[(int) elementByteSize() + 1]);
        assertThrows(IllegalArgumentException.class, () -> other.addAll(ragged));
        assertEquals(320, other.size());
      }
    });
  }

  @Test
  default void insertAndRemove_eachPlace_moveTheRest() {
    LeakCheck.run(allocator -> {
      try (Vector vector = create(allocator)) {
        vector.insert(0, 2);
        vector.insert(0, 0);
        vector.insert(2, 3);
        vector.insert(1, 1);
        assertArrayEquals(upTo(4), vector.toArray());
        assertThrows(IndexOutOfBoundsException.class, () -> vector.insert(5, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.insert(-1, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.remove(4));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.swapRemove(-1));
        assertEquals(1, vector.remove(1));
        assertArrayEquals(new long[] {0, 2, 3}, vector.toArray());
        assertEquals(0, vector.swapRemove(0));
        assertArrayEquals(new long[] {3, 2}, vector.toArray());
        assertEquals(2, vector.swapRemove(1));
        assertEquals(3, vector.remove(0));
        assertTrue(vector.isEmpty());
        vector.checkInvariants();
      }
    });
  }

  // ---- order ----------------------------------------------------------------------------------

  @Test
  default void sort_everyShape_ordersAndFinds() {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println(getClass().getSimpleName() + " sorts: seed " + seed);
    Random random = new Random(seed);
    LeakCheck.run(allocator -> {
      for (int size : new int[] {0, 1, 2, 3, 24, 25, 26, 100, 3000}) {
        for (int shape = 0; shape < 6; shape++) {
          long[] values = shape(random, size, shape);
          try (Vector vector = create(allocator)) {
            vector.addAll(values);
            vector.sort();
            Arrays.sort(values);
            assertArrayEquals(values, vector.toArray(), () -> "seed " + seed);
            for (long value : values) {
              assertEquals(value, vector.get(vector.binarySearch(value)));
            }
            assertTrue(size == 0 || values[0] < -5 || vector.binarySearch(-6) == -1);
            assertTrue(shape == 0 || vector.binarySearch(1 << 20) == -(size + 1L));
          }
        }
      }
    });
  }

  private static long[] shape(Random random, int size, int shape) {
    long[] values = new long[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          switch (shape) {
            case 0 -> random.nextInt();
            case 1 -> i;
            case 2 -> size - i;
            case 3 -> 7;
            case 4 -> random.nextInt(3) - 1;
            default -> i < size / 2 ? i : size - i; // an organ pipe
          };
    }
    return values;
  }

  // ---- streams --------------------------------------------------------------------------------

  @Test
  default void stream_sequentialParallelAndIterator_seeEveryValueInOrder() {
    LeakCheck.run(allocator -> {
      try (Vector vector = create(allocator)) {
        assertEquals(0, vector.stream().count());
        assertFalse(vector.iterator().hasNext());
        fill(vector, 1000);
        assertArrayEquals(upTo(1000), vector.stream().toArray());
        assertArrayEquals(upTo(1000), vector.stream().parallel().toArray());
        assertEquals(499_500, vector.stream().parallel().sum());
        assertEquals(1000, vector.stream().spliterator().getExactSizeIfKnown());
        PrimitiveIterator<?, ?> iterator = vector.iterator();
        for (int i = 0; i < 1000; i++) {
          assertEquals(i, ((Number) iterator.next()).longValue());
        }
        assertFalse(iterator.hasNext());
        LongStream stale = vector.stream();
        LongStream shrunk = vector.stream();
        vector.add(1);
        assertThrows(ConcurrentModificationException.class, stale::sum);
        vector.close();
        assertThrows(IllegalStateException.class, shrunk::sum);
      }
    });
  }

  // ---- capacity -------------------------------------------------------------------------------

  @Test
  default void add_whenFull_growsByHalfFromOneCacheLine() {
    LeakCheck.run(allocator -> {
      try (Vector vector = create(allocator)) {
        long expected = 64 / elementByteSize();
        for (int growths = 0; growths < 8; growths++) {
          do {
            vector.add(1);
          } while (vector.size() < vector.capacity());
          assertEquals(expected, vector.capacity());
          expected += expected >> 1;
        }
      }
    });
  }

  @Test
  default void add_whenFull_triesToResizeBeforeMoving() {
    withMock(mock -> {
      mock.refuseResize();
      try (Vector vector = create(mock, 1)) {
        fill(vector, 2);
      }
      assertEquals(
          List.of(
              MockAllocator.Operation.ALLOCATE,
              MockAllocator.Operation.RESIZE,
              MockAllocator.Operation.REALLOCATE,
              MockAllocator.Operation.FREE),
          mock.calls().stream().map(MockAllocator.Call::operation).toList());
    });
  }

  @Test
  default void add_halfMoreRefused_growsByWhatIsNeeded() {
    withMock(mock -> {
      long budget = 20 * elementByteSize();
      mock.refuseResize().failAbove(budget);
      try (Vector vector = create(mock, 16)) {
        fill(vector, 20);
        assertEquals(20, vector.capacity());
        assertThrows(AllocationException.class, () -> vector.add(1));
        assertThrows(AllocationException.class, () -> vector.insert(0, 1));
        assertArrayEquals(upTo(20), vector.toArray());
        vector.checkInvariants();
      }
    });
  }

  /**
   * Why growth is by half. A block that grows is still there when the larger one is taken, so the
   * room for that can only be what the blocks before it left behind. Below the golden ratio they
   * add up to it, and an allocator that joins free neighbours goes round in the same memory; with
   * doubling they never do.
   */
  @Test
  default void add_whenFull_asksForLessThanEarlierBlocksLeft() {
    withMock(mock -> {
      mock.refuseResize();
      try (Vector vector = create(mock)) {
        fill(vector, 5000);
      }
      List<Long> sizes =
          mock.calls().stream()
              .filter(call ->
                  call.operation() == MockAllocator.Operation.ALLOCATE
                      || call.operation() == MockAllocator.Operation.REALLOCATE)
              .map(MockAllocator.Call::byteSize)
              .toList();
      assertTrue(fitsWhereEarlierBlocksWere(sizes), () -> "never fits: " + sizes);
      List<Long> doubled = Stream.iterate(64L, size -> size * 2).limit(40).toList();
      assertFalse(fitsWhereEarlierBlocksWere(doubled));
    });
  }

  private static boolean fitsWhereEarlierBlocksWere(List<Long> sizes) {
    long left = 0;
    for (int i = 0; i + 2 <= sizes.size() - 1; i++) {
      left += sizes.get(i); // freed when block i + 1 was there; i + 1 lives while i + 2 is taken
      if (left >= sizes.get(i + 2)) {
        return true;
      }
    }
    return false;
  }

  @Test
  default void reserve_thenAdd_allocatesNoMore() {
    withMock(mock -> {
      try (Vector vector = create(mock)) {
        vector.reserve(500);
        assertTrue(vector.capacity() >= 500);
        assertEquals(0, vector.size());
        fill(vector, 500);
        vector.reserve(0);
        vector.reserve(500);
        assertEquals(1, mock.attempts());
      }
    });
  }

  @Test
  default void reserve_badCapacity_throwsAndChangesNothing() {
    withMock(mock -> {
      try (Vector vector = create(mock)) {
        fill(vector, 3);
        long capacity = vector.capacity();
        assertThrows(IllegalArgumentException.class, () -> vector.reserve(-1));
        assertThrows(IllegalArgumentException.class, () -> vector.reserve(Long.MAX_VALUE));
        mock.failAbove(1 << 20);
        assertThrows(AllocationException.class, () -> vector.reserve(2 << 20));
        assertEquals(capacity, vector.capacity());
        assertArrayEquals(upTo(3), vector.toArray());
        vector.checkInvariants();
      }
    });
  }

  @Test
  default void clear_full_keepsCapacity() {
    LeakCheck.run(allocator -> {
      try (Vector vector = create(allocator)) {
        fill(vector, 100);
        long capacity = vector.capacity();
        vector.clear();
        assertEquals(0, vector.size());
        assertEquals(capacity, vector.capacity());
        assertThrows(IndexOutOfBoundsException.class, () -> vector.get(0));
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  default void trimToSize_someElements_keepsThemAndNoMore(TestAllocators source) {
    source.run(allocator -> {
      try (Vector vector = create(allocator, 1000)) {
        fill(vector, 10);
        vector.trimToSize();
        assertEquals(10, vector.capacity());
        assertArrayEquals(upTo(10), vector.toArray());
        vector.checkInvariants();
        vector.add(10);
        assertArrayEquals(upTo(11), vector.toArray());
      }
    });
  }

  @Test
  default void trimToSize_noElements_freesTheBlock() {
    withMock(mock -> {
      try (Vector vector = create(mock, 10)) {
        vector.trimToSize();
        assertEquals(MockAllocator.Operation.FREE, mock.calls().getLast().operation());
        assertEquals(0, vector.capacity());
        vector.checkInvariants();
        vector.add(1);
        assertEquals(1, vector.get(0));
      }
    });
  }

  // ---- views ----------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  default void asSlice_elements_showsThem(TestAllocators source) {
    source.run(allocator -> {
      try (Vector vector = create(allocator)) {
        assertEquals(0, vector.asSlice().size());
        fill(vector, 20);
        Slice slice = vector.asSlice();
        assertEquals(20, slice.size());
        assertEquals(elementByteSize(), slice.elementByteSize());
        vector.set(7, 70);
        assertEquals(70, vector.read(slice, 7));
        assertEquals(19, vector.read(slice, 19));
      }
    });
  }

  @Test
  default void forEach_elements_passesThemInOrder() {
    LeakCheck.run(allocator -> {
      try (Vector vector = create(allocator)) {
        fill(vector, 50);
        List<Long> seen = new ArrayList<>();
        vector.forEach(value -> {
          seen.add(value);
          vector.set(value, value + 1);
        });
        assertEquals(50, seen.size());
        for (int i = 0; i < 50; i++) {
          assertEquals(i, seen.get(i));
          assertEquals(i + 1, vector.get(i));
        }
      }
    });
  }

  @Test
  default void forEach_structuralChangeInside_isDetected() {
    Map<String, Consumer<Vector>> changes = new LinkedHashMap<>();
    changes.put("add", vector -> vector.add(1));
    changes.put("addAll", vector -> vector.addAll(1, 2));
    changes.put("removeLast", Vector::removeLast);
    changes.put("insert", vector -> vector.insert(0, 1));
    changes.put("remove", vector -> vector.remove(0));
    changes.put("swapRemove", vector -> vector.swapRemove(0));
    changes.put("clear", Vector::clear);
    changes.put("reserve", vector -> vector.reserve(1000));
    changes.put("trimToSize", Vector::trimToSize);
    changes.put("close", Vector::close);
    changes.put(
        "removeLast and add",
        vector -> {
          vector.removeLast();
          vector.add(1);
        });
    changes.put(
        "clear and addAll",
        vector -> {
          vector.clear();
          vector.addAll(upTo(3));
        });
    changes.forEach((name, change) ->
        LeakCheck.run(allocator -> {
          try (Vector vector = create(allocator, 10)) {
            fill(vector, 3);
            List<Long> seen = new ArrayList<>();
            assertThrows(
                ConcurrentModificationException.class,
                () ->
                    vector.forEach(value -> {
                      seen.add(value);
                      change.accept(vector);
                    }),
                name);
            assertEquals(List.of(0L), seen, name);
          }
        }));
  }

  // ---- close ----------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  default void close_everyMethod_thenThrows(TestAllocators source) {
    source.run(allocator -> {
      for (int count : new int[] {0, 3}) {
        Vector vector = create(allocator);
        fill(vector, count);
        vector.close();
        vector.close();
        List<Runnable> uses =
            List.of(
                () -> vector.add(1),
                () -> vector.addAll(),
                () -> vector.addAll(1, 2),
                () -> vector.get(0),
                () -> vector.get(-1),
                () -> vector.set(0, 1),
                vector::removeLast,
                () -> vector.addAll(MemorySegment.ofArray(new byte[0])),
                () -> vector.insert(0, 1),
                () -> vector.remove(0),
                () -> vector.swapRemove(0),
                vector::sort,
                () -> vector.binarySearch(1),
                vector::stream,
                vector::iterator,
                vector::clear,
                () -> vector.reserve(0),
                () -> vector.reserve(10),
                vector::trimToSize,
                vector::size,
                vector::capacity,
                vector::isEmpty,
                vector::toArray,
                () -> vector.forEach(value -> {}),
                vector::asSlice);
        for (int i = 0; i < uses.size(); i++) {
          assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
        }
        vector.checkInvariants();
      }
    });
  }

  // ---- model ----------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  default void operations_random_agreeWithArrayList(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println(getClass().getSimpleName() + " over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      List<Long> model = new ArrayList<>();
      try (Vector vector = create(allocator)) {
        for (int i = 0; i < 5000; i++) {
          step(random, vector, model);
          assertEquals(model.size(), vector.size(), () -> "seed " + seed);
          if (i % 50 == 0) {
            vector.checkInvariants();
            assertArrayEquals(toArray(model), vector.toArray(), () -> "seed " + seed);
          }
        }
        assertArrayEquals(toArray(model), vector.toArray(), () -> "seed " + seed);
      }
    });
  }

  private static long[] toArray(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private static void step(Random random, Vector vector, List<Long> model) {
    long value = random.nextInt();
    switch (random.nextInt(24)) {
      case 20 -> {
        int index = random.nextInt(model.size() + 1);
        vector.insert(index, value);
        model.add(index, value);
      }
      case 21 -> {
        if (!model.isEmpty()) {
          int index = random.nextInt(model.size());
          assertEquals(model.remove(index), vector.remove(index));
        }
      }
      case 22 -> {
        if (!model.isEmpty()) {
          int index = random.nextInt(model.size());
          assertEquals(model.get(index), vector.swapRemove(index));
          long last = model.removeLast();
          if (index < model.size()) {
            model.set(index, last);
          }
        }
      }
      case 23 -> {
        if (random.nextInt(20) == 0) {
          vector.sort();
          model.sort(null);
        }
      }
      case 0 -> {
        long[] values = random.ints(random.nextInt(30)).asLongStream().toArray();
        vector.addAll(values);
        for (long each : values) {
          model.add(each);
        }
      }
      case 1 -> vector.trimToSize();
      case 2 -> vector.reserve(random.nextInt(500));
      case 3 -> {
        if (random.nextInt(20) == 0) {
          vector.clear();
          model.clear();
        }
      }
      case 4, 5, 6, 7 -> {
        if (!model.isEmpty()) {
          assertEquals(model.removeLast(), vector.removeLast());
        }
      }
      case 8, 9, 10, 11 -> {
        if (!model.isEmpty()) {
          int index = random.nextInt(model.size());
          assertEquals(model.get(index), vector.get(index));
          vector.set(index, value);
          model.set(index, value);
        }
      }
      default -> {
        vector.add(value);
        model.add(value);
      }
    }
  }
}
