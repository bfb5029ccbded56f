package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What each operation of a concurrent map does when nobody else uses it. */
interface ConcurrentMapOperations extends ConcurrentMapSource {

  /** Keys and values that a table may keep for its own ends. */
  List<Long> EXTREMES =
      List.of(0L, 1L, -1L, 2L, -2L, Long.MIN_VALUE, Long.MIN_VALUE + 1, Long.MAX_VALUE, 1L << 62);

  // ---- plain operations -------------------------------------------------------------------------

  @Test
  default void newMap_isEmpty() {
    onEmptyMap(map -> {
      assertTrue(map.isEmpty());
      assertEquals(0, map.size());
      assertNull(map.get(1L));
      assertNull(map.remove(1L));
      assertFalse(map.containsKey(1L));
      assertFalse(map.containsValue(1L));
      map.clear();
      map.forEach((key, value) -> fail("entry of " + key));
    });
  }

  @Test
  default void put_keyAbsentOrPresent_returnsThePreviousValue() {
    onEmptyMap(map -> {
      assertNull(map.put(7L, 70L));
      assertEquals(70, map.put(7L, 71L));
      assertEquals(71, map.get(7L));
      assertEquals(1, map.size());
      assertFalse(map.isEmpty());
    });
  }

  @Test
  default void remove_keyAbsentOrPresent_returnsTheValue() {
    onSmallMap(map -> {
      assertEquals(20, map.remove(2L));
      assertNull(map.remove(2L));
      assertNull(map.get(2L));
      assertFalse(map.containsKey(2L));
      assertEquals(4, map.size());
      assertNull(map.put(2L, 21L));
      assertEquals(21, map.get(2L));
    });
  }

  @Test
  default void queries_ofASmallMap_findWhatIsThere() {
    onSmallMap(map -> {
      assertEquals(LARGE, map.get(1L));
      assertTrue(map.containsKey(5L));
      assertFalse(map.containsKey(6L));
      assertTrue(map.containsValue(LARGE));
      assertFalse(map.containsValue(6L));
      assertEquals(30, map.getOrDefault(3L, -3L));
      assertEquals(-6, map.getOrDefault(6L, -6L));
    });
  }

  @Test
  default void everyOperation_onExtremeKeysAndValues_works() {
    onEmptyMap(map -> {
      for (Long key : EXTREMES) {
        for (Long value : EXTREMES) {
          assertNull(map.get(key));
          assertNull(map.putIfAbsent(key, value));
          assertEquals(value, map.putIfAbsent(key, 5L));
          assertTrue(map.containsKey(key) && map.containsValue(value));
          assertTrue(map.replace(key, value, value));
          assertEquals(value, map.merge(key, value, (old, given) -> old));
          assertEquals(value, map.compute(key, (same, old) -> old));
          assertEquals(Map.of(key, value), map);
          assertFalse(map.remove(key, 5L));
          assertTrue(map.remove(key, value));
          assertTrue(map.isEmpty());
        }
      }
      EXTREMES.forEach(key -> map.put(key, ~key));
      assertEquals(EXTREMES.size(), map.size());
      EXTREMES.forEach(key -> assertEquals(~key, map.get(key)));
    });
  }

  @Test
  default void clear_smallMap_removesEverything() {
    onSmallMap(map -> {
      map.clear();
      assertTrue(map.isEmpty());
      assertNull(map.get(1L));
      map.put(1L, 1L);
      assertEquals(Map.of(1L, 1L), map);
    });
  }

  @Test
  default void putAll_anotherMap_putsEachEntry() {
    onSmallMap(map -> {
      map.putAll(Map.of(5L, 55L, 6L, 66L));
      assertEquals(Map.of(1L, LARGE, 2L, 20L, 3L, 30L, 4L, 40L, 5L, 55L, 6L, 66L), map);
      map.putAll(Map.of());
      assertEquals(6, map.size());
    });
  }

  // ---- conditional operations -------------------------------------------------------------------

  @Test
  default void putIfAbsent_keyPresent_changesNothing() {
    onSmallMap(map -> {
      assertEquals(20, map.putIfAbsent(2L, 22L));
      assertEquals(20, map.get(2L));
      assertNull(map.putIfAbsent(6L, 66L));
      assertEquals(66, map.get(6L));
      assertEquals(6, map.size());
    });
  }

