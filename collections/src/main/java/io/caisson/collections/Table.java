package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.util.ConcurrentModificationException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash table from records to records in native memory, with open addressing.
 *
 * <p>{@link RecordCodec}s say how they lie there. Keys are hashed and compared by their bytes, so
 * they are equal if the {@code equals} that records have by themselves says so, and arrays in them
 * if their bytes are equal.
 *
 * <p>Takes, for each slot, a byte, the key, and the value, rounded up to 8 bytes; at most 7/8 of
 * the slots are used, and their number is a power of two. It shrinks by itself when entries are
 * removed, if its allocator frees blocks one by one. Searching, inserting and removing are expected
 * O(size of an entry), growth amortised; a table never degrades under removal and insertion. Only
 * what returns a record makes one.
 *
 * <p>Belongs to one thread at a time. It owns its memory, a block and room for the one entry that
 * it is asked about, and frees it on {@link #close()}; after that every operation throws {@link
 * IllegalStateException}.
 *
 * @param <K> the record class of the keys
 * @param <V> the record class of the values
 */
public final class Table<K extends Record, V extends Record> implements AutoCloseable {

  /*
   * Layout. A slot, and the scratch memory likewise, is a key, padding to the alignment of the
   * value, the value, and padding to 8 bytes, of which nobody reads the content. The entry of an
   * operation is encoded in the scratch memory first, where what does not fit fails, and is copied
   * to its slot when nothing can fail any more.
   */

  private static final long SLOT_ALIGNMENT = Long.BYTES;

  private final RecordCodec<K> keyCodec;
  private final RecordCodec<V> valueCodec;
  private final long valueOffset;
  private final long stride;
  private final RecordKeys keys;
  private final TableCore core;
  private final KeyScratch scratch;

  /**
   * Creates an empty table, which allocates when it is first asked for a key.
   *
   * @param allocator where its memory comes from; must outlive it
   * @param keyCodec how keys lie in memory
   * @param valueCodec how values lie in memory
   */
  public Table(@Borrowed Allocator allocator, RecordCodec<K> keyCodec, RecordCodec<V> valueCodec) {
    this.keyCodec = keyCodec;
    this.valueCodec = valueCodec;
    this.valueOffset = align(keyCodec.byteSize(), valueCodec.byteAlignment());
    this.stride = align(valueOffset + valueCodec.byteSize(), SLOT_ALIGNMENT);
    RecordKeys hashes = new RecordKeys(keyCodec.byteSize(), stride);
    this.keys = hashes;
    this.core = new TableCore(allocator, stride, hashes::hash);
    this.scratch = new KeyScratch(allocator);
  }

  private static long align(long byteSize, long byteAlignment) {
    return (byteSize + byteAlignment - 1) & -byteAlignment;
  }

  /** Encodes a key, and returns its address, until the next one. */
  private long encode(K key) {
    core.requireOpen();
    long entry = scratch.room(stride);
    keyCodec.write(key, entry);
    return entry;
  }

  private long find(K key) {
    long entry = encode(key);
    return keys.find(core, entry, keys.hash(entry));
  }

