package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LongLongTableTest {

  private static final long ABSENT = Long.MIN_VALUE;

  private static Map<Long, Long> contents(LongLongTable table) {
    Map<Long, Long> entries = new HashMap<>();
    table.forEach((key, value) -> assertEquals(null, entries.put(key, value)));
    return entries;
  }

  @Test
  void get_emptyTable_answersAbsentWithoutAllocating() {
    try (AccountedAllocator allocator = Allocators.system();
        LongLongTable table = new LongLongTable(allocator)) {
      assertEquals(ABSENT, table.get(1, ABSENT));
      assertEquals(ABSENT, table.remove(1, ABSENT));
      assertFalse(table.containsKey(0));
      assertTrue(table.isEmpty());
      assertEquals(0, table.capacity());
      assertEquals(0, allocator.stats().allocations());
    }
  }

  @Test
  void put_newAndOldKey_returnsWhatWasThere() {
    LeakCheck.run(allocator -> {
      try (LongLongTable table = new LongLongTable(allocator)) {
        assertEquals(ABSENT, table.put(7, 70, ABSENT));
        assertEquals(70, table.put(7, 71, ABSENT));
        assertEquals(71, table.putIfAbsent(7, 72, ABSENT));
        assertEquals(ABSENT, table.putIfAbsent(8, 80, ABSENT));
        assertEquals(81, table.addTo(8, 1));
        assertEquals(-5, table.addTo(9, -5));
        assertEquals(Map.of(7L, 71L, 8L, 81L, 9L, -5L), contents(table));
        assertEquals(71, table.remove(7, ABSENT));
        assertFalse(table.containsKey(7));
        assertEquals(2, table.size());
      }
    });
  }

  @ParameterizedTest
  @EnumSource(TestAllocators.class)
  void everyOperation_atRandom_agreesWithHashMap(TestAllocators kind) {
    kind.run(allocator -> agreesWithHashMap(new LongLongTable(allocator)));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 64})
  void everyOperation_withoutTags_agreesWithHashMap(long taggedCapacity) {
    LeakCheck.run(allocator -> agreesWithHashMap(new LongLongTable(allocator, taggedCapacity)));
  }

  private static void agreesWithHashMap(LongLongTable table) {
    long seed = System.nanoTime();
    System.out.println("LongLongTable at random: seed " + seed);
    Random random = new Random(seed);
    try (table) {
      Map<Long, Long> model = new HashMap<>();
      for (int i = 0; i < 20_000; i++) {
        long key = random.nextInt(i < 10_000 ? 1500 : 200) - 100L;
        long value = random.nextLong();
        switch (random.nextInt(6)) {
          case 0, 1 -> assertEquals(previous(model.put(key, value)), table.put(key, value, ABSENT));
          case 2 ->
              assertEquals((long) model.merge(key, value, Long::sum), table.addTo(key, value));
          case 3 ->
              assertEquals(
                  previous(model.putIfAbsent(key, value)), table.putIfAbsent(key, value, ABSENT));
          default -> assertEquals(previous(model.remove(key)), table.remove(key, ABSENT));
        }
        assertEquals(model.size(), table.size());
        if (i % 997 == 0) {
          table.checkInvariants();
          assertEquals(model, contents(table));
        }
      }
      model.forEach((key, value) -> assertEquals(value, table.get(key, ABSENT)));
    }
  }

  private static long previous(Long value) {
    return value == null ? ABSENT : value;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 8, 1 << 12, 1 << 20, 1L << 32, 1L << 44, 1L << 48, 1L << 50})
  void put_keysInStrides_staysShort(long step) {
    LeakCheck.run(allocator -> {
      try (LongLongTable table = new LongLongTable(allocator)) {
        for (long i = 0; i < 5000; i++) {
          table.put(i * step, i, ABSENT);
        }
        table.checkInvariants();
        assertTrue(table.longestProbe() < 300, "a probe of " + table.longestProbe() + " slots");
        for (long i = 0; i < 5000; i++) {
          // A step of 2^50 has 2^14 distinct multiples, so no key comes twice.
          assertEquals(i, table.get(i * step, ABSENT));
        }
      }
    });
  }

  /** With any seed: 3.5 slots is what random keys have at this load. */
  @Test
  void put_keysThatFollowOneAnother_haveProbesAsRandomOnes() {
    LeakCheck.run(allocator -> {
      int tables = 20;
      double sum = 0;
      for (int i = 0; i < tables; i++) {
        try (LongLongTable table = new LongLongTable(allocator)) {
          for (long key = 0; key < 14_336; key++) {
            table.put(key, key, ABSENT);
          }
          sum += (double) table.totalProbe() / 14_336;
        }
      }
      double mean = sum / tables;
      assertTrue(mean < 4.5, () -> "probes of " + mean + " slots");
    });
  }

  /** A million rounds, scaled down in checked mode, in which each access is looked up. */
  @Test
  void remove_millionRoundsAtConstantSize_keepsProbesAndMemory() {
    int rounds = Memory.MODE == MemoryMode.CHECKED ? 200_000 : 1_000_000;
    try (AccountedAllocator allocator = Allocators.system();
        LongLongTable table = new LongLongTable(allocator)) {
      int size = 14_336; // exactly the limit of 16384 slots
      for (long i = 0; i < size; i++) {
        table.put(i, i, ABSENT);
      }
      long bytes = allocator.stats().liveBytes();
      long allocations = allocator.stats().allocations();
      double probe = (double) table.totalProbe() / size;
      for (long i = 0; i < rounds; i++) {
        assertEquals(i, table.remove(i, ABSENT));
        assertEquals(ABSENT, table.put(i + size, i + size, ABSENT));
      }
      table.checkInvariants();
      assertEquals(bytes, allocator.stats().liveBytes());
      assertEquals(allocations, allocator.stats().allocations());
      double after = (double) table.totalProbe() / size;
      // Theory says 3.5 slots on average at this load, whatever the history; a run varies around
      // it.
      assertTrue(after < 2 * Math.max(probe, 3.5), "from " + probe + " slots to " + after);
      assertTrue(table.longestProbe() < 1000, "a probe of " + table.longestProbe() + " slots");
    }
  }

  /** Small tables have an end that counts; entries must not crowd there for ever. */
  @ParameterizedTest
  @ValueSource(ints = {896, 3584})
  void remove_smallFullTable_keepsProbesShort(int size) {
    LeakCheck.run(allocator -> {
      try (LongLongTable table = new LongLongTable(allocator)) {
        for (long i = 0; i < size; i++) {
          table.put(i, i, ABSENT);
        }
        double sum = 0;
        for (long i = 0; i < 100_000; i++) {
          assertEquals(i, table.remove(i, ABSENT));
          table.put(i + size, i + size, ABSENT);
          if (i % 1000 == 0) {
            sum += (double) table.totalProbe() / size;
          }
        }
        table.checkInvariants();
        double mean = sum / 100;
        assertTrue(mean < 25, () -> "probes of " + mean + " slots");
      }
    });
  }

  @Test
  void remove_almostEverything_shrinks() {
    try (AccountedAllocator allocator = Allocators.system();
        LongLongTable table = new LongLongTable(allocator)) {
      for (long i = 0; i < 100_000; i++) {
        table.put(i, i, ABSENT);
      }
      long peak = allocator.stats().liveBytes();
      for (long i = 0; i < 99_990; i++) {
        table.remove(i, ABSENT);
      }
      table.checkInvariants();
      assertEquals(10, table.size());
      assertTrue(allocator.stats().liveBytes() < peak / 500);
      table.trimToSize();
      assertEquals(14, table.capacity());
      for (long i = 99_990; i < 100_000; i++) {
        assertEquals(i, table.remove(i, ABSENT));
      }
      table.trimToSize();
      assertEquals(0, allocator.stats().liveBytes());
      table.put(1, 2, ABSENT);
      assertEquals(2, table.get(1, ABSENT));
    }
  }

  @Test
  void put_inTheOrderOfAnotherTable_staysFast() {
    // With one hash for all tables this takes quadratic time: probes of tens of thousands of slots.
    LeakCheck.run(allocator -> {
      try (LongLongTable source = new LongLongTable(allocator);
          LongLongTable copy = new LongLongTable(allocator)) {
        int size = 140_000;
        Random random = new Random(1);
        for (int i = 0; i < size; i++) {
          source.put(random.nextLong(), i, ABSENT);
        }
        long[] longest = {0};
        source.forEach((key, value) -> {
          copy.put(key, value, ABSENT);
          if ((value & 1023) == 0) {
            longest[0] = Math.max(longest[0], copy.longestProbe());
          }
        });
        assertEquals(source.size(), copy.size());
        assertTrue(longest[0] < 5000, "a probe of " + longest[0] + " slots");
      }
    });
  }

  @Test
  void reserve_thenPut_allocatesOnce() {
    try (AccountedAllocator allocator = Allocators.system();
        LongLongTable table = new LongLongTable(allocator)) {
      for (int entries : new int[] {0, 1, 7, 8, 14, 15, 16, 1000}) {
        table.reserve(entries);
        assertTrue(table.capacity() >= entries);
      }
      long allocations = allocator.stats().allocations();
      for (long i = 0; i < 1000; i++) {
        table.put(i, i, ABSENT);
      }
      assertEquals(allocations, allocator.stats().allocations());
      for (long i = 0; i < 1000; i++) {
        table.remove(i, ABSENT);
      }
      for (long i = 0; i < 1000; i++) {
        table.put(i, i, ABSENT); // removing did not undo what was reserved
      }
      assertEquals(allocations, allocator.stats().allocations());
      assertThrows(IllegalArgumentException.class, () -> table.reserve(-1));
      assertThrows(IllegalArgumentException.class, () -> table.reserve(Long.MAX_VALUE));
      assertEquals(1000, table.size());
    }
  }

  @Test
  void clear_thenPut_startsAfresh() {
    LeakCheck.run(allocator -> {
      try (LongLongTable table = new LongLongTable(allocator)) {
        table.clear();
        for (long i = 0; i < 100; i++) {
          table.put(i, i, ABSENT);
        }
        long capacity = table.capacity();
        table.clear();
        table.checkInvariants();
        assertEquals(Map.of(), contents(table));
        assertEquals(capacity, table.capacity());
        table.put(5, 6, ABSENT);
        assertEquals(Map.of(5L, 6L), contents(table));
      }
    });
  }

  @Test
  void computeAndMerge_newAndOldKey_storeWhatTheFunctionSays() {
    LeakCheck.run(allocator -> {
      try (LongLongTable table = new LongLongTable(allocator)) {
        assertEquals(11, table.compute(1, 10, value -> value + 1));
        assertEquals(22, table.compute(1, 10, value -> value * 2));
        assertEquals(5, table.merge(2, 5, Math::max));
        assertEquals(5, table.merge(2, 3, Math::max));
        assertEquals(9, table.merge(2, 9, Math::max));
        assertEquals(Map.of(1L, 22L, 2L, 9L), contents(table));
        assertThrows(
            ConcurrentModificationException.class,
            () -> table.compute(1, 0, value -> table.remove(2, ABSENT)));
        assertThrows(
            ConcurrentModificationException.class,
            () ->
                table.merge(
                    1,
                    0,
                    (a, b) -> {
                      table.close();
                      return 0;
                    }));
      }
    });
  }

  /** Removes while walking, in tables so full that runs of slots wrap around their end. */
  @ParameterizedTest
  @EnumSource(TestAllocators.class)
  void cursor_removingOnTheWay_meetsEveryEntryOnce(TestAllocators kind) {
    long seed = System.nanoTime();
    System.out.println("LongLongTable removing on the way: seed " + seed);
    Random random = new Random(seed);
    kind.run(allocator -> {
      for (int round = 0; round < 300; round++) {
        try (LongLongTable table = new LongLongTable(allocator)) {
          Map<Long, Long> model = new HashMap<>();
          int size = random.nextInt(60);
          for (int i = 0; i < size; i++) {
            long key = random.nextLong();
            table.put(key, i, ABSENT);
            model.put(key, (long) i);
          }
          int keep = random.nextInt(4);
          LongLongTable.Cursor cursor = table.cursor();
          assertThrows(IllegalStateException.class, cursor::key);
          int met = 0;
          while (cursor.next()) {
            met++;
            long key = cursor.key();
            assertEquals(model.get(key), cursor.value(), () -> "seed " + seed);
            if (random.nextInt(4) >= keep) {
              cursor.remove();
              model.remove(key);
              assertThrows(IllegalStateException.class, cursor::value);
              assertThrows(IllegalStateException.class, cursor::remove);
            } else {
              cursor.setValue(-1);
              model.put(key, -1L);
            }
          }
          assertEquals(size, met);
          assertFalse(cursor.next());
          table.checkInvariants();
          assertEquals(model, contents(table), () -> "seed " + seed);
        }
      }
    });
  }

  @Test
  void cursor_removingAlmostAll_shrinksAtTheEnd() {
    try (AccountedAllocator allocator = Allocators.system();
        LongLongTable table = new LongLongTable(allocator)) {
      for (long i = 0; i < 10_000; i++) {
        table.put(i, i, ABSENT);
      }
      long before = allocator.stats().liveBytes();
      LongLongTable.Cursor cursor = table.cursor();
      while (cursor.next()) {
        if (cursor.key() > 5) {
          cursor.remove();
        }
      }
      assertFalse(cursor.next());
      assertTrue(allocator.stats().liveBytes() < before);
      table.put(-1, 1, ABSENT);
      assertThrows(ConcurrentModificationException.class, cursor::next);
      assertThrows(ConcurrentModificationException.class, cursor::remove);
    }
  }

  @Test
  void forEach_consumerChangesTheTable_throws() {
    LeakCheck.run(allocator -> {
      try (LongLongTable table = new LongLongTable(allocator)) {
        table.put(1, 1, ABSENT);
        table.put(2, 2, ABSENT);
        assertThrows(
            ConcurrentModificationException.class,
            () -> table.forEach((key, value) -> table.remove(key, ABSENT)));
        assertThrows(
            ConcurrentModificationException.class,
            () -> table.forEach((key, value) -> table.close()));
      }
    });
  }

  @Test
  void everyOperation_afterClose_throws() {
    LeakCheck.run(allocator -> {
      LongLongTable table = new LongLongTable(allocator);
      table.put(1, 1, ABSENT);
      table.close();
      table.close();
      List<Consumer<LongLongTable>> operations =
          List.of(
              t -> t.get(1, ABSENT),
              t -> t.containsKey(1),
              t -> t.put(1, 1, ABSENT),
              t -> t.putIfAbsent(1, 1, ABSENT),
              t -> t.addTo(1, 1),
              t -> t.compute(1, 1, value -> value),
              t -> t.merge(1, 1, Long::sum),
              LongLongTable::cursor,
              t -> t.remove(1, ABSENT),
              t -> t.forEach((key, value) -> {}),
              LongLongTable::size,
              LongLongTable::isEmpty,
              LongLongTable::capacity,
              LongLongTable::clear,
              t -> t.reserve(10),
              LongLongTable::trimToSize);
      for (Consumer<LongLongTable> operation : operations) {
        assertThrows(IllegalStateException.class, () -> operation.accept(table));
      }
      assertEquals("LongLongTable(closed)", table.toString());
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    long swept =
        OomSweep.of(LongLongTable::new)
            .step("reserve", table -> table.reserve(10))
            .steps(100, "put", (table, i) -> table.put(i, i, ABSENT))
            .steps(50, "compute", (table, i) -> table.compute(i + 80L, 0, value -> value + 1))
            .steps(50, "merge", (table, i) -> table.merge(i + 100L, i, Long::max))
            .steps(50, "addTo", (table, i) -> table.addTo(i + 90L, i))
            .absorbingStep("remove", table -> removeAll(table, 145))
            .step("trimToSize", LongLongTable::trimToSize)
            .steps(40, "putIfAbsent", (table, i) -> table.putIfAbsent(i, i, ABSENT))
            .contents(LongLongTableTest::contents)
            .invariants(LongLongTable::checkInvariants)
            .run();
    assertTrue(swept >= 8, "only " + swept + " allocations");
  }

  private static void removeAll(LongLongTable table, int keys) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      order.add(i);
    }
    order.forEach(key -> table.remove(key, ABSENT));
  }

  /**
   * After many hits a search looks at slots before control bytes; empty slots must not deceive it.
   */
  @Test
  void get_hitsExpected_findsWhatIsThereAndNothingElse() {
    LeakCheck.run(allocator -> {
      try (LongLongTable table = new LongLongTable(allocator)) {
        for (int round = 0; round < 20; round++) {
          for (long key = 0; key < 100; key++) {
            assertEquals(-1, table.put(key, key + round, -1));
          }
          for (int i = 0; i < 1000; i++) {
            assertEquals(i % 100 + round, table.get(i % 100, -1));
          }
          for (long key = 0; key < 100; key += 2) {
            assertEquals(key + round, table.remove(key, -1));
            assertEquals(-1, table.get(key, -1));
            assertEquals(key + 1 + round, table.get(key + 1, -1));
          }
          table.checkInvariants();
          if (round % 2 == 0) {
            table.clear();
          } else {
            for (long key = 1; key < 100; key += 2) {
              assertEquals(key + round, table.remove(key, -1));
            }
            table.trimToSize();
          }
          for (long key = 0; key < 100; key++) {
            assertEquals(-1, table.get(key, -1));
          }
          table.checkInvariants();
        }
      }
    });
  }
}
