package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import java.util.concurrent.ThreadLocalRandom;

/** The part of tables and sets whose keys are longs that has to do with keys: their slots. */
final class LongTableCore {

  /*
   * Purpose. A hash table off the heap whose slots are a long, the key, or that and another, the value.
   *
   * Source and deviations. Linear probing in order (Amble and Knuth, Ordered hash tables, 1974): a
   * key is mixed one to one, the mixed key is what a slot holds, and the slots are in its order. So
   * a search knows that a key is not there once it has met a greater one; what it reads is the home
   * slot and a few after it, mostly of one cache line. Removal moves later entries back and leaves
   * no mark. Neither ever hashes an entry again, nor does growth: it reads one table and writes the
   * other from start to end.
   *
   * In cache, what costs is to guess wrongly where a search ends. So up to TAGGED_CAPACITY slots have
   * a byte each beside them, eight looked at at once, as in Swiss tables. See docs/decisions/023.
   *
   * Layout. One block, aligned to a cache line:
   *
   *   slots  capacity × stride bytes
   *   tags   capacity + 8 bytes, in a table of up to TAGGED_CAPACITY slots
   *
   * capacity is a power of two, at least 8. A table without a block has capacity 0 and the tags of a
   * group of empty slots, so that a search needs no special case.
   *
   * Invariants.
   * I1  The mixed keys of the slots that are not empty ascend. EMPTY is greater than all of them.
   * I2  Between the home of an entry and its slot no slot is empty; it is not before its home. Homes
   *     are where the top bits of a mixed key say, but not after lastHome.
   * I3  The last slot is empty: a search ends there. size <= limit = 7/8 of the capacity, so
   *     another slot is empty too before an insertion.
   * I4  A tag has the low bits of the mixed key in its slot, or is EMPTY; so are the last 8.
   *
   * The end. Entries do not wrap around it, or they would not be in order. If an insertion fills the
   * last slot, all entries are spread anew, those near the end so far before their homes that some
   * slots there are empty; where they start is the last home. If removals leave three times that
   * room they are spread again, and it moves back up. That is O(capacity), but only one change in
   * the capacity touches the end, and few of those cross a bound. A last home that only moved
   * down was tried: under removal and insertion in a table of 1024 slots, 7/8 full, the mean
   * distance from home rose to 75 slots.
   *
   * EMPTY is the mixed form of one key. If it is inserted, the table is rebuilt with another seed.
   *
   * Failure. Growth allocates before it touches anything. Shrinking, after removal, is an offer.
   */

  /** What an empty slot holds in place of a mixed key. */
  static final long EMPTY = Long.MAX_VALUE;

  /** The greatest capacity of a table with tags: with slots of 16 bytes it takes 2 MiB. */
  static final long TAGGED_CAPACITY = 1L << 17;

  private static final long BLOCK_ALIGNMENT = 64;
  private static final long TAG_BITS = 0x7f;

  /** How many slots at the end are left empty, or less in a small table. */
  private static final long MOST_ROOM = 4;

  private final Allocator allocator;
  private final long stride;
  private final int strideShift;
  private final boolean hasValues;
  private final long taggedCapacity;
  private final TableCapacity capacities = new TableCapacity();

  /** The address of the first slot. */
  long slots;

  /** The address of the first tag; NULL if there are none. */
  private long tags = EmptyGroup.ADDRESS;

  /** The number of slots; 0 without a block. */
  private long capacity;

  /** How far to shift a mixed key for its home. */
  private int homeShift = Long.SIZE - 1;

  private long lastHome;

  /** Differs from table to table, so that none is filled in the order of another. */
  private long seed = Memory.SIMULATED ? 0 : ThreadLocalRandom.current().nextLong();

  /** The number of entries. */
  long size;

  /** Counts what invalidates an iteration. */
  int modifications;

  private long limit;
  private boolean closed;

  /** The tags of every table without a block. Apart, to be made when first needed. */
  private static final class EmptyGroup {
    static final long ADDRESS = Memory.allocatePermanent(Long.BYTES, Long.BYTES);

    static {
      Memory.fill(ADDRESS, Group.SIZE, Group.EMPTY);
    }

    private EmptyGroup() {}
  }

  /** Creates an empty table; slots of 8 bytes are keys, those of 16 bytes have a value too. */
  LongTableCore(Allocator allocator, long stride, long taggedCapacity) {
    this.allocator = allocator;
    this.stride = stride;
    this.strideShift = Long.numberOfTrailingZeros(stride);
    this.hasValues = stride > Long.BYTES;
    this.taggedCapacity = taggedCapacity;
  }

  // ---- keys and slots ---------------------------------------------------------------------------

