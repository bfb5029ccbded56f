package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.SlabAllocator;
import io.caisson.collections.BytesLongTable;
import io.caisson.collections.BytesSet;
import io.caisson.collections.LongLongTable;
import io.caisson.collections.LongSet;

/**
 * Shows the code that collections share other types and allocators than those that are measured.
 */
final class Pollution {

  private static final int ENTRIES = 20_000;

  private Pollution() {}

  /** Exercises every kind of table over several allocators. */
  static void ofTables() {
    try (AccountedAllocator system = Allocators.system();
        SlabAllocator slab = new SlabAllocator(system);
        ArenaAllocator arena = new ArenaAllocator(system, "pollution", 1 << 16)) {
      for (Allocator allocator : new Allocator[] {system, slab, arena}) {
        for (int round = 0; round < 5; round++) {
          exercise(allocator);
        }
      }
    }
  }

  private static void exercise(Allocator allocator) {
    try (LongLongTable longs = new LongLongTable(allocator);
        LongSet set = new LongSet(allocator);
        BytesLongTable bytes = new BytesLongTable(allocator);
        BytesSet bytesSet = new BytesSet(allocator)) {
      byte[] key = new byte[12];
      for (int i = 0; i < ENTRIES; i++) {
        key[i % key.length]++;
        longs.put(i, i, 0);
        set.add(i * 3L);
        bytes.addTo(key, 1);
        bytesSet.add(key);
        if (!set.contains(i * 3L) || longs.get(i, -1) != i || bytes.get(key, 0) == 0) {
          throw new AssertionError("entry " + i);
        }
        longs.remove(i / 3, 0);
      }
    }
  }
}