  @Test
  default void replace_keyAbsent_putsNothing() {
    onSmallMap(map -> {
      assertNull(map.replace(6L, 66L));
      assertFalse(map.containsKey(6L));
      assertEquals(20, map.replace(2L, 22L));
      assertEquals(22, map.get(2L));
      assertEquals(5, map.size());
    });
  }

  @Test
  default void replaceExpected_valueIsAnotherOrAbsent_changesNothing() {
    onSmallMap(map -> {
      assertFalse(map.replace(6L, 0L, 66L));
      assertFalse(map.replace(2L, 21L, 22L));
      assertEquals(20, map.get(2L));
      assertTrue(map.replace(2L, 20L, 22L));
      assertEquals(22, map.get(2L));
      assertTrue(map.replace(1L, LARGE, LARGE + 1)); // equal, though another object
      assertEquals(LARGE + 1, map.get(1L));
      assertEquals(5, map.size());
    });
  }

  @Test
  default void removeExpected_valueIsAnotherOrAbsent_changesNothing() {
    onSmallMap(map -> {
      assertFalse(map.remove(6L, 0L));
      assertFalse(map.remove(2L, 21L));
      assertEquals(20, map.get(2L));
      assertTrue(map.remove(2L, 20L));
      assertFalse(map.containsKey(2L));
      assertTrue(map.remove(1L, LARGE)); // equal, though another object
      assertEquals(3, map.size());
    });
  }

  // ---- functions --------------------------------------------------------------------------------

  /** What a function throws here. */
  final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Runs what calls a function that throws: the exception comes through, the map is unchanged. */
  private void assertUnchangedBy(Consumer<ConcurrentMap<Long, Long>> throwing) {
    onSmallMap(map -> {
      Map<Long, Long> before = new HashMap<>(map);
      assertThrows(Refused.class, () -> throwing.accept(map));
      assertEquals(before, map);
      assertEquals(5, map.size());
      assertNull(map.put(6L, 6L)); // nothing is locked
      assertEquals(20, map.put(2L, 2L));
    });
  }

  private static Long refuse() {
    throw new Refused();
  }

  @Test
  default void computeIfAbsent_eachCase_doesAsItSays() {
    onSmallMap(map -> {
      assertEquals(60, map.computeIfAbsent(6L, key -> 10 * key));
      assertEquals(60, map.get(6L));
      assertEquals(20, map.computeIfAbsent(2L, key -> refuse()));
      assertNull(map.computeIfAbsent(7L, key -> null));
      assertFalse(map.containsKey(7L));
      assertEquals(6, map.size());
    });
    assertUnchangedBy(map -> map.computeIfAbsent(6L, key -> refuse()));
  }

  @Test
  default void computeIfPresent_eachCase_doesAsItSays() {
    onSmallMap(map -> {
      assertEquals(22, map.computeIfPresent(2L, Long::sum));
      assertEquals(22, map.get(2L));
      assertNull(map.computeIfPresent(6L, (key, value) -> refuse()));
      assertFalse(map.containsKey(6L));
      assertNull(map.computeIfPresent(3L, (key, value) -> null));
      assertFalse(map.containsKey(3L));
      assertEquals(4, map.size());
    });
    assertUnchangedBy(map -> map.computeIfPresent(2L, (key, value) -> refuse()));
  }

  @Test
  default void compute_eachCase_doesAsItSays() {
    onSmallMap(map -> {
      assertEquals(22, map.compute(2L, Long::sum));
      assertEquals(66, map.compute(6L, (key, value) -> value == null ? 11 * key : refuse()));
      assertNull(map.compute(3L, (key, value) -> null));
      assertFalse(map.containsKey(3L));
      assertNull(map.compute(7L, (key, value) -> value));
      assertFalse(map.containsKey(7L));
      assertEquals(Map.of(1L, LARGE, 2L, 22L, 4L, 40L, 5L, 50L, 6L, 66L), map);
    });
    assertUnchangedBy(map -> map.compute(2L, (key, value) -> refuse()));
    assertUnchangedBy(map -> map.compute(6L, (key, value) -> refuse()));
  }

  @Test
  default void merge_eachCase_doesAsItSays() {
    onSmallMap(map -> {
      assertEquals(23, map.merge(2L, 3L, Long::sum));
      assertEquals(23, map.get(2L));
      assertEquals(6, map.merge(6L, 6L, (old, given) -> refuse()));
      assertEquals(6, map.get(6L));
      assertNull(map.merge(3L, 3L, (old, given) -> null));
      assertFalse(map.containsKey(3L));
      assertEquals(50 - 5, map.merge(5L, 5L, (old, given) -> old - given)); // in this order
      assertEquals(5, map.size());
    });
    assertUnchangedBy(map -> map.merge(2L, 1L, (old, given) -> refuse()));
  }

