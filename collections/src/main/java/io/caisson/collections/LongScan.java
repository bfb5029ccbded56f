package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;

/**
 * Walks over the entries of a skip list whose keys are words, from one end of a range to the other,
 * and copies some of them ahead, so that no guard is open between two steps. Not thread-safe.
 */
final class LongScan {

  /** The most entries copied at once. */
  private static final int CHUNK = 64;

  /** Walking down begins at a node of this level, which is some 16 entries before the last. */
  private static final int LEVEL_BEFORE = 2;

  private final SkipListCore core;
  private final long least;
  private final long most;
  private final boolean descending;
  private final long[] keys = new long[CHUNK];
  private final long[] values = new long[CHUNK];
  private int at = -1;
  private int copied;

  /** The next key that may be met. */
  private long position;

  /** Whether there may be more than what is copied. */
  private boolean more;

  LongScan(SkipListCore core, long least, long most, boolean descending) {
    core.requireOpen();
    this.core = core;
    this.least = least;
    this.most = most;
    this.descending = descending;
    restart();
  }

  /** Goes back before the first entry. */
  void restart() {
    at = -1;
    copied = 0;
    position = descending ? most : least;
    more = least <= most;
  }

  boolean next() {
    if (at + 1 < copied) {
      at++;
      return true;
    }
    at = -1;
    copied = 0;
    while (more && copied == 0) {
      if (descending) {
        copyBackwards();
      } else {
        copyForwards();
      }
    }
    at = copied > 0 ? 0 : -1;
    return copied > 0;
  }

  long key() {
    return keys[index()];
  }

  long value() {
    return values[index()];
  }

  private int index() {
    if (at < 0) {
      throw new IllegalStateException("at no entry; call next() first");
    }
    return at;
  }

  private void copyForwards() {
    try (Guard guard = core.pin()) {
      long head = core.head(guard);
      long node = SkipListCore.next(head, position, null, SkipListCore.BEFORE);
      while (copied < CHUNK && node != Memory.NULL && SkipNode.word(node) <= most) {
        copy(node, copied);
        node = SkipListCore.behind(node);
      }
    }
    goOnFrom(copied < CHUNK || keys[copied - 1] == most, copied > 0 ? keys[copied - 1] + 1 : most);
  }

  private void goOnFrom(boolean end, long next) {
    more = !end;
    position = next;
  }

  /** Copies an entry to a place, if it lives. */
  private void copy(long node, int to) {
    long value = SkipNode.value(node); // A2
    if (value != ValueWord.DEAD) {
      keys[to] = SkipNode.word(node);
      values[to] = ValueWord.value(value);
      copied++;
    }
  }

  /** Copies the last entries up to the position, going forwards from some way before. */
  private void copyBackwards() {
    long begin;
    int met;
    try (Guard guard = core.pin()) {
      long head = core.head(guard);
      long before = SkipListCore.search(head, position, null, SkipListCore.BEFORE, LEVEL_BEFORE, 0);
      boolean atHead = before == head;
      begin = atHead ? Long.MIN_VALUE : SkipNode.word(before);
      long node = atHead ? SkipListCore.behind(head) : before;
      while (node != Memory.NULL && SkipNode.word(node) <= position) {
        if (SkipNode.word(node) >= least) {
          copy(node, copied % CHUNK);
        }
        node = SkipListCore.behind(node);
      }
      met = copied;
    }
    copied = Math.min(met, CHUNK);
    turn(met);
    boolean all = met <= CHUNK;
    long last = all ? begin : keys[copied - 1];
    goOnFrom(last <= least, last - 1);
  }

  /** Puts what was copied round and round, so many entries in all, into descending order. */
  private void turn(int met) {
    if (met > CHUNK) {
      reverse(0, met % CHUNK);
      reverse(met % CHUNK, CHUNK);
    } else {
      reverse(0, met);
    }
  }

  private void reverse(int from, int to) {
    for (int low = from, high = to - 1; low < high; low++, high--) {
      swap(keys, low, high);
      swap(values, low, high);
    }
  }

  private static void swap(long[] words, int a, int b) {
    long word = words[a];
    words[a] = words[b];
    words[b] = word;
  }
}
