package io.caisson.collections;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Iterates by a cursor. Counts, so that it need not move on to know whether there is more, and can
 * still remove.
 */
final class WalkIterator<E> implements Iterator<E> {

  private final MapView.Walk<E> walk;
  private long left;

  WalkIterator(MapView.Walk<E> walk, long size) {
    this.walk = walk;
    this.left = size;
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public E next() {
    if (left == 0 || !walk.next()) { // without moving on, so that the last can still be removed
      throw new NoSuchElementException("nothing left");
    }
    left--;
    return walk.get();
  }

  @Override
  public void remove() {
    walk.remove();
  }
}
