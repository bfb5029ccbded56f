package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.io.UncheckedIOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.util.ConcurrentModificationException;
import java.util.Map;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * A hash table from {@code long} to {@code long} in native memory, with open addressing.
 *
 * <p>Takes 16 bytes a slot, 17 in a table of up to 131,072 slots. At most 7/8 of the slots are
 * used, and their number is a power of two: 18 to 39 bytes an entry while it grows. It shrinks by
 * itself when entries are removed, if its allocator frees blocks one by one. Searching, inserting
 * and removing are expected O(1), growth amortised; a table never degrades under removal and
 * insertion. No operation makes a Java object.
 *
 * <p>Belongs to one thread at a time. It owns its block and frees it on {@link #close()}; after
 * that every operation throws {@link IllegalStateException}.
 */
public final class LongLongTable implements AutoCloseable {

  /** A slot of the table: a key, mixed, and its value. */
  static final class Slot {
    static final StructLayout LAYOUT =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("key"), ValueLayout.JAVA_LONG.withName("value"));

    static final long SIZE = LAYOUT.byteSize();
    static final long KEY = LAYOUT.byteOffset(PathElement.groupElement("key"));
    static final long VALUE = LAYOUT.byteOffset(PathElement.groupElement("value"));

    private Slot() {}

    static long value(long slot) {
      return Memory.getLong(slot + VALUE);
    }

    static void setValue(long slot, long value) {
      Memory.putLong(slot + VALUE, value);
    }
  }

  /** Takes the entries of a table, one by one. */
  @FunctionalInterface
  public interface EntryConsumer {
    /**
     * Takes one entry.
     *
     * @param key its key
     * @param value its value
     */
    void accept(long key, long value);
  }

  private final LongTableCore core;

  /**
   * Creates an empty table, which allocates when it gets its first entry.
   *
   * @param allocator where its memory comes from; must outlive it
   */
  public LongLongTable(@Borrowed Allocator allocator) {
    this(allocator, LongTableCore.TAGGED_CAPACITY);
  }

  LongLongTable(Allocator allocator, long taggedCapacity) {
    core = new LongTableCore(allocator, Slot.SIZE, taggedCapacity);
  }

  /** Returns the address of the slot of a mixed key, or NULL. */
  private long find(long mixed) {
    return LongTableCore.find(core, mixed, Slot.SIZE);
  }

  /**
   * Returns the value of a key.
   *
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IllegalStateException if the table is closed
   */
  public long get(long key, long absent) {
    long slot = find(core.mix(key));
    if (slot == Memory.NULL) {
      core.requireOpen();
      return absent;
    }
    return Slot.value(slot);
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws IllegalStateException if the table is closed
   */
  public boolean containsKey(long key) {
    if (find(core.mix(key)) != Memory.NULL) {
      return true;
    }
    core.requireOpen();
    return false;
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value from now on
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long put(long key, long value, long absent) {
    long mixed = core.mix(key);
    long slot = find(mixed);
    if (slot == Memory.NULL) {
      insert(mixed, value);
      return absent;
    }
    long previous = Slot.value(slot);
    Slot.setValue(slot, value);
    return previous;
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value if it has none
   * @param absent what to return if the key was not there
   * @return the value it has and keeps, or {@code absent}
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long putIfAbsent(long key, long value, long absent) {
    long mixed = core.mix(key);
    long slot = find(mixed);
    if (slot == Memory.NULL) {
      insert(mixed, value);
      return absent;
    }
    return Slot.value(slot);
  }

  /**
   * Adds to the value of a key, which is 0 if the key is not there.
   *
   * @param key the key
   * @param delta what to add
   * @return the sum, which wraps around on overflow
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long addTo(long key, long delta) {
    long mixed = core.mix(key);
    long slot = find(mixed);
    if (slot == Memory.NULL) {
      insert(mixed, delta);
      return delta;
    }
    long sum = Slot.value(slot) + delta;
    Slot.setValue(slot, sum);
    return sum;
  }

  /**
   * Computes the value of a key from the value it has.
   *
   * @param key the key
   * @param initial what the function gets if the key is not there
   * @param function what computes the new value; it must not change the table
   * @return the new value
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws ConcurrentModificationException if the function changed the table; the value it
   *     returned is lost
   * @throws IllegalStateException if the table is closed
   */
  public long compute(long key, long initial, LongUnaryOperator function) {
    long mixed = core.mix(key);
    long slot = find(mixed);
    if (slot == Memory.NULL) {
      core.requireOpen();
    }
    int modifications = core.modifications;
    long value = function.applyAsLong(slot == Memory.NULL ? initial : Slot.value(slot));
    requireUnchanged(modifications);
    store(slot, mixed, value);
    return value;
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both.
   *
   * @param key the key
   * @param value the value
   * @param function what gets the old value and the new one; it must not change the table
   * @return the value that the key has from now on
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws ConcurrentModificationException if the function changed the table; the value it
   *     returned is lost
   * @throws IllegalStateException if the table is closed
   */
  public long merge(long key, long value, LongBinaryOperator function) {
    long mixed = core.mix(key);
    long slot = find(mixed);
    long merged = value;
    if (slot != Memory.NULL) {
      int modifications = core.modifications;
      merged = function.applyAsLong(Slot.value(slot), value);
      requireUnchanged(modifications);
    }
    store(slot, mixed, merged);
    return merged;
  }

  private void requireUnchanged(int modifications) {
    if (core.modifications != modifications) {
      throw new ConcurrentModificationException("the function changed the table");
    }
  }

  private void store(long slot, long mixed, long value) {
    if (slot == Memory.NULL) {
      insert(mixed, value);
    } else {
      Slot.setValue(slot, value);
    }
  }

  private void insert(long mixed, long value) {
    Slot.setValue(core.insert(mixed), value);
  }

  /**
   * Removes a key.
   *
   * @param key the key
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws IllegalStateException if the table is closed
   */
  public long remove(long key, long absent) {
    long slot = find(core.mix(key));
    if (slot == Memory.NULL) {
      core.requireOpen();
      return absent;
    }
    long previous = Slot.value(slot);
    core.removeAt(slot);
    return previous;
  }

  /**
   * Walks over the entries of a table, in no order, each once, and may remove them on the way. It
   * is before the first one until {@link #next()} is called, and useless once the table was changed
   * by other means or closed. Makes no object on the way.
   */
  @View
  public final class Cursor {
    private final LongTableWalk walk = new LongTableWalk(core);

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
     * @return its key
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    public long key() {
      return core.key(walk.slot());
    }

    /**
     * Returns the value of the entry.
     *
     * @return its value
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    public long value() {
      return Slot.value(walk.slot());
    }

    /**
     * Gives the entry a value, which does not count as a change of the table.
     *
     * @param value its value from now on
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    public void setValue(long value) {
      Slot.setValue(walk.slot(), value);
    }

    /**
     * Removes the entry; the cursor is then at none until it moves on.
     *
     * @throws ConcurrentModificationException if the table was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no entry
     */
    public void remove() {
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
   * Passes every entry on, in no order.
   *
   * @param consumer what takes them; it must not change the table
   * @throws ConcurrentModificationException if it did
   * @throws IllegalStateException if the table is closed
   */
  public void forEach(EntryConsumer consumer) {
    core.requireOpen();
    int modifications = core.modifications;
    for (long index = core.nextFull(0); index >= 0; index = core.nextFull(index + 1)) {
      long slot = core.slot(index);
      consumer.accept(core.key(slot), Slot.value(slot));
      if (core.modifications != modifications) {
        throw new ConcurrentModificationException("the consumer changed the table");
      }
    }
  }

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
   * Shrinks the table to what its entries need; an empty one frees its block.
   *
   * @throws AllocationException if there is no room for the smaller block beside the larger one;
   *     the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public void trimToSize() {
    core.trimToSize();
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
    long byteSize = size() * Slot.SIZE;
    StoreWriter writer = new StoreWriter(channel, StoredKind.LONG_LONG_TABLE, 0, size(), byteSize);
    for (Cursor cursor = cursor(); cursor.next(); ) {
      writer.putLong(cursor.key());
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
  public static LongLongTable load(@Borrowed Allocator allocator, FileChannel channel) {
    LongLongTable loaded = new LongLongTable(allocator);
    try {
      StoreReader reader = new StoreReader(channel, StoredKind.LONG_LONG_TABLE, 0);
      for (long i = 0; i < reader.count; i++) {
        loaded.put(reader.readLong(), reader.readLong(), 0);
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
   * Shows the table as a map, which boxes what it touches: for users of {@code java.util}. It can
   * be changed as the table can, and each shows what the other does.
   *
   * @return a live view, valid until the table is closed; its size ends at {@link
   *     Integer#MAX_VALUE}, and its iterators fail fast
   * @throws IllegalStateException if the table is closed
   */
  @View
  public Map<Long, Long> asMap() {
    core.requireOpen();
    return new MapView<>(new JavaUtilSources.OfLongs(this));
  }

  /** Frees the table's memory. Closing it again does nothing. */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }

  long keyOfEmpty() {
    return core.keyOfEmpty();
  }

  long totalProbe() {
    return core.totalProbe();
  }

  long longestProbe() {
    return core.longestProbe();
  }

  @Override
  public String toString() {
    return "LongLongTable(" + (core.isClosed() ? "closed" : core.size + " entries") + ")";
  }
}
