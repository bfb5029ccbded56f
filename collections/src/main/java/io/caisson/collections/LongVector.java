package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.Spliterator;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Keeps {@code long} values side by side in native memory, in the order they were added.
 *
 * <p>Owns one block of its allocator, none while it has no capacity, and frees it on close. When
 * the allocator is exhausted an operation throws {@link AllocationException} and has changed
 * nothing. The capacity grows by half. Values are never boxed. Operations are O(1) unless they say
 * otherwise.
 *
 * <p>Belongs to one thread at a time. After {@link #close()} every other method throws {@link
 * IllegalStateException}.
 */
public final class LongVector implements AutoCloseable {

  private static final int STRIDE_SHIFT = 3;

  private final VectorCore core;

  /**
   * Creates an empty vector, which allocates nothing before its first element.
   *
   * @param allocator where its memory comes from; it must outlive the vector
   */
  public LongVector(@Borrowed Allocator allocator) {
    this(allocator, 0);
  }

  /**
   * Creates an empty vector with room for some elements.
   *
   * @param allocator where its memory comes from; it must outlive the vector
   * @param initialCapacity the number of elements to allocate for, not negative
   * @throws IllegalArgumentException if the capacity is negative or its size in bytes overflows
   * @throws AllocationException if the allocator is exhausted
   */
  public LongVector(@Borrowed Allocator allocator, long initialCapacity) {
    core = new VectorCore(allocator, Long.BYTES, Long.BYTES).withCapacity(initialCapacity);
  }

  /**
   * Appends a value. Amortized O(1).
   *
   * @param value the value
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public void add(long value) {
    Memory.putLong(core.append(), value);
  }

  /**
   * Appends all values of an array, or none if that fails. O(values), in one bulk copy.
   *
   * @param values the values, which are copied
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public void addAll(long[] values) {
    core.appendAll(MemorySegment.ofArray(values));
  }

  /**
   * Appends all values of a segment, or none if that fails. O(values), in one bulk copy.
   *
   * @param values the values side by side in native byte order, on the heap or off it; they may be
   *     those of this very vector
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalArgumentException if the size of the segment is no multiple of a value's
   * @throws IllegalStateException if the vector or the segment is closed
   */
  public void addAll(@Borrowed MemorySegment values) {
    core.appendAll(values);
  }

  /**
   * Inserts a value; those at and after its index move on by one. O(size - index).
   *
   * @param index its index, at least 0 and at most the size
   * @param value the value
   * @throws IndexOutOfBoundsException if there is no such place
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public void insert(long index, long value) {
    Memory.putLong(core.insert(index), value);
  }

  /**
   * Returns a value.
   *
   * @param index its index, at least 0 and less than the size
   * @return the value
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public long get(long index) {
    return Memory.getLong(core.at(index, STRIDE_SHIFT));
  }

  /**
   * Replaces a value.
   *
   * @param index its index, at least 0 and less than the size
   * @param value the new value
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public void set(long index, long value) {
    Memory.putLong(core.at(index, STRIDE_SHIFT), value);
  }

  /**
   * Removes the last value.
   *
   * @return the value removed
   * @throws IndexOutOfBoundsException if the vector is empty
   * @throws IllegalStateException if the vector is closed
   */
  public long removeLast() {
    return Memory.getLong(core.removeLast());
  }

  /**
   * Removes a value; those after it move up by one. O(size - index).
   *
   * @param index its index, at least 0 and less than the size
   * @return the value removed
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public long remove(long index) {
    long removed = get(index);
    core.remove(index);
    return removed;
  }

  /**
   * Removes a value; the last one takes its place.
   *
   * @param index its index, at least 0 and less than the size
   * @return the value removed
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public long swapRemove(long index) {
    long removed = get(index);
    core.swapRemove(index);
    return removed;
  }

  /**
   * Sorts the values in ascending order. O(size log size), in place.
   *
   * @throws IllegalStateException if the vector is closed
   */
  public void sort() {
    WordSort.longs(core.asSlice().address(), core.size());
  }

  /**
   * Looks for a value in a vector that is sorted. O(log size).
   *
   * @param value the value
   * @return an index at which it is, or {@code -(index + 1)} of where it would have to be inserted
   * @throws IllegalStateException if the vector is closed
   */
  public long binarySearch(long value) {
    long low = 0;
    long high = core.size() - 1;
    while (low <= high) {
      long middle = (low + high) >>> 1;
      int order = Long.compare(get(middle), value);
      if (order == 0) {
        return middle;
      }
      low = order < 0 ? middle + 1 : low;
      high = order > 0 ? middle - 1 : high;
    }
    return -(low + 1);
  }

  /**
   * Removes all values and keeps the capacity.
   *
   * @throws IllegalStateException if the vector is closed
   */
  public void clear() {
    core.clear();
  }

