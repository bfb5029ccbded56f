package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterator;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What the key set, the values and the entry set of a concurrent map do, and their iterators. */
interface ConcurrentMapViews extends ConcurrentMapSource {

  private static List<Function<ConcurrentMap<Long, Long>, Collection<?>>> views() {
    return List.of(ConcurrentMap::keySet, ConcurrentMap::values, ConcurrentMap::entrySet);
  }

  // ---- the key set ------------------------------------------------------------------------------

  @Test
  default void keySet_mapChanges_showsIt() {
    onSmallMap(map -> {
      Set<Long> keys = map.keySet();
      assertEquals(Set.of(1L, 2L, 3L, 4L, 5L), keys);
      assertEquals(Set.of(1L, 2L, 3L, 4L, 5L).hashCode(), keys.hashCode());
      assertTrue(keys.contains(5L));
      map.put(6L, 6L);
      map.remove(5L);
      assertTrue(keys.contains(6L));
      assertFalse(keys.contains(5L));
      assertEquals(5, keys.size());
      assertEquals(1 + 2 + 3 + 4 + 6, keys.stream().mapToLong(Long::longValue).sum());
    });
  }

  @Test
  default void keySet_isChanged_writesThrough() {
    onSmallMap(map -> {
      Set<Long> keys = map.keySet();
      assertTrue(keys.remove(1L));
      assertFalse(keys.remove(1L));
      assertFalse(map.containsKey(1L));
      assertTrue(keys.removeAll(Set.of(2L, 9L)));
      assertEquals(Set.of(3L, 4L, 5L), map.keySet());
      assertTrue(keys.removeIf(key -> key == 3));
      assertTrue(keys.retainAll(Set.of(5L)));
      assertEquals(Map.of(5L, 50L), map);
      keys.clear();
      assertTrue(map.isEmpty() && keys.isEmpty());
      assertThrows(UnsupportedOperationException.class, () -> keys.add(1L));
    });
  }

  // ---- the values -------------------------------------------------------------------------------

  @Test
  default void values_mapChanges_showsIt() {
    onSmallMap(map -> {
      Collection<Long> values = map.values();
      assertTrue(values.contains(LARGE));
      map.put(1L, 20L);
      assertFalse(values.contains(LARGE));
      assertEquals(5, values.size());
      assertEquals(20 + 20 + 30 + 40 + 50, values.stream().mapToLong(Long::longValue).sum());
    });
  }

  @Test
  default void values_isChanged_writesThrough() {
    onSmallMap(map -> {
      Collection<Long> values = map.values();
      map.put(1L, 20L);
      assertTrue(values.remove(20L)); // one of the two
      assertEquals(4, map.size());
      assertTrue(values.remove(20L));
      assertFalse(values.remove(20L));
      assertTrue(values.removeIf(value -> value == 30));
      assertTrue(values.removeAll(Set.of(40L)));
      assertEquals(Map.of(5L, 50L), map);
      assertTrue(values.retainAll(Set.of(40L)));
      assertTrue(map.isEmpty());
      map.put(1L, 1L);
      values.clear();
      assertTrue(map.isEmpty());
      assertThrows(UnsupportedOperationException.class, () -> values.add(1L));
    });
  }

  // ---- the entry set ----------------------------------------------------------------------------

  @Test
  default void entrySet_mapChanges_showsIt() {
    onSmallMap(map -> {
      Set<Map.Entry<Long, Long>> entries = map.entrySet();
      assertTrue(entries.contains(Map.entry(1L, LARGE)));
      assertFalse(entries.contains(Map.entry(1L, LARGE + 1)));
      assertFalse(entries.contains(Map.entry(6L, LARGE)));
      map.put(1L, 11L);
      assertTrue(entries.contains(Map.entry(1L, 11L)));
      Set<Map.Entry<Long, Long>> copy = new HashMap<>(map).entrySet();
      assertTrue(entries.equals(copy) && copy.equals(entries));
      assertEquals(copy.hashCode(), entries.hashCode());
      assertEquals(5, entries.size());
    });
  }

  @Test
  default void entrySet_isChanged_writesThrough() {
    onSmallMap(map -> {
      Set<Map.Entry<Long, Long>> entries = map.entrySet();
      assertFalse(entries.remove(Map.entry(2L, 21L)));
      assertTrue(entries.remove(Map.entry(2L, 20L)));
      assertFalse(map.containsKey(2L));
      assertTrue(entries.removeIf(entry -> entry.getValue() == 30));
      assertTrue(entries.removeAll(Set.of(Map.entry(4L, 40L), Map.entry(5L, 51L))));
      assertEquals(Set.of(1L, 5L), map.keySet());
      assertTrue(entries.retainAll(Set.of(Map.entry(5L, 50L))));
      assertEquals(Map.of(5L, 50L), map);
      entries.clear();
      assertTrue(map.isEmpty());
    });
  }

