package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What a {@link ConcurrentNavigableMap} of longs does, by the words of its contract: one key,
 * neighbours, ranges in both directions, iterators while others change the map, and atomicity.
 */
abstract class ConcurrentNavigableMapContract {

  /** Runs a test with a new map, and checks it and closes it afterwards. */
  abstract void run(Consumer<ConcurrentNavigableMap<Long, Long>> test);

  private static void fill(ConcurrentNavigableMap<Long, Long> map, long from, long to) {
    for (long key = from; key < to; key++) {
      map.put(key, -key);
    }
  }

  // ---- one key ----------------------------------------------------------------------------------

  @Test
  void conditionalOperations_conditionFalse_changeNothing() {
    run(map -> {
      map.put(1L, 10L);
      assertEquals(10L, map.putIfAbsent(1L, 11L));
      assertFalse(map.replace(1L, 11L, 12L));
      assertFalse(map.remove(1L, 11L));
      assertNull(map.replace(2L, 20L));
      assertFalse(map.replace(2L, 20L, 21L));
      assertFalse(map.remove(2L, 20L));
      assertNull(map.remove(2L));
      assertNull(map.computeIfPresent(2L, (key, value) -> 5L));
      assertEquals(Map.of(1L, 10L), map);
    });
  }

  @Test
  void conditionalOperations_conditionTrue_changeTheMap() {
    run(map -> {
      assertNull(map.putIfAbsent(1L, 10L));
      assertTrue(map.replace(1L, 10L, 12L));
      assertEquals(12L, map.replace(1L, 13L));
      assertEquals(14L, map.computeIfPresent(1L, (key, value) -> value + key));
      assertEquals(7L, map.computeIfAbsent(7L, key -> key));
      assertEquals(8L, map.merge(7L, 1L, Long::sum));
      assertNull(map.compute(7L, (key, value) -> null));
      assertTrue(map.remove(1L, 14L));
      assertTrue(map.isEmpty());
    });
  }

  @Test
  void everyOperation_ofNull_throws() {
    run(map -> {
      assertThrows(NullPointerException.class, () -> map.get(null));
      assertThrows(NullPointerException.class, () -> map.containsKey(null));
      assertThrows(NullPointerException.class, () -> map.put(null, 1L));
      assertThrows(NullPointerException.class, () -> map.put(1L, null));
      assertThrows(NullPointerException.class, () -> map.putIfAbsent(1L, null));
      assertThrows(NullPointerException.class, () -> map.remove(null));
      assertThrows(NullPointerException.class, () -> map.floorKey(null));
      assertThrows(NullPointerException.class, () -> map.headMap(null));
      assertTrue(map.isEmpty());
    });
  }

  @Test
  void firstAndLast_ofAnEmptyMap_throwOrAnswerNull() {
    run(map -> {
      assertThrows(NoSuchElementException.class, map::firstKey);
      assertThrows(NoSuchElementException.class, map::lastKey);
      assertNull(map.firstEntry());
      assertNull(map.lastEntry());
      assertNull(map.pollFirstEntry());
      assertNull(map.pollLastEntry());
    });
  }

  // ---- ranges -----------------------------------------------------------------------------------

