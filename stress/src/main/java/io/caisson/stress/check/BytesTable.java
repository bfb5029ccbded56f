package io.caisson.stress.check;

import io.caisson.collections.ConcurrentBytesTable;
import io.caisson.collections.TinyBytesTables;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** The table of bytes, of four slots at first, three of them taken: the next key moves it on. */
public class BytesTable {

  private static final int KEYS = 4;
  private static final byte[][] NAMES = {{'a'}, {'b'}, {'c'}, {'d'}};

  private final SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentBytesTable table = TinyBytesTables.bytes(allocator, domain, 4, 8);

  /** Creates a table with three keys, one of them removed. */
  public BytesTable() {
    table.put(NAMES[0], NAMES[1]);
    table.put(NAMES[1], NAMES[2]);
    table.put(NAMES[2], NAMES[3]);
    table.remove(NAMES[2]);
  }

  private static byte[] name(int number) {
    return NAMES[Math.floorMod(number, KEYS)];
  }

  /** Puts. */
  @Operation
  public boolean put(int key, int value) {
    return table.put(name(key), name(value));
  }

  /** Inserts. */
  @Operation
  public boolean putIfAbsent(int key, int value) {
    return table.putIfAbsent(name(key), name(value));
  }

  /** Removes. */
  @Operation
  public boolean remove(int key) {
    return table.remove(name(key));
  }

  /** Reads in place. */
  @Operation
  public int get(int key) {
    int[] value = {0};
    table.get(name(key), bytes -> value[0] = bytes.getByte(0));
    return value[0];
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
