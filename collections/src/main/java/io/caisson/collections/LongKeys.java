package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Hashes keys that are longs, and finds them in slots that start with their key.
 *
 * <p>Has a seed, which differs from table to table, so that filling one in the order of another
 * does not crowd its entries together.
 */
final class LongKeys {

  /** 2^64 divided by the golden ratio, made odd: Knuth's multiplier. */
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final long seed = Memory.SIMULATED ? 0 : ThreadLocalRandom.current().nextLong();

  long hash(long key) {
    long mixed = key ^ seed;
    // Every bit reaches every one, but the low ones, which are the slot, much as they were.
    long folded = (mixed * MULTIPLIER) ^ Math.multiplyHigh(mixed, MULTIPLIER);
    // So once more: else keys that follow one another lie 6 slots off, with some seeds 14, not 3.5.
    long mixedAgain = folded * MULTIPLIER;
    return mixedAgain ^ (mixedAgain >>> 32);
  }

  /** Returns the index of the slot of a key, or -1; the stride is a constant of the caller's. */
  static long find(TableCore table, long key, long hash, long stride) {
    long home = hash & table.mask;
    long tag = HomeGroup.tag(hash);
    long group = HomeGroup.load(table.control + home);
    if (HomeGroup.tagOfHome(group) == tag && Memory.getLong(table.slots + home * stride) == key) {
      return home;
    }
    return findBeyondHome(table, key, tag, home, group, stride);
  }

  private static long findBeyondHome(
      TableCore table, long key, long tag, long home, long homeGroup, long stride) {
    long position = home;
    long group = homeGroup;
    boolean isOnlyGroup = HomeGroup.holdsAllOfHome(group);
    while (true) {
      long found = HomeGroup.matching(group, tag);
      for (; found != 0; found = HomeGroup.withoutFirst(found)) {
        long index = (position + HomeGroup.first(found)) & table.mask;
        if (Memory.getLong(table.slots + index * stride) == key) {
          return index;
        }
      }
      if (isOnlyGroup || HomeGroup.empty(group) != 0) {
        return -1;
      }
      position = (position + HomeGroup.SIZE) & table.mask;
      group = HomeGroup.load(table.control + position);
    }
  }
}
