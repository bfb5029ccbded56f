package io.caisson.stress.check;

import io.caisson.collections.ConcurrentBytesLongTable;
import io.caisson.collections.TinyBytesTables;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** The table of counts, of four slots at first, three of them taken: the next key moves it on. */
public class BytesLongTable {

  private static final int KEYS = 4;
  private static final byte[][] NAMES = {{'a'}, {'b'}, {'c'}, {'d'}};

  private final SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentBytesLongTable table = TinyBytesTables.longs(allocator, domain, 4, 8);

  /** Creates a table with three keys, one of them removed. */
  public BytesLongTable() {
    table.put(NAMES[0], 7, 0);
    table.put(NAMES[1], 8, 0);
    table.put(NAMES[2], 9, 0);
    table.remove(NAMES[2], 0);
  }

  private static byte[] key(int number) {
    return NAMES[Math.floorMod(number, KEYS)];
  }

  /** Counts. */
  @Operation
  public long add(int key) {
    return table.addTo(key(key), 1);
  }

  /** Removes. */
  @Operation
  public long remove(int key) {
    return table.remove(key(key), 0);
  }

  /** Puts. */
  @Operation
  public long put(int key, int value) {
    return table.put(key(key), value, 0);
  }

  /** Reads. */
  @Operation
  public long get(int key) {
    return table.get(key(key), 0);
  }

  /** What is out is what the table has, once what was retired is freed. */
  @Validate
  public void requireNoLeak() {
    boolean drained = domain.drain();
    long blocks = TinyBytesTables.blocks(table);
    if (!drained || allocator.liveBlocks() != blocks) {
      throw new IllegalStateException(
          "leaked: " + allocator.liveBlocks() + " blocks are out, not " + blocks + "; " + domain);
    }
  }
}
