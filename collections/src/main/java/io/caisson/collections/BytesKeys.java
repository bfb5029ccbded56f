package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The part of tables and sets that has to do with keys made of bytes: where they are, and which.
 */
final class BytesKeys {

  /*
   * Layout. The slots are BytesSlots, with a value or without. The fingerprint of a key is its hash,
   * 32 bits, above its size, 32 bits: one comparison that settles all but one miss in four billion
   * without touching the key. Growth and removal take the hash from there, so they do not read the
   * keys either.
   *
   * Each entry has a block of its own, for its key and, in a table from bytes to bytes, its value
   * right after it; none if there is no byte to keep.
   */

  private static final long KEY_ALIGNMENT = 1;

  private final Allocator allocator;
  private final boolean valuesInBlocks;
  private final long stride;
  private final long seed = ThreadLocalRandom.current().nextLong();
  private final KeyScratch scratch;

  /** The slots. */
  final TableCore core;

  /**
   * Creates an empty table.
   *
   * @param stride the size of a slot
   * @param valuesInBlocks whether the value in a slot is the size of a value that follows the key
   */
  BytesKeys(Allocator allocator, long stride, boolean valuesInBlocks) {
    this.allocator = allocator;
    this.stride = stride;
    this.scratch = new KeyScratch(allocator);
    this.valuesInBlocks = valuesInBlocks;
    core = new TableCore(allocator, stride, slot -> BytesSlot.hash(BytesSlot.fingerprint(slot)));
  }

  // ---- keys of callers --------------------------------------------------------------------------

  /** Returns the address of a key that is part of a segment, or of a copy of it. */
  long locate(MemorySegment source, long offset, long byteSize) {
    if (!source.isNative()) {
      core.requireOpen();
    }
    return scratch.locate(source, offset, byteSize);
  }

  /** Reads a key from a file, and returns its address, until the next key. */
  long read(StoreReader reader, long byteSize) {
    if (byteSize > Integer.MAX_VALUE) {
      throw new CorruptFileException(
          "a key of " + byteSize + " bytes; expected at most " + Integer.MAX_VALUE);
    }
    long address = scratch.room(byteSize);
    reader.read(address, byteSize);
    return address;
  }

  long fingerprint(long address, long byteSize) {
    return fingerprint(address, byteSize, seed);
  }

  /** Joins 32 bits of a key's hash and its size. */
  static long fingerprint(long address, long byteSize, long seed) {
    if (byteSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a key of " + byteSize + " bytes; expected at most " + Integer.MAX_VALUE);
    }
    return (Bytes.hash(address, byteSize, seed) & ~BytesSlot.SIZE_MASK) | byteSize;
  }

  // ---- searching --------------------------------------------------------------------------------

  /**
   * Returns the address of the slot of a key, or NULL; the stride is a constant of the caller's.
   */
  long find(long address, long fingerprint, long stride) {
    TableCore table = core;
    long hash = BytesSlot.hash(fingerprint);
    long tag = HomeGroup.tag(hash);
    long home = hash & table.mask;
    long group = HomeGroup.load(table.control + home);
    long slot = table.slots + home * stride;
    if (HomeGroup.tagOfHome(group) == tag && holds(slot, address, fingerprint)) {
      return slot;
    }
    return findBeyondHome(table, address, fingerprint, home, group, stride);
  }

  private static long findBeyondHome(
      TableCore table, long address, long fingerprint, long home, long homeGroup, long stride) {
    long tag = HomeGroup.tag(BytesSlot.hash(fingerprint));
    long position = home;
    long group = homeGroup;
    boolean isOnlyGroup = HomeGroup.holdsAllOfHome(group);
    while (true) {
      long found = HomeGroup.matching(group, tag);
      for (; found != 0; found = HomeGroup.withoutFirst(found)) {
        long index = (position + HomeGroup.first(found)) & table.mask;
        long slot = table.slots + index * stride;
        if (holds(slot, address, fingerprint)) {
          return slot;
        }
      }
      if (isOnlyGroup || HomeGroup.empty(group) != 0) {
        return Memory.NULL;
      }
      position = (position + HomeGroup.SIZE) & table.mask;
      group = HomeGroup.load(table.control + position);
    }
  }

  private static boolean holds(long slot, long address, long fingerprint) {
    return BytesSlot.fingerprint(slot) == fingerprint
        && Bytes.equal(BytesSlot.keyAddress(slot), address, fingerprint & BytesSlot.SIZE_MASK);
  }

  // ---- entries ----------------------------------------------------------------------------------

  /**
   * Takes a slot and a block for a key that is not there yet, and returns the slot, whose value the
   * face has to set. Throws and changes nothing if it cannot.
   *
   * @param value what follows the key in the block
   */
  long insert(long address, long fingerprint, MemorySegment value) {
    core.requireOpen();
    long byteSize = fingerprint & BytesSlot.SIZE_MASK;
    long block = copyToBlock(address, byteSize, value);
    long slot;
    try {
      slot = core.insert(BytesSlot.hash(fingerprint));
    } catch (RuntimeException | Error e) {
      freeBlock(block, byteSize + value.byteSize());
      throw e;
    }
    BytesSlot.setKey(slot, block, fingerprint);
    return slot;
  }

  /** Makes the block of an entry; none for nothing. */
  long copyToBlock(long address, long byteSize, MemorySegment value) {
    long blockByteSize = Allocations.sum(byteSize, value.byteSize());
    if (blockByteSize == 0) {
      return Memory.NULL;
    }
    long block = Allocations.allocate(allocator, blockByteSize, KEY_ALIGNMENT);
    Memory.copy(address, block, byteSize);
    try {
      Memory.copyFrom(value, 0, block + byteSize, value.byteSize());
    } catch (RuntimeException | Error e) { // it is closed, for one
      freeBlock(block, blockByteSize);
      throw e;
    }
    return block;
  }

  private void freeBlock(long block, long byteSize) {
    if (byteSize != 0) {
      allocator.free(block, byteSize, KEY_ALIGNMENT);
    }
  }

  /** Frees the block of the entry in a slot, which is to be removed. */
  void freeBlockOf(long slot) {
    long valueByteSize = valuesInBlocks ? BytesSlot.value(slot) : 0;
    freeBlock(BytesSlot.keyAddress(slot), BytesSlot.keyByteSize(slot) + valueByteSize);
  }

  /** Removes the entry in a slot and frees its block. */
  void remove(long slot) {
    freeBlockOf(slot);
    core.removeAt((slot - core.slots) / stride);
  }

  /** Removes the entry at which a walk is, and frees its block. */
  void remove(TableWalk walk) {
    freeBlockOf(walk.slot());
    walk.remove();
  }

  // ---- the whole table --------------------------------------------------------------------------

  void clear() {
    core.requireOpen();
    freeBlocks();
    core.clear();
  }

  private void freeBlocks() {
    for (long index = core.nextFull(0); index >= 0; index = core.nextFull(index + 1)) {
      freeBlockOf(core.slot(index));
    }
  }

  void trimToSize() {
    core.trimToSize();
    scratch.free();
  }

  void close() {
    freeBlocks();
    scratch.free();
    core.close();
  }

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    core.checkInvariants();
    for (long index = core.nextFull(0); index >= 0; index = core.nextFull(index + 1)) {
      long slot = core.slot(index);
      long fingerprint = fingerprint(BytesSlot.keyAddress(slot), BytesSlot.keyByteSize(slot));
      if (fingerprint != BytesSlot.fingerprint(slot)) {
        throw new AssertionError("slot " + index + " has not the fingerprint of its key");
      }
    }
  }
}
