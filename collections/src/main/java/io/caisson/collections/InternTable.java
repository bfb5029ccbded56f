package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Keeps one copy of each byte string and gives out an {@code int} for it: the same bytes have the
 * same handle, and other bytes another.
 *
 * <p>A string is any range of bytes, of 0 to {@link Integer#MAX_VALUE}: UTF-8 text, or an
 * identifier of a fixed size, to which a table can be restricted. A handle counts references:
 * {@link #acquire} and {@link #retain} add one, {@link #release} takes one away, and the last one
 * frees the bytes. Views and addresses of them are valid as long as a reference is kept and the
 * table is open. A handle released too often, or of another table, is found out as long as its
 * place in the table was not used again 63 times.
 *
 * <p>Besides the bytes it takes 11 to 13 bytes an entry, once there are hundreds of a size: a
 * count, and a part of an index that is at least two thirds full; 12 more for bytes longer than
 * 255, which get blocks of their own. Shorter ones share pages, up to 64 of one size in each.
 * Memory that entries leave is used for others of their size, and a page goes back to the allocator
 * with its last entry, if the allocator frees blocks one by one. The table holds up to
 * 2<sup>26</sup> entries. Searching and acquiring are expected O(bytes), growth amortised; all else
 * is O(1). No operation on bytes that exist makes a Java object; bytes on the Java heap, and
 * characters, are first copied to scratch memory from the allocator, for which there may be no
 * room.
 *
 * <p>Make one table for each service or data set rather than one for all: it has a name for
 * reports, and frees everything when it is closed. Belongs to one thread at a time. After {@link
 * #close()} every operation throws {@link IllegalStateException}.
 */
public final class InternTable implements AutoCloseable {

  /*
   * Layout. InternPages keeps the bytes, each with a count of references, at places of which each has
   * a number; InternIndex finds a place by its hash. A handle is the generation of its place above
   * the number. Generations are 1 to 63, so no handle is 0. Nothing that is kept ever moves.
   *
   * Invariants.
   * I1  Every place with an entry is in the index, and no other.
   * I2  The sums in stats() are those over the entries; each has a reference.
   *
   * Failure. Room in the index, then a copy of the bytes are allocated; what shows comes after both.
   *
   * Length. Past 600 lines, for searching and acquiring stand here for segments, views, arrays and
   * characters, each with its contract.
   */

  /** The handle of nothing. */
  public static final int NONE = 0;

  private static final long MAX_ENTRIES = 1L << InternIndex.PLACE_BITS;
  private static final int PLACE_MASK = (1 << InternIndex.PLACE_BITS) - 1;
  private static final long ANY_SIZE = -1;
  private static final int NO_PLACE = -1;

  private final String name;
  private final long fixedByteSize;
  private final InternPages pages;
  private final InternIndex index;
  private final KeyScratch scratch;
  private final long seed = ThreadLocalRandom.current().nextLong();
  private long references;
  private long keptBytes;
  private long referencedBytes;

  private InternTable(Allocator allocator, String name, long fixedByteSize) {
    this.name = Objects.requireNonNull(name, "name");
    this.fixedByteSize = fixedByteSize;
    this.pages = new InternPages(allocator);
    this.index = new InternIndex(allocator, pages, this::hashAt);
    this.scratch = new KeyScratch(allocator);
  }

  /**
   * Creates an empty table for byte strings of any size.
   *
   * @param allocator where its memory comes from; must outlive it
   * @param name its name in messages and reports
   */
  public InternTable(@Borrowed Allocator allocator, String name) {
    this(allocator, name, ANY_SIZE);
  }

  /**
   * Creates an empty table for identifiers of one size, 20 or 32 bytes for instance, which refuses
   * others.
   *
   * @param allocator where its memory comes from; must outlive it
   * @param name its name in messages and reports
   * @param byteSize the size of each in bytes, at least 1
   * @return the table, owned by the caller
   * @throws IllegalArgumentException if the size is not positive
   */
  @Owned
  public static InternTable ofIds(@Borrowed Allocator allocator, String name, int byteSize) {
    if (byteSize <= 0) {
      throw new IllegalArgumentException("ids of " + byteSize + " bytes; expected at least 1");
    }
    return new InternTable(allocator, name, byteSize);
  }

  // ---- searching --------------------------------------------------------------------------------

  private long locate(MemorySegment source, long offset, long byteSize) {
    index.requireOpen();
    return scratch.locate(source, offset, byteSize);
  }

  private void requireSize(long byteSize) {
    if (fixedByteSize != ANY_SIZE ? byteSize != fixedByteSize : byteSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          byteSize
              + " bytes; expected "
              + (fixedByteSize == ANY_SIZE ? "at most " + Integer.MAX_VALUE : fixedByteSize));
    }
  }

  private long hash(long address, long byteSize) {
    return Bytes.hash(address, byteSize, seed);
  }

  private long hashAt(int place) {
    long page = pages.pageOf(place);
    long record = InternPages.record(page, place);
    return hash(InternPage.bytesAddress(page, record), InternPage.bytesByteSize(page, record));
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

  private int find(long address, long byteSize) {
    requireSize(byteSize);
    int place = findPlace(address, byteSize, hash(address, byteSize));
    if (place == NO_PLACE) {
      index.requireOpen();
      return NONE;
    }
    return handle(pages.pageOf(place), place);
  }

  /**
   * Looks for bytes, and adds no reference.
   *
   * @param source a segment that holds the bytes, on the heap or off it
   * @param offset where in it they start
   * @param byteSize how many there are
   * @return their handle, valid as long as a reference to it is kept; or {@link #NONE}
   * @throws AllocationException if there is no room for the scratch copy of bytes on the heap
   * @throws IndexOutOfBoundsException if the bytes are not inside the segment
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table or the segment is closed
   */
  public int find(@Borrowed MemorySegment source, long offset, long byteSize) {
    try {
      return find(locate(source, offset, byteSize), byteSize);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Looks for bytes, and adds no reference.
   *
   * @param bytes the bytes
   * @return their handle, valid as long as a reference to it is kept; or {@link #NONE}
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table is closed
   */
  public int find(@Borrowed StringView bytes) {
    return find(bytes.address(), bytes.byteSize());
  }

  /**
   * Looks for bytes, and adds no reference.
   *
   * @param bytes the bytes
   * @return their handle, valid as long as a reference to it is kept; or {@link #NONE}
   * @throws AllocationException if there is no room for the scratch copy of bytes on the heap
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table is closed
   */
  public int find(byte[] bytes) {
    return find(MemorySegment.ofArray(bytes), 0, bytes.length);
  }

  /**
   * Looks for bytes, and adds no reference.
   *
   * @param chars characters, of which the bytes are the UTF-8 encoding
   * @return their handle, valid as long as a reference to it is kept; or {@link #NONE}
   * @throws AllocationException if there is no room for the scratch copy of bytes on the heap
   * @throws IllegalArgumentException if a surrogate is unpaired, naming its index, or the table
   *     takes bytes of another size
   * @throws IllegalStateException if the table is closed
   */
  public int find(CharSequence chars) {
    index.requireOpen();
    long byteSize = Utf8.byteSize(chars);
    long address = scratch.room(byteSize);
    Utf8.encode(chars, address, byteSize);
    return find(address, byteSize);
  }

  // ---- references -------------------------------------------------------------------------------

  private int acquire(long address, long byteSize) {
    requireSize(byteSize);
    long hash = hash(address, byteSize);
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
          count + " references in '" + name + "'; expected a release for each");
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

  /**
   * Adds a reference to bytes, and a copy of them if there is none.
   *
   * @param source a segment that holds the bytes, on the heap or off it
   * @param offset where in it they start
   * @param byteSize how many there are
   * @return their handle, to be released, valid until it is released or the table is closed
   * @throws AllocationException if there is no room; nothing has changed
   * @throws IndexOutOfBoundsException if the bytes are not inside the segment
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table or the segment is closed, or full
   */
  public int acquire(@Borrowed MemorySegment source, long offset, long byteSize) {
    try {
      return acquire(locate(source, offset, byteSize), byteSize);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Adds a reference to bytes, and a copy of them if there is none.
   *
   * @param bytes the bytes
   * @return their handle, to be released, valid until it is released or the table is closed
   * @throws AllocationException if there is no room; nothing has changed
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table is closed, or full
   */
  public int acquire(@Borrowed StringView bytes) {
    return acquire(bytes.address(), bytes.byteSize());
  }

  /**
   * Adds a reference to bytes, and a copy of them if there is none.
   *
   * @param bytes the bytes
   * @return their handle, to be released, valid until it is released or the table is closed
   * @throws AllocationException if there is no room; nothing has changed
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table is closed, or full
   */
  public int acquire(byte[] bytes) {
    return acquire(MemorySegment.ofArray(bytes), 0, bytes.length);
  }

  /**
   * Adds a reference to bytes, and a copy of them if there is none.
   *
   * @param chars characters, of which the bytes are the UTF-8 encoding
   * @return their handle, to be released, valid until it is released or the table is closed
   * @throws AllocationException if there is no room; nothing has changed
   * @throws IllegalArgumentException if a surrogate is unpaired, naming its index, or the table
   *     takes bytes of another size
   * @throws IllegalStateException if the table is closed, or full
   */
  public int acquire(CharSequence chars) {
    index.requireOpen();
    long byteSize = Utf8.byteSize(chars);
    long address = scratch.room(byteSize);
    Utf8.encode(chars, address, byteSize);
    return acquire(address, byteSize);
  }

  /**
   * Adds a reference.
   *
   * @param handle the handle
   * @throws IllegalArgumentException if it is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed, or has all the references it can count
   */
  public void retain(int handle) {
    long page = page(handle);
    reference(page, InternPages.record(page, place(handle)));
  }

  /**
   * Takes a reference away, and frees the bytes if it was the last: views of them end.
   *
   * @param handle the handle
   * @return whether it was the last
   * @throws IllegalArgumentException if it is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  public boolean release(int handle) {
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

  private static int handle(long page, int place) {
    return InternPages.generation(page, place) << InternIndex.PLACE_BITS | place;
  }

  private static int place(int handle) {
    return handle & PLACE_MASK;
  }

  /** Returns the page of an entry; throws if the handle is of none. */
  private long page(int handle) {
    index.requireOpen();
    int place = place(handle);
    if (pages.isLive(place)) {
      long page = pages.pageOf(place);
      if (handle(page, place) == handle) {
        return page;
      }
    }
    throw new IllegalArgumentException(
        "handle " + handle + " of no entry of '" + name + "'; expected one that was not released");
  }

  private long record(int handle) {
    return InternPages.record(page(handle), place(handle));
  }

  /**
   * Shows the bytes of a handle.
   *
   * @param handle the handle
   * @return a borrowed view, valid until the last reference is released or the table is closed
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  @View
  public StringView view(int handle) {
    long page = page(handle);
    long record = InternPages.record(page, place(handle));
    return new StringView(
        InternPage.bytesAddress(page, record), InternPage.bytesByteSize(page, record));
  }

  /**
   * Returns where the bytes of a handle are.
   *
   * @param handle the handle
   * @return their address, valid until the last reference is released or the table is closed; 0 if
   *     there are none
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  @Borrowed
  public long address(int handle) {
    long page = page(handle);
    return InternPage.bytesAddress(page, InternPages.record(page, place(handle)));
  }

  /**
   * Returns how many bytes a handle stands for.
   *
   * @param handle the handle
   * @return the number of bytes
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  public int byteSize(int handle) {
    long page = page(handle);
    return InternPage.bytesByteSize(page, InternPages.record(page, place(handle)));
  }

  /**
   * Decodes the bytes of a handle. Malformed ones become U+FFFD.
   *
   * @param handle the handle
   * @return the text
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  public String toString(int handle) {
    return view(handle).toString();
  }

  /**
   * Returns how many references to a handle are out.
   *
   * @param handle the handle
   * @return their number, at least 1
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  public int references(int handle) {
    return InternPage.references(record(handle));
  }

  // ---- the whole table --------------------------------------------------------------------------

  /**
   * Returns the name of the table, also when it is closed.
   *
   * @return its name
   */
  public String name() {
    return name;
  }

  /**
   * Returns how many different byte strings there are.
   *
   * @return their number
   * @throws IllegalStateException if the table is closed
   */
  public long size() {
    index.requireOpen();
    return index.size;
  }

  /**
   * Returns what the table holds, and how well it pays.
   *
   * @return the numbers at this moment
   * @throws IllegalStateException if the table is closed
   */
  public InternStats stats() {
    return new InternStats(size(), references, keptBytes, referencedBytes);
  }

  /**
   * Makes room in the index for a number of entries, so that up to it only the pages with their
   * bytes are allocated.
   *
   * @param entries their number, those that are there included, at least 0
   * @throws AllocationException if there is no room; the entries are as they were
   * @throws IllegalArgumentException if the number is negative or beyond what a table can hold
   * @throws IllegalStateException if the table is closed
   */
  public void reserve(long entries) {
    index.requireOpen();
    if (entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "reserve(" + entries + "); expected at most " + MAX_ENTRIES);
    }
    index.reserve(entries);
    pages.reserve(entries);
  }

  /** Frees everything, whoever has references, in O(entries). Closing again does nothing. */
  @Override
  public void close() {
    if (!index.isClosed()) {
      index.close();
      pages.close();
      scratch.free();
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
      check(findPlace(bytes, byteSize, hash(bytes, byteSize)) == place, "I1: place " + place);
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

  @Override
  public String toString() {
    return "InternTable("
        + name
        + ", "
        + (index.isClosed() ? "closed" : index.size + " entries")
        + ")";
  }
}
