package io.caisson.collections;

import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Shows a concurrent table as a map, which boxes what it touches; as thread-safe as the table. */
final class ConcurrentLongLongMap extends AbstractMap<Long, Long>
    implements ConcurrentMap<Long, Long> {

  private final ConcurrentLongLongTable table;
  private final LongLongCells cells;
  private final Set<Map.Entry<Long, Long>> entries = new Entries();
  private final Set<Long> keys = new Keys();
  private final Collection<Long> values = new Values();

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
    return entries;
  }

  @Override
  public Set<Long> keySet() {
    return keys;
  }

  @Override
  public Collection<Long> values() {
    return values;
  }

  /** The entries. */
  private final class Entries extends AbstractSet<Map.Entry<Long, Long>> {
    @Override
    public int size() {
      return ConcurrentLongLongMap.this.size();
    }

    @Override
    public void clear() {
      table.clear();
    }

    @Override
    public boolean contains(@Nullable Object object) {
      return object instanceof Map.Entry<?, ?> entry
          && entry.getKey() instanceof Long key
          && entry.getValue() instanceof Long value
          && value.equals(read(key));
    }

    @Override
    public boolean remove(@Nullable Object object) {
      return object instanceof Map.Entry<?, ?> entry
          && entry.getKey() instanceof Long key
          && ConcurrentLongLongMap.this.remove(key, entry.getValue());
    }

    @Override
    public Iterator<Map.Entry<Long, Long>> iterator() {
      return new Walk<>(entry -> entry);
    }

    @Override
    public Spliterator<Map.Entry<Long, Long>> spliterator() {
      return Spliterators.spliteratorUnknownSize(
          iterator(), Spliterator.DISTINCT | Spliterator.NONNULL | Spliterator.CONCURRENT);
    }
  }

  /** The keys. */
  private final class Keys extends AbstractSet<Long> {
    @Override
    public int size() {
      return ConcurrentLongLongMap.this.size();
    }

    @Override
    public void clear() {
      table.clear();
    }

    @Override
    public boolean contains(@Nullable Object key) {
      return containsKey(key);
    }

    @Override
    public boolean remove(@Nullable Object key) {
      return ConcurrentLongLongMap.this.remove(key) != null;
    }

    @Override
    public Iterator<Long> iterator() {
      return new Walk<>(Map.Entry::getKey);
    }

    @Override
    public Spliterator<Long> spliterator() {
      return Spliterators.spliteratorUnknownSize(
          iterator(), Spliterator.DISTINCT | Spliterator.NONNULL | Spliterator.CONCURRENT);
    }
  }

  /** The values. */
  private final class Values extends AbstractCollection<Long> {
    @Override
    public int size() {
      return ConcurrentLongLongMap.this.size();
    }

    @Override
    public void clear() {
      table.clear();
    }

    @Override
    public Iterator<Long> iterator() {
      return new Walk<>(Map.Entry::getValue);
    }

    @Override
    public Spliterator<Long> spliterator() {
      return Spliterators.spliteratorUnknownSize(
          iterator(), Spliterator.NONNULL | Spliterator.CONCURRENT);
    }
  }

  /** Is an entry ahead, so that what it has promised it can return though it be removed. */
  private final class Walk<E> implements Iterator<E> {
    private final ConcurrentLongLongTable.Cursor cursor = table.cursor();
    private final Function<Entry, E> face;
    private @Nullable Entry ahead;
    private @Nullable Entry last;

    Walk(Function<Entry, E> face) {
      this.face = face;
      advance();
    }

    private void advance() {
      ahead = cursor.next() ? new Entry(cursor.key(), cursor.value()) : null;
    }

    @Override
    public boolean hasNext() {
      return ahead != null;
    }

    @Override
    public E next() {
      Entry entry = ahead;
      if (entry == null) {
        throw new NoSuchElementException("no entry left");
      }
      last = entry;
      advance();
      return face.apply(entry);
    }

    @Override
    public void remove() {
      Entry entry = last;
      if (entry == null) {
        throw new IllegalStateException("the iterator is at no entry; call next() first");
      }
      table.remove(entry.getKey(), 0);
      last = null;
    }
  }

  /** An entry as it was met; what it is set to goes to the table. */
  private final class Entry extends SimpleEntry<Long, Long> {
    private static final long serialVersionUID = 1L;

    Entry(long key, long value) {
      super(key, value);
    }

    @Override
    public Long setValue(Long value) {
      table.put(getKey(), value, 0);
      return super.setValue(value);
    }
  }
}
