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
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * A hash set of {@code long} values in native memory, with open addressing.
 *
 * <p>Takes 8 bytes a slot, 9 in a set of up to 131,072 slots. At most 7/8 of the slots are used,
 * and their number is a power of two: 9 to 21 bytes a value while it grows. It shrinks by itself
 * when values are removed, if its allocator frees blocks one by one. Searching, inserting and
 * removing are expected O(1), growth amortised; a set never degrades under removal and insertion.
 * No operation makes a Java object.
 *
 * <p>Belongs to one thread at a time. It owns its block and frees it on {@link #close()}; after
 * that every operation throws {@link IllegalStateException}.
 */
public final class LongSet implements AutoCloseable {

  /** A slot is a value and nothing else. */
  private static final long STRIDE = Long.BYTES;

  private final LongTableCore core;

  /**
   * Creates an empty set, which allocates when it gets its first value.
   *
   * @param allocator where its memory comes from; must outlive it
   */
  public LongSet(@Borrowed Allocator allocator) {
    core = new LongTableCore(allocator, STRIDE, LongTableCore.TAGGED_CAPACITY);
  }

  /** Returns the address of the slot of a mixed value, or NULL. */
  private long find(long mixed) {
    return LongTableCore.find(core, mixed, STRIDE);
  }

  /**
   * Says whether a value is there.
   *
   * @param value the value
   * @return whether it is
   * @throws IllegalStateException if the set is closed
   */
  public boolean contains(long value) {
    if (find(core.mix(value)) != Memory.NULL) {
      return true;
    }
    core.requireOpen();
    return false;
  }

  /**
   * Adds a value, unless it is there.
   *
   * @param value the value
   * @return whether it was not there
   * @throws AllocationException if the set must grow and cannot; it is unchanged
   * @throws IllegalStateException if the set is closed
   */
  public boolean add(long value) {
    long mixed = core.mix(value);
    if (find(mixed) != Memory.NULL) {
      return false;
    }
    core.insert(mixed);
    return true;
  }

  /**
   * Removes a value.
   *
   * @param value the value
   * @return whether it was there
   * @throws IllegalStateException if the set is closed
   */
  public boolean remove(long value) {
    long slot = find(core.mix(value));
    if (slot == Memory.NULL) {
      core.requireOpen();
      return false;
    }
    core.removeAt(slot);
    return true;
  }

  /**
   * Walks over the values of a set, in no order, each once, and may remove them on the way. It is
   * before the first one until {@link #next()} is called, and useless once the set was changed by
   * other means or closed. Makes no object on the way.
   */
  @View
  public final class Cursor {
    private final LongTableWalk walk = new LongTableWalk(core);

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
     * @return the value
     * @throws ConcurrentModificationException if the set was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no value
     */
    public long value() {
      return core.key(walk.slot());
    }

    /**
     * Removes the value; the cursor is then at none until it moves on.
     *
     * @throws ConcurrentModificationException if the set was changed by other means, or closed
     * @throws IllegalStateException if the cursor is at no value
     */
    public void remove() {
      walk.remove();
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
   * @param consumer what takes them; it must not change the set
   * @throws ConcurrentModificationException if it did
   * @throws IllegalStateException if the set is closed
   */
  public void forEach(LongConsumer consumer) {
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
   * Removes every value and keeps the capacity. O(capacity).
   *
   * @throws IllegalStateException if the set is closed
   */
  public void clear() {
    core.clear();
  }

  /**
   * Makes room for a number of values, so that adding up to it does not allocate.
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
   * Shrinks the set to what its values need; an empty one frees its block.
   *
   * @throws AllocationException if there is no room for the smaller block beside the larger one;
   *     the set is unchanged
   * @throws IllegalStateException if the set is closed
   */
  public void trimToSize() {
    core.trimToSize();
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
    long byteSize = size() * STRIDE;
    StoreWriter writer = new StoreWriter(channel, StoredKind.LONG_SET, 0, size(), byteSize);
    for (Cursor cursor = cursor(); cursor.next(); ) {
      writer.putLong(cursor.value());
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
  public static LongSet load(@Borrowed Allocator allocator, FileChannel channel) {
    LongSet loaded = new LongSet(allocator);
    try {
      StoreReader reader = new StoreReader(channel, StoredKind.LONG_SET, 0);
      for (long i = 0; i < reader.count; i++) {
        loaded.add(reader.readLong());
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
   * can, and each shows what the other does. It boxes what it touches.
   *
   * @return a live view, valid until the set is closed; its size ends at {@link Integer#MAX_VALUE},
   *     and its iterators fail fast
   * @throws IllegalStateException if the set is closed
   */
  @View
  public Set<Long> asSet() {
    size();
    return new SetView<>(new JavaUtilSources.OfLongSet(this));
  }

  /** Frees the set's memory. Closing it again does nothing. */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }

  @Override
  public String toString() {
    return "LongSet(" + (core.isClosed() ? "closed" : core.size + " values") + ")";
  }
}