  /**
   * Makes sure that the vector can hold a number of elements without allocating. O(size) if the
   * block moves.
   *
   * @param minCapacity the number of elements in all, not negative
   * @throws IllegalArgumentException if the number is negative or its size in bytes overflows
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public void reserve(long minCapacity) {
    core.reserve(minCapacity);
  }

  /**
   * Gives back the memory that no element uses; all of it if there is none. O(size) if the block
   * moves.
   *
   * @throws AllocationException if the block can shrink only by moving and the allocator is
   *     exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public void trimToSize() {
    core.trimToSize();
  }

  /**
   * Returns the number of values.
   *
   * @return the number, not negative
   * @throws IllegalStateException if the vector is closed
   */
  public long size() {
    return core.size();
  }

  /**
   * Returns the number of values that the memory now allocated can hold.
   *
   * @return the number, at least the size
   * @throws IllegalStateException if the vector is closed
   */
  public long capacity() {
    return core.capacity();
  }

  /**
   * Says whether there is no value.
   *
   * @return whether the size is 0
   * @throws IllegalStateException if the vector is closed
   */
  public boolean isEmpty() {
    return core.size() == 0;
  }

  /**
   * Copies all values to the heap. O(size), in one bulk copy.
   *
   * @return a new array
   * @throws IllegalStateException if the vector is closed, or too large for an array
   */
  public long[] toArray() {
    long[] values = new long[core.arrayLength()];
    core.copyTo(MemorySegment.ofArray(values));
    return values;
  }

  /**
   * Passes each value to an action, in order. O(size).
   *
   * @param action what is called; it may replace values, and nothing else
   * @throws ConcurrentModificationException if the action adds or removes values, changes the
   *     capacity or closes the vector; found right after it returns
   * @throws IllegalStateException if the vector is closed
   */
  public void forEach(LongConsumer action) {
    long size = core.size();
    long version = core.version();
    for (long i = 0; i < size; i++) {
      action.accept(get(i));
      core.requireVersion(version);
    }
  }

  /**
   * Streams the values, in order, in parallel too: nothing is boxed or copied.
   *
   * @return a stream of the values there are now; it throws {@link ConcurrentModificationException}
   *     when it meets a vector whose size or capacity was changed since, and {@link
   *     IllegalStateException} when it meets a closed one
   * @throws IllegalStateException if the vector is closed
   */
  public LongStream stream() {
    long version = core.version();
    return LongStream.range(0, core.size())
        .map(index -> {
          long value = get(index);
          core.requireVersion(version);
          return value;
        });
  }

  /**
   * Returns a spliterator of the values, ordered and sized, as {@link #stream()} has it.
   *
   * @return a new spliterator, at the first value
   * @throws IllegalStateException if the vector is closed
   */
  public Spliterator.OfLong spliterator() {
    return stream().spliterator();
  }

  /**
   * Returns an iterator over the values, in order, as {@link #stream()} has it.
   *
   * @return a new iterator, before the first value
   * @throws IllegalStateException if the vector is closed
   */
  public PrimitiveIterator.OfLong iterator() {
    return stream().iterator();
  }

  /**
   * Shows the values without copying them.
   *
   * @return a borrowed view, valid until values are added or removed, the capacity changes or the
   *     vector is closed
   * @throws IllegalStateException if the vector is closed
   */
  @View
  public Slice asSlice() {
    return core.asSlice();
  }

  // ---- files and views --------------------------------------------------------------------------

  /**
   * Writes all elements to a file, from the position of a channel on, with checksums. O(size).
   *
   * @param channel the channel; its position is after what was written when this returns
   * @throws UncheckedIOException if the channel throws
   * @throws IllegalStateException if the vector is closed
   */
  public void save(FileChannel channel) {
    StoreWriter.save(core, Long.BYTES, StoredKind.LONG_VECTOR, channel);
  }

  /**
   * Reads all elements from a file that {@link #save} wrote. O(size).
   *
   * @param allocator where the memory of the vector comes from; it must outlive it
   * @param channel the channel; its position is after what was read when this returns
   * @return a vector, owned by the caller
   * @throws CorruptFileException if the file is cut off, was altered, or holds something else
   * @throws UncheckedIOException if the channel throws
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static LongVector load(@Borrowed Allocator allocator, FileChannel channel) {
    LongVector loaded = new LongVector(allocator);
    try {
      StoreReader.load(loaded.core, Long.BYTES, StoredKind.LONG_VECTOR, channel);
      return loaded;
    } catch (RuntimeException | Error e) {
      loaded.close();
      throw e;
    }
  }

  /**
   * Shows the values as a list, which boxes them: for users of {@code java.util}. It can be changed
   * as the vector can, and each shows what the other does.
   *
   * @return a live view, valid until the vector is closed; its size ends at {@link
   *     Integer#MAX_VALUE}, and its iterators fail fast
   * @throws IllegalStateException if the vector is closed
   */
  @View
  public List<Long> asList() {
    return new VectorList<>(
        core,
        new VectorList.Elements<Long>() {
          @Override
          public Long get(long index) {
            return LongVector.this.get(index);
          }

          @Override
          public void set(long index, Long value) {
            LongVector.this.set(index, value);
          }

          @Override
          public void insert(long index, Long value) {
            LongVector.this.insert(index, value);
          }
        });
  }

  /** Frees the memory. Closing again does nothing. */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }
}
