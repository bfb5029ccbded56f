package io.caisson.collections;

import java.util.AbstractSet;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentNavigableMap;
import org.jspecify.annotations.Nullable;

/** Shows the keys of a map of the JDK's kind as a set, to which keys may be added or not. */
final class LongNavigableSet extends AbstractSet<Long> implements NavigableSet<Long> {

  /** The value of every key of a set. */
  private static final Long THERE = 0L;

  private final ConcurrentNavigableMap<Long, Long> map;
  private final boolean growing;

  /** Shows keys; a set's own if it is growing. */
  LongNavigableSet(ConcurrentNavigableMap<Long, Long> map, boolean growing) {
    this.map = map;
    this.growing = growing;
  }

  private NavigableSet<Long> over(ConcurrentNavigableMap<Long, Long> part) {
    return new LongNavigableSet(part, growing);
  }

  @Override
  public boolean add(Long key) {
    if (!growing) {
      throw new UnsupportedOperationException("keys are added with their values, to the map");
    }
    return map.putIfAbsent(key, THERE) == null;
  }

  @Override
  public boolean contains(@Nullable Object key) {
    return map.containsKey(key);
  }

  @Override
  public boolean remove(@Nullable Object key) {
    return map.remove(key) != null;
  }

  @Override
  public int size() {
    return map.size();
  }

  @Override
  public boolean isEmpty() {
    return map.isEmpty();
  }

  @Override
  public void clear() {
    map.clear();
  }

  @Override
  public Iterator<Long> iterator() {
    Iterator<java.util.Map.Entry<Long, Long>> entries = map.entrySet().iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public Long next() {
        return entries.next().getKey();
      }

      @Override
      public void remove() {
        entries.remove();
      }
    };
  }

  @Override
  public @Nullable Comparator<? super Long> comparator() {
    return map.comparator();
  }

  @Override
  public Long first() {
    return map.firstKey();
  }

  @Override
  public Long last() {
    return map.lastKey();
  }

  @Override
  public @Nullable Long lower(Long key) {
    return map.lowerKey(key);
  }

  @Override
  public @Nullable Long floor(Long key) {
    return map.floorKey(key);
  }

  @Override
  public @Nullable Long ceiling(Long key) {
    return map.ceilingKey(key);
  }

  @Override
  public @Nullable Long higher(Long key) {
    return map.higherKey(key);
  }

  @Override
  public @Nullable Long pollFirst() {
    var entry = map.pollFirstEntry();
    return entry == null ? null : entry.getKey();
  }

  @Override
  public @Nullable Long pollLast() {
    var entry = map.pollLastEntry();
    return entry == null ? null : entry.getKey();
  }

  @Override
  public NavigableSet<Long> descendingSet() {
    return over(map.descendingMap());
  }

  @Override
  public Iterator<Long> descendingIterator() {
    return descendingSet().iterator();
  }

  @Override
  public NavigableSet<Long> subSet(Long from, boolean fromInclusive, Long to, boolean toInclusive) {
    return over(map.subMap(from, fromInclusive, to, toInclusive));
  }

  @Override
  public NavigableSet<Long> headSet(Long to, boolean inclusive) {
    return over(map.headMap(to, inclusive));
  }

  @Override
  public NavigableSet<Long> tailSet(Long from, boolean inclusive) {
    return over(map.tailMap(from, inclusive));
  }

  @Override
  public SortedSet<Long> subSet(Long from, Long to) {
    return subSet(from, true, to, false);
  }

  @Override
  public SortedSet<Long> headSet(Long to) {
    return headSet(to, false);
  }

  @Override
  public SortedSet<Long> tailSet(Long from) {
    return tailSet(from, true);
  }
}
