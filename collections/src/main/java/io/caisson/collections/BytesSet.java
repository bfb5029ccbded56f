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
import java.util.Set;
import java.util.function.Consumer;

/**
 * A hash set of byte strings in native memory, with open addressing.
 *
 * <p>A value is any range of bytes, of 0 to {@link Integer#MAX_VALUE}; the set keeps a copy of it
 * in a block of its own. Besides the values it takes 17 bytes a slot, at most 7/8 of the slots are
 * used, and their number is a power of two: 20 to 39 bytes a value while it grows. It shrinks by
 * itself when values are removed, if its allocator frees blocks one by one. Searching, inserting
 * and removing are expected O(value size), growth amortised; a set never degrades under removal and
 * insertion. No operation but {@link Cursor#value()} makes a Java object.
 *
 * <p>A larger one is an {@link IllegalArgumentException}. A value may be passed as part of a
 * segment, as a view, or as an array. One that is on the Java heap is first copied to scratch
 * memory that the set takes from its allocator when it first needs it: with such values every
 * operation, searching too, can throw {@link AllocationException}.
 *
 * <p>Belongs to one thread at a time. It owns its blocks and frees them on {@link #close()}; after
 * that every operation throws {@link IllegalStateException}.
 */
public final class BytesSet implements AutoCloseable {

  private final BytesKeys keys;
  private final TableCore core;

  /**
   * Creates an empty set, which allocates when it gets its first value.
   *
   * @param allocator where its memory comes from; must outlive it
   */
  public BytesSet(@Borrowed Allocator allocator) {
    keys = new BytesKeys(allocator, BytesSlot.KEY_SIZE, false);
    core = keys.core;
  }

  private long locate(MemorySegment source, long offset, long byteSize) {
    return keys.locate(source, offset, byteSize);
  }

  private boolean contains(long address, long byteSize) {
    long fingerprint = keys.fingerprint(address, byteSize);
    if (keys.find(address, fingerprint, BytesSlot.KEY_SIZE) != Memory.NULL) {
      return true;
    }
    core.requireOpen();
    return false;
  }

  private boolean add(long address, long byteSize) {
    long fingerprint = keys.fingerprint(address, byteSize);
    if (keys.find(address, fingerprint, BytesSlot.KEY_SIZE) != Memory.NULL) {
      return false;
    }
    keys.insert(address, fingerprint, MemorySegment.NULL);
    return true;
  }

  private boolean remove(long address, long byteSize) {
    long slot = keys.find(address, keys.fingerprint(address, byteSize), BytesSlot.KEY_SIZE);
    if (slot == Memory.NULL) {
      core.requireOpen();
      return false;
    }
    keys.remove(slot);
    return true;
  }

