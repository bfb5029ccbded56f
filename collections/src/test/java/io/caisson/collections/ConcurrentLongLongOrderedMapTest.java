package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.SlabAllocator;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Past 600 lines, since operations, ranges and what several threads do share what they are made of.
 */
class ConcurrentLongLongOrderedMapTest {

  private static final long ABSENT = 0x5ca1ab1e_0ddba11L;

  /** A value that needs a cell. */
  private static final long CELL = ValueWord.PREFIX | 7;

  record Held(ReclamationDomain domain, ConcurrentLongLongOrderedMap map) implements AutoCloseable {
    @Override
    public void close() {
      map.close();
      domain.close();
    }
  }

  private static Held hold(Allocator allocator) {
    ReclamationDomain domain = smallDomain();
    try {
      return new Held(domain, new ConcurrentLongLongOrderedMap(allocator, domain));
    } catch (RuntimeException | Error e) {
      domain.close();
      throw e;
    }
  }

  private static ReclamationDomain smallDomain() {
    return ReclamationDomain.builder().slots(4).bagCapacity(4).build();
  }

  private static void run(Consumer<ConcurrentLongLongOrderedMap> test) {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentLongLongOrderedMap map = new ConcurrentLongLongOrderedMap(allocator, domain)) {
        test.accept(map);
        map.checkInvariants();
      }
    });
  }

  /** Every node has as many levels as may be, so that upper levels have much to do. */
  private static IntSupplier tall() {
    AtomicLong next = new AtomicLong();
    return () -> 1 + (int) (next.getAndIncrement() % 4);
  }

  private static Map<Long, Long> contents(ConcurrentLongLongOrderedMap map) {
    Map<Long, Long> contents = new TreeMap<>();
    map.forEach(contents::put);
    return contents;
  }

  private static List<Long> keys(ConcurrentLongLongOrderedMap.Cursor cursor) {
    List<Long> keys = new ArrayList<>();
    while (cursor.next()) {
      keys.add(cursor.key());
    }
    return keys;
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void node_isAHeaderAndLinks() {
    assertEquals(24, SkipNode.LINKS);
    assertEquals(8, SkipNode.ALIGNMENT);
    assertEquals(0, SkipNode.WORD);
    assertEquals(8, SkipNode.VALUE);
    assertEquals(16, SkipNode.META);
    assertEquals(32, SkipNode.byteSize(1, 0));
    assertEquals(128, SkipNode.MOST_BYTE_SIZE);
  }

  @Test
  void valueWord_ofAnyValue_givesItBack() {
    LeakCheck.run(allocator -> {
      for (long value : new long[] {0, -1, ValueWord.DEAD, ValueWord.PREFIX | 1, CELL, 1L << 63}) {
        long word = ValueWord.of(value, allocator);
        assertEquals(value, ValueWord.value(word));
        assertEquals(ValueWord.hasCell(value), word != value);
        ValueWord.free(word, allocator);
      }
    });
  }

  @Test
  void everyRead_ofAnEmptyMap_findsNothing() {
    run(map -> {
      assertEquals(ABSENT, map.get(1, ABSENT));
      assertFalse(map.containsKey(1));
      assertEquals(ABSENT, map.firstKey(ABSENT));
      assertEquals(ABSENT, map.lastKey(ABSENT));
      assertEquals(ABSENT, map.floorKey(1, ABSENT));
      assertEquals(ABSENT, map.remove(1, ABSENT));
      assertEquals(ABSENT, map.replace(1, 2, ABSENT));
      assertFalse(map.pollFirst((key, value) -> {}));
      assertFalse(map.pollLast((key, value) -> {}));
      assertTrue(map.isEmpty());
      assertTrue(map.all().isEmpty());
      assertEquals(0, map.size());
      assertEquals(List.of(), keys(map.all().cursor()));
      assertEquals(List.of(), keys(map.all().descendingCursor()));
      map.clear();
    });
  }

  @Test
  void put_ofExtremeKeysAndValues_keepsThem() {
    run(map -> {
      long[] odd = {Long.MIN_VALUE, Long.MAX_VALUE, 0, -1, ValueWord.DEAD, CELL, CELL + 1};
      for (long key : odd) {
        for (long value : odd) {
          map.put(key, value, 0);
          assertEquals(value, map.get(key, ABSENT));
        }
      }
      assertEquals(Long.MIN_VALUE, map.firstKey(ABSENT));
      assertEquals(Long.MAX_VALUE, map.lastKey(ABSENT));
      assertEquals(ABSENT, map.lowerKey(Long.MIN_VALUE, ABSENT));
      assertEquals(ABSENT, map.higherKey(Long.MAX_VALUE, ABSENT));
      assertEquals(odd.length, keys(map.all().cursor()).size());
      assertEquals(odd.length, keys(map.all().descendingCursor()).size());
      assertEquals(odd.length, map.all().size());
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void everyOperation_atRandom_agreesWithTreeMap(TestAllocators kind) {
    kind.run(this::agreesWithTreeMap);
  }

  @Test
  void everyOperation_onSlabs_agreesWithTreeMap() {
    LeakCheck.run(parent -> {
      try (LeakCheck check = new LeakCheck(Allocators.accounted(new SlabAllocator(parent)))) {
        agreesWithTreeMap(check.allocator());
      }
    });
  }

  private void agreesWithTreeMap(Allocator allocator) {
    long seed = System.nanoTime();
    System.out.println(getClass().getSimpleName() + " at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    try (ReclamationDomain domain = smallDomain();
        ConcurrentLongLongOrderedMap map = new ConcurrentLongLongOrderedMap(allocator, domain)) {
      TreeMap<Long, Long> model = new TreeMap<>();
      for (int i = 0; i < 6000; i++) {
        long key = random.nextLong(-200, 200);
        long value = random.nextInt(4) == 0 ? CELL + random.nextInt(3) : random.nextInt(5);
        change(map, model, random.nextInt(14), key, value);
        look(map, model, random.nextLong(-200, 200));
        if (i % 499 == 0) {
          map.checkInvariants();
          assertEquals(model, contents(map));
          assertEquals(model.size(), map.size());
          compareRange(map, model, random.nextLong(-250, 250), random.nextLong(-250, 250));
        }
      }
      assertTrue(domain.drain());
      map.clear();
      assertTrue(map.isEmpty());
      map.checkInvariants();
      assertEquals(1, map.blocks());
    }
  }

  private static long or(Long value, long absent) {
    return value == null ? absent : value;
  }

  private static void change(
      ConcurrentLongLongOrderedMap map,
      NavigableMap<Long, Long> model,
      int operation,
      long key,
      long value) {
    switch (operation) {
      case 0, 1, 2 -> assertEquals(or(model.put(key, value), ABSENT), map.put(key, value, ABSENT));
      case 3 ->
          assertEquals(
              or(model.putIfAbsent(key, value), ABSENT), map.putIfAbsent(key, value, ABSENT));
      case 4 ->
          assertEquals(or(model.replace(key, value), ABSENT), map.replace(key, value, ABSENT));
      case 5 ->
          assertEquals(
              model.replace(key, value, value + 1), map.compareAndReplace(key, value, value + 1));
      case 6 -> assertEquals(model.merge(key, value, Long::sum), map.addTo(key, value));
      case 7 ->
          assertEquals(
              model.compute(key, (k, v) -> (v == null ? 5 : v) ^ value),
              map.compute(key, 5, v -> v ^ value));
      case 8 ->
          assertEquals(
              model.merge(key, value, (a, b) -> a * 3 + b),
              map.merge(key, value, (a, b) -> a * 3 + b));
      case 9 -> assertEquals(model.remove(key, value), map.compareAndRemove(key, value));
      case 10 -> assertPolled(model.pollFirstEntry(), map, true);
      case 11 -> assertPolled(model.pollLastEntry(), map, false);
      default -> assertEquals(or(model.remove(key), ABSENT), map.remove(key, ABSENT));
    }
  }

  private static void assertPolled(
      Map.Entry<Long, Long> expected, ConcurrentLongLongOrderedMap map, boolean first) {
    List<Long> polled = new ArrayList<>();
    LongLongTable.EntryConsumer consumer =
        (key, value) -> {
          polled.add(key);
          polled.add(value);
        };
    boolean found = first ? map.pollFirst(consumer) : map.pollLast(consumer);
    assertEquals(expected != null, found);
    assertEquals(
        expected == null ? List.of() : List.of(expected.getKey(), expected.getValue()), polled);
  }

  private static void look(
      ConcurrentLongLongOrderedMap map, NavigableMap<Long, Long> model, long key) {
    assertEquals(or(model.get(key), ABSENT), map.get(key, ABSENT));
    assertEquals(model.containsKey(key), map.containsKey(key));
    assertEquals(or(model.floorKey(key), ABSENT), map.floorKey(key, ABSENT));
    assertEquals(or(model.lowerKey(key), ABSENT), map.lowerKey(key, ABSENT));
    assertEquals(or(model.ceilingKey(key), ABSENT), map.ceilingKey(key, ABSENT));
    assertEquals(or(model.higherKey(key), ABSENT), map.higherKey(key, ABSENT));
    assertEquals(model.isEmpty() ? ABSENT : model.firstKey(), map.firstKey(ABSENT));
    assertEquals(model.isEmpty() ? ABSENT : model.lastKey(), map.lastKey(ABSENT));
    assertEquals(model.isEmpty(), map.isEmpty());
  }

  private static void compareRange(
      ConcurrentLongLongOrderedMap map, NavigableMap<Long, Long> model, long least, long most) {
    List<Long> expected =
        least > most
            ? List.of()
            : List.copyOf(model.subMap(least, true, most, true).navigableKeySet());
    ConcurrentLongLongOrderedMap.Range range = map.range(least, most);
    assertEquals(expected, keys(range.cursor()));
    assertEquals(expected.size(), range.size());
    assertEquals(expected.isEmpty(), range.isEmpty());
    assertEquals(expected.isEmpty() ? ABSENT : expected.getFirst(), range.firstKey(ABSENT));
    assertEquals(expected.isEmpty() ? ABSENT : expected.getLast(), range.lastKey(ABSENT));
    List<Long> descending = new ArrayList<>(expected);
    Collections.reverse(descending);
    assertEquals(descending, keys(range.descendingCursor()));
    List<Long> passed = new ArrayList<>();
    range.forEachDescending((key, value) -> {
      passed.add(key);
      assertEquals(model.get(key), value);
    });
    assertEquals(descending, passed);
  }

  @Test
  void cursors_overManyEntries_meetEachOnceInOrder() {
    run(map -> {
      for (long i = 999; i >= 0; i--) {
        map.put(3 * i, i, 0);
      }
      List<Long> up = keys(map.all().cursor());
      assertEquals(1000, up.size());
      ConcurrentLongLongOrderedMap.Cursor cursor = map.all().descendingCursor();
      for (int round = 0; round < 2; round++) {
        for (long i = 999; i >= 0; i--) {
          assertTrue(cursor.next());
          assertEquals(3 * i, cursor.key());
          assertEquals(i, cursor.value());
        }
        assertFalse(cursor.next());
        assertThrows(IllegalStateException.class, cursor::key);
        cursor.restart();
      }
      assertEquals(1000, map.all().size());
    });
  }

  @Test
  void cursor_entriesRemovedAndPutMeanwhile_goesOnInOrder() {
    run(map -> {
      for (long i = 0; i < 1000; i++) {
        map.put(i, i, 0);
      }
      ConcurrentLongLongOrderedMap.Cursor cursor = map.all().cursor();
      long last = -1;
      int met = 0;
      while (cursor.next()) {
        assertTrue(cursor.key() > last);
        last = cursor.key();
        met++;
        map.remove(last, 0);
        map.remove(last + 1, 0);
        map.put(last - 1, 0, 0);
      }
      assertTrue(met >= 500, "met only " + met);
    });
  }

  @Test
  void get_underAGuardOfTheCaller_findsWhatIsThere() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ReclamationDomain other = smallDomain();
          ConcurrentLongLongOrderedMap map = new ConcurrentLongLongOrderedMap(allocator, domain)) {
        map.put(10, 1, 0);
        map.put(20, 2, 0);
        try (Guard guard = domain.pin();
            Guard stranger = other.pin()) {
          assertEquals(1, map.get(guard, 10, ABSENT));
          assertTrue(map.containsKey(guard, 20));
          assertEquals(10, map.floorKey(guard, 19, ABSENT));
          assertEquals(10, map.lowerKey(guard, 20, ABSENT));
          assertEquals(20, map.ceilingKey(guard, 11, ABSENT));
          assertEquals(20, map.higherKey(guard, 10, ABSENT));
          assertEquals(10, map.firstKey(guard, ABSENT));
          assertEquals(20, map.lastKey(guard, ABSENT));
          assertThrows(IllegalArgumentException.class, () -> map.get(stranger, 10, ABSENT));
        }
      }
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheMapUnchanged() {
    long swept =
        OomSweep.of(ConcurrentLongLongOrderedMapTest::hold)
            .steps(5, "put", (held, i) -> held.map.put(i, i, 0))
            .steps(3, "put a cell", (held, i) -> held.map.put(10 + i, CELL + i, 0))
            .steps(3, "replace by a cell", (held, i) -> held.map.put(i, CELL, 0))
            .step("putIfAbsent", held -> held.map.putIfAbsent(20, CELL, 0))
            .step("replace", held -> held.map.replace(20, CELL + 2, 0))
            .step("compareAndReplace", held -> held.map.compareAndReplace(20, CELL + 2, CELL + 3))
            .step("addTo", held -> held.map.addTo(20, 1))
            .step("compute", held -> held.map.compute(21, 0, value -> CELL))
            .step("merge", held -> held.map.merge(21, 1, Long::sum))
            .steps(3, "remove", (held, i) -> held.map.remove(10 + i, 0))
            .step("pollFirst", held -> held.map.pollFirst((key, value) -> {}))
            .step("clear", held -> held.map.clear())
            .contents(held -> contents(held.map))
            .invariants(held -> held.map.checkInvariants())
            .run();
    assertEquals(1 + 5 + 6 + 3 + 2 + 3 + 2 + 1, swept);
  }

  @Test
  void open_allocatorOfOneThreadOrTinyDomain_throws() {
    LeakCheck.run(parent -> {
      try (ReclamationDomain domain = smallDomain();
          ReclamationDomain tiny =
              ReclamationDomain.builder().hardLimit(100, LimitPolicy.fail()).build();
          Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(
            IllegalArgumentException.class, () -> new ConcurrentLongLongOrderedMap(arena, domain));
        assertThrows(
            IllegalArgumentException.class, () -> new ConcurrentLongLongOrderedMap(parent, tiny));
      }
    });
  }

  /**
   * A slow inserter may link a node on an upper level after it died and was unlinked below; a walk
   * must not go down there, for what is behind it may be freed.
   */
  @Test
  void find_deadNodeLinkedOnUpperLevelOnly_doesNotGoDownFromIt() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentLongLongOrderedMap map =
              new ConcurrentLongLongOrderedMap(allocator, domain, () -> 2)) {
        for (long key = 1; key <= 9; key++) {
          map.put(key, key, 0);
        }
        long late = OrderedMapSurgery.removeAndHold(map, 3);
        map.remove(4, 0);
        assertTrue(domain.drain());
        OrderedMapSurgery.linkAbove(map, late);
        assertEquals(5, map.get(5, ABSENT));
        assertEquals(5, map.ceilingKey(3, ABSENT));
        assertEquals(2, map.lowerKey(5, ABSENT));
        assertEquals(List.of(9L, 8L, 7L, 6L, 5L, 2L, 1L), keys(map.all().descendingCursor()));
        map.put(4, 4, 0); // unlinks it on the way
        assertTrue(domain.drain());
        assertEquals(9, map.blocks());
        map.checkInvariants();
      }
    });
  }

  // ---- limits -----------------------------------------------------------------------------------

  @Test
  void remove_garbageAtTheHardLimit_isRefusedAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder()
                  .slots(1)
                  .bagCapacity(1)
                  .hardLimit(512, LimitPolicy.fail())
                  .build();
          ConcurrentLongLongOrderedMap map =
              new ConcurrentLongLongOrderedMap(allocator, domain, () -> 1)) {
        for (long i = 0; i < 100; i++) {
          map.put(i, CELL, 0);
        }
        Map<Long, Long> before;
        try (Guard guard = domain.pin()) {
          assertEquals(domain, guard.domain());
          assertThrows(ReclamationLimitException.class, map::clear);
          before = contents(map);
          assertThrows(ReclamationLimitException.class, () -> map.remove(99, 0));
          assertThrows(ReclamationLimitException.class, () -> map.put(99, 1, 0));
          assertEquals(before, contents(map));
          assertTrue(domain.stats().chargedBytes() <= 512);
        }
        assertTrue(before.size() > 20, "only " + before.size() + " are left");
        map.clear();
        assertTrue(map.isEmpty());
        map.checkInvariants();
      }
    });
  }

  @Test
  void removeAndPut_again_giveMemoryBackOnTheWay() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentLongLongOrderedMap map =
              new ConcurrentLongLongOrderedMap(allocator, domain, tall())) {
        for (long i = 0; i < 10_000; i++) {
          map.put(i % 50, i, 0);
          map.remove((i + 25) % 50, 0);
          assertTrue(map.blocks() <= 60, "dead nodes stay");
        }
      }
    });
  }

  // ---- close ------------------------------------------------------------------------------------

  @Test
  void everyOperation_afterClose_throws() {
    LeakCheck.run(allocator -> {
      try (Held held = hold(allocator)) {
        everyOperationAfterCloseThrows(held.map());
      }
    });
  }

  private static void everyOperationAfterCloseThrows(ConcurrentLongLongOrderedMap map) {
    map.put(1, CELL, 0);
    assertTrue(map.toString().endsWith("(open)"), map::toString);
    ConcurrentLongLongOrderedMap.Cursor cursor = map.all().cursor();
    map.close();
    map.close();
    for (Runnable operation :
        List.<Runnable>of(
            () -> map.get(1, 0),
            () -> map.containsKey(1),
            () -> map.put(1, 1, 0),
            () -> map.putIfAbsent(1, 1, 0),
            () -> map.replace(1, 1, 0),
            () -> map.compareAndReplace(1, 1, 0),
            () -> map.addTo(1, 1),
            () -> map.compute(1, 1, v -> v),
            () -> map.merge(1, 1, Long::sum),
            () -> map.remove(1, 1),
            () -> map.compareAndRemove(1, 1),
            () -> map.firstKey(0),
            () -> map.lastKey(0),
            () -> map.floorKey(1, 0),
            () -> map.lowerKey(1, 0),
            () -> map.ceilingKey(1, 0),
            () -> map.higherKey(1, 0),
            () -> map.pollFirst((key, value) -> {}),
            () -> map.pollLast((key, value) -> {}),
            () -> map.forEach((key, value) -> {}),
            () -> map.all().cursor(),
            () -> map.all().descendingCursor(),
            () -> map.all().firstKey(0),
            () -> map.all().lastKey(0),
            () -> map.all().size(),
            () -> map.all().isEmpty(),
            cursor::next,
            map::size,
            map::isEmpty,
            map::clear)) {
      assertThrows(IllegalStateException.class, operation::run);
    }
    assertTrue(map.toString().endsWith("(closed)"), map::toString);
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder().closeTimeout(Duration.ofMillis(20)).build();
          ConcurrentLongLongOrderedMap map = new ConcurrentLongLongOrderedMap(allocator, domain)) {
        map.put(7, CELL, 0);
        Guard reader = domain.pin();
        assertThrows(IllegalStateException.class, map::close);
        assertThrows(IllegalStateException.class, () -> map.put(8, 0, 0));
        reader.close();
        map.close();
      }
    });
  }

  @Test
  void close_whileOthersPutAndRemove_freesEverything() {
    for (int round = 0; round < 50; round++) {
      LeakCheck.run(allocator -> {
        try (ReclamationDomain domain = smallDomain();
            ConcurrentLongLongOrderedMap map =
                new ConcurrentLongLongOrderedMap(allocator, domain, tall());
            Workers workers = new Workers()) {
          for (int i = 0; i < 2; i++) {
            workers.add(
                () -> assertThrows(IllegalStateException.class, () -> putAndRemoveForEver(map)));
          }
          workers.add(map::close).run();
        }
      });
    }
  }

  private static void putAndRemoveForEver(ConcurrentLongLongOrderedMap map) {
    for (long i = 0; ; i++) {
      map.put(i % 10, CELL + i % 2, 0);
      map.remove(i % 7, 0);
    }
  }

  // ---- many threads -----------------------------------------------------------------------------

  private static final int EACH = 5_000;
  private static final int KEYS = 16;

  /** Each key's sum of what was added and taken away again by removal must come out even. */
  @Test
  void addToAndRemove_fromManyThreads_conserveTheSum() {
    run(map -> {
      LongAdder added = new LongAdder();
      LongAdder removed = new LongAdder();
      try (Workers workers = new Workers()) {
        for (int w = 0; w < 4; w++) {
          int worker = w;
          workers.add(() -> addAndRemove(map, worker, added, removed));
        }
        workers.add(() -> {
          for (int i = 0; i < 200; i++) {
            assertAscending(map);
          }
        });
        workers.run();
      }
      map.forEach((key, value) -> removed.add(value));
      assertEquals(added.sum(), removed.sum());
    });
  }

  private static void addAndRemove(
      ConcurrentLongLongOrderedMap map, int worker, LongAdder added, LongAdder removed) {
    SplittableRandom random = new SplittableRandom(worker);
    for (int i = 0; i < EACH; i++) {
      long key = random.nextInt(KEYS);
      switch (random.nextInt(5)) {
        case 0 -> removed.add(map.remove(key, 0));
        case 1 -> map.pollFirst((polled, value) -> removed.add(value));
        case 2 -> {
          removed.add(map.put(key, CELL, 0));
          added.add(CELL);
        }
        default -> {
          map.addTo(key, i);
          added.add(i);
        }
      }
    }
  }

  private static void assertAscending(ConcurrentLongLongOrderedMap map) {
    long[] last = {Long.MIN_VALUE};
    map.forEach((key, value) -> {
      assertTrue(key > last[0]);
      last[0] = key;
    });
    long floor = map.floorKey(KEYS / 2, ABSENT);
    assertTrue(floor == ABSENT || floor <= KEYS / 2);
  }

  @Test
  void putIfAbsentAndRemove_fromManyThreads_haveOneWinnerEach() {
    run(map -> {
      LongAdder balance = new LongAdder();
      try (Workers workers = new Workers()) {
        for (int w = 0; w < 4; w++) {
          int worker = w;
          workers.add(() -> {
            SplittableRandom random = new SplittableRandom(worker);
            for (int i = 0; i < EACH; i++) {
              long key = random.nextInt(KEYS);
              if (random.nextBoolean()) {
                balance.add(map.putIfAbsent(key, 1, 0) == 0 ? 1 : 0);
              } else {
                balance.add(-map.remove(key, 0));
              }
            }
          });
        }
        workers.run();
      }
      assertEquals(balance.sum(), map.size());
      assertEquals(balance.sum(), contents(map).size());
    });
  }

  @Test
  void pollFirst_fromManyThreads_takesEachOnceAndInOrder() {
    run(map -> {
      for (long i = 0; i < EACH; i++) {
        map.put(i, i, 0);
      }
      LongAdder sum = new LongAdder();
      try (Workers workers = new Workers()) {
        for (int w = 0; w < 3; w++) {
          workers.add(() -> {
            long[] last = {-1};
            while (map.pollFirst(
                (key, value) -> {
                  assertTrue(key > last[0]);
                  last[0] = key;
                  sum.add(value + 1);
                })) {}
          });
        }
        workers.run();
      }
      assertEquals((long) EACH * (EACH + 1) / 2, sum.sum());
    });
  }
}
