package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Hashes keys that are longs.
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
}
