package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;

/** Finds the places of an intern table by the hashes of what is at them. */
final class InternIndex {

  /*
   * Purpose. A hash table of numbers of 26 bits in little memory: a search reads one cache line, and
   * what it finds there is right but for one time in thousands.
   *
   * Source and deviations. Chunks with tags, and a count of what passed them, are those of F14 by
   * Bronson and Shi (2019). A removal takes those counts back, and leaves neither tombstones nor
   * gaps to close, which would need the hashes of other entries. Chunks are any number, not a power
   * of two: the index grows by a quarter, and is always at least two thirds full. So a home is found
   * by a multiplication, and who finds it full goes on to the next chunk.
   *
   * Layout. One block of chunks (InternChunk). A slot is 6 bits of hash above a place. An index
   * without a block has one chunk, shared and empty, so that a search needs no special case.
   *
   * Invariants.
   * I1  An entry is in its home chunk, or in one after it, cyclically, and each chunk that it passed
   *     counts it.
   * I2  size <= limit: 11 slots of 12, so there is an empty one, and an insertion ends. But each
   *     chunk may have been passed when it was full, if not at the same time: a search ends at home.
   *
   * Failure. Growth allocates the new block before it touches the old one. Shrinking is an offer.
   */

  /** Hashes what is at a place. */
  @FunctionalInterface
  interface PlaceHash {
    /** Returns the hash of the bytes at a place. */
    long hash(int place);
  }

  /** How many bits of a slot are a place. */
  static final int PLACE_BITS = Integer.SIZE - InternPage.GENERATION_BITS;

  private static final int PLACE_MASK = (1 << PLACE_BITS) - 1;
  private static final long USED_SLOTS = InternChunk.SLOTS - 1;
  private static final long TAG_MASK = 0x7f;
  private static final int TAG_BITS = 7;

  /** The index shrinks to a load of one half when it is down to one part in this many. */
  private static final long SHRINK_RATIO = 8;

  private static final long SHRINK_FLOOR = 8;

  private final Allocator allocator;
  private final InternPages pages;
  private final PlaceHash placeHash;
  private long chunks = EmptyChunk.ADDRESS;
  private long count = 1;
  private long limit;
  private long floorCount = SHRINK_FLOOR;
  private boolean closed;

  /** The number of entries. */
  long size;

  /** The chunk of every index without a block. Apart, to be made when first needed. */
  private static final class EmptyChunk {
    static final long ADDRESS = Memory.allocatePermanent(InternChunk.SIZE, InternChunk.SIZE);

    static {
      InternChunk.initialize(ADDRESS);
    }

    private EmptyChunk() {}
  }

  InternIndex(Allocator allocator, InternPages pages, PlaceHash placeHash) {
    this.allocator = allocator;
    this.pages = pages;
    this.placeHash = placeHash;
  }

  // ---- what a search goes by --------------------------------------------------------------------

  /** Returns the chunk at which a search for a hash starts. */
  long home(long hash) {
    return chunks + (((hash >>> Integer.SIZE) * count) >>> Integer.SIZE) * InternChunk.SIZE;
  }

  /** Returns the chunk after another. */
  long next(long chunk) {
    long next = chunk + InternChunk.SIZE;
    return next == chunks + count * InternChunk.SIZE ? chunks : next;
  }

  /** Returns the tag of a hash, from bits of which its home takes none. */
  static long tag(long hash) {
    return hash & TAG_MASK;
  }

  /** Returns the upper bits of the slot of a hash; the place of a slot is below them. */
  static int slotBits(long hash) {
    return (int) (hash >>> TAG_BITS) << PLACE_BITS;
  }

  /** Returns the bits of a hash, 19, of which no index makes use. */
  static int spareBits(long hash) {
    return (int) hash >>> (TAG_BITS + InternPage.GENERATION_BITS);
  }

  /** Says whether a slot may be that of a hash, of which the bits are given. */
  static boolean hasBits(int slot, int slotBits) {
    return (slot ^ slotBits) >>> PLACE_BITS == 0;
  }

  static int place(int slot) {
    return slot & PLACE_MASK;
  }

  // ---- changes ----------------------------------------------------------------------------------

  /** Makes room for one entry more, or throws AllocationException and changes nothing. */
  void room() {
    if (size == limit) {
      requireOpen();
      rebuild(limit == 0 ? 1 : count + Math.max(1, count >> 2));
    }
  }

  /** Adds a place for which there is room, and which is not there. */
  void insert(long hash, int place) {
    long chunk = home(hash);
    int index;
    while ((index = InternChunk.firstEmpty(chunk)) < 0) {
      InternChunk.addPassed(chunk, 1);
      chunk = next(chunk);
    }
    InternChunk.setTag(chunk, index, (byte) tag(hash));
    InternChunk.setSlot(chunk, index, slotBits(hash) | place);
    size++;
  }

