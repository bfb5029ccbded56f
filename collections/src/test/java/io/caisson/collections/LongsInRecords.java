package io.caisson.collections;

import java.lang.invoke.MethodHandles;
import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Shows a map of records as one of longs, so that {@link ConcurrentMapContract} can be held against
 * it. Whatever it is asked it asks the map, or that view of the map.
 */
@SuppressWarnings("NullAway") // nulls are passed on, to see what the map does with them
final class LongsInRecords extends AbstractMap<Long, Long> implements ConcurrentMap<Long, Long> {

  /** A long. */
  record Num(long number) {}

  static final RecordCodec<Num> CODEC = RecordCodec.of(MethodHandles.lookup(), Num.class);

  private final ConcurrentMap<Num, Num> map;

  LongsInRecords(ConcurrentMap<Num, Num> map) {
    this.map = map;
  }

  private static @Nullable Num in(@Nullable Long number) {
    return number == null ? null : new Num(number);
  }

  /** A stranger stays what it is. */
  private static @Nullable Object object(@Nullable Object object) {
    return switch (object) {
      case Long number -> new Num(number);
      case Map.Entry<?, ?> entry ->
          new SimpleEntry<>(object(entry.getKey()), object(entry.getValue()));
      case null, default -> object;
    };
  }

  private static @Nullable Long out(@Nullable Num number) {
    return number == null ? null : (Long) number.number;
  }

  // ---- single operations ------------------------------------------------------------------------

  @Override
  public int size() {
    return map.size();
  }

  @Override
  public boolean isEmpty() {
    return map.isEmpty();
  }

  @Override
  public boolean containsKey(Object key) {
    return map.containsKey(object(key));
  }

  @Override
  public boolean containsValue(Object value) {
    return map.containsValue(object(value));
  }

  @Override
  public @Nullable Long get(Object key) {
    return out(map.get(object(key)));
  }

  @Override
  public @Nullable Long getOrDefault(Object key, @Nullable Long absent) {
    return out(map.getOrDefault(object(key), in(absent)));
  }

  @Override
  public @Nullable Long put(Long key, Long value) {
    return out(map.put(in(key), in(value)));
  }

  @Override
  public @Nullable Long putIfAbsent(Long key, Long value) {
    return out(map.putIfAbsent(in(key), in(value)));
  }

  @Override
  public @Nullable Long replace(Long key, Long value) {
    return out(map.replace(in(key), in(value)));
  }

  @Override
  public boolean replace(Long key, Long expected, Long value) {
    return map.replace(in(key), in(expected), in(value));
  }

  @Override
  public @Nullable Long remove(Object key) {
    return out(map.remove(object(key)));
  }

  @Override
  public boolean remove(Object key, Object value) {
    return map.remove(object(key), object(value));
  }

  @Override
  public void clear() {
    map.clear();
  }

  // ---- functions --------------------------------------------------------------------------------

  private static @Nullable BiFunction<Num, Num, @Nullable Num> in(
      @Nullable BiFunction<? super Long, ? super Long, ? extends Long> function) {
    return function == null ? null : (first, second) -> in(function.apply(out(first), out(second)));
  }

  @Override
  public @Nullable Long compute(
      Long key, BiFunction<? super Long, ? super Long, ? extends Long> function) {
    return out(map.compute(in(key), in(function)));
  }

  @Override
  public @Nullable Long computeIfPresent(
      Long key, BiFunction<? super Long, ? super Long, ? extends Long> function) {
    return out(map.computeIfPresent(in(key), in(function)));
  }

  @Override
  public @Nullable Long computeIfAbsent(
      Long key, @Nullable Function<? super Long, ? extends Long> function) {
    return out(
        map.computeIfAbsent(
            in(key), function == null ? null : number -> in(function.apply(out(number)))));
  }

  @Override
  public @Nullable Long merge(
      Long key, Long value, BiFunction<? super Long, ? super Long, ? extends Long> function) {
    return out(map.merge(in(key), in(value), in(function)));
  }

  @Override
  public void forEach(@Nullable BiConsumer<? super Long, ? super Long> action) {
    map.forEach(action == null ? null : (key, value) -> action.accept(out(key), out(value)));
  }

  @Override
  public void replaceAll(BiFunction<? super Long, ? super Long, ? extends Long> function) {
    map.replaceAll(in(function));
  }

  // ---- views ------------------------------------------------------------------------------------

  /** Passes on what an iterator does, with its elements as longs. */
  private record Converted<R, E>(Iterator<R> iterator, Function<R, E> face) implements Iterator<E> {
    @Override
    public boolean hasNext() {
      return iterator.hasNext();
    }

    @Override
    public E next() {
      return face.apply(iterator.next());
    }

    @Override
    public void remove() {
      iterator.remove();
    }
  }

  private static <R, E> Set<E> set(Set<R> view, Function<R, E> face) {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return view.size();
      }

      @Override
      public void clear() {
        view.clear();
      }

      @Override
      public boolean contains(Object object) {
        return view.contains(object(object));
      }

      @Override
      public boolean remove(Object object) {
        return view.remove(object(object));
      }

      @Override
      public Iterator<E> iterator() {
        return new Converted<>(view.iterator(), face);
      }

      @Override
      public Spliterator<E> spliterator() {
        return view.stream().map(face).spliterator();
      }
    };
  }

  private static Long toLong(Num number) {
    return number.number;
  }

  @Override
  public Set<Long> keySet() {
    return set(map.keySet(), LongsInRecords::toLong);
  }

  @Override
  public Collection<Long> values() {
    Collection<Num> view = map.values();
    return new AbstractCollection<>() {
      @Override
      public int size() {
        return view.size();
      }

      @Override
      public void clear() {
        view.clear();
      }

      @Override
      public boolean contains(Object object) {
        return view.contains(object(object));
      }

      @Override
      public boolean remove(Object object) {
        return view.remove(object(object));
      }

      @Override
      public Iterator<Long> iterator() {
        return new Converted<>(view.iterator(), LongsInRecords::toLong);
      }

      @Override
      public Spliterator<Long> spliterator() {
        return view.stream().map(LongsInRecords::toLong).spliterator();
      }
    };
  }

  @Override
  public Set<Map.Entry<Long, Long>> entrySet() {
    return set(map.entrySet(), Entry::new);
  }

  /** An entry that sets the one that it shows. */
  private static final class Entry extends SimpleEntry<Long, Long> {
    private static final long serialVersionUID = 1;

    private final transient Map.Entry<Num, Num> shown;

    Entry(Map.Entry<Num, Num> shown) {
      super(toLong(shown.getKey()), toLong(shown.getValue()));
      this.shown = shown;
    }

    @Override
    public Long setValue(Long value) {
      Num before = shown.setValue(in(value));
      super.setValue(value);
      return toLong(before);
    }
  }
}
