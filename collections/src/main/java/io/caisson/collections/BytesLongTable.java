package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ConcurrentModificationException;
import java.util.Map;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

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
   * Length. Each operation stands here for keys in segments, views and arrays, and three in four
   * lines are the contract of one; the algorithm is in BytesKeys and TableCore.
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

  private final BytesKeys keys;
  private final TableCore core;

  /**
   * Creates an empty table, which allocates when it gets its first entry.
   *
   * @param allocator where its memory comes from; must outlive it
   */
  public BytesLongTable(@Borrowed Allocator allocator) {
    keys = new BytesKeys(allocator, BytesSlot.SIZE, false);
    core = keys.core;
  }

  // ---- searching --------------------------------------------------------------------------------

  private long locate(MemorySegment source, long offset, long byteSize) {
    return keys.locate(source, offset, byteSize);
  }

  private long find(long address, long fingerprint) {
    return keys.find(address, fingerprint, BytesSlot.SIZE);
  }

  private long get(long address, long byteSize, long absent) {
    long slot = find(address, keys.fingerprint(address, byteSize));
    if (slot == Memory.NULL) {
      core.requireOpen();
      return absent;
    }
    return BytesSlot.value(slot);
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

  private boolean containsKey(long address, long byteSize) {
    if (find(address, keys.fingerprint(address, byteSize)) != Memory.NULL) {
      return true;
    }
    core.requireOpen();
    return false;
  }

  /**
   * Says whether a key is there.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @return whether it has a value
   * @throws AllocationException if there is no room for the scratch copy of a key on the heap
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table or the segment is closed
   */
  public boolean containsKey(@Borrowed MemorySegment source, long offset, long byteSize) {
    try {
      return containsKey(locate(source, offset, byteSize), byteSize);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws IllegalStateException if the table is closed
   */
  public boolean containsKey(@Borrowed StringView key) {
    return containsKey(key.address(), key.byteSize());
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws AllocationException if there is no room for the scratch copy of a key on the heap
   * @throws IllegalStateException if the table is closed
   */
  public boolean containsKey(byte[] key) {
    return containsKey(MemorySegment.ofArray(key), 0, key.length);
  }

  // ---- inserting --------------------------------------------------------------------------------

  private long put(long address, long byteSize, long value, long absent) {
    long fingerprint = keys.fingerprint(address, byteSize);
    long slot = find(address, fingerprint);
    if (slot == Memory.NULL) {
      insert(address, fingerprint, value);
      return absent;
    }
    long previous = BytesSlot.value(slot);
    BytesSlot.setValue(slot, value);
    return previous;
  }

  private long addTo(long address, long byteSize, long delta) {
    long fingerprint = keys.fingerprint(address, byteSize);
    long slot = find(address, fingerprint);
    if (slot == Memory.NULL) {
      insert(address, fingerprint, delta);
      return delta;
    }
    long sum = BytesSlot.value(slot) + delta;
    BytesSlot.setValue(slot, sum);
    return sum;
  }

  private void insert(long address, long fingerprint, long value) {
    BytesSlot.setValue(keys.insert(address, fingerprint, MemorySegment.NULL), value);
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

  private long putIfAbsent(long address, long byteSize, long value, long absent) {
    long fingerprint = keys.fingerprint(address, byteSize);
    long slot = find(address, fingerprint);
    if (slot == Memory.NULL) {
      insert(address, fingerprint, value);
      return absent;
    }
    return BytesSlot.value(slot);
  }

  private long merge(long address, long byteSize, long value, LongBinaryOperator function) {
    long fingerprint = keys.fingerprint(address, byteSize);
    long slot = find(address, fingerprint);
    if (slot == Memory.NULL) {
      insert(address, fingerprint, value);
      return value;
    }
    int modifications = core.modifications;
    long merged = function.applyAsLong(BytesSlot.value(slot), value);
    requireUnchanged(modifications);
    BytesSlot.setValue(slot, merged);
    return merged;
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param value its value if it has none
   * @param absent what to return if the key was not there
   * @return the value it has and keeps, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table or the segment is closed
   */
  public long putIfAbsent(
      @Borrowed MemorySegment source, long offset, long byteSize, long value, long absent) {
    try {
      return putIfAbsent(locate(source, offset, byteSize), byteSize, value, absent);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value if it has none
   * @param absent what to return if the key was not there
   * @return the value it has and keeps, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long putIfAbsent(@Borrowed StringView key, long value, long absent) {
    return putIfAbsent(key.address(), key.byteSize(), value, absent);
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value if it has none
   * @param absent what to return if the key was not there
   * @return the value it has and keeps, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long putIfAbsent(byte[] key, long value, long absent) {
    return putIfAbsent(MemorySegment.ofArray(key), 0, key.length, value, absent);
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param value the value
   * @param function what gets the old value and the new one; it must not change the table
   * @return the value that the key has from now on
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ConcurrentModificationException if the function changed the table; the value it
   *     returned is lost
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table or the segment is closed
   */
  public long merge(
      @Borrowed MemorySegment source,
      long offset,
      long byteSize,
      long value,
      LongBinaryOperator function) {
    try {
      return merge(locate(source, offset, byteSize), byteSize, value, function);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both.
   *
   * @param key the key
   * @param value the value
   * @param function what gets the old value and the new one; it must not change the table
   * @return the value that the key has from now on
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ConcurrentModificationException if the function changed the table; the value it
   *     returned is lost
   * @throws IllegalStateException if the table is closed
   */
  public long merge(@Borrowed StringView key, long value, LongBinaryOperator function) {
    return merge(key.address(), key.byteSize(), value, function);
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both.
   *
   * @param key the key
   * @param value the value
   * @param function what gets the old value and the new one; it must not change the table
   * @return the value that the key has from now on
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ConcurrentModificationException if the function changed the table; the value it
   *     returned is lost
   * @throws IllegalStateException if the table is closed
   */
  public long merge(byte[] key, long value, LongBinaryOperator function) {
    return merge(MemorySegment.ofArray(key), 0, key.length, value, function);
  }

  private long compute(long address, long byteSize, long initial, LongUnaryOperator function) {
    long fingerprint = keys.fingerprint(address, byteSize);
    long slot = find(address, fingerprint);
    if (slot == Memory.NULL) {
      core.requireOpen();
    }
    int modifications = core.modifications;
    long value = function.applyAsLong(slot == Memory.NULL ? initial : BytesSlot.value(slot));
    requireUnchanged(modifications);
    if (slot == Memory.NULL) {
      insert(address, fingerprint, value);
    } else {
      BytesSlot.setValue(slot, value);
    }
    return value;
  }

  private void requireUnchanged(int modifications) {
    if (core.modifications != modifications) {
      throw new ConcurrentModificationException("the function changed the table");
    }
  }

  /**
   * Computes the value of a key from the value it has.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param initial what the function gets if the key is not there
   * @param function what computes the new value; it must not change the table
   * @return the new value
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ConcurrentModificationException if the function changed the table; the value it
   *     returned is lost
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table or the segment is closed
   */
  public long compute(
      @Borrowed MemorySegment source,
      long offset,
      long byteSize,
      long initial,
      LongUnaryOperator function) {
    try {
      return compute(locate(source, offset, byteSize), byteSize, initial, function);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Computes the value of a key from the value it has.
   *
   * @param key the key
   * @param initial what the function gets if the key is not there
   * @param function what computes the new value; it must not change the table
   * @return the new value
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ConcurrentModificationException if the function changed the table; the value it
   *     returned is lost
   * @throws IllegalStateException if the table is closed
   */
  public long compute(@Borrowed StringView key, long initial, LongUnaryOperator function) {
    return compute(key.address(), key.byteSize(), initial, function);
  }

  /**
   * Computes the value of a key from the value it has.
   *
   * @param key the key
   * @param initial what the function gets if the key is not there
   * @param function what computes the new value; it must not change the table
   * @return the new value
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ConcurrentModificationException if the function changed the table; the value it
   *     returned is lost
   * @throws IllegalStateException if the table is closed
   */
  public long compute(byte[] key, long initial, LongUnaryOperator function) {
    return compute(MemorySegment.ofArray(key), 0, key.length, initial, function);
  }

  // ---- removing ---------------------------------------------------------------------------------

  private long remove(long address, long byteSize, long absent) {
    long slot = find(address, keys.fingerprint(address, byteSize));
    if (slot == Memory.NULL) {
      core.requireOpen();
      return absent;
    }
    long previous = BytesSlot.value(slot);
    keys.remove(slot);
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
    keys.clear();
  }

  // ---- all entries ------------------------------------------------------------------------------

  /**
   * Walks over the entries of a table, in no order, each once, and may remove them on the way. It
   * is before the first one until {@link #next()} is called, and useless once the table was changed
   * by other means or closed. Makes no object on the way, but for {@link #key()}.
   */
  @View
  public final class Cursor {
    private final TableWalk walk = new TableWalk(core);

    private Cursor() {}

    /**
     * Moves on to the next entry. At the end a table from which much was removed shrinks.
     *
     * @return whether there is one
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     */
    public boolean next() {
      return walk.next();
    }

    /**
     * Returns the key of the entry.
     *
     * @return a view of it, valid until the entry is removed or the table is closed
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    @View
    public StringView key() {
      long slot = walk.slot();
      return new StringView(BytesSlot.keyAddress(slot), BytesSlot.keyByteSize(slot));
    }

    /**
     * Returns the size of the key.
     *
     * @return its size in bytes
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    public long keyByteSize() {
      return BytesSlot.keyByteSize(walk.slot());
    }

    /**
     * Returns the value of the entry.
     *
     * @return its value
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    public long value() {
      return BytesSlot.value(walk.slot());
    }

    /**
     * Gives the entry a value, which does not count as a change of the table.
     *
     * @param value its value from now on
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    public void setValue(long value) {
      BytesSlot.setValue(walk.slot(), value);
    }

    /**
     * Removes the entry and frees the copy of its key; the cursor is then at none until it moves
     * on.
     *
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    public void remove() {
      keys.remove(walk);
    }
  }

  /**
   * Returns a cursor before the first entry.
   *
   * @return the cursor, valid until the table is changed by other means or closed
   * @throws IllegalStateException if the table is closed
   */
  @View
  public Cursor cursor() {
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
    keys.trimToSize();
  }

  // ---- files and views --------------------------------------------------------------------------

  /**
   * Writes all entries to a file, from the position of a channel on, with checksums. O(capacity).
   *
   * @param channel the channel; its position is after what was written when this returns
   * @throws UncheckedIOException if the channel throws
   * @throws IllegalStateException if the table is closed
   */
  public void save(FileChannel channel) {
    long byteSize = 0;
    for (Cursor cursor = cursor(); cursor.next(); ) {
      byteSize += 2 * Long.BYTES + cursor.keyByteSize();
    }
    StoreWriter writer = new StoreWriter(channel, StoredKind.BYTES_LONG_TABLE, 0, size(), byteSize);
    for (Cursor cursor = cursor(); cursor.next(); ) {
      writer.putLong(cursor.keyByteSize());
      writer.put(cursor.key().address(), cursor.keyByteSize());
      writer.putLong(cursor.value());
    }
    writer.finish();
  }

  /**
   * Reads all entries from a file that {@link #save} wrote. O(capacity).
   *
   * @param allocator where the memory of the table comes from; it must outlive it
   * @param channel the channel; its position is after what was read when this returns
   * @return a table, owned by the caller
   * @throws CorruptFileException if the file is cut off, was altered, or holds something else
   * @throws UncheckedIOException if the channel throws
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static BytesLongTable load(@Borrowed Allocator allocator, FileChannel channel) {
    BytesLongTable loaded = new BytesLongTable(allocator);
    try {
      StoreReader reader = new StoreReader(channel, StoredKind.BYTES_LONG_TABLE, 0);
      for (long i = 0; i < reader.count; i++) {
        long byteSize = reader.readByteSize();
        long key = loaded.keys.read(reader, byteSize);
        loaded.put(key, byteSize, reader.readLong(), 0);
      }
      reader.finish();
      reader.requireCount(loaded.size());
      return loaded;
    } catch (RuntimeException | Error e) {
      loaded.close();
      throw e;
    }
  }

  /**
   * Shows the table as a map of {@code java.util}, for users of that. It can be changed as the
   * table can, and each shows what the other does. Bytes go in and come out as buffers, from
   * position to limit; what comes out is a read-only copy on the heap, equal if its bytes are.
   *
   * @return a live view, valid until the table is closed; its size ends at {@link
   *     Integer#MAX_VALUE}, and its iterators fail fast
   * @throws IllegalStateException if the table is closed
   */
  @View
  public Map<ByteBuffer, Long> asMap() {
    size();
    return new MapView<>(new JavaUtilSources.OfBytesToLongs(this));
  }

  /** Frees the table's memory and all keys, in O(capacity). Closing it again does nothing. */
  @Override
  public void close() {
    keys.close();
  }

  void checkInvariants() {
    keys.checkInvariants();
  }

  @Override
  public String toString() {
    return "BytesLongTable(" + (core.isClosed() ? "closed" : core.size + " entries") + ")";
  }
}
