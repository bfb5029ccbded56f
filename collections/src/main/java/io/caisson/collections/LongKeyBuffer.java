package io.caisson.collections;

import java.util.Arrays;

/** Keys that an iteration has seen and not yet passed on. Belongs to one thread. */
final class LongKeyBuffer {

  private long[] keys = new long[16];
  private int count;
  private int position;

  void add(long key) {
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, 2 * count);
    }
    keys[count++] = key;
  }

  /** Removes what is there twice. */
  void sortOut() {
    Arrays.sort(keys, 0, count);
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || keys[i] != keys[kept - 1]) {
        keys[kept++] = keys[i];
      }
    }
    count = kept;
  }

  boolean isEmpty() {
    return position == count;
  }

  long next() {
    return keys[position++];
  }

  void clear() {
    count = 0;
    position = 0;
  }
}
