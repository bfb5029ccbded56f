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
import java.util.function.LongConsumer;

/**
 * Keeps records of one size side by side in native memory, in the order they were added.
 *
 * <p>A record is a number of bytes, the stride; its fields are read and written by their offset in
 * it, in native byte order and at any alignment, and never beyond its end.
 *
 * <p>Owns one block of its allocator, none while it has no capacity, and frees it on close. When
 * the allocator is exhausted an operation throws {@link AllocationException} and has changed
 * nothing. The capacity grows by half. Operations are O(1) unless they say otherwise.
 *
 * <p>Belongs to one thread at a time. After {@link #close()} every other method throws {@link
 * IllegalStateException}.
 */
public final class StructVector implements AutoCloseable {

  private final VectorCore core;
  private final long stride;

  /**
   * Creates an empty vector, which allocates nothing before its first element. The elements are
   * aligned as the stride is: to the largest power of two that divides it, and at most to {@link
   * Allocator#DEFAULT_ALIGNMENT}.
   *
   * @param allocator where its memory comes from; it must outlive the vector
   * @param stride the size of an element in bytes, at least 1
   * @throws IllegalArgumentException if the stride is not positive
   */
  public StructVector(@Borrowed Allocator allocator, long stride) {
    this(allocator, stride, Fields.alignment(stride));
  }

  /**
   * Creates an empty vector, which allocates nothing before its first element.
   *
   * @param allocator where its memory comes from; it must outlive the vector
   * @param stride the size of an element in bytes, at least 1, a multiple of the alignment
   * @param byteAlignment the alignment of every element in bytes, a power of two
   * @throws IllegalArgumentException if the stride is not positive or no multiple of the alignment,
   *     or the alignment no power of two
   */
  public StructVector(@Borrowed Allocator allocator, long stride, long byteAlignment) {
    this.core = new VectorCore(allocator, stride, byteAlignment);
    this.stride = stride;
  }

  /**
   * Appends an element whose bytes are all zero. Amortized O(stride).
   *
   * @return its index
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public long add() {
    long index = core.size();
    Memory.fill(core.append(), stride, (byte) 0);
    return index;
  }

  /**
   * Appends copies of records, or none if that fails. O(bytes), in one bulk copy.
   *
   * @param records the records side by side, on the heap or off it; they may be those of this very
   *     vector
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalArgumentException if the size of the segment is no multiple of the stride
   * @throws IllegalStateException if the vector or the segment is closed
   */
  public void addAll(@Borrowed MemorySegment records) {
    core.appendAll(records);
  }

  /**
   * Inserts an element whose bytes are all zero; those at and after its index move on by one.
   * O(bytes after the index).
   *
   * @param index its index, at least 0 and at most the size
   * @throws IndexOutOfBoundsException if there is no such place
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the vector is closed
   */
  public void insert(long index) {
    Memory.fill(core.insert(index), stride, (byte) 0);
  }

  // ---- fields ---------------------------------------------------------------------------------

  /**
   * Reads a byte of an element.
   *
   * @param index the index of the element
   * @param byteOffset the offset of the byte in the element
   * @return the byte
   * @throws IndexOutOfBoundsException if there is no such element or no such byte in it
   * @throws IllegalStateException if the vector is closed
   */
  public byte getByte(long index, long byteOffset) {
    return Memory.getByte(at(index, byteOffset, Byte.BYTES));
  }

  /**
   * Writes a byte of an element.
   *
   * @param index the index of the element
   * @param byteOffset the offset of the byte in the element
   * @param value the byte
   * @throws IndexOutOfBoundsException if there is no such element or no such byte in it
   * @throws IllegalStateException if the vector is closed
   */
  public void setByte(long index, long byteOffset, byte value) {
    Memory.putByte(at(index, byteOffset, Byte.BYTES), value);
  }

  /**
   * Reads an int of an element.
   *
   * @param index the index of the element
   * @param byteOffset the offset of the int in the element
   * @return the int
   * @throws IndexOutOfBoundsException if there is no such element or the int is not all in it
   * @throws IllegalStateException if the vector is closed
   */
  public int getInt(long index, long byteOffset) {
    return Memory.getInt(at(index, byteOffset, Integer.BYTES));
  }

  /**
   * Writes an int of an element.
   *
   * @param index the index of the element
   * @param byteOffset the offset of the int in the element
   * @param value the int
   * @throws IndexOutOfBoundsException if there is no such element or the int is not all in it
   * @throws IllegalStateException if the vector is closed
   */
  public void setInt(long index, long byteOffset, int value) {
    Memory.putInt(at(index, byteOffset, Integer.BYTES), value);
  }

  /**
   * Reads a long of an element.
   *
   * @param index the index of the element
   * @param byteOffset the offset of the long in the element
   * @return the long
   * @throws IndexOutOfBoundsException if there is no such element or the long is not all in it
   * @throws IllegalStateException if the vector is closed
   */
  public long getLong(long index, long byteOffset) {
    return Memory.getLong(at(index, byteOffset, Long.BYTES));
  }

  /**
   * Writes a long of an element.
   *
   * @param index the index of the element
   * @param byteOffset the offset of the long in the element
   * @param value the long
   * @throws IndexOutOfBoundsException if there is no such element or the long is not all in it
   * @throws IllegalStateException if the vector is closed
   */
  public void setLong(long index, long byteOffset, long value) {
    Memory.putLong(at(index, byteOffset, Long.BYTES), value);
  }

  /**
   * Reads a double of an element.
   *
   * @param index the index of the element
   * @param byteOffset the offset of the double in the element
   * @return the double
   * @throws IndexOutOfBoundsException if there is no such element or the double is not all in it
   * @throws IllegalStateException if the vector is closed
   */
  public double getDouble(long index, long byteOffset) {
    return Memory.getDouble(at(index, byteOffset, Double.BYTES));
  }

