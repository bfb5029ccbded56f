package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

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
   * An InternCore, which has the essay. What is here is where the bytes of callers are.
   */

  /** The handle of nothing. */
  public static final int NONE = InternCore.NONE;

  private static final long MAX_ENTRIES = 1L << InternIndex.PLACE_BITS;

  private final InternKeys keys;
  private final InternCore core;
  private final KeyScratch scratch;

  private InternTable(Allocator allocator, InternKeys keys) {
    this.keys = keys;
    this.core = new InternCore(allocator, keys);
    this.scratch = new KeyScratch(allocator);
  }

  /**
   * Creates an empty table for byte strings of any size.
   *
   * @param allocator where its memory comes from; must outlive it
   * @param name its name in messages and reports
   */
  public InternTable(@Borrowed Allocator allocator, String name) {
    this(allocator, InternKeys.ofAnySize(name));
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
    return new InternTable(allocator, InternKeys.ofSize(name, byteSize));
  }

  // ---- searching --------------------------------------------------------------------------------

  private long locate(MemorySegment source, long offset, long byteSize) {
    core.requireOpen();
    return scratch.locate(source, offset, byteSize);
  }

  private long encode(CharSequence chars, long byteSize) {
    core.requireOpen();
    return scratch.encode(chars, byteSize);
  }

  private int find(long address, long byteSize) {
    keys.requireSize(byteSize);
    return core.find(address, byteSize, keys.hash(address, byteSize));
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
    long byteSize = Utf8.byteSize(chars);
    return find(encode(chars, byteSize), byteSize);
  }

  // ---- references -------------------------------------------------------------------------------

  private int acquire(long address, long byteSize) {
    keys.requireSize(byteSize);
    return core.acquire(address, byteSize, keys.hash(address, byteSize));
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
    long byteSize = Utf8.byteSize(chars);
    return acquire(encode(chars, byteSize), byteSize);
  }

  /**
   * Adds a reference.
   *
   * @param handle the handle
   * @throws IllegalArgumentException if it is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed, or has all the references it can count
   */
  public void retain(int handle) {
    core.retain(handle);
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
    return core.release(handle);
  }

  // ---- entries ----------------------------------------------------------------------------------

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
    return core.view(handle);
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
    return core.address(handle);
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
    return core.byteSize(handle);
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
    return core.view(handle).toString();
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
    return core.references(handle);
  }

  // ---- the whole table --------------------------------------------------------------------------

  /**
   * Returns the name of the table, also when it is closed.
   *
   * @return its name
   */
  public String name() {
    return keys.name();
  }

  /**
   * Returns how many different byte strings there are.
   *
   * @return their number
   * @throws IllegalStateException if the table is closed
   */
  public long size() {
    return core.size();
  }

  /**
   * Returns what the table holds, and how well it pays.
   *
   * @return the numbers at this moment
   * @throws IllegalStateException if the table is closed
   */
  public InternStats stats() {
    return core.stats();
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
    core.requireOpen();
    if (entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "reserve(" + entries + "); expected at most " + MAX_ENTRIES);
    }
    core.reserve(entries);
  }

  /** Frees everything, whoever has references, in O(entries). Closing again does nothing. */
  @Override
  public void close() {
    core.close();
    scratch.free();
  }

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    core.checkInvariants();
  }

  @Override
  public String toString() {
    return "InternTable("
        + keys.name()
        + ", "
        + (core.isClosed() ? "closed" : core.size() + " entries")
        + ")";
  }
}