  /** Removes a place that is there. */
  void remove(long hash, int place) {
    int slot = slotBits(hash) | place;
    long chunk = home(hash);
    int index;
    while ((index = indexOf(chunk, slot)) < 0) {
      InternChunk.addPassed(chunk, -1);
      chunk = next(chunk);
    }
    InternChunk.setTag(chunk, index, Group.EMPTY);
    size--;
  }

  private static int indexOf(long chunk, int slot) {
    for (int index = 0; index < InternChunk.SLOTS; index++) {
      if (InternChunk.slot(chunk, index) == slot && InternChunk.tag(chunk, index) != Group.EMPTY) {
        return index;
      }
    }
    return -1;
  }

  // ---- capacity ---------------------------------------------------------------------------------

  /** Grows, if need be, so that a number of entries fits. */
  void reserve(long entries) {
    requireOpen();
    if (entries < 0) {
      throw new IllegalArgumentException("reserve(" + entries + "); expected at least 0");
    }
    if (entries > limit) {
      rebuild(countFor(entries));
    }
    floorCount = Math.max(floorCount, countFor(entries));
  }

  /** Offers memory back, if few slots are used. */
  void shrinkIfSparse() {
    if (size * SHRINK_RATIO <= limit && count > floorCount && allocator.freesIndividually()) {
      tryRebuild(Math.max(floorCount, countFor(2 * size)));
    }
  }

  private static long countFor(long entries) {
    return Math.max(1, (entries + USED_SLOTS - 1) / USED_SLOTS);
  }

  private void rebuild(long newCount) {
    if (!tryRebuild(newCount)) {
      throw allocator.failure(byteSize(newCount), InternChunk.SIZE);
    }
  }

  private static long byteSize(long count) {
    return Allocations.product(count, InternChunk.SIZE);
  }

  private boolean tryRebuild(long newCount) {
    long block = allocator.allocate(byteSize(newCount), InternChunk.SIZE);
    if (block == Allocator.NULL) {
      return false;
    }
    release();
    chunks = block;
    count = newCount;
    limit = newCount * USED_SLOTS;
    for (long i = 0; i < count; i++) {
      InternChunk.initialize(chunks + i * InternChunk.SIZE);
    }
    // In the order of the pages, which reads the bytes as they lie; the slots would tell no hash.
    for (int place = pages.nextLive(0); place >= 0; place = pages.nextLive(place + 1)) {
      insert(placeHash.hash(place), place);
    }
    return true;
  }

  private void release() {
    if (limit > 0) {
      allocator.free(chunks, byteSize(count), InternChunk.SIZE);
    }
    chunks = EmptyChunk.ADDRESS;
    count = 1;
    limit = 0;
    size = 0;
  }

  // ---- the whole --------------------------------------------------------------------------------

  boolean isClosed() {
    return closed;
  }

  void requireOpen() {
    if (closed) {
      throw closedTable();
    }
  }

  /** Returns what an operation throws after close. */
  static IllegalStateException closedTable() {
    return new IllegalStateException("the table is closed");
  }

  void close() {
    release();
    closed = true;
  }

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    long entries = 0;
    int[] passed = new int[(int) count];
    for (int i = 0; i < count; i++) {
      for (int index = 0; index < InternChunk.SLOTS; index++) {
        long chunk = chunks + i * InternChunk.SIZE;
        if (InternChunk.tag(chunk, index) != Group.EMPTY) {
          entries++;
          countPassed(chunk, index, passed);
        }
      }
    }
    for (int i = 0; i < count; i++) {
      int found = InternChunk.passed(chunks + i * InternChunk.SIZE);
      check(
          found == passed[i], "I1: chunk " + i + " was passed by " + passed[i] + ", says " + found);
    }
    check(entries == size, "size is " + size + ", but " + entries + " slots are full");
    check(size <= limit, "I2: " + size + " entries, limit " + limit);
  }

  private void countPassed(long chunk, int index, int[] passed) {
    int slot = InternChunk.slot(chunk, index);
    int place = place(slot);
    check(pages.livePageOf(place) != Memory.NULL, "slot of place " + place);
    long hash = placeHash.hash(place);
    check(
        InternChunk.tag(chunk, index) == tag(hash) && hasBits(slot, slotBits(hash)),
        "I1: tag of place " + place);
    for (long i = home(hash); i != chunk; i = next(i)) {
      passed[(int) ((i - chunks) / InternChunk.SIZE)]++;
    }
  }

  private static void check(boolean holds, String invariant) {
    if (!holds) {
      throw new AssertionError(invariant);
    }
  }
}