  /** Returns what a slot holds in place of a key. */
  long mix(long key) {
    return LongMix.mix(key, seed);
  }

  /** Returns the key of the entry in the slot at an address. */
  long key(long slot) {
    return LongMix.unmix(mixedAt(slot), seed);
  }

  private static long mixedAt(long slot) {
    return Memory.getLong(slot);
  }

  /** Returns where the search for a mixed key starts. */
  private long home(long mixed) {
    return Math.min((mixed ^ Long.MIN_VALUE) >>> homeShift, lastHome);
  }

  private static long tag(long mixed) {
    return mixed & TAG_BITS;
  }

  /** Returns the address of a slot. */
  long slot(long index) {
    return slots + (index << strideShift);
  }

  private long index(long slot) {
    return (slot - slots) >>> strideShift;
  }

  private boolean hasTags() {
    return tags != Memory.NULL;
  }

  // ---- searching --------------------------------------------------------------------------------

  /**
   * Returns the address of the slot of a mixed key, or NULL; the stride is a constant of the
   * caller's.
   */
  static long find(LongTableCore table, long mixed, long stride) {
    long home = table.home(mixed);
    long tags = table.tags;
    long slot = table.slots + home * stride;
    if (tags != Memory.NULL) {
      long found = Group.matching(Group.load(tags + home), tag(mixed));
      if (found != 0) {
        long candidate = slot + Group.first(found) * stride;
        if (mixedAt(candidate) == mixed) {
          return candidate;
        }
      }
      // Neither this nor the rest is a method of its own: a call that is rare is not inlined, and
      // for its sake a caller's loop keeps in memory what it has in registers.
      long last = home + Group.SIZE - 1;
      if (Group.withoutFirst(found) == 0
          && (last >= table.capacity || mixedAt(table.slots + last * stride) > mixed)) {
        return Memory.NULL;
      }
    }
    while (mixedAt(slot) < mixed) {
      slot += stride;
    }
    return mixedAt(slot) == mixed && mixed != EMPTY ? slot : Memory.NULL;
  }

  /** Returns the index of the first entry at or after an index, or -1. */
  long nextFull(long from) {
    return hasTags() ? nextTagged(from) : nextInOrder(from);
  }

  private long nextTagged(long from) {
    for (long index = from; index < capacity; index += Group.SIZE) {
      long full = Group.full(Group.load(tags + index));
      if (full != 0) {
        return index + Group.first(full);
      }
    }
    return -1;
  }

  private long nextInOrder(long from) {
    for (long index = from; index < capacity; index++) {
      if (mixedAt(slot(index)) != EMPTY) {
        return index;
      }
    }
    return -1;
  }

  /** Returns the number of entries that fit without growing. */
  long capacity() {
    return limit;
  }

