package io.caisson.stress.check;

import io.caisson.collections.ConcurrentLongLongTable;
import io.caisson.collections.TinyTables;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** The table of longs, of four cells at first, three of them taken: the next key moves it on. */
public class LongTable {

  private static final long KEYS = 5;

  private final SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentLongLongTable table = TinyTables.longs(allocator, domain, 4, 8);

  /** Creates a table with three keys, one of them removed. */
  public LongTable() {
    table.put(0, 7, 0);
    table.put(1, 8, 0);
    table.put(2, 9, 0);
    table.remove(2, 0);
  }

  private static long key(long number) {
    return Math.floorMod(number, KEYS);
  }

  /** Puts. */
  @Operation
  public long put(long key, long value) {
    return table.put(key(key), value, 0);
  }

  /** Removes. */
  @Operation
  public long remove(long key) {
    return table.remove(key(key), 0);
  }

  /** Adds. */
  @Operation
  public long add(long key) {
    return table.addTo(key(key), 1);
  }

  /** Reads. */
  @Operation
  public long get(long key) {
    return table.get(key(key), 0);
  }

  /** What is out are the banks that are reached, once what was retired is freed. */
  @Validate
  public void requireNoLeak() {
    boolean drained = domain.drain();
    int banks = TinyTables.banks(table);
    if (!drained || allocator.liveBlocks() != banks) {
      throw new IllegalStateException(
          "leaked: " + allocator.liveBlocks() + " blocks are out, " + banks + " banks; " + domain);
    }
  }
}
