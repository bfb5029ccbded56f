package io.caisson.collections;

import io.caisson.alloc.internal.Memory;

/**
 * Sorts the elements of a core in place, by a comparator of their indices.
 *
 * <p>Allocates nothing. O(n log n), whatever the input; not stable.
 */
final class RecordSort {

  /*
   * Source. The introsort of WordSort, over indices as in Go's package sort: the pivot stands at the
   * start of its range while the rest is divided, so that the comparator can be told where it is.
   *
   * Trust. A comparator that contradicts itself gives a wrong order and nothing worse: each scan has
   * a bound of its own. One that changes the vector is found right after it returns.
   */

  private static final long INSERTION_LIMIT = 12;

  private final VectorCore core;
  private final long stride;
  private final StructVector.IndexComparator comparator;
  private final long version;

  RecordSort(VectorCore core, long stride, StructVector.IndexComparator comparator) {
    this.core = core;
    this.stride = stride;
    this.comparator = comparator;
    this.version = core.version();
  }

  void sort() {
    long count = core.size();
    quick(0, count - 1, 2 * (Long.SIZE - Long.numberOfLeadingZeros(count)));
  }

  private int compare(long first, long second) {
    int order = comparator.compare(first, second);
    core.requireVersion(version);
    return order;
  }

  private void swap(long first, long second) {
    long a = core.at(first);
    long b = core.at(second);
    long offset = 0;
    for (; offset <= stride - Long.BYTES; offset += Long.BYTES) {
      long word = Memory.getLong(a + offset);
      Memory.putLong(a + offset, Memory.getLong(b + offset));
      Memory.putLong(b + offset, word);
    }
    for (; offset < stride; offset++) {
      byte value = Memory.getByte(a + offset);
      Memory.putByte(a + offset, Memory.getByte(b + offset));
      Memory.putByte(b + offset, value);
    }
  }

  private void quick(long low, long high, int divisions) {
    long first = low;
    long last = high;
    for (int left = divisions; last - first > INSERTION_LIMIT; left--) {
      if (left == 0) {
        heap(first, last - first + 1);
        return;
      }
      long pivot = partition(first, last);
      if (pivot - first < last - pivot) {
        quick(first, pivot - 1, left - 1);
        first = pivot + 1;
      } else {
        quick(pivot + 1, last, left - 1);
        last = pivot - 1;
      }
    }
    insert(first, last);
  }

  /** Divides a range around one of its elements, and returns where that ends up. */
  private long partition(long first, long last) {
    swap(first, median(first, first + ((last - first) >> 1), last));
    long up = first;
    long down = last + 1;
    while (true) {
      do {
        up++;
      } while (up <= last && compare(up, first) < 0);
      do {
        down--;
      } while (down > first && compare(down, first) > 0);
      if (up >= down) {
        swap(first, down);
        return down;
      }
      swap(up, down);
    }
  }

  private long median(long a, long b, long c) {
    if (compare(a, b) < 0) {
      return compare(b, c) < 0 ? b : compare(a, c) < 0 ? c : a;
    }
    return compare(a, c) < 0 ? a : compare(b, c) < 0 ? c : b;
  }

  private void insert(long first, long last) {
    for (long next = first + 1; next <= last; next++) {
      for (long i = next; i > first && compare(i - 1, i) > 0; i--) {
        swap(i - 1, i);
      }
    }
  }

  /** Sorts by heapsort; apart from quick() so that tests reach it. */
  void heap(long first, long count) {
    for (long root = (count >> 1) - 1; root >= 0; root--) {
      sift(first, root, count);
    }
    for (long end = count - 1; end > 0; end--) {
      swap(first, first + end);
      sift(first, 0, end);
    }
  }

  private void sift(long first, long from, long count) {
    long root = from;
    for (long child = 2 * root + 1; child < count; child = 2 * root + 1) {
      if (child + 1 < count && compare(first + child, first + child + 1) < 0) {
        child++;
      }
      if (compare(first + root, first + child) >= 0) {
        return;
      }
      swap(first + root, first + child);
      root = child;
    }
  }
}
