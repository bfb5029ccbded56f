package io.caisson.smr;

/**
 * Where a guard is pinned, in one word: the index of its slot, or, negative, the overflow counter
 * that it entered and the local that it took along.
 */
final class Place {

  /*
   * Layout of an overflow place. 11 | number of the local << 16 | stripe << 2 | epoch & 3. Two
   * bits of the epoch do: while the counter holds it back, the epoch is at most one step on.
   */

  /** No place: the domain is closed. */
  static final long NONE = Long.MIN_VALUE;

  private static final int LOCAL_SHIFT = 16;
  private static final int STRIPE_SHIFT = 2;
  private static final int STRIPE_LIMIT = 1 << (LOCAL_SHIFT - STRIPE_SHIFT);
  private static final int LOCAL_LIMIT = 1 << 30;

  private Place() {}

  static boolean isSlot(long place) {
    return place >= 0;
  }

  static int slot(long place) {
    return (int) place;
  }

  static long overflow(int stripe, int counter) {
    assert stripe < STRIPE_LIMIT;
    return Long.MIN_VALUE | (1L << 62) | ((long) stripe << STRIPE_SHIFT) | counter;
  }

  static int stripe(long place) {
    return (int) (place >>> STRIPE_SHIFT) & (STRIPE_LIMIT - 1);
  }

  static int counter(long place) {
    return (int) place & (SharedWords.COUNTERS - 1);
  }

  static long withCounter(long place, int counter) {
    return (place & ~(SharedWords.COUNTERS - 1L)) | counter;
  }

  static long withLocal(long place, int local) {
    assert local < LOCAL_LIMIT;
    return place | ((long) local << LOCAL_SHIFT);
  }

  static int local(long place) {
    return (int) (place >>> LOCAL_SHIFT) & (LOCAL_LIMIT - 1);
  }
}
