package io.caisson.smr;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Everything of one kind that a domain ever made, by number: nothing is ever taken off, so a number
 * that a stalled thread holds is always good.
 *
 * <p>Thread-safe; looking up takes no lock, adding does.
 */
final class Roll<T extends Numbered> {

  private static final int FIRST_CAPACITY = 16;

  private final IntFunction<T> maker;
  private volatile Object[] all = new Object[FIRST_CAPACITY];
  private volatile int size;

  Roll(IntFunction<T> maker) {
    this.maker = maker;
  }

  /** Returns the one with a number that was seen in {@link #size} or on a stack. */
  @SuppressWarnings("unchecked") // only add() writes, and what the maker made
  T get(int number) {
    return (T) all[number];
  }

  int size() {
    return size;
  }

  /** Makes one more; if the Java heap is exhausted, nothing has changed. */
  synchronized T add() {
    int number = size;
    Object[] array = all;
    T made = maker.apply(number);
    if (number == array.length) {
      array = Arrays.copyOf(array, 2 * number);
    }
    array[number] = made;
    all = array; // volatile: whoever learns the number finds what it names
    size = number + 1;
    return made;
  }
}