  /**
   * Writes a double of an element.
   *
   * @param index the index of the element
   * @param byteOffset the offset of the double in the element
   * @param value the double
   * @throws IndexOutOfBoundsException if there is no such element or the double is not all in it
   * @throws IllegalStateException if the vector is closed
   */
  public void setDouble(long index, long byteOffset, double value) {
    Memory.putDouble(at(index, byteOffset, Double.BYTES), value);
  }

  private long at(long index, long byteOffset, int byteSize) {
    long element = core.at(index);
    Fields.check(byteOffset, byteSize, stride);
    return element + byteOffset;
  }

  // ---- whole elements -------------------------------------------------------------------------

  /**
   * Shows an element as a segment of the size of the stride, through which it can be written.
   *
   * @param index the index of the element
   * @return a borrowed view, valid until elements are added or removed, the capacity changes or the
   *     vector is closed; the JDK guards its bounds and nobody guards its lifetime
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  @View
  public MemorySegment segment(long index) {
    return Memory.segment(core.at(index), stride);
  }

  /**
   * Replaces an element by a copy of a segment. O(stride).
   *
   * @param index the index of the element
   * @param source the bytes, as many as the stride, on the heap or off it
   * @throws IllegalArgumentException if the segment is smaller or larger than the stride
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector or the segment is closed
   */
  public void set(long index, @Borrowed MemorySegment source) {
    long element = core.at(index);
    if (source.byteSize() != stride) {
      throw new IllegalArgumentException(
          "source of " + source.byteSize() + " bytes; expected the stride, " + stride);
    }
    Memory.copyFrom(source, 0, element, stride);
  }

  /**
   * Compares two elements of a vector by their indices, so that it reads their fields from the
   * vector and makes no object.
   */
  @FunctionalInterface
  public interface IndexComparator {
    /**
     * Compares two elements.
     *
     * @param first the index of the one
     * @param second the index of the other
     * @return a number below 0, 0 or above 0 if the first is less than, equal to or greater than
     *     the second
     */
    int compare(long first, long second);
  }

  /**
   * Sorts the elements in place; equal ones end up in any order. O(size log size) comparisons.
   *
   * <pre>{@code
   * vector.sort((a, b) -> Long.compare(vector.getLong(a, KEY), vector.getLong(b, KEY)));
   * }</pre>
   *
   * @param comparator what compares them; it must not change the vector
   * @throws ConcurrentModificationException if it adds or removes elements, changes the capacity or
   *     closes the vector; the elements are all there, in any order
   * @throws IllegalStateException if the vector is closed
   */
  public void sort(IndexComparator comparator) {
    new RecordSort(core, stride, comparator).sort();
  }

  /**
   * Passes the index of each element to an action, in order. O(size).
   *
   * @param action what is called; it may change the fields of elements, and nothing else
   * @throws ConcurrentModificationException if the action adds or removes elements, changes the
   *     capacity or closes the vector; found right after it returns
   * @throws IllegalStateException if the vector is closed
   */
  public void forEachIndex(LongConsumer action) {
    long size = core.size();
    long version = core.version();
    for (long i = 0; i < size; i++) {
      action.accept(i);
      core.requireVersion(version);
    }
  }

  /**
   * Removes an element; those after it move up by one. O(bytes after the index).
   *
   * @param index its index, at least 0 and less than the size
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public void remove(long index) {
    core.remove(index);
  }

  /**
   * Removes an element; the last one takes its place. O(stride).
   *
   * @param index its index, at least 0 and less than the size
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws IllegalStateException if the vector is closed
   */
  public void swapRemove(long index) {
    core.swapRemove(index);
  }

  /**
   * Removes the last element.
   *
   * @throws IndexOutOfBoundsException if the vector is empty
   * @throws IllegalStateException if the vector is closed
   */
  public void removeLast() {
    core.removeLast();
  }

  /**
   * Removes all elements and keeps the capacity.
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
   * Returns the number of elements.
   *
   * @return the number, not negative
   * @throws IllegalStateException if the vector is closed
   */
  public long size() {
    return core.size();
  }

  /**
   * Returns the number of elements that the memory now allocated can hold.
   *
   * @return the number, at least the size
   * @throws IllegalStateException if the vector is closed
   */
  public long capacity() {
    return core.capacity();
  }

  /**
   * Says whether there is no element.
   *
   * @return whether the size is 0
   * @throws IllegalStateException if the vector is closed
   */
  public boolean isEmpty() {
    return core.size() == 0;
  }

  /**
   * Shows the elements without copying them.
   *
   * @return a borrowed view, valid until elements are added or removed, the capacity changes or the
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
    StoreWriter.save(core, stride, StoredKind.STRUCT_VECTOR, channel);
  }

  /**
   * Reads all elements from a file that {@link #save} wrote. O(size).
   *
   * @param allocator where the memory of the vector comes from; it must outlive it
   * @param stride the size of an element in bytes, that of the vector that was saved
   * @param channel the channel; its position is after what was read when this returns
   * @return a vector, owned by the caller
   * @throws CorruptFileException if the file is cut off, was altered, or holds something else, or
   *     elements of another size
   * @throws IllegalArgumentException if the stride is not positive
   * @throws UncheckedIOException if the channel throws
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static StructVector load(@Borrowed Allocator allocator, long stride, FileChannel channel) {
    StructVector loaded = new StructVector(allocator, stride);
    try {
      StoreReader.load(loaded.core, stride, StoredKind.STRUCT_VECTOR, channel);
      return loaded;
    } catch (RuntimeException | Error e) {
      loaded.close();
      throw e;
    }
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
