package io.caisson.collections;

import io.caisson.alloc.internal.Memory;

/**
 * Sorts integers side by side in native memory, in place.
 *
 * <p>Stateless; allocates nothing. O(n log n), whatever the input.
 */
final class WordSort {

  /*
   * Source. Introsort (Musser 1997): Hoare's quicksort with the median of three as its pivot, which
   * gives way to heapsort (Williams 1964) when it has divided too often, and to insertion for short
   * ranges. Ranges are addresses of their first and last word. The shorter part is sorted by
   * recursion, so the stack holds at most log2 n frames.
   *
   * Why the partition ends. If the median is the last word, a word not less than it stands before,
   * at which the first scan stops; so the second never stays at the end of the range.
   *
   * Doubles. Their bits, with those below the sign flipped in negative numbers, are in the order of
   * Double.compare; so they are turned, sorted as longs and turned back. NaN becomes canonical.
   */

  private static final int LONG_SHIFT = 3;
  private static final int INT_SHIFT = 2;
  private static final long INSERTION_LIMIT = 24;

  private WordSort() {}

  /** Sorts longs. */
  static void longs(long address, long count) {
    sort(address, count, LONG_SHIFT);
  }

  /** Sorts ints. */
  static void ints(long address, long count) {
    sort(address, count, INT_SHIFT);
  }

  /** Sorts doubles, as {@link Double#compare} orders them. */
  static void doubles(long address, long count) {
    turn(address, count);
    longs(address, count);
    long end = address + (count << LONG_SHIFT);
    for (long next = address; next < end; next += Long.BYTES) {
      Memory.putLong(next, turned(Memory.getLong(next)));
    }
  }

  private static void turn(long address, long count) {
    long end = address + (count << LONG_SHIFT);
    for (long next = address; next < end; next += Long.BYTES) {
      Memory.putLong(next, turned(Double.doubleToLongBits(Memory.getDouble(next))));
    }
  }

  private static long turned(long bits) {
    return bits ^ ((bits >> 63) >>> 1);
  }

  private static void sort(long address, long count, int shift) {
    if (count > 1) {
      int divisions = 2 * (Long.SIZE - Long.numberOfLeadingZeros(count));
      quick(address, address + ((count - 1) << shift), shift, divisions);
    }
  }

  private static void quick(long low, long high, int shift, int divisions) {
    long first = low;
    long last = high;
    for (int left = divisions; last - first > INSERTION_LIMIT << shift; left--) {
      if (left == 0) {
        heap(first, ((last - first) >> shift) + 1, shift);
        return;
      }
      long split = partition(first, last, shift);
      long next = split + (1L << shift);
      if (split - first < last - next) {
        quick(first, split, shift, left - 1);
        first = next;
      } else {
        quick(next, last, shift, left - 1);
        last = split;
      }
    }
    insert(first, last, shift);
  }

  /** Returns the end of a first part none of which is greater than any word after it. */
  private static long partition(long first, long last, int shift) {
    long step = 1L << shift;
    long middle = first + (((last - first) >> (shift + 1)) << shift);
    long pivot = median(load(first, shift), load(middle, shift), load(last, shift));
    long up = first;
    long down = last;
    while (true) {
      while (load(up, shift) < pivot) {
        up += step;
      }
      while (load(down, shift) > pivot) {
        down -= step;
      }
      if (up >= down) {
        return down;
      }
      swap(up, down, shift);
      up += step;
      down -= step;
    }
  }

  private static long median(long a, long b, long c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  private static void insert(long first, long last, int shift) {
    long step = 1L << shift;
    for (long next = first + step; next <= last; next += step) {
      long value = load(next, shift);
      long gap = next;
      for (; gap > first && load(gap - step, shift) > value; gap -= step) {
        store(gap, load(gap - step, shift), shift);
      }
      store(gap, value, shift);
    }
  }

  /** Sorts by heapsort; apart from quick() so that tests reach it. */
  static void heap(long address, long count, int shift) {
    for (long root = (count >> 1) - 1; root >= 0; root--) {
      sift(address, root, count, shift);
    }
    for (long end = count - 1; end > 0; end--) {
      swap(address, address + (end << shift), shift);
      sift(address, 0, end, shift);
    }
  }

  private static void sift(long address, long root, long count, int shift) {
    long value = load(address + (root << shift), shift);
    long hole = root;
    for (long child = 2 * hole + 1; child < count; child = 2 * hole + 1) {
      long chosen = load(address + (child << shift), shift);
      if (child + 1 < count) {
        long other = load(address + ((child + 1) << shift), shift);
        if (other > chosen) {
          child++;
          chosen = other;
        }
      }
      if (chosen <= value) {
        break;
      }
      store(address + (hole << shift), chosen, shift);
      hole = child;
    }
    store(address + (hole << shift), value, shift);
  }

  private static void swap(long a, long b, int shift) {
    long value = load(a, shift);
    store(a, load(b, shift), shift);
    store(b, value, shift);
  }

  private static long load(long address, int shift) {
    return shift == LONG_SHIFT ? Memory.getLong(address) : Memory.getInt(address);
  }

  private static void store(long address, long value, int shift) {
    if (shift == LONG_SHIFT) {
      Memory.putLong(address, value);
    } else {
      Memory.putInt(address, (int) value);
    }
  }
}
