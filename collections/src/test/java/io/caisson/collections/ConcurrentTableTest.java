package io.caisson.collections;

import static io.caisson.collections.OnDomain.smallDomain;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import io.caisson.collections.LongsInRecords.Num;
import io.caisson.collections.Samples.Everything;
import io.caisson.collections.Samples.Label;
import io.caisson.collections.Samples.Point;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.invoke.MethodHandles;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Past 600 lines: each test goes through all operations, which are many. */
class ConcurrentTableTest {

  /** Banks of 16 slots: it moves often, and in many banks. */
  private static final TableShape TINY = new TableShape(8, 16, 4);

  /** A value that tells if it is whole. */
  record Pair(long number, long complement) {
    static Pair of(long number) {
      return new Pair(number, ~number);
    }
  }

  /** A record whose accessor does not like to be asked. */
  record Moody(long number) {
    @Override
    public long number() {
      if (number < 0) {
        throw new ArithmeticException("not today");
      }
      return number;
    }
  }

  /** A record whose content can be changed. */
  @SuppressWarnings("ArrayRecordComponent") // that is the point
  record Bytes4(@FixedLength(4) byte[] bytes) {}

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final RecordCodec<Label> KEY = Samples.key();
  private static final RecordCodec<Everything> EVERYTHING = Samples.everything();
  private static final RecordCodec<Point> POINT = RecordCodec.of(LOOKUP, Point.class);
  private static final RecordCodec<Pair> PAIR = RecordCodec.of(LOOKUP, Pair.class);
  private static final RecordCodec<Moody> MOODY = RecordCodec.of(LOOKUP, Moody.class);
  private static final RecordCodec<Bytes4> BYTES = RecordCodec.of(LOOKUP, Bytes4.class);
  private static final RecordCodec<Num> NUM = LongsInRecords.CODEC;

  private static ConcurrentTable<Label, Pair> table(Allocator allocator, ReclamationDomain domain) {
    return new ConcurrentTable<>(allocator, domain, KEY, PAIR, TINY);
  }

  private static void run(Consumer<ConcurrentTable<Label, Pair>> test) {
    OnDomain.run(ConcurrentTableTest::table, test);
  }

  /** One key for each number. */
  private static Label key(int number) {
    return new Label("k" + number % 7, number);
  }