  /**
   * Returns the value of a key.
   *
   * @param key the key
   * @return a new record, or null if the key is not there
   * @throws IllegalArgumentException if a component of the key does not fit, see {@link
   *     RecordCodec#encode}
   * @throws AllocationException if there is no room for the encoded key, the first time
   * @throws IllegalStateException if the table is closed
   */
  public @Nullable V get(K key) {
    long index = find(key);
    return index < 0 ? null : valueCodec.read(core.slot(index) + valueOffset);
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws IllegalArgumentException if a component of the key does not fit, see {@link
   *     RecordCodec#encode}
   * @throws AllocationException if there is no room for the encoded key, the first time
   * @throws IllegalStateException if the table is closed
   */
  public boolean containsKey(K key) {
    return find(key) >= 0;
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value from now on
   * @return whether the key was not there
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     the table is unchanged
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public boolean put(K key, V value) {
    return store(key, value, true);
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value if it has none
   * @return whether the key was not there
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     the table is unchanged
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public boolean putIfAbsent(K key, V value) {
    return store(key, value, false);
  }

  private boolean store(K key, V value, boolean replaces) {
    long entry = encode(key);
    valueCodec.write(value, entry + valueOffset);
    return store(entry, replaces);
  }

  /** Stores the entry that is in the scratch memory. */
  private boolean store(long entry, boolean replaces) {
    long hash = keys.hash(entry);
    long index = keys.find(core, entry, hash);
    if (index < 0) {
      Memory.copy(entry, core.insert(hash), stride);
      return true;
    }
    if (replaces) {
      long slot = core.slot(index);
      Memory.copy(entry + valueOffset, slot + valueOffset, valueCodec.byteSize());
    }
    return false;
  }

  /**
   * Removes a key and its value.
   *
   * @param key the key
   * @return whether it was there
   * @throws IllegalArgumentException if a component of the key does not fit, see {@link
   *     RecordCodec#encode}
   * @throws AllocationException if there is no room for the encoded key, the first time
   * @throws IllegalStateException if the table is closed
   */
  public boolean remove(K key) {
    long index = find(key);
    if (index < 0) {
      return false;
    }
    core.removeAt(index);
    return true;
  }

  // ---- all entries ------------------------------------------------------------------------------

  /**
   * Shows the key or the value of the entry that a cursor is at. Valid as long as the cursor.
   *
   * @param <R> the record class
   */
  @View
  public static final class Part<R extends Record> extends RecordView<R> {
    private final TableWalk walk;
    private final long byteOffset;
    private final boolean isKey;

    private Part(RecordCodec<R> codec, TableWalk walk, long byteOffset, boolean isKey) {
      super(codec);
      this.walk = walk;
      this.byteOffset = byteOffset;
      this.isKey = isKey;
    }

    @Override
    long address() {
      return walk.slot() + byteOffset;
    }

    @Override
    long addressToWrite() {
      if (isKey) {
        throw new IllegalStateException("a key cannot be written; expected a value");
      }
      return address();
    }
  }

  /**
   * Walks over the entries of a table, in no order, each once, and may remove them on the way. It
   * is before the first one until {@link #next()} is called, and useless once the table was changed
   * by other means or closed. Makes no object on the way, but for records.
   */
  @View
  public final class Cursor {
    private final TableWalk walk = new TableWalk(core);
    private final Part<K> key = new Part<>(keyCodec, walk, 0, true);
    private final Part<V> value = new Part<>(valueCodec, walk, valueOffset, false);

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
     * Shows the key of the entry, which cannot be written.
     *
     * @return a view, the same for every entry, valid as long as the cursor
     */
    @View
    public RecordView<K> key() {
      return key;
    }

    /**
     * Shows the value of the entry, which can be written and does not count as a change.
     *
     * @return a view, the same for every entry, valid as long as the cursor
     */
    @View
    public RecordView<V> value() {
      return value;
    }

    /**
     * Removes the entry; the cursor is then at none until it moves on.
     *
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    public void remove() {
      walk.slot();
      walk.remove();
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
   * Passes every entry on, in no order, as new records.
   *
   * @param consumer what takes them; it must not change the table
   * @throws ConcurrentModificationException if it did
   * @throws IllegalStateException if the table is closed
   */
  public void forEach(BiConsumer<? super K, ? super V> consumer) {
    Cursor cursor = cursor();
    while (cursor.next()) {
      consumer.accept(cursor.key().get(), cursor.value().get());
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
   * Removes every entry and keeps the capacity. O(capacity).
   *
   * @throws IllegalStateException if the table is closed
   */
  public void clear() {
    core.clear();
  }

  /**
   * Makes room for a number of entries, so that inserting up to it does not allocate.
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
   * Shrinks the table to what its entries need; an empty one frees all its memory.
   *
   * @throws AllocationException if there is no room for the smaller block beside the larger one;
   *     the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public void trimToSize() {
    core.trimToSize();
    scratch.free();
  }

  /**
   * Writes all entries to a file, from the position of a channel on, with checksums. O(capacity).
   *
   * @param channel the channel; its position is after what was written when this returns
   * @throws UncheckedIOException if the channel throws
   * @throws IllegalStateException if the table is closed
   */
  public void save(FileChannel channel) {
    long entryByteSize = keyCodec.byteSize() + valueCodec.byteSize();
    StoreWriter writer =
        new StoreWriter(
            channel,
            StoredKind.RECORD_TABLE,
            entryByteSize,
            size(),
            2 * Long.BYTES + size() * entryByteSize);
    writer.putLong(keyCodec.shapeChecksum());
    writer.putLong(valueCodec.shapeChecksum());
    for (TableWalk walk = new TableWalk(core); walk.next(); ) {
      writer.put(walk.slot(), keyCodec.byteSize());
      writer.put(walk.slot() + valueOffset, valueCodec.byteSize());
    }
    writer.finish();
  }

  /**
   * Reads all entries from a file that {@link #save} wrote. O(capacity).
   *
   * @param <K> the record class of the keys
   * @param <V> the record class of the values
   * @param allocator where the memory of the table comes from; it must outlive it
   * @param keyCodec that of the table that was saved, or one of a record class with components of
   *     the same names and types
   * @param valueCodec likewise
   * @param channel the channel; its position is after what was read when this returns
   * @return a table, owned by the caller
   * @throws CorruptFileException if the file is cut off, was altered, or holds something else
   * @throws UncheckedIOException if the channel throws
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static <K extends Record, V extends Record> Table<K, V> load(
      @Borrowed Allocator allocator,
      RecordCodec<K> keyCodec,
      RecordCodec<V> valueCodec,
      FileChannel channel) {
    Table<K, V> loaded = new Table<>(allocator, keyCodec, valueCodec);
    try {
      long entryByteSize = keyCodec.byteSize() + valueCodec.byteSize();
      StoreReader reader = new StoreReader(channel, StoredKind.RECORD_TABLE, entryByteSize);
      reader.requireShape(keyCodec);
      reader.requireShape(valueCodec);
      for (long i = 0; i < reader.count; i++) {
        long entry = loaded.scratch.room(loaded.stride);
        reader.read(entry, keyCodec.byteSize());
        reader.read(entry + loaded.valueOffset, valueCodec.byteSize());
        loaded.store(entry, true);
      }
      reader.finish();
      reader.requireCount(loaded.size());
      return loaded;
    } catch (RuntimeException | Error e) {
      loaded.close();
      throw e;
    }
  }

  /** Frees the table's memory. Closing it again does nothing. */
  @Override
  public void close() {
    core.close();
    scratch.free();
  }

  void checkInvariants() {
    core.checkInvariants();
    keys.checkUnique(core);
  }

  @Override
  public String toString() {
    return "Table(" + (core.isClosed() ? "closed" : core.size + " entries") + ")";
  }
}
