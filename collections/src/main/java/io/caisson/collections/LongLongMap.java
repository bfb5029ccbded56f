package io.caisson.collections;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Shows a table as a map, which boxes what it touches. */
final class LongLongMap extends AbstractMap<Long, Long> {

  private final LongLongTable table;
  private final Set<Map.Entry<Long, Long>> entries = new Entries();

  LongLongMap(LongLongTable table) {
    this.table = table;
  }

  @Override
  public int size() {
    return (int) Math.min(table.size(), Integer.MAX_VALUE);
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return key instanceof Long number && table.containsKey(number);
  }

  @Override
  public @Nullable Long get(@Nullable Object key) {
    return key instanceof Long number && table.containsKey(number)
        ? (Long) table.get(number, 0)
        : null;
  }

  @Override
  public @Nullable Long put(Long key, Long value) {
    Long previous = get(key);
    table.put(key, value, 0);
    return previous;
  }

  @Override
  public @Nullable Long remove(@Nullable Object key) {
    return key instanceof Long number && table.containsKey(number)
        ? (Long) table.remove(number, 0)
        : null;
  }

  @Override
  public void clear() {
    table.clear();
  }

  @Override
  public Set<Map.Entry<Long, Long>> entrySet() {
    return entries;
  }

  private final class Entries extends AbstractSet<Map.Entry<Long, Long>> {
    @Override
    public int size() {
      return LongLongMap.this.size();
    }

    @Override
    public void clear() {
      table.clear();
    }

    @Override
    public boolean contains(@Nullable Object object) {
      return object instanceof Map.Entry<?, ?> entry
          && containsKey(entry.getKey())
          && entry.getValue() instanceof Long value
          && value.equals(get(entry.getKey()));
    }

    @Override
    public boolean remove(@Nullable Object object) {
      return contains(object)
          && object instanceof Map.Entry<?, ?> entry
          && LongLongMap.this.remove(entry.getKey()) != null;
    }

    @Override
    public Iterator<Map.Entry<Long, Long>> iterator() {
      return new EntryIterator();
    }
  }

  /** Counts, so that it need not move on to know whether there is more, and can still remove. */
  private final class EntryIterator implements Iterator<Map.Entry<Long, Long>> {
    private final LongLongTable.Cursor cursor = table.cursor();
    private long left = table.size();

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public Map.Entry<Long, Long> next() {
      if (left == 0 || !cursor.next()) { // without moving on, so that the last can still be removed
        throw new NoSuchElementException("no entry left");
      }
      left--;
      return new Entry(cursor.key(), cursor.value());
    }

    @Override
    public void remove() {
      cursor.remove();
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