  @Test
  default void entry_isSet_writesThrough() {
    onSmallMap(map -> {
      for (Map.Entry<Long, Long> entry : map.entrySet()) {
        if (!entriesAreWritable()) {
          assertThrows(UnsupportedOperationException.class, () -> entry.setValue(1L));
          continue;
        }
        Long before = entry.getValue();
        assertEquals(before, entry.setValue(before + 1));
        assertEquals(before + 1, entry.getValue());
        assertEquals(before + 1, map.get(entry.getKey()));
        assertThrows(NullPointerException.class, () -> setNull(entry));
        assertEquals(before + 1, map.get(entry.getKey()));
      }
      assertEquals(5, map.size());
    });
  }

  @SuppressWarnings("NullAway") // that is the point
  private static void setNull(Map.Entry<Long, Long> entry) {
    entry.setValue(null);
  }

  @Test
  default void entries_areEqualToOthers() {
    onSmallMap(map -> {
      for (Map.Entry<Long, Long> entry : map.entrySet()) {
        Map.Entry<Long, Long> same = Map.entry(entry.getKey(), entry.getValue());
        assertTrue(entry.equals(same) && same.equals(entry));
        assertFalse(entry.equals(Map.entry(entry.getKey(), -1L)));
        assertEquals(same.hashCode(), entry.hashCode());
        assertEquals(same.toString(), entry.toString());
      }
    });
  }

  // ---- arrays and streams -----------------------------------------------------------------------

  @Test
  default void toArray_ofEachView_hasEachElement() {
    onSmallMap(map -> {
      Long[] keys = map.keySet().toArray(new Long[0]);
      Arrays.sort(keys);
      assertArrayEquals(new Long[] {1L, 2L, 3L, 4L, 5L}, keys);
      for (Function<ConcurrentMap<Long, Long>, Collection<?>> view : views()) {
        assertEquals(5, view.apply(map).toArray().length);
        assertEquals(5, view.apply(map).stream().distinct().count());
        assertEquals(5, new HashSet<>(view.apply(map)).size());
      }
    });
  }

  /** A stream that trusts in a number of elements fails when others change it meanwhile. */
  @Test
  default void spliterator_ofEachView_promisesNoSize() {
    onSmallMap(map -> {
      for (Function<ConcurrentMap<Long, Long>, Collection<?>> view : views()) {
        assertFalse(view.apply(map).spliterator().hasCharacteristics(Spliterator.SIZED));
      }
    });
  }

  // ---- iterators --------------------------------------------------------------------------------

  @Test
  default void iterator_ofEachView_endsAndRefusesMisuse() {
    for (Function<ConcurrentMap<Long, Long>, Collection<?>> view : views()) {
      onSmallMap(map -> {
        Iterator<?> iterator = view.apply(map).iterator();
        assertThrows(IllegalStateException.class, iterator::remove);
        for (int i = 0; i < 5; i++) {
          assertTrue(iterator.hasNext());
          iterator.next();
        }
        assertFalse(iterator.hasNext());
        assertThrows(NoSuchElementException.class, iterator::next);
        iterator.remove();
        assertThrows(IllegalStateException.class, iterator::remove);
        assertEquals(4, map.size());
        assertFalse(Map.<Long, Long>of().entrySet().iterator().hasNext());
      });
    }
  }

  @Test
  default void iterator_removesEach_emptiesTheMap() {
    for (Function<ConcurrentMap<Long, Long>, Collection<?>> view : views()) {
      onSmallMap(map -> {
        Iterator<?> iterator = view.apply(map).iterator();
        for (int left = 4; iterator.hasNext(); left--) {
          iterator.next();
          iterator.remove();
          assertEquals(left, map.size());
        }
        assertTrue(map.isEmpty());
      });
    }
  }

  @Test
  default void iterator_mapChangesMeanwhile_goesOn() {
    for (Function<ConcurrentMap<Long, Long>, Collection<?>> view : views()) {
      onSmallMap(map -> {
        Iterator<?> iterator = view.apply(map).iterator();
        iterator.next();
        for (long key = 100; key < 1000; key++) { // makes a table grow
          map.put(key, key);
        }
        map.keySet().removeIf(key -> key > 500);
        Set<Object> seen = new HashSet<>();
        iterator.forEachRemaining(element -> assertTrue(seen.add(element), "twice: " + element));
        assertTrue(seen.size() >= 4, () -> "only " + seen); // those that were there all the time
      });
    }
  }

  @Test
  default void iterator_elementRemovedAfterHasNext_isReturnedStill() {
    for (Function<ConcurrentMap<Long, Long>, Collection<?>> view : views()) {
      onEmptyMap(map -> {
        map.put(1L, 1L);
        Iterator<?> iterator = view.apply(map).iterator();
        assertTrue(iterator.hasNext());
        map.clear();
        assertTrue(iterator.next() != null);
        assertFalse(iterator.hasNext());
        iterator.remove(); // of what is gone
        assertTrue(map.isEmpty());
        assertNull(map.get(1L));
      });
    }
  }

  @Test
  default void iterators_ofTwoViews_seeTheSame() {
    onSmallMap(map -> {
      Map<Long, Long> zipped = new TreeMap<>();
      Iterator<Long> values = map.values().iterator();
      for (Long key : map.keySet()) {
        zipped.put(key, values.next());
      }
      assertEquals(map, zipped);
    });
  }
}
