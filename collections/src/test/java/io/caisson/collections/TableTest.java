package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.internal.Memory;
import io.caisson.collections.Samples.Everything;
import io.caisson.collections.Samples.Label;
import io.caisson.collections.Samples.Point;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.invoke.MethodHandles;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TableTest {

  /** Its value is less aligned than it is, so a slot is padded at its end. */
  private record Small(byte value) {}

  private static final RecordCodec<Label> KEY = Samples.key();
  private static final RecordCodec<Everything> EVERYTHING = Samples.everything();
  private static final RecordCodec<Point> POINT =
      RecordCodec.of(MethodHandles.lookup(), Point.class);
  private static final RecordCodec<Small> SMALL =
      RecordCodec.of(MethodHandles.lookup(), Small.class);

  private static <K extends Record, V extends Record> Map<K, V> contents(Table<K, V> table) {
    Map<K, V> entries = new HashMap<>();
    table.forEach((key, value) -> assertNull(entries.put(key, value)));
    return entries;
  }

  private static long seed() {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("TableTest: seed " + seed);
    return seed;
  }

  @ParameterizedTest
  @EnumSource
  void operations_random_agreeWithHashMap(TestAllocators source) {
    long seed = seed();
    source.run(allocator -> runRandom(new Random(seed), allocator, "seed " + seed));
  }

  private static void runRandom(Random random, Allocator allocator, String message) {
    Map<Label, Everything> model = new HashMap<>();
    try (Table<Label, Everything> table = new Table<>(allocator, KEY, EVERYTHING)) {
      for (int i = 0; i < 6000; i++) {
        Label key = Samples.key(random.nextInt(i < 3000 ? 700 : 60));
        Everything value = Samples.everything(random);
        switch (random.nextInt(6)) {
          case 0, 1 -> assertEquals(model.put(key, value) == null, table.put(key, value), message);
          case 2 ->
              assertEquals(
                  model.putIfAbsent(key, value) == null, table.putIfAbsent(key, value), message);
          case 3 -> {
            assertEquals(model.get(key), table.get(key), message);
            assertEquals(model.containsKey(key), table.containsKey(key), message);
          }
          default -> assertEquals(model.remove(key) != null, table.remove(key), message);
        }
        assertEquals(model.size(), table.size(), message);
        if (i % 499 == 0) {
          table.checkInvariants();
          assertEquals(model, contents(table), message);
        }
      }
      model.forEach((key, value) -> assertEquals(value, table.get(key), message));
    }
  }

  @Test
  void put_keysWithNanAndZeros_areEqualAsRecordsAre() {
    LeakCheck.run(allocator -> {
      try (Table<Point, Small> table = new Table<>(allocator, POINT, SMALL)) {
        assertTrue(table.put(new Point(Double.NaN, Float.NaN), new Small((byte) 1)));
        Point odd = new Point(Samples.ODD_NAN, Samples.ODD_FLOAT_NAN);
        assertFalse(table.put(odd, new Small((byte) 2)));
        assertTrue(table.put(new Point(0.0, 1), new Small((byte) 3)));
        assertTrue(table.put(new Point(-0.0, 1), new Small((byte) 4)));
        assertEquals(new Small((byte) 2), table.get(new Point(Double.NaN, Float.NaN)));
        assertEquals(new Small((byte) 3), table.get(new Point(0.0, 1)));
        assertEquals(3, table.size());
        table.checkInvariants();
      }
    });
  }

  @Test
  void putAndGet_badRecord_throwAndChangeNothing() {
    Label bad = new Label("much too long", 1);
    LeakCheck.run(allocator -> {
      try (Table<Label, Label> table = new Table<>(allocator, KEY, KEY)) {
        Label key = Samples.key(1);
        table.put(key, key);
        assertThrows(IllegalArgumentException.class, () -> table.put(bad, key));
        assertThrows(IllegalArgumentException.class, () -> table.put(key, bad));
        assertThrows(IllegalArgumentException.class, () -> table.put(Samples.key(2), bad));
        assertThrows(IllegalArgumentException.class, () -> table.putIfAbsent(key, bad));
        assertThrows(IllegalArgumentException.class, () -> table.get(bad));
        assertThrows(IllegalArgumentException.class, () -> table.remove(bad));
        assertThrows(IllegalArgumentException.class, () -> table.containsKey(bad));
        assertThrows(NullPointerException.class, () -> table.get(null));
        assertEquals(Map.of(key, key), contents(table));
      }
    });
  }

  @Test
  void cursor_valuesInPlace_areWrittenAndKeysAreNot() {
    LongField<Label> number = KEY.longField("number");
    TextField<Label> name = KEY.textField("name");
    LeakCheck.run(allocator -> {
      try (Table<Label, Label> table = new Table<>(allocator, KEY, KEY)) {
        Map<Label, Label> model = new HashMap<>();
        for (int i = 0; i < 200; i++) {
          table.put(Samples.key(i), Samples.key(i));
          model.put(Samples.key(i), new Label("none", Samples.key(i).number() + 1));
        }
        Table<Label, Label>.Cursor cursor = table.cursor();
        assertThrows(IllegalStateException.class, () -> number.get(cursor.key()));
        while (cursor.next()) {
          assertEquals(cursor.key().get(), cursor.value().get());
          assertEquals(number.get(cursor.key()), number.get(cursor.value()));
          number.set(cursor.value(), number.get(cursor.value()) + 1);
          name.set(cursor.value(), "none");
          assertThrows(IllegalStateException.class, () -> number.set(cursor.key(), 1));
          assertThrows(IllegalStateException.class, () -> name.set(cursor.key(), "none"));
        }
        assertThrows(IllegalStateException.class, () -> cursor.value().get());
        assertEquals(model, contents(table));
        table.checkInvariants();
      }
    });
  }

  @Test
  void cursor_removingOnTheWay_meetsEveryEntryOnce() {
    Random random = new Random(seed());
    LeakCheck.run(allocator -> {
      for (int round = 0; round < 50; round++) {
        try (Table<Label, Small> table = new Table<>(allocator, KEY, SMALL)) {
          Map<Label, Small> model = new HashMap<>();
          for (int i = random.nextInt(80); i > 0; i--) {
            Label key = Samples.key(random.nextInt(10_000));
            table.put(key, new Small((byte) i));
            model.put(key, new Small((byte) i));
          }
          int size = model.size();
          int met = 0;
          Table<Label, Small>.Cursor cursor = table.cursor();
          while (cursor.next()) {
            met++;
            Label key = cursor.key().get();
            assertEquals(model.get(key), cursor.value().get());
            if (random.nextBoolean()) {
              cursor.remove();
              model.remove(key);
              assertThrows(IllegalStateException.class, () -> cursor.key().get());
              assertThrows(IllegalStateException.class, cursor::remove);
            }
          }
          assertEquals(size, met);
          table.checkInvariants();
          assertEquals(model, contents(table));
        }
      }
    });
  }

  @Test
  void cursor_tableChanges_throws() {
    LongField<Label> number = KEY.longField("number");
    LeakCheck.run(allocator -> {
      try (Table<Label, Label> table = new Table<>(allocator, KEY, KEY)) {
        table.put(Samples.key(1), Samples.key(1));
        Table<Label, Label>.Cursor cursor = table.cursor();
        cursor.next();
        table.put(Samples.key(2), Samples.key(2));
        assertThrows(ConcurrentModificationException.class, cursor::next);
        assertThrows(ConcurrentModificationException.class, () -> number.get(cursor.key()));
        assertThrows(ConcurrentModificationException.class, () -> number.set(cursor.value(), 1));
        assertThrows(
            ConcurrentModificationException.class,
            () -> table.forEach((key, value) -> table.remove(key)));
      }
    });
  }

  @Test
  void remove_almostEverything_shrinks() {
    try (AccountedAllocator allocator = Allocators.system();
        Table<Label, Small> table = new Table<>(allocator, KEY, SMALL)) {
      assertNull(table.get(Samples.key(0)));
      table.reserve(10);
      assertTrue(table.capacity() >= 10);
      for (int i = 0; i < 5000; i++) {
        table.put(new Label("k", i), new Small((byte) i));
      }
      long peak = allocator.stats().liveBytes();
      for (int i = 0; i < 4990; i++) {
        assertTrue(table.remove(new Label("k", i)));
      }
      table.checkInvariants();
      assertTrue(allocator.stats().liveBytes() < peak / 50);
      table.clear();
      assertTrue(table.isEmpty());
      table.trimToSize();
      assertEquals(0, allocator.stats().liveBytes());
      assertTrue(table.put(new Label("k", 1), new Small((byte) 1)));
      assertEquals("Table(1 entries)", table.toString());
    }
  }

  @Test
  void close_everyMethod_thenThrows() {
    LeakCheck.run(allocator -> {
      Table<Label, Label> table = new Table<>(allocator, KEY, KEY);
      Label key = Samples.key(1);
      table.put(key, key);
      Table<Label, Label>.Cursor cursor = table.cursor();
      cursor.next();
      table.close();
      table.close();
      List<Runnable> uses =
          List.of(
              () -> table.get(key),
              () -> table.containsKey(key),
              () -> table.put(key, key),
              () -> table.putIfAbsent(key, key),
              () -> table.remove(key),
              table::cursor,
              () -> table.forEach((k, v) -> {}),
              table::size,
              table::isEmpty,
              table::capacity,
              table::clear,
              () -> table.reserve(10),
              table::trimToSize);
      for (int i = 0; i < uses.size(); i++) {
        assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
      }
      assertThrows(ConcurrentModificationException.class, () -> cursor.value().get());
      assertEquals("Table(closed)", table.toString());
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    long swept =
        OomSweep.of(allocator -> new Table<>(allocator, KEY, SMALL))
            .step("get", table -> table.get(Samples.key(1)))
            .step("reserve", table -> table.reserve(10))
            .steps(100, "put", (table, i) -> table.put(new Label("k", i), new Small((byte) i)))
            .steps(
                30,
                "putIfAbsent",
                (table, i) -> table.putIfAbsent(new Label("p", i), new Small((byte) i)))
            .absorbingStep("remove", TableTest::removeMany)
            .step("trimToSize", Table::trimToSize)
            .step("containsKey", table -> table.containsKey(Samples.key(1)))
            .contents(TableTest::contents)
            .invariants(Table::checkInvariants)
            .run();
    assertTrue(swept >= 6, "only " + swept + " allocations");
  }

  private static void removeMany(Table<Label, Small> table) {
    for (int i = 0; i < 95; i++) {
      table.remove(new Label("k", i));
    }
  }

  /** A canary: a table in which a key is twice. */
  @Test
  void checkUnique_keyThatIsThereTwice_isFound() {
    LeakCheck.run(allocator -> {
      RecordKeys keys = new RecordKeys(Long.BYTES, Long.BYTES);
      TableCore core = new TableCore(allocator, Long.BYTES, keys::hash);
      KeyScratch scratch = new KeyScratch(allocator);
      long key = scratch.room(Long.BYTES);
      for (long number : new long[] {1, 2, 3}) {
        Memory.putLong(key, number);
        Memory.putLong(core.insert(keys.hash(key)), number);
      }
      keys.checkUnique(core);
      Memory.putLong(core.insert(keys.hash(key)), 3);
      core.checkInvariants();
      assertThrows(AssertionError.class, () -> keys.checkUnique(core));
      core.close();
      scratch.free();
    });
  }
}
