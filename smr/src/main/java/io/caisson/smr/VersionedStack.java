package io.caisson.smr;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A lock-free stack of what is on a {@link Roll}; pushing and popping allocate nothing. */
final class VersionedStack<T extends Numbered> {

  /*
   * Source. R. K. Treiber (1986) with IBM System/370's counted head. What is popped is pushed again,
   * so the head carries a version, which every pop raises: head = version << 32 | number + 1.
   *
   * Invariant. While the head is unchanged nothing was popped, hence the top was on the stack all the
   * time, and its link, and whatever else is written only off the stack, is what was read. It can be
   * mistaken if exactly a multiple of 2^32 pops happened in between.
   *
   * Ordering. The CAS that pushes happens before the one that pops.
   */

  private static final long NUMBER = 0xFFFF_FFFFL;
  private static final long ONE_VERSION = 1L << 32;

  /** An epoch at which everything may leave. */
  private static final long ANY_TIME = Long.MAX_VALUE;

  private final Roll<T> roll;
  private final AtomicLong head = new AtomicLong();

  VersionedStack(Roll<T> roll) {
    this.roll = roll;
  }

  boolean isEmpty() {
    return (head.get() & NUMBER) == 0;
  }

  void push(T element) {
    long top;
    do {
      top = head.get();
      element.below = (int) top;
    } while (!head.compareAndSet(top, (top & ~NUMBER) | (element.number + 1)));
  }

  /** Takes the top off, if there is one and it may leave at an epoch; else returns null. */
  @Nullable T pop(long epoch) {
    for (; ; ) {
      long top = head.get();
      if ((top & NUMBER) == 0) {
        return null;
      }
      T element = roll.get((int) top - 1);
      long below = element.below & NUMBER;
      if (!element.mayLeaveAt(epoch)) {
        if (head.get() == top) {
          return null;
        }
      } else if (head.compareAndSet(top, ((top & ~NUMBER) + ONE_VERSION) | below)) {
        return element;
      }
    }
  }

  /** Takes the top off, or returns null if there is none. */
  @Nullable T pop() {
    return pop(ANY_TIME);
  }

  /** Takes everything off; returns the top, from which {@link #under} leads down, or null. */
  @Nullable T takeAll() {
    long top;
    do {
      top = head.get();
      if ((top & NUMBER) == 0) {
        return null;
      }
    } while (!head.compareAndSet(top, (top & ~NUMBER) + ONE_VERSION));
    return roll.get((int) top - 1);
  }

  /** Returns what was under an element that {@link #takeAll} took, or null if it was the last. */
  @Nullable T under(T element) {
    return element.below == 0 ? null : roll.get(element.below - 1);
  }
}
