package io.caisson.collections;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Shows a table as a map, which makes an object of what it touches. */
final class MapView<K, V> extends AbstractMap<K, V> {

  /** What a map needs of a table. A key that is an object of another class is not there. */
  interface Source<K, V> {
    long size();

    boolean containsKey(@Nullable Object key);

    /** Returns the value of a key that is there. */
    V get(Object key);

    void put(K key, V value);

    void remove(Object key);

    void clear();

    Walk<Map.Entry<K, V>> walk();
  }

  /** A cursor of a table, or a set. */
  interface Walk<E> {
    boolean next();

    E get();

    void remove();
  }

  private final Source<K, V> source;
  private final Set<Map.Entry<K, V>> entries = new Entries();

  MapView(Source<K, V> source) {
    this.source = source;
  }

  @Override
  public int size() {
    return (int) Math.min(source.size(), Integer.MAX_VALUE);
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return source.containsKey(key);
  }

  @Override
  public @Nullable V get(@Nullable Object key) {
    return key != null && source.containsKey(key) ? source.get(key) : null;
  }

  @Override
  public @Nullable V put(K key, V value) {
    Objects.requireNonNull(value, "value");
    V previous = get(Objects.requireNonNull(key, "key"));
    source.put(key, value);
    return previous;
  }

  @Override
  public @Nullable V remove(@Nullable Object key) {
    V previous = get(key);
    if (key != null && previous != null) {
      source.remove(key);
    }
    return previous;
  }

  @Override
  public void clear() {
    source.clear();
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return entries;
  }

  private final class Entries extends AbstractSet<Map.Entry<K, V>> {
    @Override
    public int size() {
      return MapView.this.size();
    }

    @Override
    public void clear() {
      source.clear();
    }

    @Override
    public boolean contains(@Nullable Object object) {
      return object instanceof Map.Entry<?, ?> entry
          && containsKey(entry.getKey())
          && Objects.equals(entry.getValue(), get(entry.getKey()));
    }

    @Override
    public boolean remove(@Nullable Object object) {
      return contains(object)
          && object instanceof Map.Entry<?, ?> entry
          && MapView.this.remove(entry.getKey()) != null;
    }

    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
      Walk<Map.Entry<K, V>> walk = source.walk();
      return new WalkIterator<>(
          new Walk<>() {
            @Override
            public boolean next() {
              return walk.next();
            }

            @Override
            public Map.Entry<K, V> get() {
              return new Entry(walk.get());
            }

            @Override
            public void remove() {
              walk.remove();
            }
          },
          source.size());
    }
  }

  /** An entry as it was met; what it is set to goes to the table. */
  private final class Entry extends SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    Entry(Map.Entry<K, V> entry) {
      super(entry);
    }

    @Override
    public V setValue(V value) {
      source.put(getKey(), Objects.requireNonNull(value, "value"));
      return super.setValue(value);
    }
  }
}
