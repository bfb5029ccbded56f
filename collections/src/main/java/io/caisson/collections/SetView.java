package io.caisson.collections;

import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Shows a set as one of {@code java.util}, which makes an object of what it touches. */
final class SetView<E> extends AbstractSet<E> {

  /** What it needs of a set. A value that is an object of another class is not there. */
  interface Source<E> {
    long size();

    boolean contains(@Nullable Object value);

    boolean add(E value);

    boolean remove(@Nullable Object value);

    void clear();

    MapView.Walk<E> walk();
  }

  private final Source<E> source;

  SetView(Source<E> source) {
    this.source = source;
  }

  @Override
  public int size() {
    return (int) Math.min(source.size(), Integer.MAX_VALUE);
  }

  @Override
  public boolean contains(@Nullable Object value) {
    return source.contains(value);
  }

  @Override
  public boolean add(E value) {
    return source.add(Objects.requireNonNull(value, "value"));
  }

  @Override
  public boolean remove(@Nullable Object value) {
    return source.remove(value);
  }

  @Override
  public void clear() {
    source.clear();
  }

  @Override
  public Iterator<E> iterator() {
    return new WalkIterator<>(source.walk(), source.size());
  }
}
