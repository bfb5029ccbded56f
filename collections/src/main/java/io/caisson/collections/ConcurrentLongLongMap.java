package io.caisson.collections;

import java.util.AbstractMap;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Shows a concurrent table as a map, which boxes what it touches; as thread-safe as the table. */
final class ConcurrentLongLongMap extends AbstractMap<Long, Long>
    implements ConcurrentMap<Long, Long> {

  private final ConcurrentLongLongTable table;
  private final LongLongCells cells;
  private final ConcurrentViews<Long, Long> views = new ConcurrentViews<>(this, this::walk);

  ConcurrentLongLongMap(ConcurrentLongLongTable table, LongLongCells cells) {
    this.table = table;
    this.cells = cells;
  }

  // ---- single operations ------------------------------------------------------------------------

  private @Nullable Long read(long key) {
    LongLongCells.Found found = new LongLongCells.Found();
    return cells.read(key, found) ? (Long) found.value : null;
  }

  @Override
  public int size() {
    return (int) Math.min(table.size(), Integer.MAX_VALUE);
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return Objects.requireNonNull(key) instanceof Long number && table.containsKey(number);
  }

  @Override
  public boolean containsValue(@Nullable Object value) {
    return super.containsValue(Objects.requireNonNull(value));
  }

  @Override
  public @Nullable Long get(@Nullable Object key) {
    return Objects.requireNonNull(key) instanceof Long number ? read(number) : null;
  }

  @Override
  public @Nullable Long put(Long key, Long value) {
    long unboxed = value;
    for (; ; ) {
      Long old = read(key);
      if (old == null ? cells.insert(key, unboxed) : table.compareAndReplace(key, old, unboxed)) {
        return old;
      }
    }
  }

  @Override
  public @Nullable Long putIfAbsent(Long key, Long value) {
    long unboxed = value;
    for (; ; ) {
      Long old = read(key);
      if (old != null || cells.insert(key, unboxed)) {
        return old;
      }
    }
  }

  @Override
  public @Nullable Long replace(Long key, Long value) {
    long unboxed = value;
    for (; ; ) {
      Long old = read(key);
      if (old == null || table.compareAndReplace(key, old, unboxed)) {
        return old;
      }
    }
  }

  @Override
  public boolean replace(Long key, Long expected, Long value) {
    return table.compareAndReplace(key, expected, value);
  }

  @Override
  public @Nullable Long remove(@Nullable Object key) {
    if (!(Objects.requireNonNull(key) instanceof Long number)) {
      return null;
    }
    for (; ; ) {
      Long old = read(number);
      if (old == null || table.compareAndRemove(number, old)) {
        return old;
      }
    }
  }

  @Override
  public boolean remove(@Nullable Object key, @Nullable Object value) {
    return Objects.requireNonNull(key) instanceof Long number
        && value instanceof Long expected
        && table.compareAndRemove(number, expected);
  }

  @Override
  public void clear() {
    table.clear();
  }

  // ---- views ------------------------------------------------------------------------------------

  @Override
  public Set<Map.Entry<Long, Long>> entrySet() {
    return views.entries;
  }

  @Override
  public Set<Long> keySet() {
    return views.keys;
  }

  @Override
  public Collection<Long> values() {
    return views.values;
  }

  private ConcurrentViews.Walk<Long, Long> walk() {
    ConcurrentLongLongTable.Cursor cursor = table.cursor();
    return () -> cursor.next() ? Map.entry(cursor.key(), cursor.value()) : null;
  }
}
