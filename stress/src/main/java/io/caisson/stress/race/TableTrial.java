package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongLongTable;
import io.caisson.collections.TinyTables;
import io.caisson.smr.ReclamationDomain;

/** A table of four cells with three keys, 1, 2 and 3, whose values are ten times as much. */
final class TableTrial {

  /** What is not there. */
  static final long ABSENT = -1;

  private final RingAllocator allocator = new RingAllocator();
  final ReclamationDomain domain = ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  final ConcurrentLongLongTable table = TinyTables.longs(allocator, domain, 4, 8);

  TableTrial() {
    for (long key = 1; key <= 3; key++) {
      table.put(key, 10 * key, ABSENT);
    }
  }

  /** Inserts a fourth key, so that the table moves on, and helps to move it. */
  void moveOn() {
    table.put(4, 40, ABSENT);
  }

  /** Returns the value of a key, or ABSENT. */
  int get(long key) {
    return (int) table.get(key, ABSENT);
  }

  /** Nobody is there: returns the number of blocks that are out and not reached. */
  int leaked() {
    domain.drain();
    return allocator.live() - TinyTables.banks(table);
  }
}
