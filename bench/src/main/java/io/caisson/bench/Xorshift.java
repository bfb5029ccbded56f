package io.caisson.bench;

/** The random numbers of the patterns, the same in patterns.c. */
final class Xorshift {

  static final long SEED = 0x9E3779B97F4A7C15L;

  private long state;

  Xorshift(long seed) {
    state = SEED + seed;
  }

  long next() {
    state = next(state);
    return state;
  }

  /** Returns the number after this one. */
  static long next(long number) {
    long x = number;
    x ^= x << 13;
    x ^= x >>> 7;
    x ^= x << 17;
    return x;
  }

  /** Returns a number from 0 to below a limit. */
  int next(int limit) {
    return (int) (((next() >>> 32) * limit) >>> 32);
  }
}
