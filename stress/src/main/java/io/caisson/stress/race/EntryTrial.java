package io.caisson.stress.race;

import io.caisson.collections.ConcurrentBytesLongTable;
import io.caisson.collections.ConcurrentBytesTable;
import io.caisson.collections.TinyBytesTables;
import io.caisson.smr.ReclamationDomain;

/** Tables of four slots with three keys, 1, 2 and 3, whose values are ten times as much. */
final class EntryTrial {

  /** What is not there. */
  static final long ABSENT = -1;

  private static final byte[][] NAMES = {{0}, {1}, {2}, {3}, {4}, {5}};

  private final RingAllocator allocator = new RingAllocator();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  final ConcurrentBytesLongTable counts = TinyBytesTables.longs(allocator, domain, 4, 8);
  final ConcurrentBytesTable bytes = TinyBytesTables.bytes(allocator, domain, 4, 8);

  EntryTrial(boolean ofBytes) {
    for (int key = 1; key <= 3; key++) {
      if (ofBytes) {
        bytes.put(key(key), value(10 * key));
      } else {
        counts.put(key(key), 10L * key, ABSENT);
      }
    }
  }

  static byte[] key(int number) {
    return NAMES[number];
  }

  static byte[] value(int number) {
    return new byte[] {(byte) number};
  }

  /** Inserts a fourth key, so that the table moves on, and helps to move it. */
  void moveBytes() {
    bytes.put(key(4), value(40));
  }

  /** The same for the other table. */
  void moveCounts() {
    counts.put(key(4), 40, ABSENT);
  }

  /** Returns the value of a key, or ABSENT. */
  int get(int key) {
    int[] value = {(int) ABSENT};
    bytes.get(key(key), slice -> value[0] = slice.getByte(0));
    return value[0];
  }

  /** Nobody is there: returns the number of blocks that are out and not the tables'. */
  int leaked() {
    domain.drain();
    long blocks = TinyBytesTables.blocks(counts) + TinyBytesTables.blocks(bytes);
    return allocator.live() - (int) blocks;
  }
}
