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
import org.jspecify.annotations.Nullable;

/**
 * A hash table from byte strings to byte strings in native memory, with open addressing.
 *
 * <p>A key is any range of bytes, of 0 to {@link Integer#MAX_VALUE}, a value any range at all; the
 * table keeps copies of both, side by side in one block for each entry. Besides these it takes 25
 * bytes a slot, at most 7/8 of the slots are used, and their number is a power of two: 29 to 58
 * bytes an entry while it grows. It shrinks by itself when entries are removed, if its allocator
 * frees blocks one by one. Searching and removing are expected O(key size), inserting O(bytes),
 * growth amortised; a table never degrades under removal and insertion. No operation but those that
 * return a view makes a Java object that outlives it.
 *
 * <p>A larger key is an {@link IllegalArgumentException}. One that is on the Java heap is first
 * copied to scratch memory that the table takes from its allocator when it first needs it: with
 * such keys every operation, searching too, can throw {@link AllocationException}.
 *
 * <p>A view of a value is valid until the value of its key is replaced or removed, or the table is
 * closed; what happens to other entries, growth included, does not end it.
 *
 * <p>Belongs to one thread at a time. It owns its blocks and frees them on {@link #close()}; after
 * that every operation throws {@link IllegalStateException}.
 */
public final class BytesTable implements AutoCloseable {

  /*
   * Layout. The value in a slot is the size of the entry's value, which follows its key in the block
   * of both: so a read is the slot and one block. A value of another size gets a new block, which is
   * whole before the old one goes, so it may be copied from anywhere in the table.
   *
   * Length. Past 600 lines, for each operation stands here for segments, views and arrays, and three
   * in four lines are the contract of one; the algorithm is in BytesKeys and TableCore.
   */

  /** Takes the entries of a table, one by one. */
  @FunctionalInterface
  public interface EntryConsumer {
    /**
     * Takes one entry.
     *
     * @param key its key, a view that is valid until the entry is removed or the table is closed
     * @param value its value, a view that is valid until it is replaced or removed, or the table is
     *     closed
     */
    void accept(@View StringView key, @View StringView value);
  }

  /** What {@link #valueByteSize} returns for a key that is not there. */
  public static final long ABSENT = -1;

  private final BytesKeys keys;
  private final TableCore core;

  /**
   * Creates an empty table, which allocates when it gets its first entry.
   *
   * @param allocator where its memory comes from; must outlive it
   */
  public BytesTable(@Borrowed Allocator allocator) {
    keys = new BytesKeys(allocator, BytesSlot.SIZE, true);
    core = keys.core;
  }

  // ---- searching --------------------------------------------------------------------------------

  private long locate(MemorySegment key) {
    return keys.locate(key, 0, key.byteSize());
  }

  private long find(long address, long fingerprint) {
    return keys.find(address, fingerprint, BytesSlot.SIZE);
  }

  /** Returns the address of the slot of a key, or NULL if it is not there and the table open. */
  private long slot(long address, long byteSize) {
    long slot = find(address, keys.fingerprint(address, byteSize));
    if (slot == Memory.NULL) {
      core.requireOpen();
    }
    return slot;
  }

  private static long valueAddress(long slot) {
    return BytesSlot.keyAddress(slot) + BytesSlot.keyByteSize(slot);
  }

  private static StringView viewOfValue(long slot) {
    return new StringView(valueAddress(slot), BytesSlot.value(slot));
  }

  private @Nullable StringView get(long address, long byteSize) {
    long slot = slot(address, byteSize);
    return slot == Memory.NULL ? null : viewOfValue(slot);
  }

  private long valueByteSize(long address, long byteSize) {
    long slot = slot(address, byteSize);
    return slot == Memory.NULL ? ABSENT : BytesSlot.value(slot);
  }

  private boolean containsKey(long address, long byteSize) {
    return slot(address, byteSize) != Memory.NULL;
  }

  /**
   * Shows the value of a key without copying it.
   *
   * @param key the key, all bytes of the segment
   * @return a view of it, valid until it is replaced or removed, or the table is closed; null if
   *     the key is not there
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or the segment is closed
   */
  @View
  public @Nullable StringView get(@Borrowed MemorySegment key) {
    try {
      return get(locate(key), key.byteSize());
    } finally {
      Reference.reachabilityFence(key);
    }
  }

  /**
   * Shows the value of a key without copying it.
   *
   * @param key the key
   * @return a view of it, valid until it is replaced or removed, or the table is closed; null if
   *     the key is not there
   * @throws IllegalStateException if the table is closed
   */
  @View
  public @Nullable StringView get(@Borrowed StringView key) {
    return get(key.address(), key.byteSize());
  }