  @Test
  void everyRange_inBothDirections_agreesWithTreeMap() {
    long seed = System.nanoTime();
    System.out.println(getClass().getSimpleName() + " ranges: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    run(map -> {
      NavigableMap<Long, Long> model = new TreeMap<>();
      for (int i = 0; i < 60; i++) {
        long key = random.nextLong(100);
        map.put(key, (long) i);
        model.put(key, (long) i);
      }
      for (int i = 0; i < 200; i++) {
        assertAgree(model, map, random, 3);
      }
    });
  }

  /** Compares two maps, and then a range of each. */
  private static void assertAgree(
      NavigableMap<Long, Long> expected,
      NavigableMap<Long, Long> actual,
      SplittableRandom random,
      int depth) {
    assertEquals(List.copyOf(expected.entrySet()), List.copyOf(actual.entrySet()));
    assertEquals(expected.size(), actual.size());
    assertEquals(List.copyOf(expected.navigableKeySet()), List.copyOf(actual.navigableKeySet()));
    assertEquals(List.copyOf(expected.descendingKeySet()), List.copyOf(actual.descendingKeySet()));
    assertEquals(expected.firstEntry(), actual.firstEntry());
    assertEquals(expected.lastEntry(), actual.lastEntry());
    long key = random.nextLong(-5, 105);
    assertEquals(expected.floorEntry(key), actual.floorEntry(key));
    assertEquals(expected.lowerEntry(key), actual.lowerEntry(key));
    assertEquals(expected.ceilingEntry(key), actual.ceilingEntry(key));
    assertEquals(expected.higherEntry(key), actual.higherEntry(key));
    if (depth > 0 && expected.size() > 1) {
      List<Long> keys = List.copyOf(expected.keySet());
      int from = random.nextInt(keys.size());
      int to = from + random.nextInt(keys.size() - from);
      boolean first = random.nextBoolean();
      boolean last = random.nextBoolean();
      switch (random.nextInt(4)) {
        case 0 ->
            assertAgree(
                expected.subMap(keys.get(from), first, keys.get(to), last),
                actual.subMap(keys.get(from), first, keys.get(to), last),
                random,
                depth - 1);
        case 1 ->
            assertAgree(
                expected.headMap(keys.get(to), last),
                actual.headMap(keys.get(to), last),
                random,
                depth - 1);
        case 2 ->
            assertAgree(
                expected.tailMap(keys.get(from), first),
                actual.tailMap(keys.get(from), first),
                random,
                depth - 1);
        default -> assertAgree(expected.descendingMap(), actual.descendingMap(), random, depth - 1);
      }
    }
  }

  @Test
  void range_keyOutside_refusesItAndHidesTheRest() {
    run(map -> {
      fill(map, 0, 10);
      ConcurrentNavigableMap<Long, Long> range = map.subMap(3L, 6L);
      assertThrows(IllegalArgumentException.class, () -> range.put(6L, 0L));
      assertThrows(IllegalArgumentException.class, () -> range.putIfAbsent(2L, 0L));
      assertThrows(IllegalArgumentException.class, () -> range.headMap(8L));
      assertThrows(IllegalArgumentException.class, () -> map.subMap(6L, 3L));
      assertNull(range.get(6L));
      assertNull(range.remove(7L));
      assertFalse(range.remove(7L, -7L));
      assertEquals(3L, range.firstKey());
      assertEquals(5L, range.lastKey());
      range.clear();
      assertEquals(7, map.size());
      map.put(4L, 44L);
      assertEquals(Map.of(4L, 44L), range);
      assertEquals(Map.entry(4L, 44L), range.pollLastEntry());
    });
  }

  // ---- iterators --------------------------------------------------------------------------------

  @Test
  void iterator_mapChangesMeanwhile_meetsWhatIsThereAllTheTimeInOrder() {
    run(map -> {
      fill(map, 0, 500);
      List<Long> met = new ArrayList<>();
      for (Iterator<Long> keys = map.keySet().iterator(); keys.hasNext(); ) {
        long key = keys.next();
        met.add(key);
        if (key % 2 == 1) {
          keys.remove();
        }
        map.remove(key - 2 + key % 2); // one behind
        if (key < 500) {
          map.put(1000 + key, 0L);
        }
      }
      assertEquals(met.stream().sorted().distinct().toList(), met);
      assertTrue(met.size() >= 500, "met " + met.size());
      assertNull(map.get(1L));
    });
  }

  @Test
  void iterator_atItsEnds_throws() {
    run(map -> {
      map.put(1L, 1L);
      Iterator<Map.Entry<Long, Long>> entries = map.entrySet().iterator();
      assertThrows(IllegalStateException.class, entries::remove);
      entries.next();
      entries.remove();
      assertThrows(IllegalStateException.class, entries::remove);
      assertThrows(NoSuchElementException.class, entries::next);
      assertTrue(map.isEmpty());
    });
  }

  // ---- atomicity --------------------------------------------------------------------------------

  private static final int THREADS = 4;
  private static final int EACH = 2_000;

  private void inThreads(ConcurrentNavigableMap<Long, Long> map, Consumer<SplittableRandom> work) {
    try (Workers workers = new Workers()) {
      for (int w = 0; w < THREADS; w++) {
        int worker = w;
        workers.add(() -> work.accept(new SplittableRandom(worker)));
      }
      workers.add(() -> {
        for (int i = 0; i < 50; i++) {
          long last = Long.MIN_VALUE;
          for (long key : map.keySet()) {
            assertTrue(key > last, "out of order");
            last = key;
          }
        }
      });
      workers.run();
    }
  }

  @Test
  void mergeAndCompute_fromManyThreads_loseNothing() {
    run(map -> {
      inThreads(
          map,
          random -> {
            for (int i = 0; i < EACH; i++) {
              if (random.nextBoolean()) {
                map.merge(random.nextLong(8), 1L, Long::sum);
              } else {
                map.compute(random.nextLong(8), (key, value) -> value == null ? 1 : value + 1);
              }
            }
          });
      assertEquals((long) THREADS * EACH, map.values().stream().mapToLong(Long::longValue).sum());
    });
  }

  @Test
  void putIfAbsentAndRemove_fromManyThreads_haveOneWinnerEach() {
    run(map -> {
      LongAdder balance = new LongAdder();
      inThreads(
          map,
          random -> {
            for (int i = 0; i < EACH; i++) {
              long key = random.nextLong(8);
              switch (random.nextInt(4)) {
                case 0 -> balance.add(map.remove(key) == null ? 0 : -1);
                case 1 -> balance.add(map.remove(key, 1L) ? -1 : 0);
                default -> balance.add(map.putIfAbsent(key, 1L) == null ? 1 : 0);
              }
            }
          });
      assertEquals(balance.sum(), map.size());
    });
  }

  @Test
  void pollFirstAndLastEntry_fromManyThreads_takeEachOnce() {
    run(map -> {
      fill(map, 0, EACH);
      LongAdder sum = new LongAdder();
      inThreads(
          map,
          random -> {
            for (Map.Entry<Long, Long> entry = map.pollFirstEntry(); entry != null; ) {
              sum.add(entry.getKey() + 1);
              assertEquals(-entry.getKey(), entry.getValue());
              entry = random.nextBoolean() ? map.pollFirstEntry() : map.pollLastEntry();
            }
          });
      assertEquals((long) EACH * (EACH + 1) / 2, sum.sum());
      assertTrue(map.isEmpty());
    });
  }
}
