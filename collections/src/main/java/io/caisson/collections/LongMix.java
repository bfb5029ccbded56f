package io.caisson.collections;

/**
 * Mixes the bits of a long so that no two longs give the same, and back.
 *
 * <p>Two multiplications by odd numbers, and between them the bytes the other way round: the first
 * brings every bit to the top byte, from where the second spreads it over all bytes above. So every
 * bit of a key reaches the bits at the top, and most reach those at the bottom.
 */
final class LongMix {

  /** 2^64 divided by the golden ratio, made odd: Knuth's multiplier. */
  private static final long FIRST = 0x9E3779B97F4A7C15L;

  private static final long SECOND = 0xD6E8FEB86659FD93L;
  private static final long FIRST_INVERSE = inverse(FIRST);
  private static final long SECOND_INVERSE = inverse(SECOND);

  private LongMix() {}

  /** Returns the number whose product with an odd number is 1, by Newton's method. */
  private static long inverse(long odd) {
    long inverse = odd; // right in the low 3 bits, and each step doubles them
    for (int bits = 3; bits < Long.SIZE; bits *= 2) {
      inverse *= 2 - odd * inverse;
    }
    return inverse;
  }

  /** Mixes a key with a seed. */
  static long mix(long key, long seed) {
    return Long.reverseBytes((key ^ seed) * FIRST) * SECOND;
  }

  /** Returns the key from which a seed makes what is given. */
  static long unmix(long mixed, long seed) {
    return (Long.reverseBytes(mixed * SECOND_INVERSE) * FIRST_INVERSE) ^ seed;
  }

  /** Returns another seed. */
  static long nextSeed(long seed) {
    return seed + FIRST;
  }
}
