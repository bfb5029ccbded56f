package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;

/** The untyped part of every open-addressing table: control bytes, slots, growth and removal. */
final class TableCore {

  /*
   * Purpose. A hash table off the heap, for slots of any fixed size, whose faces know what a slot
   * holds, how it is hashed and compared.
   *
   * Source and deviations. Control bytes probed eight at a time are those of Abseil's Swiss tables
   * and hashbrown. Unlike both, probing is linear, byte by byte from the home slot, and removal
   * shifts later entries back (Knuth, TAOCP 3, 6.4 R) instead of leaving tombstones. So a table
   * never degrades under churn and has nothing to clean up; see docs/decisions/003.
   *
   * Layout. One block, aligned to a cache line:
   *
   *   slots    capacity × stride bytes
   *   control  capacity bytes, then a copy of the first 8, so that a group may start at any of them
   *
   * capacity is a power of two, at least 8. A table without a block has mask 0 and a control address
   * at a shared group of empty bytes, so that a search needs no special case.
   *
   * Invariants.
   * I1  Between the home of an entry (hash & mask) and its slot, cyclically, no slot is empty.
   * I2  control[i] holds the tag of the entry in slot i, or is EMPTY; control[capacity + i] =
   *     control[i] for i < 8.
   * I3  size <= limit = 7/8 of the capacity: there is always an empty slot, so a search ends.
   * I4  If an entry is eight or more slots from its home, the control byte of its home says so. It
   *     may say so after the entry has moved or gone, until the slot is empty.
   *
   * Searching. A face compares its key with the slots whose tag matches, in the group of eight that
   * starts at the home slot; by I4 that is nearly always all there is to do, for misses too, however
   * full the table is. Else it goes on, group by group, to one with an empty byte. Its first look is
   * at the home slot alone: the processor then predicts the tag and fetches the slot without waiting
   * for the control byte, which saves a hit on a large table one of its two cache misses in a row.
   *
   * Failure. Growth allocates the new block before it touches the old one. Shrinking, after removal,
   * is an offer: if the allocator has no room the table stays as it is.
   */

  /** Hashes what a slot holds. */
  @FunctionalInterface
  interface SlotHash {
    /** Returns the hash of the entry in the slot at an address. */
    long hash(long slot);
  }

  private static final long BLOCK_ALIGNMENT = 64;

  private final Allocator allocator;
  private final long stride;
  private final SlotHash slotHash;
  private final TableCapacity capacities = new TableCapacity();

  /** The address of the first control byte. */
  long control = EmptyGroup.ADDRESS;

  /** The address of the first slot. */
  long slots;

  /** The capacity less 1; 0 without a block. */
  long mask;

  /** The number of entries. */
  long size;

  /** Counts what invalidates an iteration. */
  int modifications;

  private long limit;

  private boolean closed;

  /** The control bytes of every table without a block. Apart, to be made when first needed. */
  private static final class EmptyGroup {
    static final long ADDRESS = Memory.allocatePermanent(Long.BYTES, Long.BYTES);

    static {
      Memory.fill(ADDRESS, HomeGroup.SIZE, HomeGroup.EMPTY);
    }

    private EmptyGroup() {}
  }

  TableCore(Allocator allocator, long stride, SlotHash slotHash) {
    this.allocator = allocator;
    this.stride = stride;
    this.slotHash = slotHash;
  }

  // ---- what the faces search with ---------------------------------------------------------------

  /** Returns the address of a slot. */
  long slot(long index) {
    return slots + index * stride;
  }

  /** Returns the index of the first entry at or after an index, or -1. */
  long nextFull(long from) {
    return nextFull(0, from);
  }

  /**
   * Returns how far from a slot the first entry is, cyclically, of those that are at least so far;
   * or -1.
   */
  long nextFull(long start, long from) {
    for (long distance = from; distance <= mask; distance += HomeGroup.SIZE) {
      long full = HomeGroup.full(HomeGroup.load(control + ((start + distance) & mask)));
      if (full != 0) {
        long found = distance + HomeGroup.first(full);
        return found <= mask ? found : -1;
      }
    }
    return -1;
  }

