package io.caisson.bench;

/** The random numbers of the patterns, the same in patterns.c. */
final class Xorshift {

  private long state;

  Xorshift(long seed) {
    state = 0x9E3779B97F4A7C15L + seed;
  }

  long next() {
    long x = state;
    x ^= x << 13;
    x ^= x >>> 7;
    x ^= x << 17;
    state = x;
    return x;
  }

  /** Returns a number from 0 to below a limit. */
  int next(int limit) {
    return (int) (((next() >>> 32) * limit) >>> 32);
  }
}