  /** Asks whether the table is closed, once a search found nothing or it is empty. */
  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the table is closed");
    }
  }

  // ---- insertion --------------------------------------------------------------------------------

  /**
   * Makes a slot for a mixed key that is not there yet, and returns its address for the face to
   * complete. Throws AllocationException and changes nothing if it must allocate and cannot.
   */
  long insert(long mixed) {
    requireOpen();
    long inserted = mixed == EMPTY ? reseed(mixed) : mixed;
    if (size == limit) {
      rehash(TableCapacity.of(size + 1));
    }
    size++;
    modifications++;
    return open(inserted);
  }

  private long open(long mixed) {
    long slot = firstNotBefore(mixed);
    long end = insertAt(slot, mixed);
    if (hasTags()) {
      Group.insert(tags + index(slot), tag(mixed));
    }
    if (end < slot(capacity - 1)) {
      return slot;
    }
    spread();
    return firstNotBefore(mixed);
  }

  /** Returns the address of the first slot that holds no lesser mixed key. */
  private long firstNotBefore(long mixed) {
    long home = home(mixed);
    long slot = slot(home);
    if (home + 4 < capacity) { // without branches, for they would be guessed wrongly
      long high = mixed >> 1;
      long before = isBelow(slot, high) + isBelow(slot + stride, high);
      before += isBelow(slot + 2 * stride, high) + isBelow(slot + 3 * stride, high);
      slot += before << strideShift;
    }
    while (mixedAt(slot) < mixed) {
      slot += stride;
    }
    return slot;
  }

  /** Returns 1 if the high 63 bits of what a slot holds are less than those given, else 0. */
  private static long isBelow(long slot, long high) {
    return ((mixedAt(slot) >> 1) - high) >>> (Long.SIZE - 1);
  }

  /** Puts a mixed key into a slot and moves what was there, and on to an empty slot, up by one. */
  private long insertAt(long slot, long mixed) {
    long at = slot;
    long moving = mixed;
    long movingValue = 0;
    while (true) {
      long next = mixedAt(at);
      Memory.putLong(at, moving);
      if (hasValues) {
        long nextValue = Memory.getLong(at + Long.BYTES);
        Memory.putLong(at + Long.BYTES, movingValue);
        movingValue = nextValue;
      }
      if (next == EMPTY) {
        return at;
      }
      moving = next;
      at += stride;
    }
  }

  /** Gives every entry its best place again and the end some room. O(capacity), and seldom. */
  private void spread() {
    long first = slot(capacity);
    for (long slot = first - stride; slot >= slots; slot -= stride) {
      if (mixedAt(slot) != EMPTY) {
        first -= stride;
        moveSlot(slot, first);
      }
    }
    if (hasTags()) {
      Memory.fill(tags, capacity + Group.SIZE, Group.EMPTY);
    }
    lastHome = capacity - 1;
    refill(first);
  }

  /** Returns how many slots are left empty at the end when entries have to move away from it. */
  private long room() {
    return Math.min(MOST_ROOM, (capacity - 1 - size) / 4);
  }

  private void moveSlot(long source, long destination) {
    if (source != destination) {
      copySlot(source, destination);
      Memory.putLong(source, EMPTY);
    }
  }

  // ---- removal ----------------------------------------------------------------------------------

  /** Removes the entry in a slot. */
  void removeAt(long slot) {
    long index = erase(slot);
    boolean isNearEnd = index >= lastHome && lastHome < capacity - 1;
    if (isNearEnd && index + 3 * room() < capacity) {
      spread();
    }
    shrinkIfSparse();
  }

  /**
   * Removes an entry and keeps the block. Those after it that are not at home move down by one.
   *
   * @return the index of the slot that is empty now
   */
  long erase(long slot) {
    long at = slot;
    long next = at + stride;
    while (isAwayFromHome(next)) {
      copySlot(next, at);
      at = next;
      next += stride;
    }
    Memory.putLong(at, EMPTY);
    if (hasTags()) {
      Group.remove(tags + index(slot), index(at) - index(slot));
    }
    size--;
    modifications++;
    return index(at);
  }

  private boolean isAwayFromHome(long slot) {
    long mixed = mixedAt(slot);
    return mixed != EMPTY && slot(home(mixed)) < slot;
  }

  /** Offers memory back, if few slots are used. */
  void shrinkIfSparse() {
    if (capacities.isSparse(size, capacity) && allocator.freesIndividually()) {
      tryRehash(capacity >>> 1);
    }
  }

  /** Removes every entry and keeps the block. */
  void clear() {
    requireOpen();
    modifications++;
    if (size > 0) {
      size = 0;
      makeEmpty();
    }
  }

  // ---- capacity ---------------------------------------------------------------------------------

  /** Grows, if need be, so that a number of entries fits. */
  void reserve(long entries) {
    requireOpen();
    long needed = TableCapacity.toReserve(entries);
    if (entries > limit) {
      rehash(needed);
    }
    capacities.keep(needed);
  }

  /** Shrinks to the least capacity that holds what is there; without entries, frees the block. */
  void trimToSize() {
    requireOpen();
    capacities.keepNothing();
    if (size == 0) {
      release();
    } else if (TableCapacity.of(size) < capacity) {
      rehash(TableCapacity.of(size));
    }
  }

  private long blockByteSize(long slotCount) {
    long slotBytes = Allocations.product(slotCount, stride);
    return slotCount <= taggedCapacity ? slotBytes + slotCount + Group.SIZE : slotBytes;
  }

  private void rehash(long newCapacity) {
    if (!tryRehash(newCapacity)) {
      throw allocator.failure(blockByteSize(newCapacity), BLOCK_ALIGNMENT);
    }
  }

  private boolean tryRehash(long newCapacity) {
    long block = allocator.allocate(blockByteSize(newCapacity), BLOCK_ALIGNMENT);
    if (block == Allocator.NULL) {
      return false;
    }
    long oldSlots = slots;
    long oldCapacity = capacity;
    use(block, newCapacity);
    if (oldCapacity > 0) {
      refill(oldSlots);
      allocator.free(oldSlots, blockByteSize(oldCapacity), BLOCK_ALIGNMENT);
    }
    return true;
  }

  /** Makes a block the table's, with empty slots. */
  private void use(long block, long newCapacity) {
    slots = block;
    capacity = newCapacity;
    homeShift = Long.SIZE - Long.numberOfTrailingZeros(newCapacity);
    tags = newCapacity <= taggedCapacity ? block + newCapacity * stride : Memory.NULL;
    limit = TableCapacity.limit(newCapacity);
    modifications++;
    makeEmpty();
  }

  private void makeEmpty() {
    long end = slot(capacity);
    for (long slot = slots; slot < end; slot += stride) {
      Memory.putLong(slot, EMPTY);
    }
    if (hasTags()) {
      Memory.fill(tags, capacity + Group.SIZE, Group.EMPTY);
    }
    lastHome = capacity - 1;
  }

  /** Moves entries that are in order to where they belong, or before it if the end is near. */
  private void refill(long oldSlots) {
    long rest = size;
    long next = 0;
    long end = capacity - 1 - room();
    for (long source = oldSlots; rest > 0; source += stride) {
      long mixed = mixedAt(source);
      if (mixed != EMPTY) {
        long latest = end - rest--;
        long index = Math.max(next, home(mixed));
        if (index > latest) {
          index = latest;
          lastHome = latest;
        }
        moveSlot(source, slot(index));
        if (hasTags()) {
          Memory.putByte(tags + index, (byte) tag(mixed));
        }
        next = index + 1;
      }
    }
  }

  private void copySlot(long source, long destination) {
    Memory.putLong(destination, Memory.getLong(source));
    if (hasValues) {
      Memory.putLong(destination + Long.BYTES, Memory.getLong(source + Long.BYTES));
    }
  }

  /**
   * Rebuilds the table with another seed, such that neither an entry nor a new key is mixed to
   * EMPTY.
   *
   * @return the new key's other mixed form
   */
  private long reseed(long newMixed) {
    long key = LongMix.unmix(newMixed, seed);
    long other = seed;
    do {
      other = LongMix.nextSeed(other);
    } while (find(this, mix(LongMix.unmix(EMPTY, other)), stride) != Memory.NULL);
    if (capacity > 0) {
      reinsertAll(other);
    }
    seed = other;
    return mix(key);
  }

  private void reinsertAll(long newSeed) {
    long oldSlots = slots;
    long oldSeed = seed;
    long byteSize = blockByteSize(capacity);
    use(Allocations.allocate(allocator, byteSize, BLOCK_ALIGNMENT), capacity);
    long entries = size;
    size = 0;
    for (long slot = oldSlots; size < entries; slot += stride) {
      if (mixedAt(slot) != EMPTY) {
        size++;
        long destination = open(LongMix.mix(LongMix.unmix(mixedAt(slot), oldSeed), newSeed));
        if (hasValues) {
          Memory.putLong(destination + Long.BYTES, Memory.getLong(slot + Long.BYTES));
        }
      }
    }
    allocator.free(oldSlots, byteSize, BLOCK_ALIGNMENT);
  }

  private void release() {
    if (capacity > 0) {
      allocator.free(slots, blockByteSize(capacity), BLOCK_ALIGNMENT);
    }
    slots = Memory.NULL;
    tags = EmptyGroup.ADDRESS;
    capacity = 0;
    homeShift = Long.SIZE - 1;
    lastHome = 0;
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
    long previous = Long.MIN_VALUE;
    long runStart = 0;
    for (long index = 0; index < capacity; index++) {
      long mixed = mixedAt(slot(index));
      if (mixed == EMPTY) {
        runStart = index + 1;
      } else {
        check(entries == 0 || previous < mixed, "I1: slot " + index);
        check(home(mixed) >= runStart && home(mixed) <= index, "I2: slot " + index);
        previous = mixed;
        entries++;
      }
    }
    for (long index = 0; hasTags() && index < capacity + Group.SIZE; index++) {
      long mixed = index < capacity ? mixedAt(slot(index)) : EMPTY;
      byte expected = mixed == EMPTY ? Group.EMPTY : (byte) tag(mixed);
      check(Memory.getByte(tags + index) == expected, "I4: tag " + index);
    }
    check(entries == size, "size is " + size + ", but " + entries + " slots are full");
    check(size <= limit, "I3: " + size + " entries, limit " + limit);
    check(capacity == 0 || runStart == capacity, "I3: the last slot is full");
  }

  /** Returns the sum of the distances of all entries from their homes, in slots. */
  long totalProbe() {
    long total = 0;
    for (long index = nextFull(0); index >= 0; index = nextFull(index + 1)) {
      total += index - home(mixedAt(slot(index)));
    }
    return total;
  }

  /** Returns the greatest distance of an entry from its home, in slots. */
  long longestProbe() {
    long longest = 0;
    for (long index = nextFull(0); index >= 0; index = nextFull(index + 1)) {
      longest = Math.max(longest, index - home(mixedAt(slot(index))));
    }
    return longest;
  }

  /** Returns the key that has no mixed form. */
  long keyOfEmpty() {
    return LongMix.unmix(EMPTY, seed);
  }

  private static void check(boolean holds, String invariant) {
    if (!holds) {
      throw new AssertionError(invariant);
    }
  }
}
