package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import org.jspecify.annotations.NullMarked;

/**
 * Concurrent tables of bytes so small that they move on all the time, and a look at their memory.
 */
@NullMarked
public final class TinyBytesTables {

  private TinyBytesTables() {}

  private static TableShape shape(int leastSlots, int bankSlots) {
    return new TableShape((int) EntrySlot.SIZE, bankSlots, leastSlots);
  }

  /** Creates a table with so many slots at first, in banks of so many at most. */
  public static ConcurrentBytesTable bytes(
      Allocator allocator, ReclamationDomain domain, int leastSlots, int bankSlots) {
    return new ConcurrentBytesTable(allocator, domain, shape(leastSlots, bankSlots));
  }

  /** Creates a table with so many slots at first, in banks of so many at most. */
  public static ConcurrentBytesLongTable longs(
      Allocator allocator, ReclamationDomain domain, int leastSlots, int bankSlots) {
    return new ConcurrentBytesLongTable(allocator, domain, shape(leastSlots, bankSlots));
  }

  /** Checks it when nobody is in an operation, and returns how many blocks it has. */
  public static long blocks(ConcurrentBytesTable table) {
    table.checkInvariants();
    return table.core().blocks();
  }

  /** Checks it when nobody is in an operation, and returns how many blocks it has. */
  public static long blocks(ConcurrentBytesLongTable table) {
    table.checkInvariants();
    return table.core().blocks();
  }
}