  @Test
  default void replaceAll_smallMap_replacesEachValue() {
    onSmallMap(map -> {
      map.replaceAll((key, value) -> value + key);
      assertEquals(Map.of(1L, LARGE + 1, 2L, 22L, 3L, 33L, 4L, 44L, 5L, 55L), map);
      assertThrows(NullPointerException.class, () -> map.replaceAll((key, value) -> null));
      assertThrows(Refused.class, () -> map.replaceAll((key, value) -> refuse()));
      assertEquals(Map.of(1L, LARGE + 1, 2L, 22L, 3L, 33L, 4L, 44L, 5L, 55L), map);
    });
  }

  @Test
  default void forEach_smallMap_passesEachEntryOnce() {
    onSmallMap(map -> {
      Map<Long, Long> seen = new HashMap<>();
      map.forEach((key, value) -> assertNull(seen.put(key, value)));
      assertEquals(map, seen);
      List<Long> first = new ArrayList<>();
      assertThrows(
          Refused.class,
          () ->
              map.forEach((key, value) -> {
                first.add(key);
                refuse();
              }));
      assertEquals(1, first.size());
    });
  }

  // ---- nulls and strangers ----------------------------------------------------------------------

  @Test
  default void everyOperation_onNull_throwsAndChangesNothing() {
    Map<String, Consumer<ConcurrentMap<Long, Long>>> uses = new LinkedHashMap<>();
    nullKeysAndValues(uses);
    nullFunctions(uses);
    onSmallMap(map -> {
      Map<Long, Long> before = new HashMap<>(map);
      uses.forEach((name, use) -> {
        assertThrows(NullPointerException.class, () -> use.accept(map), name);
        assertEquals(before, map, name);
      });
    });
  }

  @SuppressWarnings("NullAway") // that is the point
  private static void nullKeysAndValues(Map<String, Consumer<ConcurrentMap<Long, Long>>> uses) {
    uses.put("get", map -> map.get(null));
    uses.put("getOrDefault", map -> map.getOrDefault(null, 1L));
    uses.put("containsKey", map -> assertFalse(map.containsKey(null)));
    uses.put("containsValue", map -> assertFalse(map.containsValue(null)));
    uses.put("put null key", map -> map.put(null, 1L));
    uses.put("put null value", map -> map.put(1L, null));
    uses.put("put null value, absent key", map -> map.put(9L, null));
    uses.put("putIfAbsent null key", map -> map.putIfAbsent(null, 1L));
    uses.put("putIfAbsent null value", map -> map.putIfAbsent(1L, null));
    uses.put("putIfAbsent null value, absent key", map -> map.putIfAbsent(9L, null));
    uses.put("remove", map -> map.remove(null));
    uses.put("remove expected, null key", map -> map.remove(null, 1L));
    uses.put("replace null key", map -> map.replace(null, 1L));
    uses.put("replace null value", map -> map.replace(1L, null));
    uses.put("replace null value, absent key", map -> map.replace(9L, null));
    uses.put("replace expected, null key", map -> map.replace(null, 1L, 2L));
    uses.put("replace expected, null expected", map -> map.replace(1L, null, 2L));
    uses.put("replace expected, null value", map -> map.replace(1L, LARGE, null));
    uses.put("putAll", map -> map.putAll(null));
    Map<Long, Long> nullKey = new HashMap<>();
    nullKey.put(null, 1L);
    uses.put("putAll null key", map -> map.putAll(nullKey));
  }

  @SuppressWarnings("NullAway") // that is the point
  private static void nullFunctions(Map<String, Consumer<ConcurrentMap<Long, Long>>> uses) {
    uses.put("computeIfAbsent null key", map -> map.computeIfAbsent(null, key -> 1L));
    uses.put("computeIfAbsent null function", map -> map.computeIfAbsent(1L, null));
    uses.put("computeIfAbsent null function, absent", map -> map.computeIfAbsent(9L, null));
    uses.put("computeIfPresent null key", map -> map.computeIfPresent(null, Long::sum));
    uses.put("computeIfPresent null function", map -> map.computeIfPresent(1L, null));
    uses.put("computeIfPresent null function, absent", map -> map.computeIfPresent(9L, null));
    uses.put("compute null key", map -> map.compute(null, (key, value) -> 1L));
    uses.put("compute null function", map -> map.compute(1L, null));
    uses.put("merge null key", map -> map.merge(null, 1L, Long::sum));
    uses.put("merge null value", map -> map.merge(1L, null, Long::sum));
    uses.put("merge null value, absent key", map -> map.merge(9L, null, Long::sum));
    uses.put("merge null function", map -> map.merge(1L, 1L, null));
    uses.put("merge null function, absent key", map -> map.merge(9L, 1L, null));
    uses.put("forEach", map -> map.forEach(null));
    uses.put("replaceAll", map -> map.replaceAll(null));
  }

