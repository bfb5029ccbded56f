package io.caisson.collections;

import java.util.AbstractList;
import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
import java.util.RandomAccess;
import java.util.Spliterator;

/**
 * Shows a vector of primitives as a list; what changes the vector by other means counts as well.
 */
final class VectorList<E> extends AbstractList<E> implements RandomAccess {

  /** What a typed vector does with an element. */
  interface Elements<E> {
    E get(long index);

    void set(long index, E element);

    void insert(long index, E element);
  }

  private final VectorCore core;
  private final Elements<E> elements;

  VectorList(VectorCore core, Elements<E> elements) {
    core.requireOpen();
    this.core = core;
    this.elements = elements;
    synchronizeModCount();
  }

  /** Has iterators begin, and go on, with the state that the vector is in. */
  private void synchronizeModCount() {
    modCount = (int) core.version();
  }

  @Override
  public int size() {
    synchronizeModCount();
    return (int) Math.min(core.size(), Integer.MAX_VALUE);
  }

  @Override
  public E get(int index) {
    synchronizeModCount();
    return elements.get(index);
  }

  @Override
  public E set(int index, E element) {
    E previous = elements.get(index);
    elements.set(index, element);
    return previous;
  }

  @Override
  public void add(int index, E element) {
    elements.insert(index, element);
    synchronizeModCount();
  }

  @Override
  public E remove(int index) {
    E removed = elements.get(index);
    core.remove(index);
    synchronizeModCount();
    return removed;
  }

  @Override
  public void clear() {
    core.clear();
    synchronizeModCount();
  }

  @Override
  public Iterator<E> iterator() {
    synchronizeModCount();
    return super.iterator();
  }

  @Override
  public ListIterator<E> listIterator(int index) {
    synchronizeModCount();
    return super.listIterator(index);
  }

  @Override
  public List<E> subList(int from, int to) {
    synchronizeModCount();
    return super.subList(from, to);
  }

  @Override
  public Spliterator<E> spliterator() {
    synchronizeModCount();
    return super.spliterator();
  }
}
