package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Concurrent tables so small that they move on all the time, and a look at their memory. */
@NullMarked
public final class TinyTables {

  private TinyTables() {}

  /** Creates a table with so many cells at first, in banks of so many at most. */
  public static ConcurrentLongLongTable longs(
      Allocator allocator, ReclamationDomain domain, int leastCells, int bankCells) {
    return new ConcurrentLongLongTable(
        allocator,
        domain,
        new TableShape(LongLongCell.SIZE, bankCells, leastCells),
        LongLongCell.RESERVED);
  }

  /** Checks it when nobody is in an operation, and returns how many banks it has. */
  public static int banks(ConcurrentLongLongTable table) {
    table.checkInvariants();
    int banks = 0;
    for (@Nullable Generation at = table.cells().current(); at != null; at = at.next()) {
      for (int bank = 0; bank < at.banks; bank++) {
        banks += at.bank(bank) > 0 ? 1 : 0;
      }
    }
    return banks;
  }
}