  /** Returns the index of an empty slot; 0 without a block. */
  long emptySlot() {
    return firstEmpty(0);
  }

  /** Returns the number of entries that fit without growing. */
  long capacity() {
    return limit;
  }

  /** Says that a search found nothing, or a table is empty: time to ask whether it is closed. */
  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the table is closed");
    }
  }

  // ---- insertion --------------------------------------------------------------------------------

  /**
   * Takes a slot for an entry that is not there yet, and returns its address for the face to fill.
   * Throws AllocationException and changes nothing if it must grow and cannot.
   */
  long insert(long hash) {
    if (size == limit) {
      requireOpen();
      rehash(TableCapacity.of(size + 1));
    }
    size++;
    modifications++;
    return slot(occupy(hash));
  }

  /** Marks a slot for an entry, and returns its index. */
  private long occupy(long hash) {
    long home = hash & mask;
    long index = firstEmpty(home);
    setControl(index, (byte) HomeGroup.tag(hash));
    if (((index - home) & mask) >= HomeGroup.SIZE) {
      setControl(home, (byte) (Memory.getByte(control + home) | HomeGroup.PASSED));
    }
    return index;
  }

  private long firstEmpty(long home) {
    long position = home;
    while (true) {
      long empty = HomeGroup.empty(HomeGroup.load(control + position));
      if (empty != 0) {
        return (position + HomeGroup.first(empty)) & mask;
      }
      position = (position + HomeGroup.SIZE) & mask;
    }
  }

  /**
   * Gives a slot that is not empty a tag, and leaves alone what its control byte says as a home.
   */
  private void setTag(long index, long tag) {
    setControl(index, (byte) ((Memory.getByte(control + index) & HomeGroup.PASSED) | tag));
  }

  private void setControl(long index, byte value) {
    Memory.putByte(control + index, value);
    if (index < HomeGroup.SIZE) {
      Memory.putByte(control + mask + 1 + index, value);
    }
  }

  // ---- removal ----------------------------------------------------------------------------------

  /** Removes the entry in a slot, whose content the face has dealt with. */
  void removeAt(long index) {
    erase(index);
    shrinkIfSparse();
  }

  /** Removes an entry and keeps the block. Entries move up, but none over an empty slot. */
  void erase(long index) {
    setControl(closeGap(index), HomeGroup.EMPTY);
    size--;
    modifications++;
  }

  /** Offers memory back, if few slots are used. */
  void shrinkIfSparse() {
    if (capacities.isSparse(size, mask + 1) && allocator.freesIndividually()) {
      tryRehash((mask + 1) >>> 1);
    }
  }

  /** Moves entries back over a gap as long as one may, and returns where the gap ends up. */
  private long closeGap(long gap) {
    long next = gap;
    while (true) {
      next = (next + 1) & mask;
      byte source = Memory.getByte(control + next);
      if (source == HomeGroup.EMPTY) {
        return gap;
      }
      long home = slotHash.hash(slot(next)) & mask;
      if (((next - home) & mask) >= ((next - gap) & mask)) { // else it would stand before its home
        copySlot(slot(next), slot(gap));
        setTag(gap, HomeGroup.tagIn(source));
        gap = next;
      }
    }
  }

  private void copySlot(long source, long destination) {
    for (long offset = 0; offset < stride; offset += Long.BYTES) {
      Memory.putLong(destination + offset, Memory.getLong(source + offset));
    }
  }

  /** Removes every entry and keeps the block. */
  void clear() {
    requireOpen();
    modifications++;
    if (size > 0) {
      Memory.fill(control, controlByteSize(mask + 1), HomeGroup.EMPTY);
      size = 0;
    }
  }

  // ---- capacity ---------------------------------------------------------------------------------

  /** Grows, if need be, so that a number of entries fits. */
  void reserve(long entries) {
    requireOpen();
    long capacity = TableCapacity.toReserve(entries);
    if (entries > limit) {
      rehash(capacity);
    }
    capacities.keep(capacity);
  }

  /** Shrinks to the least capacity that holds what is there; without entries, frees the block. */
  void trimToSize() {
    requireOpen();
    capacities.keepNothing();
    if (size == 0) {
      release();
    } else if (TableCapacity.of(size) <= mask) {
      rehash(TableCapacity.of(size));
    }
  }

  private static long controlByteSize(long capacity) {
    return capacity + HomeGroup.SIZE;
  }

  private long blockByteSize(long capacity) {
    return Allocations.sum(Allocations.product(capacity, stride), controlByteSize(capacity));
  }

  private void rehash(long capacity) {
    if (!tryRehash(capacity)) {
      throw allocator.failure(blockByteSize(capacity), BLOCK_ALIGNMENT);
    }
  }

  private boolean tryRehash(long capacity) {
    long block = allocator.allocate(blockByteSize(capacity), BLOCK_ALIGNMENT);
    if (block == Allocator.NULL) {
      return false;
    }
    long oldSlots = slots;
    long oldControl = control;
    long oldCapacity = mask + 1;
    slots = block;
    control = block + capacity * stride;
    mask = capacity - 1;
    limit = TableCapacity.limit(capacity);
    modifications++;
    Memory.fill(control, controlByteSize(capacity), HomeGroup.EMPTY);
    if (oldSlots != Memory.NULL) {
      reinsert(oldSlots, oldControl, oldCapacity);
      allocator.free(oldSlots, blockByteSize(oldCapacity), BLOCK_ALIGNMENT);
    }
    return true;
  }

  private void reinsert(long oldSlots, long oldControl, long oldCapacity) {
    for (long position = 0; position < oldCapacity; position += HomeGroup.SIZE) {
      long full = HomeGroup.full(HomeGroup.load(oldControl + position));
      for (; full != 0; full = HomeGroup.withoutFirst(full)) {
        long source = oldSlots + (position + HomeGroup.first(full)) * stride;
        copySlot(source, slot(occupy(slotHash.hash(source))));
      }
    }
  }

  private void release() {
    if (slots != Memory.NULL) {
      allocator.free(slots, blockByteSize(mask + 1), BLOCK_ALIGNMENT);
    }
    slots = Memory.NULL;
    control = EmptyGroup.ADDRESS;
    mask = 0;
    limit = 0;
    size = 0;
    modifications++;
  }

  boolean isClosed() {
    return closed;
  }

  void close() {
    release();
    closed = true;
  }

  // ---- invariants -------------------------------------------------------------------------------

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    long entries = 0;
    for (long index = nextFull(0); index >= 0; index = nextFull(index + 1)) {
      entries++;
      long hash = slotHash.hash(slot(index));
      long home = hash & mask;
      byte byHome = Memory.getByte(control + home);
      check(
          HomeGroup.tagIn(Memory.getByte(control + index)) == HomeGroup.tag(hash),
          "I2: tag of slot " + index);
      check(
          ((index - home) & mask) < HomeGroup.SIZE || (byHome & HomeGroup.PASSED) != 0,
          "I4: slot " + index);
      for (long i = home; i != index; i = (i + 1) & mask) {
        check(Memory.getByte(control + i) != HomeGroup.EMPTY, "I1: gap before slot " + index);
      }
    }
    for (long i = 0; slots != Memory.NULL && i < HomeGroup.SIZE; i++) {
      check(
          Memory.getByte(control + i) == Memory.getByte(control + mask + 1 + i),
          "I2: copy of " + i);
    }
    check(entries == size, "size is " + size + ", but " + entries + " slots are full");
    check(size <= limit, "I3: " + size + " entries, limit " + limit);
  }

  /** Returns the sum of the distances of all entries from their homes, in slots. */
  long totalProbe() {
    long total = 0;
    for (long index = nextFull(0); index >= 0; index = nextFull(index + 1)) {
      total += (index - slotHash.hash(slot(index))) & mask;
    }
    return total;
  }

  /** Returns the greatest distance of an entry from its home, in slots. */
  long longestProbe() {
    long longest = 0;
    for (long index = nextFull(0); index >= 0; index = nextFull(index + 1)) {
      longest = Math.max(longest, (index - slotHash.hash(slot(index))) & mask);
    }
    return longest;
  }

  private static void check(boolean holds, String invariant) {
    if (!holds) {
      throw new AssertionError(invariant);
    }
  }
}
