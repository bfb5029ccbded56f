package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Shows elements of one size, side by side in native memory, without owning or copying them.
 *
 * <p>A slice is an address, a count and the size of an element, none of which ever changes; the
 * elements may. It is borrowed: valid until its owner's next change of size or capacity, its
 * owner's close, or the end of the segment it was made from, whose arena the caller keeps open and
 * reachable. Reading it later is a use after free: undefined in native memory mode, an exception in
 * checked mode.
 *
 * <p>Safe to share between threads as long as nobody writes the elements. Every operation is O(1).
 */
@View
public final class Slice {

  private final @Borrowed long address;
  private final long count;
  private final long elementByteSize;

  /** Shows {@code count} elements; their total size must not overflow. */
  Slice(long address, long count, long elementByteSize) {
    this.address = address;
    this.count = count;
    this.elementByteSize = elementByteSize;
  }

  /**
   * Shows the bytes of a native segment.
   *
   * @param segment the segment, which must outlive the slice
   * @return a slice of elements of 1 byte, valid until the segment is closed
   * @throws IllegalArgumentException if the segment is on the heap
   * @throws IllegalStateException if the segment is closed
   */
  @View
  public static Slice of(@Borrowed MemorySegment segment) {
    return of(segment, 1);
  }

  /**
   * Shows a native segment as elements.
   *
   * @param segment the segment, which must outlive the slice
   * @param elementByteSize the size of an element in bytes, at least 1, of which the size of the
   *     segment is a multiple
   * @return the slice, valid until the segment is closed
   * @throws IllegalArgumentException if the segment is on the heap, the size of an element is not
   *     positive, or the segment ends within an element
   * @throws IllegalStateException if the segment is closed
   */
  @View
  public static Slice of(@Borrowed MemorySegment segment, long elementByteSize) {
    long address = Memory.addressOf(segment);
    if (elementByteSize <= 0) {
      throw new IllegalArgumentException(
          "elements of " + elementByteSize + " bytes; expected at least 1");
    }
    if (segment.byteSize() % elementByteSize != 0) {
      throw new IllegalArgumentException(
          "segment of "
              + segment.byteSize()
              + " bytes; expected a multiple of the element size "
              + elementByteSize);
    }
    return new Slice(address, segment.byteSize() / elementByteSize, elementByteSize);
  }

  /**
   * Shows some of these elements.
   *
   * @param start the index of the first
   * @param count how many, which may be 0
   * @return a slice of them, valid as long as this one
   * @throws IndexOutOfBoundsException if they are not all in this slice
   */
  @View
  public Slice slice(long start, long count) {
    if (start < 0 || count < 0 || start > this.count - count) {
      throw new IndexOutOfBoundsException(
          count
              + " elements from index "
              + start
              + "; expected them within the size "
              + this.count);
    }
    return new Slice(address + start * elementByteSize, count, elementByteSize);
  }

  /**
   * Reads the byte at the start of an element.
   *
   * @param index the index of the element
   * @return the byte
   * @throws IndexOutOfBoundsException if there is no such element
   */
  public byte getByte(long index) {
    return Memory.getByte(at(index, Byte.BYTES));
  }

  /**
   * Reads the int at the start of an element, in native byte order and at any alignment.
   *
   * <p>If elements are smaller than an int, the ones that follow supply the rest.
   *
   * @param index the index of the element
   * @return the int
   * @throws IndexOutOfBoundsException if the int is not all in this slice
   */
  public int getInt(long index) {
    return Memory.getInt(at(index, Integer.BYTES));
  }

  /**
   * Reads the long at the start of an element, in native byte order and at any alignment.
   *
   * <p>If elements are smaller than a long, the ones that follow supply the rest.
   *
   * @param index the index of the element
   * @return the long
   * @throws IndexOutOfBoundsException if the long is not all in this slice
   */
  public long getLong(long index) {
    return Memory.getLong(at(index, Long.BYTES));
  }

  /**
   * Reads the double at the start of an element, in native byte order and at any alignment.
   *
   * <p>If elements are smaller than a double, the ones that follow supply the rest.
   *
   * @param index the index of the element
   * @return the double
   * @throws IndexOutOfBoundsException if the double is not all in this slice
   */
  public double getDouble(long index) {
    return Memory.getDouble(at(index, Double.BYTES));
  }

  private long at(long index, long byteSize) {
    if (index < 0 || index >= count || byteSize > (count - index) * elementByteSize) {
      throw new IndexOutOfBoundsException(
          byteSize
              + " bytes at index "
              + index
              + "; expected them within "
              + count
              + " elements of "
              + elementByteSize
              + " bytes");
    }
    return address + index * elementByteSize;
  }

  /**
   * Returns the number of elements.
   *
   * @return the number, not negative
   */
  public long size() {
    return count;
  }

  /**
   * Returns the size of one element.
   *
   * @return the size in bytes, at least 1
   */
  public long elementByteSize() {
    return elementByteSize;
  }

  /**
   * Returns the size of all elements together.
   *
   * @return the size in bytes, not negative
   */
  public long byteSize() {
    return Allocations.product(count, elementByteSize);
  }

  /**
   * Returns the elements as a segment, for users of {@code java.lang.foreign}.
   *
   * @return a read-only segment, borrowed like this slice; the JDK guards its bounds and nobody
   *     guards its lifetime
   */
  @View
  public MemorySegment segment() {
    return Memory.segment(address, byteSize()).asReadOnly();
  }

  long address() {
    return address;
  }

  @Override
  public String toString() {
    return "Slice[" + count + " elements of " + elementByteSize + " bytes]";
  }
}
