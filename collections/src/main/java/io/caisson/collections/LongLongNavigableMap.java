package io.caisson.collections;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableSet;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Shows an ordered map, or a range of it, in one direction or the other, as a map of the JDK's,
 * which boxes what it touches. Entries are snapshots, of which those that iterators give can be
 * set; iterators are weakly consistent.
 *
 * <p>Bounds are inclusive, since longs have neighbours; a range is empty if the least is more than
 * the most.
 */
final class LongLongNavigableMap extends AbstractMap<Long, Long>
    implements ConcurrentNavigableMap<Long, Long> {

  private final ConcurrentLongLongOrderedMap map;
  private final long least;
  private final long most;
  private final boolean descending;
  private final Set<Map.Entry<Long, Long>> entries = new Entries();

  /** Shows all of a map. */
  LongLongNavigableMap(ConcurrentLongLongOrderedMap map) {
    this(map, Long.MIN_VALUE, Long.MAX_VALUE, false);
  }

  private LongLongNavigableMap(
      ConcurrentLongLongOrderedMap map, long least, long most, boolean descending) {
    this.map = map;
    this.least = least;
    this.most = most;
    this.descending = descending;
  }

  private boolean contains(long key) {
    return least <= key && key <= most;
  }

  private boolean isWhole() {
    return least == Long.MIN_VALUE && most == Long.MAX_VALUE;
  }

  private long require(Long key) {
    if (!contains(key)) {
      throw new IllegalArgumentException(
          "key " + key + "; expected one from " + least + " to " + most);
    }
    return key;
  }

  // ---- one key ----------------------------------------------------------------------------------

  /** Returns the number that an object is, or null; as a sorted map must, refuses other objects. */
  private @Nullable Long keyOf(@Nullable Object object) {
    Long key = (Long) Objects.requireNonNull(object);
    return contains(key) ? key : null;
  }

  @Override
  public @Nullable Long get(@Nullable Object object) {
    Long key = keyOf(object);
    return key == null ? null : map.boxed(key);
  }

  @Override
  public boolean containsKey(@Nullable Object object) {
    return get(object) != null;
  }

  @Override
  public @Nullable Long put(Long key, Long value) {
    for (long number = require(key), fresh = value; ; ) {
      Long previous = map.boxed(number);
      if (previous == null
          ? map.addIfAbsent(number, fresh)
          : map.compareAndReplace(number, previous, fresh)) {
        return previous;
      }
    }
  }

  @Override
  public @Nullable Long putIfAbsent(Long key, Long value) {
    for (long number = require(key), fresh = value; ; ) {
      Long present = map.boxed(number);
      if (present != null || map.addIfAbsent(number, fresh)) {
        return present;
      }
    }
  }

  @Override
  public @Nullable Long remove(@Nullable Object object) {
    Long key = keyOf(object);
    while (key != null) {
      Long previous = map.boxed(key);
      if (previous == null || map.compareAndRemove(key, previous)) {
        return previous;
      }
    }
    return null;
  }

  @Override
  public boolean remove(@Nullable Object object, @Nullable Object value) {
    Long key = keyOf(object);
    return key != null && value instanceof Long number && map.compareAndRemove(key, number);
  }

  @Override
  public @Nullable Long replace(Long key, Long value) {
    for (long number = require(key), fresh = value; ; ) {
      Long previous = map.boxed(number);
      if (previous == null || map.compareAndReplace(number, previous, fresh)) {
        return previous;
      }
    }
  }

  @Override
  public boolean replace(Long key, Long expected, Long value) {
    return map.compareAndReplace(require(key), expected, value);
  }

  // ---- all --------------------------------------------------------------------------------------

  @Override
  public int size() {
    long size = isWhole() ? map.size() : map.range(least, most).size();
    return (int) Math.min(size, Integer.MAX_VALUE);
  }

  @Override
  public boolean isEmpty() {
    return map.range(least, most).isEmpty();
  }

  @Override
  public void clear() {
    while (pollFirstEntry() != null) {}
  }

  @Override
  public Set<Map.Entry<Long, Long>> entrySet() {
    return entries;
  }

  @Override
  public @Nullable Comparator<? super Long> comparator() {
    return descending ? Comparator.reverseOrder() : null;
  }

  // ---- neighbours -------------------------------------------------------------------------------

  /** Returns the nearest entry in the range, upwards or downwards from a key, which may be it. */
  private Map.@Nullable Entry<Long, Long> nearest(long from, boolean up) {
    if (least > most || (up ? from > most : from < least)) {
      return null;
    }
    Map.Entry<Long, Long> entry =
        map.neighbour(up ? Math.max(from, least) : Math.min(from, most), up);
    return entry != null && contains(entry.getKey()) ? entry : null;
  }

  /** Returns the nearest entry in the range, forwards or backwards in this order. */
  private Map.@Nullable Entry<Long, Long> nearest(Long key, boolean forwards, boolean inclusive) {
    boolean up = forwards != descending;
    long from = key;
    if (!inclusive) {
      if (from == (up ? Long.MAX_VALUE : Long.MIN_VALUE)) {
        return null;
      }
      from += up ? 1 : -1;
    }
    return nearest(from, up);
  }

  private static @Nullable Long keyOf(Map.@Nullable Entry<Long, Long> entry) {
    return entry == null ? null : entry.getKey();
  }

  private static Long existing(@Nullable Long key) {
    if (key == null) {
      throw new NoSuchElementException("the map is empty");
    }
    return key;
  }

  @Override
  public Map.@Nullable Entry<Long, Long> firstEntry() {
    return descending ? nearest(most, false) : nearest(least, true);
  }

  @Override
  public Map.@Nullable Entry<Long, Long> lastEntry() {
    return descending ? nearest(least, true) : nearest(most, false);
  }

  @Override
  public Long firstKey() {
    return existing(keyOf(firstEntry()));
  }

  @Override
  public Long lastKey() {
    return existing(keyOf(lastEntry()));
  }

  @Override
  public Map.@Nullable Entry<Long, Long> lowerEntry(Long key) {
    return nearest(key, false, false);
  }

  @Override
  public Map.@Nullable Entry<Long, Long> floorEntry(Long key) {
    return nearest(key, false, true);
  }

  @Override
  public Map.@Nullable Entry<Long, Long> ceilingEntry(Long key) {
    return nearest(key, true, true);
  }

  @Override
  public Map.@Nullable Entry<Long, Long> higherEntry(Long key) {
    return nearest(key, true, false);
  }

  @Override
  public @Nullable Long lowerKey(Long key) {
    return keyOf(lowerEntry(key));
  }

  @Override
  public @Nullable Long floorKey(Long key) {
    return keyOf(floorEntry(key));
  }

  @Override
  public @Nullable Long ceilingKey(Long key) {
    return keyOf(ceilingEntry(key));
  }

  @Override
  public @Nullable Long higherKey(Long key) {
    return keyOf(higherEntry(key));
  }

  @Override
  public Map.@Nullable Entry<Long, Long> pollFirstEntry() {
    Map.Entry<Long, Long> entry = firstEntry();
    while (entry != null && !map.compareAndRemove(entry.getKey(), entry.getValue())) {
      entry = firstEntry();
    }
    return entry;
  }

  @Override
  public Map.@Nullable Entry<Long, Long> pollLastEntry() {
    Map.Entry<Long, Long> entry = lastEntry();
    while (entry != null && !map.compareAndRemove(entry.getKey(), entry.getValue())) {
      entry = lastEntry();
    }
    return entry;
  }

  // ---- ranges -----------------------------------------------------------------------------------

  @Override
  public ConcurrentNavigableMap<Long, Long> descendingMap() {
    return new LongLongNavigableMap(map, least, most, !descending);
  }

  @Override
  public ConcurrentNavigableMap<Long, Long> subMap(
      Long from, boolean fromInclusive, Long to, boolean toInclusive) {
    if (descending ? from < to : from > to) {
      throw new IllegalArgumentException("from " + from + " to " + to + "; expected it in order");
    }
    return descending
        ? range(to, toInclusive, from, fromInclusive)
        : range(from, fromInclusive, to, toInclusive);
  }

  @Override
  public ConcurrentNavigableMap<Long, Long> headMap(Long to, boolean inclusive) {
    return descending ? range(to, inclusive, most, true) : range(least, true, to, inclusive);
  }

  @Override
  public ConcurrentNavigableMap<Long, Long> tailMap(Long from, boolean inclusive) {
    return descending ? range(least, true, from, inclusive) : range(from, inclusive, most, true);
  }

  private LongLongNavigableMap range(
      long low, boolean lowInclusive, long high, boolean highInclusive) {
    requireBound(low, lowInclusive);
    requireBound(high, highInclusive);
    boolean none =
        (!lowInclusive && low == Long.MAX_VALUE) || (!highInclusive && high == Long.MIN_VALUE);
    long first = lowInclusive || none ? low : low + 1;
    long last = highInclusive || none ? high : high - 1;
    return none || first > last
        ? new LongLongNavigableMap(map, Long.MAX_VALUE, Long.MIN_VALUE, descending)
        : new LongLongNavigableMap(map, first, last, descending);
  }

  /** An exclusive bound may be next to the range, as the bound that it has itself. */
  private void requireBound(long bound, boolean inclusive) {
    boolean inside = contains(bound);
    if (!inside && !inclusive) {
      inside = (bound - 1 == most && bound > most) || (bound + 1 == least && bound < least);
    }
    if (!inside && least <= most) {
      require(bound);
    }
  }

  @Override
  public ConcurrentNavigableMap<Long, Long> subMap(Long from, Long to) {
    return subMap(from, true, to, false);
  }

  @Override
  public ConcurrentNavigableMap<Long, Long> headMap(Long to) {
    return headMap(to, false);
  }

  @Override
  public ConcurrentNavigableMap<Long, Long> tailMap(Long from) {
    return tailMap(from, true);
  }

  @Override
  public NavigableSet<Long> keySet() {
    return navigableKeySet();
  }

  @Override
  public NavigableSet<Long> navigableKeySet() {
    return new LongNavigableSet(this, false);
  }

  @Override
  public NavigableSet<Long> descendingKeySet() {
    return descendingMap().navigableKeySet();
  }

  // ---- iterators --------------------------------------------------------------------------------

  private final class Entries extends AbstractSet<Map.Entry<Long, Long>> {
    @Override
    public int size() {
      return LongLongNavigableMap.this.size();
    }

    @Override
    public boolean isEmpty() {
      return LongLongNavigableMap.this.isEmpty();
    }

    @Override
    public void clear() {
      LongLongNavigableMap.this.clear();
    }

    @Override
    public boolean contains(@Nullable Object object) {
      return object instanceof Map.Entry<?, ?> entry
          && entry.getKey() instanceof Long key
          && entry.getValue() instanceof Long value
          && value.equals(get(key));
    }

    @Override
    public boolean remove(@Nullable Object object) {
      return object instanceof Map.Entry<?, ?> entry
          && entry.getKey() instanceof Long key
          && LongLongNavigableMap.this.remove(key, entry.getValue());
    }

    @Override
    public Iterator<Map.Entry<Long, Long>> iterator() {
      return new EntryIterator();
    }
  }

  private final class EntryIterator implements Iterator<Map.Entry<Long, Long>> {
    private final ConcurrentLongLongOrderedMap.Cursor cursor =
        descending ? map.range(least, most).descendingCursor() : map.range(least, most).cursor();
    private boolean hasNext = cursor.next();
    private @Nullable Long last;

    @Override
    public boolean hasNext() {
      return hasNext;
    }

    @Override
    public Map.Entry<Long, Long> next() {
      if (!hasNext) {
        throw new NoSuchElementException("no entry left");
      }
      Map.Entry<Long, Long> entry = new MetEntry(cursor.key(), cursor.value());
      last = entry.getKey();
      hasNext = cursor.next();
      return entry;
    }

    @Override
    public void remove() {
      if (last == null) {
        throw new IllegalStateException("at no entry; call next() first");
      }
      map.remove(last, 0);
      last = null;
    }
  }

  /** An entry as it was met; what it is set to goes to the map. */
  private final class MetEntry extends SimpleEntry<Long, Long> {
    private static final long serialVersionUID = 1L;

    MetEntry(long key, long value) {
      super(key, value);
    }

    @Override
    public Long setValue(Long value) {
      map.put(getKey(), value, 0);
      return super.setValue(value);
    }
  }
}
