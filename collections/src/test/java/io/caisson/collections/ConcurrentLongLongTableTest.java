package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Past 600 lines, since each operation is tried while the table moves, too. */
class ConcurrentLongLongTableTest {

  /** Banks of 64 cells, so that small tables have many. */
  private static final TableShape TINY = new TableShape(LongLongCell.SIZE, 64, 8);

  /** So that of 1024 values one is not to be coded in its cell. */
  private static final long MANY_RESERVED = 1L << 54;

  private static ReclamationDomain smallDomain() {
    return ReclamationDomain.builder().slots(8).bagCapacity(4).build();
  }

  private static ConcurrentLongLongTable tiny(Allocator allocator, ReclamationDomain domain) {
    return new ConcurrentLongLongTable(allocator, domain, TINY, LongLongCell.RESERVED);
  }

  private static void run(Consumer<ConcurrentLongLongTable> test) {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentLongLongTable table = tiny(allocator, domain)) {
        test.accept(table);
      }
    });
  }

  private static Map<Long, Long> contents(ConcurrentLongLongTable table) {
    Map<Long, Long> contents = new TreeMap<>();
    table.forEach((key, value) -> {
      if (contents.put(key, value) != null) {
        throw new AssertionError("key " + key + " came twice");
      }
    });
    return contents;
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void newTable_allocatesNothing() {
    try (AccountedAllocator allocator = Allocators.system();
        ReclamationDomain domain = smallDomain();
        ConcurrentLongLongTable table = new ConcurrentLongLongTable(allocator, domain)) {
      assertEquals(-1, table.get(1, -1));
      assertEquals(-1, table.remove(1, -1));
      assertEquals(-1, table.replace(1, 2, -1));
      assertFalse(table.compareAndReplace(1, 2, 3));
      assertFalse(table.compareAndRemove(1, 2));
      assertFalse(table.containsKey(1));
      assertTrue(table.isEmpty());
      assertFalse(table.cursor().next());
      table.clear();
      assertEquals(0, allocator.stats().allocations());
      table.put(1, 2, -1);
      assertEquals(256, allocator.stats().liveBytes());
    }
  }

  @Test
  void cell_isTwoWords() {
    assertEquals(16, LongLongCell.SIZE);
    assertEquals(4, LongLongCell.SHIFT);
  }

  @Test
  void writes_returnWhatWasThere() {
    run(table -> {
      assertEquals(-1, table.put(7, 70, -1));
      assertEquals(70, table.put(7, 71, -1));
      assertEquals(71, table.putIfAbsent(7, 72, -1));
      assertEquals(71, table.get(7, -1));
      assertEquals(-1, table.putIfAbsent(8, 80, -1));
      assertEquals(80, table.replace(8, 81, -1));
      assertEquals(-1, table.replace(9, 90, -1));
      assertFalse(table.compareAndReplace(8, 80, 82));
      assertTrue(table.compareAndReplace(8, 81, 82));
      assertFalse(table.compareAndRemove(8, 81));
      assertTrue(table.compareAndRemove(8, 82));
      assertFalse(table.containsKey(8));
      assertEquals(5, table.addTo(8, 5));
      assertEquals(2, table.addTo(8, -3));
      assertEquals(6, table.compute(8, 0, value -> value * 3));
      assertEquals(21, table.compute(10, 20, value -> value + 1));
      assertEquals(1, table.merge(11, 1, Math::max));
      assertEquals(4, table.merge(11, 4, Math::max));
      assertEquals(4, table.merge(11, 2, Math::max));
      assertEquals(0, table.merge(12, 0, Long::sum));
      assertEquals(3, table.merge(12, 3, Long::sum));
      assertEquals(71, table.remove(7, -1));
      assertEquals(-1, table.remove(7, -1));
      assertEquals(Map.of(8L, 6L, 10L, 21L, 11L, 4L, 12L, 3L), contents(table));
      assertEquals(4, table.size());
    });
  }

  @Test
  void everyLong_isAKeyAndAValue() {
    long[] words = {0, 1, 2, 3, -1, -2, Long.MIN_VALUE, Long.MAX_VALUE};
    run(table -> {
      for (long key : words) {
        for (long value : words) {
          table.put(key, value, 0);
          assertEquals(value, table.get(key, ~value));
          assertTrue(table.containsKey(key));
        }
      }
      assertEquals(words.length, table.size());
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void everyOperation_atRandom_agreesWithHashMap(TestAllocators kind) {
    kind.run(allocator -> agreesWithHashMap(allocator, TINY, LongLongCell.RESERVED));
  }

  @Test
  void everyOperation_withManyReservedCodes_agreesWithHashMap() {
    for (int i = 0; i < 5; i++) {
      LeakCheck.run(allocator -> agreesWithHashMap(allocator, TINY, MANY_RESERVED));
    }
  }

  @Test
  void everyOperation_inTheShapeForUse_agreesWithHashMap() {
    TableShape shape = TableShape.ofCells(LongLongCell.SIZE);
    LeakCheck.run(allocator -> agreesWithHashMap(allocator, shape, LongLongCell.RESERVED));
  }

  private static void agreesWithHashMap(Allocator allocator, TableShape shape, long reserved) {
    long seed = System.nanoTime();
    System.out.println("ConcurrentLongLongTable at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    try (ReclamationDomain domain = smallDomain();
        ConcurrentLongLongTable table =
            new ConcurrentLongLongTable(allocator, domain, shape, reserved)) {
      Map<Long, Long> model = new HashMap<>();
      for (int round = 0; round < 12; round++) {
        // More and fewer by turns, so that it grows and shrinks.
        int puts = round % 2 == 0 ? 7 : 2;
        long range = 1L + random.nextInt(2000);
        for (int i = 0; i < 2000; i++) {
          step(table, model, random, random.nextLong(range) - range / 2, puts);
        }
        table.checkInvariants();
        assertEquals(new TreeMap<>(model), contents(table));
        assertEquals(model.size(), table.size());
      }
      table.clear();
      assertEquals(0, table.size());
      table.checkInvariants();
    }
  }

  private static void step(
      ConcurrentLongLongTable table,
      Map<Long, Long> model,
      SplittableRandom random,
      long key,
      int puts) {
    long value = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextLong();
    long old = model.getOrDefault(key, -1L);
    assertEquals(old, table.get(key, -1));
    assertEquals(model.containsKey(key), table.containsKey(key));
    switch (random.nextInt(10) < puts ? random.nextInt(5) : 5 + random.nextInt(4)) {
      case 0 -> {
        assertEquals(old, table.put(key, value, -1));
        model.put(key, value);
      }
      case 1 -> {
        assertEquals(old, table.putIfAbsent(key, value, -1));
        model.putIfAbsent(key, value);
      }
      case 2 -> assertEquals(model.merge(key, value, Long::sum), table.addTo(key, value), "addTo");
      case 3 ->
          assertEquals(
              model.merge(key, value, Math::max), table.merge(key, value, Math::max), "merge");
      case 4 ->
          assertEquals(
              model.compute(key, (k, v) -> (v == null ? 5 : v) ^ value),
              table.compute(key, 5, v -> v ^ value),
              "compute");
      case 5 -> {
        assertEquals(old, table.replace(key, value, -1));
        model.replace(key, value);
      }
      case 6 -> {
        long expected = random.nextBoolean() ? old : value;
        assertEquals(
            model.replace(key, expected, value), table.compareAndReplace(key, expected, value));
      }
      case 7 -> {
        long expected = random.nextInt(4) == 0 ? value : old;
        assertEquals(model.remove(key, expected), table.compareAndRemove(key, expected));
      }
      default -> {
        assertEquals(old, table.remove(key, -1));
        model.remove(key);
      }
    }
  }

  @Test
  void valueWithAReservedCode_movesTheTableOnAndIsKept() {
    run(table -> {
      table.put(5, 50, 0);
      Generation before = table.cells().current();
      long bank = before.bank(0);
      for (int index = 0; index <= before.cellMask; index++) {
        long cell = LongLongCell.at(bank, index);
        if (LongLongCell.key(cell) != LongLongCell.EMPTY) {
          long value = LongLongCell.code(LongLongCell.MOVED, before, cell);
          assertEquals(50, table.put(5, value, 0));
          assertEquals(value, table.get(5, 0));
          assertTrue(table.cells().current() != before);
          return;
        }
      }
      throw new AssertionError("no key");
    });
  }

  @Test
  void keyWithAReservedCode_leavesThatCellOut() {
    run(table -> {
      table.put(5, 50, 0);
      Generation generation = table.cells().current();
      long bank = generation.bank(0);
      Map<Long, Long> expected = new TreeMap<>(Map.of(5L, 50L));
      for (int index = 0; index <= generation.cellMask; index++) {
        long cell = LongLongCell.at(bank, index);
        for (long code = 0; code < LongLongCell.RESERVED && expected.size() < 6; code++) {
          long key = LongLongCell.code(code, generation, cell);
          assertEquals(-1, table.put(key, code, -1));
          assertEquals(code, table.get(key, -1));
          expected.put(key, code);
        }
      }
      assertEquals(expected, contents(table));
      table.checkInvariants();
    });
  }

  @Test
  void removeAll_ofMany_givesMemoryBack() {
    try (AccountedAllocator allocator = Allocators.system();
        ReclamationDomain domain = ReclamationDomain.builder().build();
        ConcurrentLongLongTable table = new ConcurrentLongLongTable(allocator, domain)) {
      int count = 30_000;
      for (long i = 0; i < count; i++) {
        table.put(i, i, 0);
      }
      long full = allocator.stats().liveBytes();
      assertTrue(full < 64L * count, () -> full + " bytes");
      for (long i = 0; i < count; i++) {
        assertEquals(i, table.remove(i, -1));
      }
      assertTrue(domain.drain());
      assertTrue(allocator.stats().liveBytes() <= 4096, () -> allocator.stats().toString());
      table.checkInvariants();
    }
  }

  @Test
  void churn_atConstantSize_keepsItsMemory() {
    try (AccountedAllocator allocator = Allocators.system();
        ReclamationDomain domain = ReclamationDomain.builder().build();
        ConcurrentLongLongTable table = new ConcurrentLongLongTable(allocator, domain)) {
      for (long i = 0; i < 60_000; i++) {
        table.put(i, i, 0);
        table.remove(i - 1000, 0);
      }
      assertEquals(1000, table.size());
      assertTrue(allocator.stats().peakBytes() < 64 * 4096 * 4, () -> allocator.stats().toString());
    }
  }

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    record Held(ReclamationDomain domain, ConcurrentLongLongTable table) implements AutoCloseable {
      @Override
      public void close() {
        table.close();
        domain.close();
      }
    }
    OomSweep<Held> sweep =
        OomSweep.of(allocator -> {
          ReclamationDomain domain = smallDomain();
          return new Held(domain, tiny(allocator, domain));
        });
    for (int i = 0; i < 200; i++) {
      long key = i;
      sweep.absorbingStep("put " + i, held -> held.table.put(key, key, 0));
    }
    for (int i = 0; i < 200; i++) {
      long key = i;
      sweep.absorbingStep("add " + i, held -> held.table.addTo(key / 2, key));
    }
    for (int i = 0; i < 190; i++) {
      long key = i;
      sweep.absorbingStep("remove " + i, held -> held.table.remove(key, 0));
    }
    long swept =
        sweep
            .contents(held -> contents(held.table))
            .invariants(held -> held.table.checkInvariants())
            .run();
    assertTrue(swept > 10, swept + " allocations");
  }

  @Test
  void cursor_atNoEntry_throws() {
    run(table -> {
      table.put(1, 2, 0);
      ConcurrentLongLongTable.Cursor cursor = table.cursor();
      assertThrows(IllegalStateException.class, cursor::key);
      assertTrue(cursor.next());
      assertEquals(2, cursor.value());
      cursor.remove();
      assertThrows(IllegalStateException.class, cursor::value);
      assertThrows(IllegalStateException.class, cursor::remove);
      assertFalse(cursor.next());
      assertTrue(table.isEmpty());
    });
  }

  @Test
  void cursor_whileTheTableGrowsAndShrinks_meetsWhatStaysOnce() {
    run(table -> {
      for (long i = 0; i < 500; i++) {
        table.put(i, i, 0);
      }
      Map<Long, Long> seen = new HashMap<>();
      SplittableRandom random = new SplittableRandom(1);
      table.forEach((key, value) -> {
        assertEquals(null, seen.put(key, value));
        for (int i = 0; i < 20; i++) {
          long other = 1000L + random.nextInt(5000);
          if (seen.size() < 250) {
            table.put(other, other, 0);
          } else {
            table.remove(other, 0);
          }
        }
      });
      for (long i = 0; i < 500; i++) {
        assertEquals(i, seen.get(i));
      }
    });
  }

  // ---- limits and close -------------------------------------------------------------------------

  @Test
  void put_garbageAtTheHardLimit_isRefusedAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder()
                  .slots(4)
                  .bagCapacity(1)
                  .hardLimit(4096, LimitPolicy.fail())
                  .build();
          ConcurrentLongLongTable table = tiny(allocator, domain)) {
        long refusedAt = -1;
        try (Guard reader = domain.pin()) {
          for (long i = 0; refusedAt < 0 && i < 100_000; i++) {
            try {
              table.put(i, i, 0);
            } catch (ReclamationLimitException e) {
              refusedAt = i;
            }
          }
          assertTrue(refusedAt > 100, "refused at " + refusedAt);
          assertEquals(refusedAt, table.size());
          assertEquals(-1, table.get(refusedAt, -1));
          for (long i = 0; i < refusedAt; i++) {
            assertEquals(i, table.get(reader, i, -1));
            assertEquals(i, table.put(i, i + 1, -1)); // what is there can be changed
          }
        }
        for (long i = 0; i < 10_000; i++) {
          table.put(i, i, 0);
        }
        table.checkInvariants();
      }
    });
  }

  @Test
  void open_allocatorOfOneThread_throws() {
    LeakCheck.run(parent -> {
      try (ReclamationDomain domain = smallDomain();
          Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(IllegalArgumentException.class, () -> tiny(arena, domain));
      }
    });
  }

  @Test
  void everyOperation_afterClose_throws() {
    run(table -> {
      table.put(1, 1, 0);
      ConcurrentLongLongTable.Cursor cursor = table.cursor();
      assertEquals("ConcurrentLongLongTable(open)", table.toString());
      table.close();
      table.close();
      Runnable[] operations = {
        () -> table.get(1, 0),
        () -> table.containsKey(1),
        () -> table.put(1, 2, 0),
        () -> table.putIfAbsent(1, 2, 0),
        () -> table.addTo(1, 2),
        () -> table.replace(1, 2, 0),
        () -> table.compareAndReplace(1, 2, 0),
        () -> table.compute(1, 2, value -> value),
        () -> table.merge(1, 2, Long::sum),
        () -> table.remove(1, 0),
        () -> table.compareAndRemove(1, 0),
        table::clear,
        table::cursor,
        cursor::next,
        table::size,
        table::isEmpty,
        () -> table.forEach((key, value) -> {}),
        table::checkInvariants
      };
      for (Runnable operation : operations) {
        assertThrows(IllegalStateException.class, operation::run);
      }
      assertEquals("ConcurrentLongLongTable(closed)", table.toString());
    });
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder().closeTimeout(Duration.ofMillis(20)).build();
          ConcurrentLongLongTable table = tiny(allocator, domain)) {
        table.put(1, 1, 0);
        Guard reader = domain.pin();
        assertThrows(IllegalStateException.class, table::close);
        assertThrows(IllegalStateException.class, () -> table.put(1, 1, 0));
        reader.close();
        table.close();
      }
    });
  }

  @Test
  void close_whileOthersWrite_freesEverything() {
    for (int round = 0; round < 50; round++) {
      run(table -> {
        try (Workers workers = new Workers()) {
          for (int i = 0; i < 2; i++) {
            long first = i;
            workers.add(() -> {
              try {
                for (long key = first; ; key += 2) {
                  table.put(key, key, 0);
                  table.remove(key / 2, 0);
                }
              } catch (IllegalStateException closed) {
                assertEquals("ConcurrentLongLongTable(closed)", table.toString());
              }
            });
          }
          workers.add(table::close).run();
        }
      });
    }
  }

  // ---- many threads -----------------------------------------------------------------------------

  private static final int THREADS = 4;

  @Test
  void putIfAbsent_ofTheSameKeys_isWonByOne() {
    run(table -> {
      int count = 5000;
      AtomicInteger wins = new AtomicInteger();
      inThreads(thread -> {
        for (long key = 0; key < count; key++) {
          if (table.putIfAbsent(key, thread, -1) == -1) {
            wins.incrementAndGet();
          }
        }
      });
      assertEquals(count, wins.get());
      assertEquals(count, table.size());
      table.checkInvariants();
    });
  }

  @Test
  void addTo_whileTheTableGrowsAndShrinks_losesNothing() {
    run(table -> {
      int count = 6_000;
      AtomicLongArray sums = new AtomicLongArray(16);
      inThreads(thread -> {
        SplittableRandom random = new SplittableRandom(thread);
        for (int i = 0; i < count; i++) {
          int key = random.nextInt(16);
          long delta = random.nextInt(100);
          sums.addAndGet(key, delta);
          table.addTo(key, delta);
          // Others come and go, so that it grows and shrinks.
          long other = 100 + thread * 10_000L + i % 500;
          if (i / 500 % 2 == 0) {
            table.put(other, i, 0);
          } else {
            table.remove(other, 0);
          }
        }
      });
      for (int key = 0; key < 16; key++) {
        assertEquals(sums.get(key), table.get(key, -1));
      }
      table.checkInvariants();
    });
  }

  @Test
  void put_byOwnersOfTheirKeys_isSeenByThem() {
    run(table -> inThreads(thread -> ownKeys(table, thread, 30_000)));
  }

  @Test
  void put_withManyReservedCodes_isSeenByItsThread() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentLongLongTable table =
              new ConcurrentLongLongTable(allocator, domain, TINY, MANY_RESERVED)) {
        inThreads(thread -> ownKeys(table, thread, 5000));
        table.checkInvariants();
      }
    });
  }

  private static void ownKeys(ConcurrentLongLongTable table, int thread, int steps) {
    Map<Long, Long> model = new HashMap<>();
    SplittableRandom random = new SplittableRandom(thread);
    for (int i = 0; i < steps; i++) {
      int range = i / 3000 % 2 == 0 ? 600 : 20;
      step(table, model, random, (long) random.nextInt(range) * THREADS + thread, 5);
    }
    model.forEach((key, value) -> assertEquals(value, table.get(key, ~value)));
  }

  @Test
  void forEach_whileOthersWrite_meetsWhatStaysOnce() {
    run(table -> {
      for (long key = 0; key < 300; key++) {
        table.put(key, key, 0);
      }
      AtomicBoolean done = new AtomicBoolean();
      try (Workers workers = new Workers()) {
        workers.add(() -> {
          try {
            for (int i = 0; i < 60; i++) {
              Map<Long, Long> seen = contents(table);
              for (long key = 0; key < 300; key++) {
                assertEquals(key, seen.getOrDefault(key, -1L));
              }
            }
          } finally {
            done.set(true);
          }
        });
        workers.add(() -> {
          for (long i = 0; !done.get(); i++) {
            for (long key = 1000; key < 3000; key++) {
              table.put(key, i, 0);
            }
            for (long key = 1000; key < 3000; key++) {
              table.remove(key, 0);
            }
          }
        });
        workers.run();
      }
      assertEquals(300, table.size());
    });
  }

  /** What threads do that are numbered from 0. */
  private interface Work {
    void run(int thread);
  }

  private static void inThreads(Work work) {
    try (Workers workers = new Workers()) {
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        workers.add(() -> work.run(thread));
      }
      workers.run();
    }
  }
}
