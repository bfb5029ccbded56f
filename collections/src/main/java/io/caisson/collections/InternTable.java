package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
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
 * <p>Besides the bytes it takes 16 to 24 bytes an entry, and 11 to 21 for the index. It holds up to
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
   * Layout. A vector of records (InternRecord), found by index; a hash table whose slots have 8
   * bytes: 32 bits of hash above the index of a record. So most misses are settled without reading a
   * record, growth reads none, and records never move their bytes, each in a block of its own.
   *
   * A handle is the generation of its record above its index. Generations are 1 to 63, so no handle
   * is 0.
   *
   * Invariants.
   * I1  Every record with references has a slot, by its hash and index, and no slot has another.
   * I2  The free list goes through every record without references, once.
   * I3  The sums in stats() are those over the records.
   *
   * Failure. Room for a record, then bytes, then a slot are allocated, before any of them shows.
   *
   * Length. Past 600 lines, for searching and acquiring stand here for segments, views, arrays and
   * characters, each with its contract.
   */

  /** The handle of nothing. */
  public static final int NONE = 0;

  private static final long MAX_ENTRIES = 1L << (Integer.SIZE - InternRecord.GENERATION_BITS);
  private static final int INDEX_BITS = Integer.SIZE - InternRecord.GENERATION_BITS;
  private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;
  private static final long ANY_SIZE = -1;
  private static final long ALIGNMENT = 1;
  private static final int NO_INDEX = -1;

  private final Allocator allocator;
  private final String name;
  private final long fixedByteSize;
  private final TableCore table;
  private final VectorCore records;
  private final KeyScratch scratch;
  private final long seed = ThreadLocalRandom.current().nextLong();
  private int firstFree = NO_INDEX;
  private long references;
  private long keptBytes;
  private long referencedBytes;

  private InternTable(Allocator allocator, String name, long fixedByteSize) {
    this.allocator = allocator;
    this.name = Objects.requireNonNull(name, "name");
    this.fixedByteSize = fixedByteSize;
    this.table = new TableCore(allocator, Long.BYTES, slot -> spread(Memory.getLong(slot)));
    this.records = new VectorCore(allocator, InternRecord.SIZE, Long.BYTES);
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
    table.requireOpen();
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

  /** Returns the upper half of the hash of some bytes; the lower half is 0. */
  private long hash(long address, long byteSize) {
    return Bytes.hash(address, byteSize, seed) & ~BytesSlot.SIZE_MASK;
  }

  /** Repeats the upper half of a hash, or of a slot, so that it gives home and tag. */
  private static long spread(long hash) {
    return BytesSlot.hash(hash);
  }

  /** Returns the index of the slot of some bytes, or -1. */
  private long findSlot(long address, long byteSize, long hash) {
    long tag = Group.tag(hash);
    long position = spread(hash) & table.mask;
    while (true) {
      long group = Group.load(table.control + position);
      for (long found = Group.matching(group, tag); found != 0; found = Group.withoutFirst(found)) {
        long index = (position + Group.first(found)) & table.mask;
        long slot = Memory.getLong(table.slots + index * Long.BYTES);
        if ((slot & ~BytesSlot.SIZE_MASK) == hash && holds(slot, address, byteSize)) {
          return index;
        }
      }
      if (Group.empty(group) != 0) {
        return -1;
      }
      position = (position + Group.SIZE) & table.mask;
    }
  }

  private boolean holds(long slot, long address, long byteSize) {
    long entry = records.at(slot & BytesSlot.SIZE_MASK, InternRecord.SIZE_SHIFT);
    return InternRecord.byteSize(entry) == byteSize
        && Bytes.equal(InternRecord.address(entry), address, byteSize);
  }

  private int indexIn(long slotIndex) {
    return (int) Memory.getLong(table.slot(slotIndex));
  }

  private int find(long address, long byteSize) {
    requireSize(byteSize);
    long slot = findSlot(address, byteSize, hash(address, byteSize));
    if (slot < 0) {
      table.requireOpen();
      return NONE;
    }
    return handle(indexIn(slot));
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
    table.requireOpen();
    long byteSize = Utf8.byteSize(chars);
    long address = scratch.room(byteSize);
    Utf8.encode(chars, address, byteSize);
    return find(address, byteSize);
  }

  // ---- references -------------------------------------------------------------------------------

  private int acquire(long address, long byteSize) {
    requireSize(byteSize);
    long hash = hash(address, byteSize);
    long slot = findSlot(address, byteSize, hash);
    int index = slot < 0 ? insert(address, byteSize, hash) : indexIn(slot);
    reference(records.at(index, InternRecord.SIZE_SHIFT));
    return handle(index);
  }

  private void reference(long entry) {
    int count = InternRecord.references(entry);
    if (count == Integer.MAX_VALUE) {
      throw new IllegalStateException(
          count + " references in '" + name + "'; expected a release for each");
    }
    InternRecord.setReferences(entry, count + 1);
    references++;
    referencedBytes += InternRecord.byteSize(entry);
  }

  /** Adds an entry without references; its index is that of a free record, or a new one. */
  private int insert(long address, long byteSize, long hash) {
    table.requireOpen();
    if (firstFree == NO_INDEX) {
      requireRoom();
      records.room(1);
    }
    long bytes = copy(address, byteSize);
    int index = firstFree == NO_INDEX ? (int) records.size() : firstFree;
    try {
      Memory.putLong(table.insert(spread(hash)), hash | index);
    } catch (RuntimeException | Error e) {
      freeBytes(bytes, byteSize);
      throw e;
    }
    long entry = takeRecord(index);
    InternRecord.setWord(entry, InternRecord.generation(entry), bytes);
    InternRecord.setByteSize(entry, (int) byteSize);
    keptBytes += byteSize;
    return index;
  }

  private void requireRoom() {
    if (records.size() == MAX_ENTRIES) {
      throw new IllegalStateException(
          "'" + name + "' is full; expected less than " + MAX_ENTRIES + " entries");
    }
  }

  private long takeRecord(int index) {
    if (index == firstFree) {
      long entry = records.at(index, InternRecord.SIZE_SHIFT);
      firstFree = InternRecord.byteSize(entry);
      return entry;
    }
    long entry = records.append();
    InternRecord.setWord(entry, 1, Memory.NULL);
    InternRecord.setReferences(entry, 0);
    return entry;
  }

  private long copy(long address, long byteSize) {
    if (byteSize == 0) {
      return Memory.NULL;
    }
    long bytes = Allocations.allocate(allocator, byteSize, ALIGNMENT);
    Memory.copy(address, bytes, byteSize);
    return bytes;
  }

  private void freeBytes(long bytes, long byteSize) {
    if (byteSize != 0) {
      allocator.free(bytes, byteSize, ALIGNMENT);
    }
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
    table.requireOpen();
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
    reference(entry(handle));
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
    long entry = entry(handle);
    int left = InternRecord.references(entry) - 1;
    InternRecord.setReferences(entry, left);
    references--;
    referencedBytes -= InternRecord.byteSize(entry);
    if (left == 0) {
      remove(entry, handle & INDEX_MASK);
    }
    return left == 0;
  }

  private void remove(long entry, int index) {
    long bytes = InternRecord.address(entry);
    int byteSize = InternRecord.byteSize(entry);
    table.removeAt(findSlot(bytes, byteSize, hash(bytes, byteSize)));
    freeBytes(bytes, byteSize);
    keptBytes -= byteSize;
    int generation = InternRecord.generation(entry);
    InternRecord.setWord(
        entry, generation == InternRecord.MAX_GENERATION ? 1 : generation + 1, Memory.NULL);
    InternRecord.setByteSize(entry, firstFree);
    firstFree = index;
  }

  // ---- entries ----------------------------------------------------------------------------------

  private int handle(int index) {
    long entry = records.at(index, InternRecord.SIZE_SHIFT);
    return InternRecord.generation(entry) << INDEX_BITS | index;
  }

  private long entry(int handle) {
    table.requireOpen();
    long index = handle & INDEX_MASK;
    if (index < records.size()) {
      long entry = records.at(index, InternRecord.SIZE_SHIFT);
      if (InternRecord.generation(entry) == handle >>> INDEX_BITS
          && InternRecord.references(entry) > 0) {
        return entry;
      }
    }
    throw new IllegalArgumentException(
        "handle " + handle + " of no entry of '" + name + "'; expected one that was not released");
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
    long entry = entry(handle);
    return new StringView(InternRecord.address(entry), InternRecord.byteSize(entry));
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
    return InternRecord.address(entry(handle));
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
    return InternRecord.byteSize(entry(handle));
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
    return InternRecord.references(entry(handle));
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
    table.requireOpen();
    return table.size;
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
   * Makes room for a number of entries, so that up to it only their bytes are allocated.
   *
   * @param entries their number, those that are there included, at least 0
   * @throws AllocationException if there is no room; the entries are as they were
   * @throws IllegalArgumentException if the number is negative or beyond what a table can hold
   * @throws IllegalStateException if the table is closed
   */
  public void reserve(long entries) {
    table.requireOpen();
    if (entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "reserve(" + entries + "); expected at most " + MAX_ENTRIES);
    }
    table.reserve(entries);
    records.reserve(entries);
  }

  /** Frees everything, whoever has references, in O(entries). Closing again does nothing. */
  @Override
  public void close() {
    if (!table.isClosed()) {
      for (long index = 0; index < records.size(); index++) {
        long entry = records.at(index, InternRecord.SIZE_SHIFT);
        if (InternRecord.references(entry) > 0) {
          freeBytes(InternRecord.address(entry), InternRecord.byteSize(entry));
        }
      }
      scratch.free();
      records.close();
      table.close();
    }
  }

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    table.checkInvariants();
    records.checkInvariants();
    long live = 0;
    long counted = 0;
    long kept = 0;
    long referenced = 0;
    for (long index = 0; index < records.size(); index++) {
      long entry = records.at(index, InternRecord.SIZE_SHIFT);
      long byteSize = InternRecord.byteSize(entry);
      if (InternRecord.references(entry) > 0) {
        long bytes = InternRecord.address(entry);
        long slot = findSlot(bytes, byteSize, hash(bytes, byteSize));
        check(slot >= 0 && indexIn(slot) == index, "I1: record " + index);
        live++;
        counted += InternRecord.references(entry);
        kept += byteSize;
        referenced += byteSize * InternRecord.references(entry);
      }
    }
    check(live == table.size, "I1: " + live + " records, " + table.size + " slots");
    check(counted == references && kept == keptBytes && referenced == referencedBytes, "I3");
    long free = 0;
    for (int i = firstFree; i != NO_INDEX; free++) {
      long entry = records.at(i, InternRecord.SIZE_SHIFT);
      check(InternRecord.references(entry) == 0 && free <= records.size(), "I2: record " + i);
      i = InternRecord.byteSize(entry);
    }
    check(live + free == records.size(), "I2: " + free + " free");
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
        + (table.isClosed() ? "closed" : table.size + " entries")
        + ")";
  }
}