  private static <K extends Record, V extends Record> Map<K, V> contents(
      ConcurrentTable<K, V> table) {
    Map<K, V> entries = new HashMap<>();
    table.forEach((key, value) -> assertNull(entries.put(key, value)));
    return entries;
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void newTable_askedForNothing_allocatesNothing() {
    try (AccountedAllocator allocator = Allocators.system();
        ReclamationDomain domain = smallDomain();
        ConcurrentTable<Label, Pair> table = new ConcurrentTable<>(allocator, domain, KEY, PAIR)) {
      assertTrue(table.isEmpty());
      assertEquals(Map.of(), contents(table));
      table.clear();
      assertEquals(0, allocator.stats().allocations());
      assertNull(table.get(key(1)));
      assertFalse(table.replace(key(1), Pair.of(1)));
      assertFalse(table.remove(key(1)));
      assertEquals(1, allocator.stats().allocations(), "one for the encoded key");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void everyOperation_atRandom_agreesWithConcurrentHashMap(TestAllocators kind) {
    kind.run(allocator -> {
      agreesWithModel(allocator, TINY);
      agreesWithModel(allocator, TableShape.ofCells(8));
    });
  }

  private static void agreesWithModel(Allocator allocator, TableShape shape) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("ConcurrentTable at random: seed " + seed);
    Random random = new Random(seed);
    try (ReclamationDomain domain = smallDomain();
        ConcurrentTable<Label, Everything> table =
            new ConcurrentTable<>(allocator, domain, KEY, EVERYTHING, shape)) {
      Map<Label, Everything> model = new ConcurrentHashMap<>();
      for (int i = 0; i < 6_000; i++) {
        step(random, table, model, i / 1000 % 2 == 0);
        assertEquals(model.size(), table.size());
        if (i % 997 == 0) {
          table.checkInvariants();
          assertEquals(model, contents(table));
        }
      }
      table.checkInvariants();
      assertEquals(model, contents(table));
      table.clear();
      assertTrue(table.isEmpty());
      table.checkInvariants();
    }
  }

  private static void step(
      Random random,
      ConcurrentTable<Label, Everything> table,
      Map<Label, Everything> model,
      boolean growing) {
    Label key = key(random.nextInt(500));
    Everything value = Samples.everything(random);
    Everything old = model.get(key);
    Everything expected = old == null || random.nextBoolean() ? value : old;
    switch (random.nextInt(growing ? 8 : 12)) {
      case 0, 1 -> assertEquals(model.put(key, value) == null, table.put(key, value));
      case 2 -> assertEquals(model.putIfAbsent(key, value) == null, table.putIfAbsent(key, value));
      case 3 -> assertEquals(model.replace(key, value) != null, table.replace(key, value));
      case 4 ->
          assertEquals(model.replace(key, expected, value), table.replace(key, expected, value));
      case 5 -> {
        assertEquals(old, table.get(key));
        assertEquals(old != null, table.containsKey(key));
        assertEquals(model.getOrDefault(key, value), table.getOrDefault(key, value));
      }
      case 6 ->
          assertEquals(
              model.compute(key, (same, was) -> was == null ? value : null),
              table.compute(key, (same, was) -> was == null ? value : null));
      case 7 ->
          assertEquals(
              model.merge(key, value, (was, given) -> was.flag() ? given : null),
              table.merge(key, value, (was, given) -> was.flag() ? given : null));
      case 8 -> assertEquals(model.remove(key, expected), table.remove(key, expected));
      default -> assertEquals(model.remove(key) != null, table.remove(key));
    }
  }

  @Test
  void put_keysWithNanAndZeros_areEqualAsRecordsAre() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Point, Point> table =
              new ConcurrentTable<>(allocator, domain, POINT, POINT)) {
        Point nan = new Point(Double.NaN, Float.NaN);
        Point odd = new Point(Samples.ODD_NAN, Samples.ODD_FLOAT_NAN);
        assertTrue(table.put(nan, odd));
        assertFalse(table.put(odd, nan));
        assertTrue(table.put(new Point(0.0, 1), new Point(0.0, 1)));
        assertTrue(table.put(new Point(-0.0, 1), new Point(-0.0, 1)));
        assertEquals(new Point(0.0, 1), table.get(new Point(0.0, 1)));
        assertFalse(table.remove(new Point(0.0, 1), new Point(-0.0, 1)));
        assertTrue(table.remove(nan, odd));
        assertEquals(2, table.size());
        table.checkInvariants();
      }
    });
  }

  @Test
  void compute_functionOfTheValue_insertsReplacesAndRemoves() {
    run(table -> {
      assertNull(table.compute(key(1), (key, old) -> null));
      assertTrue(table.isEmpty());
      assertEquals(Pair.of(1), table.compute(key(1), (key, old) -> Pair.of(key.number())));
      Pair made = table.compute(key(1), (key, old) -> Pair.of(1 + number(old)));
      assertEquals(Pair.of(2), made);
      assertEquals(Pair.of(2), table.get(key(1)));
      assertEquals(
          Pair.of(5),
          table.merge(key(1), Pair.of(3), (old, given) -> Pair.of(old.number() + given.number())));
      assertThrows(
          ArithmeticException.class,
          () ->
              table.compute(
                  key(1),
                  (key, old) -> {
                    throw new ArithmeticException();
                  }));
      assertEquals(Map.of(key(1), Pair.of(5)), contents(table));
      assertNull(table.merge(key(1), Pair.of(3), (old, given) -> null));
      assertTrue(table.isEmpty());
      assertEquals(Pair.of(3), table.merge(key(1), Pair.of(3), (old, given) -> null));
      assertNull(table.compute(key(1), (key, old) -> null));
      assertTrue(table.isEmpty());
    });
  }

  private static long number(Pair pair) {
    assertNotNull(pair);
    assertEquals(~pair.number, pair.complement);
    return pair.number;
  }

  /** What the function made of its own copy counts, though that is the same object. */
  @Test
  void compute_recordChangedInside_isStored() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Num, Bytes4> table =
              new ConcurrentTable<>(allocator, domain, NUM, BYTES)) {
        table.put(new Num(1), new Bytes4(new byte[] {1, 2, 3, 4}));
        table.compute(
            new Num(1),
            (key, old) -> {
              assertNotNull(old);
              old.bytes()[3] = 5;
              return old;
            });
        Bytes4 found = table.get(new Num(1));
        assertNotNull(found);
        assertEquals(5, found.bytes()[3]);
        assertTrue(table.replace(new Num(1), found, new Bytes4(new byte[4])), "equal by its bytes");
      }
    });
  }

  // ---- records that are not as they should be ---------------------------------------------------

  @Test
  void everyOperation_recordThatDoesNotFit_throwsAndChangesNothing() {
    Label bad = new Label("much too long", 1);
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Label, Label> table =
              new ConcurrentTable<>(allocator, domain, KEY, KEY, TINY)) {
        Label key = key(1);
        Label other = key(2);
        table.put(key, key);
        List<Runnable> uses =
            List.of(
                () -> table.get(bad),
                () -> table.containsKey(bad),
                () -> table.put(bad, key),
                () -> table.put(key, bad),
                () -> table.put(other, bad),
                () -> table.putIfAbsent(bad, key),
                () -> table.putIfAbsent(key, bad),
                () -> table.putIfAbsent(other, bad),
                () -> table.replace(bad, key),
                () -> table.replace(key, bad),
                () -> table.replace(other, bad),
                () -> table.replace(key, bad, key),
                () -> table.replace(key, key, bad),
                () -> table.compute(bad, (same, old) -> key),
                () -> table.compute(key, (same, old) -> bad),
                () -> table.compute(other, (same, old) -> bad),
                () -> table.merge(key, other, (old, given) -> bad),
                () -> table.merge(other, bad, (old, given) -> key),
                () -> table.remove(bad),
                () -> table.remove(key, bad));
        for (int i = 0; i < uses.size(); i++) {
          assertThrows(IllegalArgumentException.class, uses.get(i)::run, "use " + i);
          assertEquals(Map.of(key, key), contents(table), "use " + i);
        }
        table.checkInvariants();
      }
    });
  }

  @Test
  void everyOperation_accessorThatThrows_passesItOnAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Moody, Moody> table =
              new ConcurrentTable<>(allocator, domain, MOODY, MOODY)) {
        Moody good = new Moody(1);
        Moody bad = new Moody(-1);
        table.put(good, good);
        assertThrows(ArithmeticException.class, () -> table.get(bad));
        assertThrows(ArithmeticException.class, () -> table.put(good, bad));
        assertThrows(ArithmeticException.class, () -> table.put(bad, good));
        assertThrows(ArithmeticException.class, () -> table.replace(good, bad, good));
        assertThrows(ArithmeticException.class, () -> table.compute(good, (key, old) -> bad));
        assertThrows(ArithmeticException.class, () -> table.remove(bad));
        assertEquals(Map.of(good, good), contents(table));
      }
    });
  }

  @Test
  @SuppressWarnings("NullAway") // that is the point
  void everyOperation_onNull_throwsAndChangesNothing() {
    run(table -> {
      Label key = key(1);
      Pair value = Pair.of(1);
      table.put(key, value);
      List<Runnable> uses =
          List.of(
              () -> table.get(null),
              () -> table.containsKey(null),
              () -> table.put(null, value),
              () -> table.put(key, null),
              () -> table.putIfAbsent(key, null),
              () -> table.putIfAbsent(null, value),
              () -> table.replace(key, null),
              () -> table.replace(key, value, null),
              () -> table.replace(key, null, value),
              () -> table.compute(key, null),
              () -> table.compute(null, (same, old) -> old),
              () -> table.merge(key, null, (old, given) -> old),
              () -> table.merge(key, value, null),
              () -> table.remove(null),
              () -> table.remove(key, null),
              () -> table.put(new Label(null, 1), value));
      for (int i = 0; i < uses.size(); i++) {
        assertThrows(NullPointerException.class, uses.get(i)::run, "use " + i);
        assertEquals(Map.of(key, value), contents(table), "use " + i);
      }
    });
  }

  // ---- in place ---------------------------------------------------------------------------------

  @Test
  void cursor_entriesInPlace_areReadAndNotWritten() {
    LongField<Label> keyNumber = KEY.longField("number");
    TextField<Label> keyName = KEY.textField("name");
    LongField<Pair> number = PAIR.longField("number");
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Label, Pair> table = table(allocator, domain)) {
        Map<Label, Pair> model = new HashMap<>();
        for (int i = 0; i < 200; i++) {
          table.put(key(i), Pair.of(i));
          model.put(key(i), Pair.of(i));
        }
        try (Guard guard = domain.pin()) {
          ConcurrentTable<Label, Pair>.Cursor cursor = table.cursor(guard);
          assertThrows(IllegalStateException.class, () -> keyNumber.get(cursor.key()));
          assertThrows(IllegalStateException.class, () -> cursor.value().get());
          assertTrue(cursor.moveTo(key(7)));
          Map<Label, Pair> met = new HashMap<>();
          while (cursor.next()) {
            assertEquals(keyNumber.get(cursor.key()), number.get(cursor.value()));
            assertTrue(keyName.get(cursor.key()).toString().startsWith("k"));
            assertNull(met.put(cursor.key().get(), cursor.value().get()));
            assertThrows(IllegalStateException.class, () -> keyNumber.set(cursor.key(), 1));
            assertThrows(IllegalStateException.class, () -> number.set(cursor.value(), 1));
          }
          assertEquals(model, met);
          assertFalse(cursor.next());
          assertThrows(IllegalStateException.class, () -> cursor.value().get());
          assertTrue(cursor.moveTo(key(7)));
          table.put(key(7), Pair.of(-7));
          assertEquals(7, number.get(cursor.value()), "the entry that there was");
          assertTrue(cursor.moveTo(key(7)));
          assertEquals(-7, number.get(cursor.value()));
          table.remove(key(7));
          assertEquals(-7, number.get(cursor.value()));
          assertEquals(key(7), cursor.key().get());
          assertFalse(cursor.moveTo(key(7)));
          assertThrows(IllegalStateException.class, () -> number.get(cursor.value()));
          assertNull(table.get(guard, key(7)));
          assertEquals(Pair.of(8), table.get(guard, key(8)));
          assertTrue(table.containsKey(guard, key(8)));
        }
      }
    });
  }

  @Test
  void operations_guardOfAnotherDomain_throw() {
    run(table -> {
      try (ReclamationDomain other = smallDomain();
          Guard guard = other.pin()) {
        assertThrows(IllegalArgumentException.class, () -> table.get(guard, key(1)));
        assertThrows(IllegalArgumentException.class, () -> table.containsKey(guard, key(1)));
        assertThrows(IllegalArgumentException.class, () -> table.cursor(guard));
      }
    });
  }

  /** Whether a guard that an operation makes is on the heap is up to the JIT, so here is one. */
  @Test
  void lookups_underAGuard_allocateNothingOnTheHeap() {
    assumeTrue(Memory.MODE == MemoryMode.NATIVE, "checked mode has a book of its own");
    LongField<Pair> number = PAIR.longField("number");
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Label, Pair> table = table(allocator, domain);
          Guard guard = domain.pin()) {
        Label key = key(1);
        Label other = key(2);
        table.put(key, Pair.of(1));
        ConcurrentTable<Label, Pair>.Cursor cursor = table.cursor(guard);
        Runnable lookups =
            () -> {
              for (int i = 0; i < 20_000; i++) {
                if (!table.containsKey(guard, key)
                    || table.containsKey(guard, other)
                    || !cursor.moveTo(key)
                    || number.get(cursor.value()) != 1) {
                  throw new AssertionError("round " + i);
                }
              }
            };
        int attempts = 0; // until they are compiled
        while (!HeapBytes.allocatesNothing(lookups)) {
          assertTrue(++attempts < 200);
        }
      }
    });
  }

  // ---- limits -----------------------------------------------------------------------------------

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    OomSweep<OnDomain<ConcurrentTable<Label, Pair>>> sweep =
        OomSweep.of(allocator -> OnDomain.open(ConcurrentTableTest::table, allocator));
    sweep.step("get", held -> held.structure().get(key(1)));
    for (int i = 0; i < 16; i++) {
      int n = i;
      sweep.absorbingStep("put " + i, held -> held.structure().put(key(n), Pair.of(n)));
    }
    for (int i = 0; i < 4; i++) {
      int n = i;
      sweep.absorbingStep(
          "putIfAbsent " + i, held -> held.structure().putIfAbsent(key(-n), Pair.of(n)));
      sweep.absorbingStep("replace " + i, held -> held.structure().replace(key(n), Pair.of(n + 1)));
      sweep.absorbingStep(
          "replace expected " + i,
          held -> held.structure().replace(key(n), Pair.of(n + 1), Pair.of(n + 2)));
      sweep.absorbingStep(
          "compute " + i, held -> held.structure().compute(key(n), (key, old) -> Pair.of(n + 3)));
      sweep.absorbingStep(
          "merge " + i,
          held -> held.structure().merge(key(n), Pair.of(n), (old, given) -> Pair.of(n + 4)));
    }
    for (int i = 0; i < 15; i++) {
      Label key = key(i);
      sweep.absorbingStep("remove " + i, held -> held.structure().remove(key));
    }
    sweep.absorbingStep("remove expected", held -> held.structure().remove(key(-3), Pair.of(3)));
    long swept =
        sweep
            .contents(held -> contents(held.structure()))
            .invariants(held -> held.structure().checkInvariants())
            .run();
    assertTrue(swept > 40, swept + " allocations");
  }

  @Test
  void put_garbageAtTheHardLimit_isRefusedAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder()
                  .slots(1)
                  .bagCapacity(1)
                  .hardLimit(2048, LimitPolicy.fail())
                  .build();
          ConcurrentTable<Label, Pair> table = table(allocator, domain)) {
        for (int i = 0; i < 10; i++) {
          table.put(key(i), Pair.of(i));
        }
        try (Guard guard = domain.pin()) {
          assertEquals(domain, guard.domain());
          assertThrows(
              ReclamationLimitException.class,
              () -> {
                for (int i = 0; i < 1000; i++) {
                  table.put(key(i % 10), Pair.of(100 + i));
                }
              });
          Map<Label, Pair> before = contents(table);
          assertThrows(ReclamationLimitException.class, () -> table.put(key(0), Pair.of(5)));
          assertThrows(ReclamationLimitException.class, () -> table.remove(key(0)));
          assertThrows(
              ReclamationLimitException.class,
              () -> table.compute(key(0), (key, old) -> Pair.of(5)));
          assertEquals(before, contents(table));
        }
        assertTrue(table.replace(key(0), Pair.of(1)));
        assertTrue(table.remove(key(0)));
      }
    });
  }

  @Test
  void newTable_thatCannotBe_throws() {
    LeakCheck.run(parent -> {
      try (ReclamationDomain domain = smallDomain();
          ReclamationDomain narrow =
              ReclamationDomain.builder().hardLimit(24, LimitPolicy.fail()).build();
          Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(IllegalArgumentException.class, () -> table(arena, domain));
        assertThrows(IllegalArgumentException.class, () -> table(parent, narrow));
      }
    });
  }

  // ---- close ------------------------------------------------------------------------------------

  @Test
  void everyOperation_afterClose_throws() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Label, Pair> table = table(allocator, domain)) {
        Label key = key(1);
        Pair value = Pair.of(1);
        table.put(key, value);
        assertEquals("ConcurrentTable(open)", table.toString());
        Map<Label, Pair> map = table.asMap();
        ConcurrentTable<Label, Pair>.Cursor cursor;
        try (Guard guard = domain.pin()) {
          cursor = table.cursor(guard);
        }
        table.close();
        table.close();
        try (Guard guard = domain.pin()) {
          List<Runnable> uses =
              List.of(
                  () -> table.get(key),
                  () -> table.get(guard, key),
                  () -> table.getOrDefault(key, value),
                  () -> table.containsKey(key),
                  () -> table.containsKey(guard, key),
                  () -> table.put(key, value),
                  () -> table.putIfAbsent(key, value),
                  () -> table.replace(key, value),
                  () -> table.replace(key, value, value),
                  () -> table.compute(key, (same, old) -> old),
                  () -> table.merge(key, value, (old, given) -> old),
                  () -> table.remove(key),
                  () -> table.remove(key, value),
                  () -> table.cursor(guard),
                  cursor::next,
                  () -> cursor.moveTo(key),
                  () -> table.forEach((k, v) -> {}),
                  table::clear,
                  table::asMap,
                  table::isEmpty,
                  table::size,
                  () -> map.get(key),
                  () -> assertEquals(0, map.size()),
                  () -> assertFalse(map.keySet().iterator().hasNext()));
          for (int i = 0; i < uses.size(); i++) {
            assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
          }
        }
        assertEquals("ConcurrentTable(closed)", table.toString());
      }
    });
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    OnDomain.assertCloseWaitsForGuards(
        ConcurrentTableTest::table,
        table -> table.put(key(7), Pair.of(7)),
        table -> table.put(key(8), Pair.of(8)));
  }

  @Test
  void close_whileOthersWrite_freesEverything() {
    OnDomain.assertCloseWhileOthersWorkFreesEverything(
        25,
        ConcurrentTableTest::table,
        (table, i) -> {
          table.put(key(i % 300), Pair.of(i));
          if (i % 3 == 0) {
            table.remove(key((i * 7) % 300));
          }
        });
  }

  // ---- many threads -----------------------------------------------------------------------------

  /**
   * Tokens that threads move from key to key by every way to change a value; none may be lost or
   * made, while the table grows and shrinks under it. On guard pages a read of what is freed
   * crashes.
   */
  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"SYSTEM", "GUARD", "SLAB"})
  void everyChange_fromManyThreads_conservesTokens(TestAllocators kind) {
    kind.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Label, Pair> table = table(allocator, domain)) {
        int threads = 4;
        int rounds = 1_500;
        try (Workers workers = new Workers()) {
          for (int t = 0; t < threads; t++) {
            int own = 1000 * (t + 1);
            workers.add(() -> {
              for (int i = 0; i < rounds; i++) {
                give(table, key(i % 20), i % 3);
                if (i % 2 == 0) {
                  assertTrue(take(table, key((i + 7) % 20), i % 5) <= 1);
                }
                Label mine = key(own + i % 300);
                if (i / 300 % 2 == 0) {
                  assertTrue(table.put(mine, Pair.of(0)));
                } else {
                  assertTrue(table.remove(mine, Pair.of(0)));
                }
              }
            });
          }
          workers.run();
        }
        table.checkInvariants();
        long[] left = {0};
        table.forEach((key, value) -> left[0] += number(value));
        assertEquals((long) threads * rounds, left[0] + TAKEN.getAndSet(0));
      }
    });
  }

  private static final AtomicInteger TAKEN = new AtomicInteger();

  /** Adds one to a value, one way or the other. */
  private static void give(ConcurrentTable<Label, Pair> table, Label key, int way) {
    switch (way) {
      case 0 -> table.merge(key, Pair.of(1), (old, one) -> Pair.of(number(old) + 1));
      case 1 -> table.compute(key, (same, old) -> Pair.of(old == null ? 1 : number(old) + 1));
      default -> {
        for (int n = 0; ; Spin.once(n++)) {
          Pair old = table.get(key);
          if (old == null
              ? table.putIfAbsent(key, Pair.of(1))
              : table.replace(key, old, Pair.of(number(old) + 1))) {
            return;
          }
        }
      }
    }
  }

  /** Takes one from a value, or all with the key if it is one. */
  private static int take(ConcurrentTable<Label, Pair> table, Label key, int way) {
    int taken = 0;
    if (way == 0) {
      int[] last = {0};
      table.compute(
          key,
          (same, old) -> {
            last[0] = old == null ? 0 : 1;
            return old == null || number(old) == 1 ? null : Pair.of(number(old) - 1);
          });
      taken = last[0];
    } else {
      Pair old = table.get(key);
      if (old != null
          && (number(old) == 1
              ? table.remove(key, old)
              : table.replace(key, old, Pair.of(number(old) - 1)))) {
        taken = 1;
      }
    }
    TAKEN.addAndGet(taken);
    return taken;
  }

  /** Readers see whole values of their key only, in place and copied, and never miss one. */
  @Test
  void put_underReaders_showsWholeValues() {
    LongField<Pair> number = PAIR.longField("number");
    LongField<Pair> complement = PAIR.longField("complement");
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Label, Pair> table = table(allocator, domain)) {
        int keys = 30;
        for (int i = 0; i < keys; i++) {
          table.put(key(i), Pair.of(i));
        }
        AtomicInteger running = new AtomicInteger(2);
        try (Workers workers = new Workers()) {
          for (int w = 0; w < 2; w++) {
            int own = 1000 * (w + 1);
            workers.add(() -> {
              try {
                for (int i = 0; i < 6_000; i++) {
                  table.put(key(i % keys), Pair.of(i % keys + (long) keys * (i % 50)));
                  Label mine = key(own + i % 300);
                  assertTrue(i / 300 % 2 == 0 ? table.put(mine, Pair.of(i)) : table.remove(mine));
                }
              } finally {
                running.decrementAndGet();
              }
            });
          }
          for (int r = 0; r < 2; r++) {
            workers.add(() -> {
              while (running.get() > 0) {
                try (Guard guard = domain.pin()) {
                  ConcurrentTable<Label, Pair>.Cursor cursor = table.cursor(guard);
                  for (int i = 0; i < keys; i++) {
                    assertTrue(cursor.moveTo(key(i)), "key " + i);
                    long seen = number.get(cursor.value());
                    assertEquals(i, seen % keys);
                    assertEquals(~seen, complement.get(cursor.value()));
                    assertEquals(i, number(table.get(key(i))) % keys);
                  }
                  int met = 0;
                  while (cursor.next()) {
                    met += cursor.key().get().number() < keys ? 1 : 0;
                  }
                  assertEquals(keys, met);
                }
              }
            });
          }
          workers.run();
        }
        table.checkInvariants();
        assertNotEquals(0, table.size());
      }
    });
  }
}