  /**
   * Shows the value of a key without copying it.
   *
   * @param key the key
   * @return a view of it, valid until it is replaced or removed, or the table is closed; null if
   *     the key is not there
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table is closed
   */
  @View
  public @Nullable StringView get(byte[] key) {
    return get(MemorySegment.ofArray(key));
  }

  /**
   * Returns the size of the value of a key.
   *
   * @param key the key, all bytes of the segment
   * @return its size in bytes, or {@link #ABSENT}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or the segment is closed
   */
  public long valueByteSize(@Borrowed MemorySegment key) {
    try {
      return valueByteSize(locate(key), key.byteSize());
    } finally {
      Reference.reachabilityFence(key);
    }
  }

  /**
   * Returns the size of the value of a key.
   *
   * @param key the key
   * @return its size in bytes, or {@link #ABSENT}
   * @throws IllegalStateException if the table is closed
   */
  public long valueByteSize(@Borrowed StringView key) {
    return valueByteSize(key.address(), key.byteSize());
  }

  /**
   * Returns the size of the value of a key.
   *
   * @param key the key
   * @return its size in bytes, or {@link #ABSENT}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table is closed
   */
  public long valueByteSize(byte[] key) {
    return valueByteSize(MemorySegment.ofArray(key));
  }

  /**
   * Copies the value of a key out.
   *
   * @param key the key, all bytes of the segment
   * @param destination where the value goes, on the heap or off it
   * @return the size of the value in bytes, or {@link #ABSENT}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IndexOutOfBoundsException if the value is larger than the destination, into which
   *     nothing is then copied
   * @throws IllegalStateException if the table or a segment is closed
   */
  public long copyValue(@Borrowed MemorySegment key, @Borrowed MemorySegment destination) {
    long slot;
    try {
      slot = slot(locate(key), key.byteSize());
    } finally {
      Reference.reachabilityFence(key);
    }
    if (slot == Memory.NULL) {
      return ABSENT;
    }
    long byteSize = BytesSlot.value(slot);
    if (byteSize > destination.byteSize()) {
      throw new IndexOutOfBoundsException(
          "a destination of "
              + destination.byteSize()
              + " bytes; expected room for a value of "
              + byteSize);
    }
    Memory.copyTo(valueAddress(slot), destination, 0, byteSize);
    return byteSize;
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key, all bytes of the segment
   * @return whether it has a value
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or the segment is closed
   */
  public boolean containsKey(@Borrowed MemorySegment key) {
    try {
      return containsKey(locate(key), key.byteSize());
    } finally {
      Reference.reachabilityFence(key);
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
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table is closed
   */
  public boolean containsKey(byte[] key) {
    return containsKey(MemorySegment.ofArray(key));
  }

  // ---- inserting --------------------------------------------------------------------------------

  private boolean put(long address, long byteSize, MemorySegment value) {
    long fingerprint = keys.fingerprint(address, byteSize);
    long slot = find(address, fingerprint);
    if (slot != Memory.NULL) {
      replace(slot, value);
      return false;
    }
    insert(address, fingerprint, value);
    return true;
  }

  private boolean putIfAbsent(long address, long byteSize, MemorySegment value) {
    long fingerprint = keys.fingerprint(address, byteSize);
    if (find(address, fingerprint) != Memory.NULL) {
      return false;
    }
    insert(address, fingerprint, value);
    return true;
  }

  private void insert(long address, long fingerprint, MemorySegment value) {
    BytesSlot.setValue(keys.insert(address, fingerprint, value), value.byteSize());
  }

  /** Replaces a value: in place if it has the same size, else by a new block, made first. */
  private void replace(long slot, MemorySegment value) {
    long byteSize = value.byteSize();
    if (byteSize == BytesSlot.value(slot)) {
      Memory.copyFrom(value, 0, valueAddress(slot), byteSize);
      return;
    }
    long block = keys.copyToBlock(BytesSlot.keyAddress(slot), BytesSlot.keyByteSize(slot), value);
    keys.freeBlockOf(slot);
    BytesSlot.setKeyAddress(slot, block);
    BytesSlot.setValue(slot, byteSize);
  }

  /**
   * Gives a key a value.
   *
   * @param key the key, all bytes of the segment
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table or a segment is closed
   */
  public boolean put(@Borrowed MemorySegment key, @Borrowed MemorySegment value) {
    try {
      return put(locate(key), key.byteSize(), value);
    } finally {
      Reference.reachabilityFence(key);
    }
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public boolean put(@Borrowed StringView key, @Borrowed StringView value) {
    return put(key.address(), key.byteSize(), value.segment());
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value, copied
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public boolean put(byte[] key, byte[] value) {
    return put(MemorySegment.ofArray(key), MemorySegment.ofArray(value));
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key, all bytes of the segment
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table or a segment is closed
   */
  public boolean putIfAbsent(@Borrowed MemorySegment key, @Borrowed MemorySegment value) {
    try {
      return putIfAbsent(locate(key), key.byteSize(), value);
    } finally {
      Reference.reachabilityFence(key);
    }
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public boolean putIfAbsent(@Borrowed StringView key, @Borrowed StringView value) {
    return putIfAbsent(key.address(), key.byteSize(), value.segment());
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value, copied
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public boolean putIfAbsent(byte[] key, byte[] value) {
    return putIfAbsent(MemorySegment.ofArray(key), MemorySegment.ofArray(value));
  }

  // ---- removing ---------------------------------------------------------------------------------

  private boolean remove(long address, long byteSize) {
    long slot = slot(address, byteSize);
    if (slot == Memory.NULL) {
      return false;
    }
    keys.remove(slot);
    return true;
  }

  /**
   * Removes a key and its value, and frees the copies of both.
   *
   * @param key the key, all bytes of the segment
   * @return whether it was there
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or the segment is closed
   */
  public boolean remove(@Borrowed MemorySegment key) {
    try {
      return remove(locate(key), key.byteSize());
    } finally {
      Reference.reachabilityFence(key);
    }
  }

  /**
   * Removes a key and its value, and frees the copies of both.
   *
   * @param key the key
   * @return whether it was there
   * @throws IllegalStateException if the table is closed
   */
  public boolean remove(@Borrowed StringView key) {
    return remove(key.address(), key.byteSize());
  }

  /**
   * Removes a key and its value, and frees the copies of both.
   *
   * @param key the key
   * @return whether it was there
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table is closed
   */
  public boolean remove(byte[] key) {
    return remove(MemorySegment.ofArray(key));
  }

  // ---- all entries ------------------------------------------------------------------------------

  /**
   * Walks over the entries of a table, in no order, each once, and may remove them on the way. It
   * is before the first one until {@link #next()} is called, and useless once the table was changed
   * by other means or closed. Makes no object on the way, but for views.
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
     * @return a view of it, valid until it is replaced or removed, or the table is closed
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    @View
    public StringView value() {
      return viewOfValue(walk.slot());
    }

    /**
     * Removes the entry and frees the copies of key and value; the cursor is then at none until it
     * moves on.
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
   * Removes every entry, frees their copies, and keeps the capacity. O(capacity).
   *
   * @throws IllegalStateException if the table is closed
   */
  public void clear() {
    keys.clear();
  }

  /**
   * Makes room for a number of entries, so that up to it only keys and values are allocated.
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
      byteSize += 2 * Long.BYTES + cursor.keyByteSize() + cursor.value().byteSize();
    }
    StoreWriter writer = new StoreWriter(channel, StoredKind.BYTES_TABLE, 0, size(), byteSize);
    for (Cursor cursor = cursor(); cursor.next(); ) {
      StringView value = cursor.value();
      writer.putLong(cursor.keyByteSize());
      writer.put(cursor.key().address(), cursor.keyByteSize());
      writer.putLong(value.byteSize());
      writer.put(value.address(), value.byteSize());
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
  public static BytesTable load(@Borrowed Allocator allocator, FileChannel channel) {
    BytesTable loaded = new BytesTable(allocator);
    VectorCore value = new VectorCore(allocator, 1, 1);
    try {
      StoreReader reader = new StoreReader(channel, StoredKind.BYTES_TABLE, 0);
      for (long i = 0; i < reader.count; i++) {
        long keyByteSize = reader.readByteSize();
        long key = loaded.keys.read(reader, keyByteSize);
        value.clear();
        long valueByteSize = reader.readByteSize();
        reader.read(value.room(valueByteSize), valueByteSize);
        value.commit(valueByteSize);
        Slice bytes = value.asSlice();
        loaded.put(key, keyByteSize, Memory.segment(bytes.address(), bytes.byteSize()));
      }
      reader.finish();
      reader.requireCount(loaded.size());
      return loaded;
    } catch (RuntimeException | Error e) {
      loaded.close();
      throw e;
    } finally {
      value.close();
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
  public Map<ByteBuffer, ByteBuffer> asMap() {
    size();
    return new MapView<>(new JavaUtilSources.OfBytes(this));
  }

  /** Frees the table's memory and all copies, in O(capacity). Closing it again does nothing. */
  @Override
  public void close() {
    keys.close();
  }

  void checkInvariants() {
    keys.checkInvariants();
  }

  @Override
  public String toString() {
    return "BytesTable(" + (core.isClosed() ? "closed" : core.size + " entries") + ")";
  }
}
