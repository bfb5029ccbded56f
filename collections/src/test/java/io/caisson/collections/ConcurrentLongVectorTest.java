package io.caisson.collections;

import static io.caisson.collections.OnDomain.smallDomain;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConcurrentLongVectorTest {

  private static void run(Consumer<ConcurrentLongVector> test) {
    OnDomain.run(ConcurrentLongVector::new, test);
  }

  private static List<Long> contents(ConcurrentLongVector vector) {
    List<Long> values = new ArrayList<>();
    vector.forEach(values::add);
    return values;
  }

  // ---- segments ---------------------------------------------------------------------------------

  @Test
  void segment_ofEachIndex_isWhereItIs() {
    assertEquals(1, VectorSegment.numberOf(0));
    assertEquals(1, VectorSegment.numberOf(7));
    assertEquals(2, VectorSegment.numberOf(8));
    assertEquals(2, VectorSegment.numberOf(23));
    assertEquals(3, VectorSegment.numberOf(24));
    assertTrue(VectorSegment.numberOf(Long.MAX_VALUE) > VectorSegment.LAST);
    for (int number = 1; number <= VectorSegment.LAST; number++) {
      long first = VectorSegment.firstIndex(number);
      assertEquals(number, VectorSegment.numberOf(first));
      assertEquals(number, VectorSegment.numberOf(first + VectorSegment.length(number) - 1));
      assertEquals(first + VectorSegment.length(number), VectorSegment.firstIndex(number + 1));
    }
    assertEquals(72, VectorSegment.byteSize(1));
    assertEquals(0, VectorSegment.length(0));
    assertEquals(0, VectorSegment.firstIndex(0));
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void newVector_isEmptyAndHasAllocatedNothing() {
    try (AccountedAllocator allocator = Allocators.system();
        OnDomain<ConcurrentLongVector> held = OnDomain.open(ConcurrentLongVector::new, allocator)) {
      assertTrue(held.structure().isEmpty());
      assertEquals(0, held.structure().size());
      assertEquals(List.of(), contents(held.structure()));
      assertThrows(IndexOutOfBoundsException.class, () -> held.structure().get(0));
      held.structure().checkInvariants();
      assertEquals(0, allocator.stats().allocations());
    }
  }

  @Test
  void add_values_returnsIndicesInOrder() {
    run(vector -> {
      for (long i = 0; i < 1000; i++) {
        assertEquals(i, vector.add(~i));
        assertEquals(~i, vector.get(i));
        assertEquals(i + 1, vector.size());
      }
      for (long i = 0; i < 1000; i++) {
        assertEquals(~i, vector.get(i));
      }
      vector.checkInvariants();
    });
  }

  @Test
  void get_everyValue_comesBack() {
    run(vector -> {
      for (long value : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
        assertEquals(value, vector.get(vector.add(value)));
      }
    });
  }

  @Test
  void elements_indexOutOfBounds_throwAndSayWhy() {
    run(vector -> {
      vector.add(1);
      for (long index : new long[] {-1, 1, 7, 8, 1000, Long.MAX_VALUE, Long.MIN_VALUE, -9}) {
        List<Runnable> uses =
            List.of(
                () -> vector.get(index),
                () -> vector.set(index, 0),
                () -> vector.getAndAdd(index, 1),
                () -> vector.compareAndSet(index, 0, 1));
        for (Runnable use : uses) {
          var e = assertThrows(IndexOutOfBoundsException.class, use::run);
          assertEquals("index " + index + " of a vector of size 1", e.getMessage());
        }
      }
      assertEquals(List.of(1L), contents(vector));
    });
  }

  @Test
  void setGetAndAddCompareAndSet_anElement_changeIt() {
    run(vector -> {
      vector.addAll(new long[20], 0, 20);
      vector.set(19, 5);
      assertEquals(5, vector.getAndAdd(19, 7));
      assertEquals(12, vector.getAndAdd(19, Long.MAX_VALUE));
      assertEquals(Long.MAX_VALUE + 12, vector.get(19));
      assertFalse(vector.compareAndSet(19, 5, 6));
      assertTrue(vector.compareAndSet(19, Long.MAX_VALUE + 12, -1));
      assertEquals(-1, vector.get(19));
      assertEquals(0, vector.get(18));
    });
  }

  @Test
  void addAll_acrossSegments_keepsValuesSideBySide() {
    run(vector -> {
      long[] values = new long[100];
      for (int i = 0; i < values.length; i++) {
        values[i] = i;
      }
      assertEquals(0, vector.addAll(values, 3, 3));
      assertEquals(0, vector.addAll(values, 0, 5));
      assertEquals(5, vector.addAll(values, 5, 100));
      assertEquals(100, vector.add(100));
      assertEquals(101, vector.addAll(values, 0, 0));
      for (long i = 0; i <= 100; i++) {
        assertEquals(i, vector.get(i));
      }
      assertThrows(IndexOutOfBoundsException.class, () -> vector.addAll(values, 0, 101));
      assertThrows(IndexOutOfBoundsException.class, () -> vector.addAll(values, -1, 2));
      assertEquals(101, vector.size());
      vector.checkInvariants();
    });
  }

  @Test
  void guardForms_doTheSame() {
    LeakCheck.run(allocator -> {
      try (OnDomain<ConcurrentLongVector> held =
              OnDomain.open(ConcurrentLongVector::new, allocator);
          ReclamationDomain other = new ReclamationDomain()) {
        ConcurrentLongVector vector = held.structure();
        try (Guard guard = held.domain().pin()) {
          assertEquals(0, vector.add(guard, 7));
          assertEquals(7, vector.get(guard, 0));
          assertEquals(7, vector.getAndAdd(guard, 0, 1));
          assertEquals(1, vector.size(guard));
          assertThrows(IndexOutOfBoundsException.class, () -> vector.get(guard, 1));
        }
        try (Guard stranger = other.pin()) {
          assertThrows(IllegalArgumentException.class, () -> vector.add(stranger, 1));
          assertThrows(IllegalArgumentException.class, () -> vector.get(stranger, 0));
          assertThrows(IllegalArgumentException.class, () -> vector.getAndAdd(stranger, 0, 1));
          assertThrows(IllegalArgumentException.class, () -> vector.size(stranger));
        }
        assertEquals(List.of(8L), contents(vector));
      }
    });
  }

  @Test
  void forEach_consumerAppends_passesOnWhatWasThere() {
    run(vector -> {
      for (long i = 0; i < 10_000; i++) { // some guards' worth
        vector.add(i);
      }
      long[] next = {0};
      vector.forEach(value -> {
        assertEquals(next[0]++, value);
        if (value < 10) {
          vector.add(-1);
        }
      });
      assertEquals(10_000, next[0]);
      assertEquals(10_010, vector.size());
    });
  }

  @Test
  void asList_vectorGrows_showsItAndCannotBeChanged() {
    run(vector -> {
      List<Long> list = vector.asList();
      assertEquals(List.of(), list);
      vector.addAll(new long[] {5, 6, 7}, 0, 3);
      assertEquals(List.of(5L, 6L, 7L), list);
      assertEquals(List.of(5L, 6L, 7L).hashCode(), list.hashCode());
      assertEquals(List.of(6L), list.subList(1, 2));
      assertEquals(2, list.indexOf(7L));
      var iterator = list.iterator();
      iterator.next();
      vector.add(8);
      assertEquals(6, iterator.next());
      assertEquals(4, list.size());
      assertThrows(IndexOutOfBoundsException.class, () -> list.get(4));
      assertThrows(UnsupportedOperationException.class, () -> list.add(9L));
      assertThrows(UnsupportedOperationException.class, () -> list.set(0, 9L));
      assertThrows(UnsupportedOperationException.class, () -> list.remove(0));
      assertThrows(UnsupportedOperationException.class, list::clear);
      vector.close();
      assertThrows(IllegalStateException.class, list::size);
      assertThrows(IllegalStateException.class, () -> list.get(0));
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void everyOperation_atRandom_agreesWithArrayList(TestAllocators kind) {
    long seed = System.nanoTime();
    System.out.println("ConcurrentLongVectorTest at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    kind.run(allocator -> {
      try (OnDomain<ConcurrentLongVector> held =
          OnDomain.open(ConcurrentLongVector::new, allocator)) {
        List<Long> model = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
          step(held.structure(), model, random);
          if (i % 100 == 0) {
            assertEquals(model, contents(held.structure()));
            assertEquals(model, held.structure().asList());
            held.structure().checkInvariants();
          }
        }
      }
    });
  }

  private static void step(ConcurrentLongVector vector, List<Long> model, SplittableRandom random) {
    long value = random.nextLong();
    int index = random.nextInt(model.size() + 1);
    if (index == model.size() || random.nextBoolean()) {
      if (random.nextInt(4) > 0) {
        assertEquals(model.size(), vector.add(value));
        model.add(value);
      } else {
        long[] values = random.longs(random.nextInt(30)).toArray();
        int from = random.nextInt(values.length + 1);
        assertEquals(model.size(), vector.addAll(values, from, values.length));
        for (int i = from; i < values.length; i++) {
          model.add(values[i]);
        }
      }
      return;
    }
    long before = model.get(index);
    assertEquals(before, vector.get(index));
    switch (random.nextInt(3)) {
      case 0 -> vector.set(index, value);
      case 1 -> assertEquals(before, vector.getAndAdd(index, value - before));
      default -> assertTrue(vector.compareAndSet(index, before, value));
    }
    model.set(index, value);
    assertEquals(model.size(), vector.size());
  }

  // ---- memory -----------------------------------------------------------------------------------

  @Test
  void everyOperation_failingAllocations_leavesTheVectorUnchanged() {
    long swept =
        OomSweep.of(allocator -> OnDomain.open(ConcurrentLongVector::new, allocator))
            .steps(30, "add", (held, i) -> held.structure().add(i))
            .step("addAll", held -> held.structure().addAll(new long[300], 0, 300))
            .steps(3, "add again", (held, i) -> held.structure().add(i))
            .contents(held -> contents(held.structure()))
            .invariants(held -> held.structure().checkInvariants())
            .run();
    assertEquals(6, swept);
  }

  /** What was counted in vain, again and again, is no index. */
  @Test
  void add_afterManyRefusals_goesOnWithoutAHole() {
    LeakCheck.run(parent -> {
      MockAllocator mock = new MockAllocator(parent);
      try (OnDomain<ConcurrentLongVector> held = OnDomain.open(ConcurrentLongVector::new, mock)) {
        for (long i = 0; i < 8; i++) {
          held.structure().add(i);
        }
        mock.failAfter(mock.attempts() + 1);
        for (int i = 0; i < 100; i++) {
          assertThrows(AllocationException.class, () -> held.structure().add(-1));
          assertThrows(AllocationException.class, () -> held.structure().addAll(new long[9], 0, 9));
        }
        assertEquals(8, held.structure().size());
        mock.pause();
        assertEquals(8, held.structure().add(8));
        assertEquals(9, held.structure().addAll(new long[] {9, 10}, 0, 2));
        assertEquals(11, held.structure().size());
        held.structure().checkInvariants();
      }
    });
  }

  @Test
  void add_many_takesNineBytesAnElementAndLessThanTwiceThat() {
    try (AccountedAllocator allocator = Allocators.system();
        OnDomain<ConcurrentLongVector> held = OnDomain.open(ConcurrentLongVector::new, allocator)) {
      for (long i = 0; i < 100_000; i++) {
        held.structure().add(i);
      }
      long bytes = allocator.stats().liveBytes();
      assertTrue(bytes >= 9 * 100_000 && bytes < 2 * 9 * 100_000, () -> "bytes " + bytes);
    }
  }

  @Test
  void open_allocatorOfOneThread_throws() {
    LeakCheck.run(parent -> {
      try (ReclamationDomain domain = smallDomain();
          Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(IllegalArgumentException.class, () -> new ConcurrentLongVector(arena, domain));
      }
    });
  }

  // ---- close ------------------------------------------------------------------------------------

  @Test
  void everyOperation_afterClose_throws() {
    for (int elements : new int[] {0, 3, 30}) {
      LeakCheck.run(allocator -> {
        try (OnDomain<ConcurrentLongVector> held =
            OnDomain.open(ConcurrentLongVector::new, allocator)) {
          ConcurrentLongVector vector = held.structure();
          vector.addAll(new long[elements], 0, elements);
          vector.size();
          assertEquals("ConcurrentLongVector(open)", vector.toString());
          vector.close();
          vector.close();
          assertEquals("ConcurrentLongVector(closed)", vector.toString());
          try (Guard guard = held.domain().pin()) {
            List<Runnable> uses =
                List.of(
                    () -> vector.add(1),
                    () -> vector.add(guard, 1),
                    () -> vector.addAll(new long[1], 0, 1),
                    () -> vector.addAll(new long[1], 0, 0),
                    () -> vector.get(0),
                    () -> vector.get(-1),
                    () -> vector.get(guard, 0),
                    () -> vector.set(0, 1),
                    () -> vector.getAndAdd(0, 1),
                    () -> vector.getAndAdd(guard, 0, 1),
                    () -> vector.compareAndSet(0, 0, 1),
                    vector::size,
                    () -> vector.size(guard),
                    vector::isEmpty,
                    vector::asList,
                    () -> vector.forEach(value -> {}));
            for (Runnable use : uses) {
              assertThrows(IllegalStateException.class, use::run);
            }
          }
        }
      });
    }
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    OnDomain.assertCloseWaitsForGuards(
        ConcurrentLongVector::new, vector -> vector.add(7), vector -> vector.get(0));
  }

  @Test
  void close_afterItsDomain_freesItsSegments() {
    LeakCheck.run(allocator -> {
      ReclamationDomain domain = smallDomain();
      ConcurrentLongVector vector = new ConcurrentLongVector(allocator, domain);
      vector.add(1);
      domain.close();
      assertThrows(IllegalStateException.class, () -> vector.get(0));
      vector.close();
    });
  }

  @Test
  void close_whileOthersAppendAndRead_freesEverything() {
    OnDomain.assertCloseWhileOthersWorkFreesEverything(
        100,
        ConcurrentLongVector::new,
        (vector, i) -> {
          long index = vector.add(i);
          assertEquals(i, vector.get(index));
          vector.addAll(new long[11], 0, 11);
          vector.forEach(value -> {});
        });
  }

  // ---- many threads -----------------------------------------------------------------------------

  private static final int EACH = 5_000;

  @Test
  void add_fromManyThreads_conservesEveryElementInItsOrder() {
    int threads = 4;
    Tally tally = new Tally(threads, EACH);
    AtomicInteger working = new AtomicInteger(threads);
    run(vector -> {
      try (Workers workers = new Workers()) {
        for (int t = 0; t < threads; t++) {
          int thread = t;
          workers.add(() -> {
            appendAll(vector, thread);
            working.decrementAndGet();
          });
        }
        workers.add(() -> {
          long last = 0;
          do {
            last = assertGrown(vector, last, threads);
          } while (working.get() > 0);
        });
        workers.run();
      }
      assertEquals((long) threads * EACH, vector.size());
      vector.checkInvariants();
      Tally.InOrder inOrder = tally.new InOrder();
      vector.forEach(inOrder::take);
      tally.assertEachOnce();
    });
  }

  /** Appends numbered values, by one and by several; finds each at its index at once. */
  private static void appendAll(ConcurrentLongVector vector, int thread) {
    SplittableRandom random = new SplittableRandom(thread);
    for (int next = 0; next < EACH; ) {
      int count = Math.min(random.nextInt(1, 20), EACH - next);
      long[] values = new long[count];
      for (int i = 0; i < count; i++) {
        values[i] = Tally.value(thread, next + i);
      }
      long first = count == 1 ? vector.add(values[0]) : vector.addAll(values, 0, count);
      for (int i = 0; i < count; i++) {
        assertEquals(values[i], vector.get(first + i));
      }
      next += count;
    }
  }

  private static long assertGrown(ConcurrentLongVector vector, long last, int threads) {
    long size = vector.size();
    assertTrue(size >= last, () -> "shrank from " + last + " to " + size);
    for (long index = Math.max(0, size - 100); index < size; index++) {
      long value = vector.get(index);
      assertTrue(value >>> 32 < threads && (int) value < EACH, "nobody appended " + value);
    }
    return size;
  }

  @Test
  void getAndAddAndCompareAndSet_fromManyThreads_countExactly() {
    int threads = 4;
    run(vector -> {
      vector.addAll(new long[2], 0, 2);
      try (Workers workers = new Workers()) {
        for (int t = 0; t < threads; t++) {
          workers.add(() -> {
            for (int i = 0; i < EACH; i++) {
              vector.getAndAdd(0, 3);
              for (long seen = vector.get(1);
                  !vector.compareAndSet(1, seen, seen + 1);
                  seen = vector.get(1)) {
                Thread.onSpinWait();
              }
            }
          });
        }
        workers.run();
      }
      assertEquals(List.of(3L * threads * EACH, (long) threads * EACH), contents(vector));
    });
  }
}