  /**
   * Says whether a value is there.
   *
   * @param source a segment that holds the value
   * @param offset where in it the value starts
   * @param byteSize the size of the value in bytes
   * @return whether it is
   * @throws AllocationException if there is no room for the scratch copy of a value on the heap
   * @throws IndexOutOfBoundsException if the value is not inside the segment
   * @throws IllegalStateException if the set or the segment is closed
   */
  public boolean contains(@Borrowed MemorySegment source, long offset, long byteSize) {
    try {
      return contains(locate(source, offset, byteSize), byteSize);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Says whether a value is there.
   *
   * @param value the value
   * @return whether it is
   * @throws IllegalStateException if the set is closed
   */
  public boolean contains(@Borrowed StringView value) {
    return contains(value.address(), value.byteSize());
  }

  /**
   * Says whether a value is there.
   *
   * @param value the value
   * @return whether it is
   * @throws AllocationException if there is no room for the scratch copy of a value on the heap
   * @throws IllegalStateException if the set is closed
   */
  public boolean contains(byte[] value) {
    return contains(MemorySegment.ofArray(value), 0, value.length);
  }

  /**
   * Adds a copy of a value, unless it is there.
   *
   * @param source a segment that holds the value
   * @param offset where in it the value starts
   * @param byteSize the size of the value in bytes
   * @return whether it was not there
   * @throws AllocationException if there is no room; the set is unchanged
   * @throws IndexOutOfBoundsException if the value is not inside the segment
   * @throws IllegalStateException if the set or the segment is closed
   */
  public boolean add(@Borrowed MemorySegment source, long offset, long byteSize) {
    try {
      return add(locate(source, offset, byteSize), byteSize);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Adds a copy of a value, unless it is there.
   *
   * @param value the value
   * @return whether it was not there
   * @throws AllocationException if there is no room; the set is unchanged
   * @throws IllegalStateException if the set is closed
   */
  public boolean add(@Borrowed StringView value) {
    return add(value.address(), value.byteSize());
  }

  /**
   * Adds a copy of a value, unless it is there.
   *
   * @param value the value
   * @return whether it was not there
   * @throws AllocationException if there is no room; the set is unchanged
   * @throws IllegalStateException if the set is closed
   */
  public boolean add(byte[] value) {
    return add(MemorySegment.ofArray(value), 0, value.length);
  }

  /**
   * Removes a value and frees the copy of it.
   *
   * @param source a segment that holds the value
   * @param offset where in it the value starts
   * @param byteSize the size of the value in bytes
   * @return whether it was there
   * @throws AllocationException if there is no room for the scratch copy of a value on the heap
   * @throws IndexOutOfBoundsException if the value is not inside the segment
   * @throws IllegalStateException if the set or the segment is closed
   */
  public boolean remove(@Borrowed MemorySegment source, long offset, long byteSize) {
    try {
      return remove(locate(source, offset, byteSize), byteSize);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Removes a value and frees the copy of it.
   *
   * @param value the value
   * @return whether it was there
   * @throws IllegalStateException if the set is closed
   */
  public boolean remove(@Borrowed StringView value) {
    return remove(value.address(), value.byteSize());
  }

  /**
   * Removes a value and frees the copy of it.
   *
   * @param value the value
   * @return whether it was there
   * @throws AllocationException if there is no room for the scratch copy of a value on the heap
   * @throws IllegalStateException if the set is closed
   */
  public boolean remove(byte[] value) {
    return remove(MemorySegment.ofArray(value), 0, value.length);
  }

  /**
   * Walks over the values of a set, in no order, each once, and may remove them on the way. It is
   * before the first one until {@link #next()} is called, and useless once the set was changed by
   * other means or closed. Makes no object on the way, but for {@link #value()}.
   */
  @View
  public final class Cursor {
    private final TableWalk walk = new TableWalk(core);

    private Cursor() {}

    /**
     * Moves on to the next value. At the end a set from which much was removed shrinks.
     *
     * @return whether there is one
     * @throws ConcurrentModificationException if the set was changed by other means, or closed
     */
    public boolean next() {
      return walk.next();
    }

    /**
     * Returns the value.
     *
     * @return a view of it, valid until it is removed or the set is closed
     * @throws ConcurrentModificationException if the set was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no value
     */
    @View
    public StringView value() {
      long slot = walk.slot();
      return new StringView(BytesSlot.keyAddress(slot), BytesSlot.keyByteSize(slot));
    }

    /**
     * Returns the size of the value.
     *
     * @return its size in bytes
     * @throws ConcurrentModificationException if the set was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no value
     */
    public long valueByteSize() {
      return BytesSlot.keyByteSize(walk.slot());
    }

    /**
     * Removes the value and frees the copy of it; the cursor is then at none until it moves on.
     *
     * @throws ConcurrentModificationException if the set was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no value
     */
    public void remove() {
      keys.remove(walk);
    }
  }

  /**
   * Returns a cursor before the first value.
   *
   * @return the cursor, valid until the set is changed by other means or closed
   * @throws IllegalStateException if the set is closed
   */
  @View
  public Cursor cursor() {
    return new Cursor();
  }

  /**
   * Passes every value on, in no order.
   *
   * @param consumer what takes views of them, valid until the value is removed or the set is
   *     closed; it must not change the set
   * @throws ConcurrentModificationException if it did
   * @throws IllegalStateException if the set is closed
   */
  public void forEach(Consumer<StringView> consumer) {
    Cursor cursor = cursor();
    while (cursor.next()) {
      consumer.accept(cursor.value());
    }
  }

  /**
   * Returns the number of values.
   *
   * @return their number
   * @throws IllegalStateException if the set is closed
   */
  public long size() {
    if (core.size == 0) {
      core.requireOpen();
    }
    return core.size;
  }

  /**
   * Says whether there are no values.
   *
   * @return whether the size is 0
   * @throws IllegalStateException if the set is closed
   */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Returns how many values fit before the set must grow.
   *
   * @return their number, those that are there included
   * @throws IllegalStateException if the set is closed
   */
  public long capacity() {
    core.requireOpen();
    return core.capacity();
  }

  /**
   * Removes every value, frees their copies, and keeps the capacity. O(capacity).
   *
   * @throws IllegalStateException if the set is closed
   */
  public void clear() {
    keys.clear();
  }

  /**
   * Makes room for a number of values, so that up to it only their copies are allocated.
   *
   * @param values their number, those that are there included, at least 0
   * @throws AllocationException if there is no room; the set is unchanged
   * @throws IllegalArgumentException if the number is negative or beyond any memory
   * @throws IllegalStateException if the set is closed
   */
  public void reserve(long values) {
    core.reserve(values);
  }

  /**
   * Shrinks the set to what its values need, and frees its scratch memory.
   *
   * @throws AllocationException if there is no room for the smaller block beside the larger one;
   *     the set is unchanged
   * @throws IllegalStateException if the set is closed
   */
  public void trimToSize() {
    keys.trimToSize();
  }

  // ---- files and views --------------------------------------------------------------------------

  /**
   * Writes all values to a file, from the position of a channel on, with checksums. O(capacity).
   *
   * @param channel the channel; its position is after what was written when this returns
   * @throws UncheckedIOException if the channel throws
   * @throws IllegalStateException if the set is closed
   */
  public void save(FileChannel channel) {
    long byteSize = 0;
    for (Cursor cursor = cursor(); cursor.next(); ) {
      byteSize += Long.BYTES + cursor.valueByteSize();
    }
    StoreWriter writer = new StoreWriter(channel, StoredKind.BYTES_SET, 0, size(), byteSize);
    for (Cursor cursor = cursor(); cursor.next(); ) {
      writer.putLong(cursor.valueByteSize());
      writer.put(cursor.value().address(), cursor.valueByteSize());
    }
    writer.finish();
  }

  /**
   * Reads all values from a file that {@link #save} wrote. O(capacity).
   *
   * @param allocator where the memory of the set comes from; it must outlive it
   * @param channel the channel; its position is after what was read when this returns
   * @return a set, owned by the caller
   * @throws CorruptFileException if the file is cut off, was altered, or holds something else
   * @throws UncheckedIOException if the channel throws
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static BytesSet load(@Borrowed Allocator allocator, FileChannel channel) {
    BytesSet loaded = new BytesSet(allocator);
    try {
      StoreReader reader = new StoreReader(channel, StoredKind.BYTES_SET, 0);
      for (long i = 0; i < reader.count; i++) {
        long byteSize = reader.readByteSize();
        loaded.add(loaded.keys.read(reader, byteSize), byteSize);
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
   * Shows the set as a set of {@code java.util}, for users of that. It can be changed as the set
   * can, and each shows what the other does. Bytes go in and come out as buffers, from position to
   * limit; what comes out is a read-only copy on the heap, equal if its bytes are.
   *
   * @return a live view, valid until the set is closed; its size ends at {@link Integer#MAX_VALUE},
   *     and its iterators fail fast
   * @throws IllegalStateException if the set is closed
   */
  @View
  public Set<ByteBuffer> asSet() {
    size();
    return new SetView<>(new JavaUtilSources.OfBytesSet(this));
  }

  /** Frees the set's memory and all values, in O(capacity). Closing it again does nothing. */
  @Override
  public void close() {
    keys.close();
  }

  void checkInvariants() {
    keys.checkInvariants();
  }

  @Override
  public String toString() {
    return "BytesSet(" + (core.isClosed() ? "closed" : core.size + " values") + ")";
  }
}