  @Test
  default void removeExpected_null_removesNothing() {
    onSmallMap(map -> {
      assertFalse(map.remove(1L, null)); // no value is null
      assertFalse(map.remove(9L, null));
      assertEquals(5, map.size());
    });
  }

  /** A map of longs holds no strings: it says so, or throws as a sorted one may. */
  @Test
  @SuppressWarnings("CollectionIncompatibleType")
  default void queries_ofAnotherType_findNothing() {
    onSmallMap(map -> {
      List<Runnable> queries =
          List.of(
              () -> assertNull(map.get("1")),
              () -> assertFalse(map.containsKey(1)),
              () -> assertFalse(map.containsValue("20")),
              () -> assertNull(map.remove("1")),
              () -> assertFalse(map.remove(2L, 20)),
              () -> assertFalse(map.keySet().contains("1")),
              () -> assertFalse(map.entrySet().contains("1")));
      for (Runnable query : queries) {
        try {
          query.run();
        } catch (ClassCastException allowed) {
          assertNotEquals("", allowed.toString());
        }
      }
      assertEquals(5, map.size());
    });
  }

  // ---- what every object does -------------------------------------------------------------------

  @Test
  default void equalsAndHashCode_sameEntries_agreeWithOtherMaps() {
    onSmallMap(map -> {
      Map<Long, Long> same = new HashMap<>(map);
      assertTrue(map.equals(same) && same.equals(map));
      assertEquals(same.hashCode(), map.hashCode());
      same.put(5L, 51L);
      assertFalse(map.equals(same) || same.equals(map));
      same.remove(5L);
      assertFalse(map.equals(same) || same.equals(map));
      same.put(6L, 50L);
      assertFalse(map.equals(same) || same.equals(map));
      assertFalse(map.equals(null) || map.equals((Object) "map"));
    });
    onEmptyMap(map -> {
      assertEquals(Map.of(), map);
      assertEquals(0, map.hashCode());
    });
  }

  @Test
  default void toString_eachSize_showsKeysAndValues() {
    onEmptyMap(map -> {
      assertEquals("{}", map.toString());
      map.put(-1L, 2L);
      assertEquals("{-1=2}", map.toString());
      map.put(3L, 4L);
      String both = map.toString();
      assertTrue(both.equals("{-1=2, 3=4}") || both.equals("{3=4, -1=2}"), both);
    });
  }

  // ---- model ------------------------------------------------------------------------------------

  @Test
  default void everyOperation_atRandom_agreesWithHashMap() {
    long seed = System.nanoTime();
    System.out.println(getClass().getSimpleName() + " at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    onEmptyMap(map -> {
      Map<Long, Long> model = new HashMap<>();
      for (int i = 0; i < 5000; i++) {
        int step = i;
        long choice = random.nextLong();
        assertEquals(
            apply(model, new SplittableRandom(choice)),
            apply(map, new SplittableRandom(choice)),
            () -> "step " + step);
        if (i % 251 == 0) {
          assertEquals(model, map);
          assertEquals(model.size(), map.size());
        }
      }
      assertEquals(model, map);
    });
  }

  /** One operation, chosen by a generator. */
  private static Object apply(Map<Long, Long> map, SplittableRandom random) {
    long key = random.nextInt(200);
    long value = random.nextInt(3);
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> map.put(key, value);
      case 3 -> map.putIfAbsent(key, value);
      case 4, 5 -> map.remove(key);
      case 6 -> map.remove(key, value);
      case 7 -> map.replace(key, value, 3L);
      case 8 -> map.replace(key, value);
      case 9 -> map.merge(key, value, (old, given) -> old > 2 ? null : (Long) (old + given));
      case 10 -> map.compute(key, (same, old) -> old == null ? (Long) value : null);
      default -> map.get(key);
    };
  }
}
