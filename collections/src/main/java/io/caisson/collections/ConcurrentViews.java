package io.caisson.collections;

import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The entries, the keys and the values of a concurrent map, as thread-safe as it is, which they
 * ask, and change, by its own operations. Iterators are weakly consistent.
 */
final class ConcurrentViews<K, V> {

  /** What goes through the entries of a map once. */
  interface Walk<K, V> {
    /** Returns the next entry, as it was a moment ago; null at the end. */
    Map.@Nullable Entry<K, V> next();
  }

  private final ConcurrentMap<K, V> map;
  private final Supplier<Walk<K, V>> walks;

  final Set<Map.Entry<K, V>> entries = new Entries();
  final Set<K> keys = new Keys();
  final Collection<V> values = new Values();

  /**
   * Creates the views of a map.
   *
   * @param map a map, which does not use the views for its own operations on one key
   * @param walks begins to go through the entries
   */
  ConcurrentViews(ConcurrentMap<K, V> map, Supplier<Walk<K, V>> walks) {
    this.map = map;
    this.walks = walks;
  }

  /** They promise no size, for that may change. */
  private static <E> Spliterator<E> spliterator(Iterator<E> iterator, int characteristics) {
    return Spliterators.spliteratorUnknownSize(
        iterator, characteristics | Spliterator.NONNULL | Spliterator.CONCURRENT);
  }

  /** The entries. */
  private final class Entries extends AbstractSet<Map.Entry<K, V>> {
    @Override
    public int size() {
      return map.size();
    }

    @Override
    public void clear() {
      map.clear();
    }

    @Override
    public boolean contains(@Nullable Object object) {
      return object instanceof Map.Entry<?, ?> entry
          && entry.getKey() != null
          && entry.getValue() != null
          && entry.getValue().equals(map.get(entry.getKey()));
    }

    @Override
    public boolean remove(@Nullable Object object) {
      return object instanceof Map.Entry<?, ?> entry
          && entry.getKey() != null
          && map.remove(entry.getKey(), entry.getValue());
    }

    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
      return new Walker<>(entry -> entry);
    }

    @Override
    public Spliterator<Map.Entry<K, V>> spliterator() {
      return ConcurrentViews.spliterator(iterator(), Spliterator.DISTINCT);
    }
  }

  /** The keys. */
  private final class Keys extends AbstractSet<K> {
    @Override
    public int size() {
      return map.size();
    }

    @Override
    public void clear() {
      map.clear();
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
    public Iterator<K> iterator() {
      return new Walker<>(Map.Entry::getKey);
    }

    @Override
    public Spliterator<K> spliterator() {
      return ConcurrentViews.spliterator(iterator(), Spliterator.DISTINCT);
    }
  }

  /** The values. */
  private final class Values extends AbstractCollection<V> {
    @Override
    public int size() {
      return map.size();
    }

    @Override
    public void clear() {
      map.clear();
    }

    @Override
    public Iterator<V> iterator() {
      return new Walker<>(Map.Entry::getValue);
    }

    @Override
    public Spliterator<V> spliterator() {
      return ConcurrentViews.spliterator(iterator(), 0);
    }
  }

  /** Is an entry ahead, so that what it has promised it can return though it be removed. */
  private final class Walker<E> implements Iterator<E> {
    private final Walk<K, V> walk = walks.get();
    private final Function<Map.Entry<K, V>, E> face;
    private Map.@Nullable Entry<K, V> ahead = walk.next();
    private Map.@Nullable Entry<K, V> last;

    Walker(Function<Map.Entry<K, V>, E> face) {
      this.face = face;
    }

    @Override
    public boolean hasNext() {
      return ahead != null;
    }

    @Override
    public E next() {
      Map.Entry<K, V> entry = ahead;
      if (entry == null) {
        throw new NoSuchElementException("no entry left");
      }
      last = entry;
      ahead = walk.next();
      return face.apply(new Entry(entry));
    }

    @Override
    public void remove() {
      Map.Entry<K, V> entry = last;
      if (entry == null) {
        throw new IllegalStateException("the iterator is at no entry; call next() first");
      }
      map.remove(entry.getKey());
      last = null;
    }
  }

  /** An entry as it was met; what it is set to goes to the map. */
  private final class Entry extends AbstractMap.SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    Entry(Map.Entry<K, V> entry) {
      super(entry);
    }

    @Override
    public V setValue(V value) {
      map.put(getKey(), value);
      return super.setValue(value);
    }
  }
}
