package io.caisson.collections;

import java.util.concurrent.ThreadLocalRandom;

/** Hashes encoded records, and finds them in slots that start with their key. */
final class RecordKeys {

  private final long seed = ThreadLocalRandom.current().nextLong();
  private final long keyByteSize;
  private final long stride;

  RecordKeys(long keyByteSize, long stride) {
    this.keyByteSize = keyByteSize;
    this.stride = stride;
  }

  long hash(long key) {
    return Bytes.hash(key, keyByteSize, seed);
  }

  /** Returns the index of the slot of a key, or -1. */
  long find(TableCore table, long key, long hash) {
    long tag = HomeGroup.tag(hash);
    long position = hash & table.mask;
    long group = HomeGroup.load(table.control + position);
    boolean isOnlyGroup = HomeGroup.holdsAllOfHome(group);
    while (true) {
      long found = HomeGroup.matching(group, tag);
      for (; found != 0; found = HomeGroup.withoutFirst(found)) {
        long index = (position + HomeGroup.first(found)) & table.mask;
        if (Bytes.equal(table.slots + index * stride, key, keyByteSize)) {
          return index;
        }
      }
      if (isOnlyGroup || HomeGroup.empty(group) != 0) {
        return -1;
      }
      position = (position + HomeGroup.SIZE) & table.mask;
      group = HomeGroup.load(table.control + position);
    }
  }

  /** Throws AssertionError if a key is in the table twice. */
  void checkUnique(TableCore table) {
    for (long index = table.nextFull(0); index >= 0; index = table.nextFull(index + 1)) {
      long key = table.slot(index);
      if (find(table, key, hash(key)) != index) {
        throw new AssertionError("the key of slot " + index + " is found elsewhere");
      }
    }
  }
}
