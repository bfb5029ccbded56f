package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;

/**
 * The untyped intern table under every other: bytes at addresses, their hashes, and handles.
 *
 * <p>It is a table of its own, or one of the shards of one, whose number its handles have. Belongs
 * to one thread at a time; but {@link #view}, {@link #address} and {@link #byteSize} may be called
 * at any time by who keeps a reference to the handle and learned of it after it was given out.
 */
final class InternCore {

  /*
   * Layout. InternPages keeps the bytes, each with a count of references, at places of which each has
   * a number; InternIndex finds a place by its hash. A handle is the generation of its place, 6 bits,
   * above the number and, of a shard, the number of the shard, 26 bits together. Generations are 1
   * to 63, so no handle is 0. Nothing that is kept ever moves.
   *
   * Invariants.
   * I1  Every place with an entry is in the index, and no other.
   * I2  The sums in stats() are those over the entries; each has a reference.
   * I3  From the return of acquire to the last release of its handle these stay as they are: what
   *     the page table says about where the page is; the page's address, payload and form; the
   *     place's bit in live, its generation, its bytes, and where they are if they are apart.
   *
   * Reading without a lock. By I3 who keeps a reference reads nothing that anybody writes, but for
   * other bits of live, which is read as a whole, and other elements of the page table. What he
   * reads was written before acquire returned the handle, so before he learned of it. A page is
   * freed when it has no entries, and he has one. A handle that is stale or made up is looked for
   * in the page table, which is memory until the table is closed, and found out as well as its
   * generation can.
   *
   * Failure. Room in the index, then a copy of the bytes are allocated; what shows comes after both.
   */

  /** The handle of nothing. */
  static final int NONE = 0;

  private static final int PLACE_MASK = (1 << InternIndex.PLACE_BITS) - 1;
  private static final int NO_PLACE = -1;

  private final InternKeys keys;
  private final int shard;
  private final int shardBits;
  private final InternPages pages;
  private final InternIndex index;
  private long references;
  private long keptBytes;
  private long referencedBytes;

  /**
   * Creates an empty shard.
   *
   * @param shard its number
   * @param shardBits how many bits of handles that number takes
   */
  InternCore(Allocator allocator, InternKeys keys, int shard, int shardBits) {
    this.keys = keys;
    this.shard = shard;
    this.shardBits = shardBits;
    this.pages = new InternPages(allocator, InternPages.MAX_PAGES >>> shardBits);
    this.index = new InternIndex(allocator, pages, this::hashAt);
  }

  /** Creates an empty table that is no shard. */
  InternCore(Allocator allocator, InternKeys keys) {
    this(allocator, keys, 0, 0);
  }

  // ---- searching --------------------------------------------------------------------------------

  private long hashAt(int place) {
    long page = pages.pageOf(place);
    long record = InternPages.record(page, place);
    return keys.hash(InternPage.bytesAddress(page, record), InternPage.bytesByteSize(page, record));
  }

  /** Returns the place of some bytes, or NO_PLACE. */
  private int findPlace(long address, long byteSize, long hash) {
    long tag = InternIndex.tag(hash);
    int bits = InternIndex.slotBits(hash);
    long home = index.home(hash);
    long chunk = home;
    do {
      long slots = chunk + InternChunk.FIRST_SLOT;
      int place = among(InternChunk.matchingFirst(chunk, tag), slots, bits, address, byteSize);
      if (place != NO_PLACE) {
        return place;
      }
      slots = chunk + InternChunk.NINTH_SLOT;
      place = among(InternChunk.matchingLast(chunk, tag), slots, bits, address, byteSize);
      if (place != NO_PLACE || InternChunk.passed(chunk) == 0) {
        return place;
      }
      chunk = index.next(chunk);
    } while (chunk != home); // entries come and go, so each chunk may have been passed
    return NO_PLACE;
  }

  /** Returns the place of some bytes, if its slot is in a set of eight; or NO_PLACE. */
  private int among(long set, long slots, int bits, long address, long byteSize) {
    for (long found = set; found != 0; found = Group.withoutFirst(found)) {
      int slot = Memory.getInt(slots + (long) Group.first(found) * Integer.BYTES);
      if (InternIndex.hasBits(slot, bits) && holds(InternIndex.place(slot), address, byteSize)) {
        return InternIndex.place(slot);
      }
    }
    return NO_PLACE;
  }

  private boolean holds(int place, long address, long byteSize) {
    long page = pages.pageOf(place);
    long record = InternPages.record(page, place);
    return InternPage.bytesByteSize(page, record) == byteSize
        && Bytes.equal(InternPage.bytesAddress(page, record), address, byteSize);
  }

  /** Returns the handle of some bytes, or NONE. */
  int find(long address, long byteSize, long hash) {
    int place = findPlace(address, byteSize, hash);
    if (place == NO_PLACE) {
      index.requireOpen();
      return NONE;
    }
    return handle(pages.pageOf(place), place);
  }

  // ---- references -------------------------------------------------------------------------------

