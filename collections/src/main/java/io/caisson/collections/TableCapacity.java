package io.caisson.collections;

/** How many slots a table with open addressing has, a power of two, and how many may be used. */
final class TableCapacity {

  /** The least number of slots. */
  static final long MIN = 8;

  private static final long MAX = 1L << 48;

  /** A table shrinks when no more than one slot in this many is used. */
  private static final long SHRINK_RATIO = 8;

  private static final long SHRINK_FLOOR = 64;

  /** The capacity below which removal does not shrink, for it was reserved. */
  private long floor = SHRINK_FLOOR;

  TableCapacity() {}

  /** Returns how many of a number of slots may be used: 7/8. */
  static long limit(long capacity) {
    return capacity - capacity / 8;
  }

  /** Returns the least capacity for a number of entries. */
  static long of(long entries) {
    if (entries > limit(MAX)) {
      throw new IllegalArgumentException(entries + " entries; a table holds at most " + limit(MAX));
    }
    long capacity = Math.max(MIN, Long.highestOneBit(entries) << 1);
    return limit(capacity) >= entries ? capacity : capacity << 1;
  }

  /** Returns the least capacity for a number of entries that a caller reserves. */
  static long toReserve(long entries) {
    if (entries < 0) {
      throw new IllegalArgumentException("reserve(" + entries + "); expected at least 0");
    }
    return of(entries);
  }

  /** Keeps a capacity, once it is there, from being given back after removals. */
  void keep(long capacity) {
    floor = Math.max(floor, capacity);
  }

  /** Keeps nothing any more. */
  void keepNothing() {
    floor = SHRINK_FLOOR;
  }

  /** Says whether so few slots are used that half of them should be given back. */
  boolean isSparse(long entries, long capacity) {
    return entries * SHRINK_RATIO < capacity && capacity > floor;
  }
}
