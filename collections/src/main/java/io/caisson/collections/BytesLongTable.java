package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ConcurrentModificationException;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A hash table from byte strings to {@code long} in native memory, with open addressing.
 *
 * <p>A key is any range of bytes, of 0 to {@link Integer#MAX_VALUE}; the table keeps a copy of it
 * in a block of its own. Besides the keys it takes 25 bytes a slot, at most 7/8 of the slots are
 * used, and their number is a power of two: 29 to 58 bytes an entry while it grows. It shrinks by
 * itself when entries are removed, if its allocator frees blocks one by one. Searching, inserting
 * and removing are expected O(key size), growth amortised; a table never degrades under removal and
 * insertion. Keys are hashed with a seed of the table's own. No operation but {@link Cursor#key()}
 * makes a Java object.
 *
 * <p>A larger one is an {@link IllegalArgumentException}. A key may be passed as part of a segment,
 * as a view, or as an array. One that is on the Java heap is first copied to scratch memory that
 * the table takes from its allocator when it first needs it: with such keys every operation,
 * searching too, can throw {@link AllocationException}.
 *
 * <p>Belongs to one thread at a time. It owns its blocks and frees them on {@link #close()}; after
 * that every operation throws {@link IllegalStateException}.
 */
public final class BytesLongTable implements AutoCloseable {

  /*
   * Length. Past 600 lines, for each operation stands here for keys in segments, views and arrays,
   * and three in four lines are the contract of one; the algorithm is TableCore's.
   *
   * Layout. The fingerprint of a key is its hash, 32 bits, above its size, 32 bits: one comparison
   * that settles all but one miss in four billion without touching the key. Growth and removal take
   * the hash from there, so they do not read the keys either.
   */

  /** Takes the entries of a table, one by one. */
  @FunctionalInterface
  public interface EntryConsumer {
    /**
     * Takes one entry.
     *
     * @param key its key, a view that is valid until the table is changed
     * @param value its value
     */
    void accept(@View StringView key, long value);
  }

  private static final long KEY_ALIGNMENT = 1;
  private static final long MIN_SCRATCH = 64;

  private final Allocator allocator;
  private final TableCore core;
  private final long seed = ThreadLocalRandom.current().nextLong();
  private long scratch;
  private long scratchByteSize;

  /**
   * Creates an empty table, which allocates when it gets its first entry.
   *
   * @param allocator where its memory comes from; must outlive it
   */
  public BytesLongTable(@Borrowed Allocator allocator) {
    this.allocator = allocator;
    core =
        new TableCore(
            allocator,
            BytesLongSlot.SIZE,
            slot -> BytesLongSlot.hash(BytesLongSlot.fingerprint(slot)));
  }

  // ---- searching --------------------------------------------------------------------------------

  /** Returns the address of a key that is part of a segment, or of a copy of it. */
  private long locate(MemorySegment source, long offset, long byteSize) {
    Objects.checkFromIndexSize(offset, byteSize, source.byteSize());
    if (!source.isNative()) {
      return copyToScratch(source, offset, byteSize);
    }
    return Memory.addressOf(source) + offset;
  }

  private long copyToScratch(MemorySegment source, long offset, long byteSize) {
    core.requireOpen();
    if (byteSize > scratchByteSize) {
      long wanted = Math.max(MIN_SCRATCH, byteSize + (byteSize >>> 1));
      long larger = Allocations.allocate(allocator, wanted, KEY_ALIGNMENT);
      freeScratch();
      scratch = larger;
      scratchByteSize = wanted;
    }
    Memory.copyFrom(source, offset, scratch, byteSize);
    return scratch;
  }

  private void freeScratch() {
    if (scratch != Memory.NULL) {
      allocator.free(scratch, scratchByteSize, KEY_ALIGNMENT);
      scratch = Memory.NULL;
      scratchByteSize = 0;
    }
  }

  private long fingerprint(long address, long byteSize) {
    if (byteSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a key of " + byteSize + " bytes; expected at most " + Integer.MAX_VALUE);
    }
    return (Bytes.hash(address, byteSize, seed) & ~BytesLongSlot.SIZE_MASK) | byteSize;
  }

  /** Returns the address of the slot of a key, or NULL. */
  private long find(long address, long fingerprint) {
    TableCore table = core;
    long hash = BytesLongSlot.hash(fingerprint);
    long tag = Group.tag(hash);
    long home = hash & table.mask;
    long slot = table.slots + home * BytesLongSlot.SIZE;
    if (Memory.getByte(table.control + home) == tag && holds(slot, address, fingerprint)) {
      return slot;
    }
    return findBeyondHome(table, address, fingerprint, home);
  }

  private static long findBeyondHome(TableCore table, long address, long fingerprint, long home) {
    long tag = Group.tag(fingerprint);
    long position = home;
    while (true) {
      long group = Group.load(table.control + position);
      for (long found = Group.matching(group, tag); found != 0; found = Group.withoutFirst(found)) {
        long index = (position + Group.first(found)) & table.mask;
        long slot = table.slots + index * BytesLongSlot.SIZE;
        if (holds(slot, address, fingerprint)) {
          return slot;
        }
      }
      if (Group.empty(group) != 0) {
        return Memory.NULL;
      }
      position = (position + Group.SIZE) & table.mask;
    }
  }

  private static boolean holds(long slot, long address, long fingerprint) {
    return BytesLongSlot.fingerprint(slot) == fingerprint
        && Bytes.equal(
            BytesLongSlot.keyAddress(slot), address, fingerprint & BytesLongSlot.SIZE_MASK);
  }

  private long get(long address, long byteSize, long absent) {
    long slot = find(address, fingerprint(address, byteSize));
    if (slot == Memory.NULL) {
      core.requireOpen();
      return absent;
    }
    return BytesLongSlot.value(slot);
  }

  /**
   * Returns the value of a key.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table or the segment is closed
   */
  public long get(@Borrowed MemorySegment source, long offset, long byteSize, long absent) {
    try {
      return get(locate(source, offset, byteSize), byteSize, absent);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Returns the value of a key.
   *
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IllegalStateException if the table is closed
   */
  public long get(@Borrowed StringView key, long absent) {
    return get(key.address(), key.byteSize(), absent);
  }

  /**
   * Returns the value of a key.
   *
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws AllocationException if there is no room for the scratch copy of the key
   * @throws IllegalStateException if the table is closed
   */
  public long get(byte[] key, long absent) {
    return get(MemorySegment.ofArray(key), 0, key.length, absent);
  }

  // ---- inserting --------------------------------------------------------------------------------

  private long put(long address, long byteSize, long value, long absent) {
    long fingerprint = fingerprint(address, byteSize);
    long slot = find(address, fingerprint);
    if (slot == Memory.NULL) {
      insert(address, fingerprint, value);
      return absent;
    }
    long previous = BytesLongSlot.value(slot);
    BytesLongSlot.setValue(slot, value);
    return previous;
  }

  private long addTo(long address, long byteSize, long delta) {
    long fingerprint = fingerprint(address, byteSize);
    long slot = find(address, fingerprint);
    if (slot == Memory.NULL) {
      insert(address, fingerprint, delta);
      return delta;
    }
    long sum = BytesLongSlot.value(slot) + delta;
    BytesLongSlot.setValue(slot, sum);
    return sum;
  }

  private void insert(long address, long fingerprint, long value) {
    core.requireOpen();
    long byteSize = fingerprint & BytesLongSlot.SIZE_MASK;
    long key = copyKey(address, byteSize);
    long slot;
    try {
      slot = core.insert(BytesLongSlot.hash(fingerprint));
    } catch (RuntimeException | Error e) {
      freeKey(key, byteSize);
      throw e;
    }
    BytesLongSlot.set(slot, key, fingerprint, value);
  }

  private long copyKey(long address, long byteSize) {
    if (byteSize == 0) {
      return Memory.NULL;
    }
    long key = Allocations.allocate(allocator, byteSize, KEY_ALIGNMENT);
    Memory.copy(address, key, byteSize);
    return key;
  }

  private void freeKey(long key, long byteSize) {
    if (byteSize != 0) {
      allocator.free(key, byteSize, KEY_ALIGNMENT);
    }
  }

  /**
   * Gives a key a value.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param value its value from now on
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table or the segment is closed
   */
  public long put(
      @Borrowed MemorySegment source, long offset, long byteSize, long value, long absent) {
    try {
      return put(locate(source, offset, byteSize), byteSize, value, absent);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value from now on
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long put(@Borrowed StringView key, long value, long absent) {
    return put(key.address(), key.byteSize(), value, absent);
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value from now on
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long put(byte[] key, long value, long absent) {
    return put(MemorySegment.ofArray(key), 0, key.length, value, absent);
  }

  /**
   * Adds to the value of a key, which is 0 if the key is not there.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param delta what to add
   * @return the sum, which wraps around on overflow
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table or the segment is closed
   */
  public long addTo(@Borrowed MemorySegment source, long offset, long byteSize, long delta) {
    try {
      return addTo(locate(source, offset, byteSize), byteSize, delta);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Adds to the value of a key, which is 0 if the key is not there.
   *
   * @param key the key
   * @param delta what to add
   * @return the sum, which wraps around on overflow
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long addTo(@Borrowed StringView key, long delta) {
    return addTo(key.address(), key.byteSize(), delta);
  }

  /**
   * Adds to the value of a key, which is 0 if the key is not there.
   *
   * @param key the key
   * @param delta what to add
   * @return the sum, which wraps around on overflow
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long addTo(byte[] key, long delta) {
    return addTo(MemorySegment.ofArray(key), 0, key.length, delta);
  }

  // ---- removing ---------------------------------------------------------------------------------

  private long remove(long address, long byteSize, long absent) {
    long slot = find(address, fingerprint(address, byteSize));
    if (slot == Memory.NULL) {
      core.requireOpen();
      return absent;
    }
    long previous = BytesLongSlot.value(slot);
    freeKey(BytesLongSlot.keyAddress(slot), BytesLongSlot.keyByteSize(slot));
    core.removeAt((slot - core.slots) / BytesLongSlot.SIZE);
    return previous;
  }

  /**
   * Removes a key and frees the copy of it.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table or the segment is closed
   */
  public long remove(@Borrowed MemorySegment source, long offset, long byteSize, long absent) {
    try {
      return remove(locate(source, offset, byteSize), byteSize, absent);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Removes a key and frees the copy of it.
   *
   * @param key the key; if it is a view of the table's own copy, it is dead afterwards
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws IllegalStateException if the table is closed
   */
  public long remove(@Borrowed StringView key, long absent) {
    return remove(key.address(), key.byteSize(), absent);
  }

  /**
   * Removes a key and frees the copy of it.
   *
   * @param key the key
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room for the scratch copy of the key
   * @throws IllegalStateException if the table is closed
   */
  public long remove(byte[] key, long absent) {
    return remove(MemorySegment.ofArray(key), 0, key.length, absent);
  }

  /**
   * Removes every entry, frees their keys, and keeps the capacity. O(capacity).
   *
   * @throws IllegalStateException if the table is closed
   */
  public void clear() {
    core.requireOpen();
    freeKeys();
    core.clear();
  }

  private void freeKeys() {
    for (long index = core.nextFull(0); index >= 0; index = core.nextFull(index + 1)) {
      long slot = core.slot(index);
      freeKey(BytesLongSlot.keyAddress(slot), BytesLongSlot.keyByteSize(slot));
    }
  }

  // ---- all entries ------------------------------------------------------------------------------

  /**
   * Walks over the entries of a table, in no order. It is before the first one until {@link
   * #next()} is called, and useless once the table was changed.
   */
  @View
  public final class Cursor {
    private final int modifications = core.modifications;
    private long index = -1;

    private Cursor() {}

    /**
     * Moves on to the next entry.
     *
     * @return whether there is one; if not, the cursor must not be used any more
     * @throws ConcurrentModificationException if the table was changed, closed, or shrunk
     */
    public boolean next() {
      requireUnchanged();
      index = core.nextFull(index + 1);
      return index >= 0;
    }

    private long slot() {
      requireUnchanged();
      if (index < 0) {
        throw new IllegalStateException("the cursor is at no entry; call next() first");
      }
      return core.slot(index);
    }

    private void requireUnchanged() {
      if (core.modifications != modifications) {
        throw new ConcurrentModificationException("the table was changed under the cursor");
      }
    }

    /**
     * Returns the key of the entry.
     *
     * @return a view of it, valid until the table is changed
     */
    @View
    public StringView key() {
      long slot = slot();
      return new StringView(BytesLongSlot.keyAddress(slot), BytesLongSlot.keyByteSize(slot));
    }

    /**
     * Returns the size of the key.
     *
     * @return its size in bytes
     */
    public long keyByteSize() {
      return BytesLongSlot.keyByteSize(slot());
    }

    /**
     * Returns the value of the entry.
     *
     * @return its value
     */
    public long value() {
      return BytesLongSlot.value(slot());
    }

    /**
     * Gives the entry a value, which does not count as a change of the table.
     *
     * @param value its value from now on
     */
    public void setValue(long value) {
      BytesLongSlot.setValue(slot(), value);
    }
  }

  /**
   * Returns a cursor before the first entry.
   *
   * @return the cursor, valid until the table is changed or closed
   * @throws IllegalStateException if the table is closed
   */
  @View
  public Cursor cursor() {
    core.requireOpen();
    return new Cursor();
  }

  /**
   * Passes every entry on, in no order.
   *
   * @param consumer what takes them; it must not change the table
   * @throws ConcurrentModificationException if it did
   * @throws IllegalStateException if the table is closed
   */
  public void forEach(EntryConsumer consumer) {
    Cursor cursor = cursor();
    while (cursor.next()) {
      consumer.accept(cursor.key(), cursor.value());
    }
  }

  // ---- the whole table --------------------------------------------------------------------------

  /**
   * Returns the number of entries.
   *
   * @return their number
   * @throws IllegalStateException if the table is closed
   */
  public long size() {
    if (core.size == 0) {
      core.requireOpen();
    }
    return core.size;
  }

  /**
   * Says whether there are no entries.
   *
   * @return whether the size is 0
   * @throws IllegalStateException if the table is closed
   */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Returns how many entries fit before the table must grow.
   *
   * @return their number, those that are there included
   * @throws IllegalStateException if the table is closed
   */
  public long capacity() {
    core.requireOpen();
    return core.capacity();
  }

  /**
   * Makes room for a number of entries, so that up to it only their keys are allocated.
   *
   * @param entries their number, those that are there included, at least 0
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the number is negative or beyond any memory
   * @throws IllegalStateException if the table is closed
   */
  public void reserve(long entries) {
    core.reserve(entries);
  }

  /**
   * Shrinks the table to what its entries need, and frees its scratch memory.
   *
   * @throws AllocationException if there is no room for the smaller block beside the larger one;
   *     the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public void trimToSize() {
    core.trimToSize();
    freeScratch();
  }

  /** Frees the table's memory and all keys, in O(capacity). Closing it again does nothing. */
  @Override
  public void close() {
    freeKeys();
    freeScratch();
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
    for (long index = core.nextFull(0); index >= 0; index = core.nextFull(index + 1)) {
      long slot = core.slot(index);
      long fingerprint =
          fingerprint(BytesLongSlot.keyAddress(slot), BytesLongSlot.keyByteSize(slot));
      if (fingerprint != BytesLongSlot.fingerprint(slot)) {
        throw new AssertionError("slot " + index + " has not the fingerprint of its key");
      }
    }
  }

  @Override
  public String toString() {
    return "BytesLongTable(" + (core.isClosed() ? "closed" : core.size + " entries") + ")";
  }
}