  /** Adds a reference to bytes, and a copy of them if there is none; or throws, unchanged. */
  int acquire(long address, long byteSize, long hash) {
    int place = findPlace(address, byteSize, hash);
    if (place == NO_PLACE) {
      place = insert(address, byteSize, hash);
    }
    long page = pages.pageOf(place);
    reference(page, InternPages.record(page, place));
    return handle(page, place);
  }

  private void reference(long page, long record) {
    int count = InternPage.references(record);
    if (count == Integer.MAX_VALUE) {
      throw new IllegalStateException(
          count + " references in '" + keys.name() + "'; expected a release for each");
    }
    InternPage.setReferences(record, count + 1);
    references++;
    referencedBytes += InternPage.bytesByteSize(page, record);
  }

  /** Adds an entry without references, and returns its place. */
  private int insert(long address, long byteSize, long hash) {
    index.requireOpen();
    index.room();
    int place = pages.add(address, byteSize);
    index.insert(hash, place);
    keptBytes += byteSize;
    return place;
  }

  /** Adds a reference. */
  void retain(int handle) {
    long page = page(handle);
    reference(page, InternPages.record(page, place(handle)));
  }

  /** Takes a reference away, and frees the bytes if it was the last; says whether it was. */
  boolean release(int handle) {
    long page = page(handle);
    long record = InternPages.record(page, place(handle));
    int left = InternPage.references(record) - 1;
    InternPage.setReferences(record, left);
    references--;
    referencedBytes -= InternPage.bytesByteSize(page, record);
    if (left == 0) {
      keptBytes -= InternPage.bytesByteSize(page, record);
      remove(place(handle));
    }
    return left == 0;
  }

  private void remove(int place) {
    index.remove(hashAt(place), place);
    pages.remove(place);
    index.shrinkIfSparse();
  }

  // ---- entries ----------------------------------------------------------------------------------

  private int handle(long page, int place) {
    int generation = InternPages.generation(page, place);
    return generation << InternIndex.PLACE_BITS | place << shardBits | shard;
  }

  private int place(int handle) {
    return (handle & PLACE_MASK) >>> shardBits;
  }

  /** Returns the page of an entry; throws if the handle is of none. */
  private long page(int handle) {
    index.requireOpen();
    int place = place(handle);
    long page = pages.livePageOf(place);
    if (page != Memory.NULL && handle(page, place) == handle) {
      return page;
    }
    throw new IllegalArgumentException(
        "handle "
            + handle
            + " of no entry of '"
            + keys.name()
            + "'; expected one that was not released");
  }

  StringView view(int handle) {
    long page = page(handle);
    long record = InternPages.record(page, place(handle));
    return new StringView(
        InternPage.bytesAddress(page, record), InternPage.bytesByteSize(page, record));
  }

  long address(int handle) {
    long page = page(handle);
    return InternPage.bytesAddress(page, InternPages.record(page, place(handle)));
  }

  int byteSize(int handle) {
    long page = page(handle);
    return InternPage.bytesByteSize(page, InternPages.record(page, place(handle)));
  }

  int references(int handle) {
    return InternPage.references(InternPages.record(page(handle), place(handle)));
  }

  // ---- the whole --------------------------------------------------------------------------------

  long size() {
    index.requireOpen();
    return index.size;
  }

  InternStats stats() {
    return new InternStats(size(), references, keptBytes, referencedBytes);
  }

  /** Makes room in the index, and for what is kept of pages, for a number of entries. */
  void reserve(long entries) {
    index.reserve(entries);
    pages.reserve(entries);
  }

  boolean isClosed() {
    return index.isClosed();
  }

  void requireOpen() {
    index.requireOpen();
  }

  /** Frees everything, if it is not closed. */
  void close() {
    if (!index.isClosed()) {
      index.close();
      pages.close();
    }
  }

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    index.checkInvariants();
    pages.checkInvariants();
    long live = 0;
    long counted = 0;
    long kept = 0;
    long referenced = 0;
    for (int place = pages.nextLive(0); place >= 0; place = pages.nextLive(place + 1)) {
      long page = pages.pageOf(place);
      long record = InternPages.record(page, place);
      long bytes = InternPage.bytesAddress(page, record);
      int byteSize = InternPage.bytesByteSize(page, record);
      int count = InternPage.references(record);
      long hash = keys.hash(bytes, byteSize);
      check(findPlace(bytes, byteSize, hash) == place, "I1: place " + place);
      check((InternIndex.spareBits(hash) & ~(-1 << shardBits)) == shard, "shard of place " + place);
      check(count > 0, "I2: place " + place);
      live++;
      counted += count;
      kept += byteSize;
      referenced += (long) byteSize * count;
    }
    check(live == index.size, "I1: " + live + " entries, " + index.size + " in the index");
    check(counted == references && kept == keptBytes && referenced == referencedBytes, "I2");
  }

  private static void check(boolean holds, String invariant) {
    if (!holds) {
      throw new AssertionError(invariant);
    }
  }
}
