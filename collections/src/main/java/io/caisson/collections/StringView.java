package io.caisson.collections;

import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Shows UTF-8 text in native memory without owning, copying or decoding it.
 *
 * <p>A view is an address and a size, neither of which ever changes. Sizes and indices are in
 * bytes; the bytes are not validated, and a view may begin or end within a character. Views are
 * equal if their bytes are, and ordered by their bytes as unsigned numbers, which for well-formed
 * text is the order of the code points.
 *
 * <p>Borrowed: valid until the owner of the bytes next changes or closes, or the end of the segment
 * it was made from, whose arena the caller keeps open and reachable. Reading it later is a use
 * after free: undefined in native memory mode, an exception in checked mode.
 *
 * <p>Safe to share between threads as long as nobody writes the bytes. Operations are O(1) unless
 * they say otherwise, and only those that return an array or a {@link String} copy bytes to the
 * heap.
 */
@View
public final class StringView implements Comparable<StringView> {

  private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

  private final @Borrowed long address;
  private final long byteSize;

  StringView(long address, long byteSize) {
    this.address = address;
    this.byteSize = byteSize;
  }

  /**
   * Shows the bytes of a native segment, all of them: a terminator is no special byte.
   *
   * @param segment the segment, which must outlive the view
   * @return the view, valid until the segment is closed
   * @throws IllegalArgumentException if the segment is on the heap
   * @throws IllegalStateException if the segment is closed
   */
  @View
  public static StringView of(@Borrowed MemorySegment segment) {
    return new StringView(Memory.addressOf(segment), segment.byteSize());
  }

  /**
   * Shows the bytes of a slice, whatever the size of its elements.
   *
   * @param slice the slice, whose owner must outlive the view
   * @return the view, valid as long as the slice
   */
  @View
  public static StringView of(@Borrowed Slice slice) {
    return new StringView(slice.address(), slice.byteSize());
  }

  /**
   * Returns the size of the text.
   *
   * @return the size in bytes, not negative
   */
  public long byteSize() {
    return byteSize;
  }

  /**
   * Says whether there is no byte.
   *
   * @return whether the size is 0
   */
  public boolean isEmpty() {
    return byteSize == 0;
  }

  /**
   * Returns one byte.
   *
   * @param index its index, at least 0 and less than the size
   * @return the byte
   * @throws IndexOutOfBoundsException if there is no such byte
   */
  public byte byteAt(long index) {
    if (index < 0 || index >= byteSize) {
      throw new IndexOutOfBoundsException(
          "index " + index + "; expected at least 0 and less than the size " + byteSize);
    }
    return Memory.getByte(address + index);
  }

  /**
   * Shows some of these bytes.
   *
   * @param from the index of the first byte
   * @param to the index after the last byte
   * @return a view of them, valid as long as this one
   * @throws IndexOutOfBoundsException unless {@code 0 <= from <= to <= byteSize()}
   */
  @View
  public StringView subView(long from, long to) {
    if (from < 0 || from > to || to > byteSize) {
      throw new IndexOutOfBoundsException(
          "bytes " + from + " to " + to + "; expected a range within the size " + byteSize);
    }
    return new StringView(address + from, to - from);
  }

  /**
   * Says whether this is the UTF-8 encoding of some characters. O(size), without garbage.
   *
   * @param chars the characters; with an unpaired surrogate they have no encoding, and equal
   *     nothing
   * @return whether it is
   */
  public boolean contentEquals(CharSequence chars) {
    return Utf8.equal(chars, address, byteSize);
  }

  /**
   * Compares bytes as unsigned numbers; of two texts of which one begins with the other the shorter
   * comes first. O(size). Consistent with equals.
   */
  @Override
  public int compareTo(@Borrowed StringView other) {
    long offset = Memory.mismatch(address, other.address, Math.min(byteSize, other.byteSize));
    return offset < 0
        ? Long.compare(byteSize, other.byteSize)
        : Byte.compareUnsigned(
            Memory.getByte(address + offset), Memory.getByte(other.address + offset));
  }

  /** Says whether the other object is a view of the same bytes, here or elsewhere. O(size). */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StringView view
        && byteSize == view.byteSize
        && Bytes.equal(address, view.address, byteSize);
  }

  /** Hashes the bytes. O(size). It differs between platforms of different byte order. */
  @Override
  public int hashCode() {
    return Long.hashCode(hash(0));
  }

  /** Hashes the bytes to 64 bits. */
  long hash(long seed) {
    return Bytes.hash(address, byteSize, seed);
  }

  /**
   * Copies the bytes to the heap. O(size).
   *
   * @return a new array
   * @throws IllegalStateException if the text is too large for an array
   */
  public byte[] toByteArray() {
    if (byteSize > MAX_ARRAY_LENGTH) {
      throw new IllegalStateException(
          byteSize + " bytes; expected at most " + MAX_ARRAY_LENGTH + " to make an array");
    }
    byte[] bytes = new byte[(int) byteSize];
    Memory.copyTo(address, MemorySegment.ofArray(bytes), 0, byteSize);
    return bytes;
  }

  /**
   * Decodes the text. O(size). Malformed bytes become U+FFFD, as {@link String#String(byte[],
   * java.nio.charset.Charset)} has it.
   *
   * @throws IllegalStateException if the text is too large for an array
   */
  @Override
  public String toString() {
    return new String(toByteArray(), StandardCharsets.UTF_8);
  }

  /**
   * Returns the bytes as a segment, for users of {@code java.lang.foreign}.
   *
   * @return a read-only segment, borrowed like this view; the JDK guards its bounds and nobody
   *     guards its lifetime
   */
  @View
  public MemorySegment segment() {
    return Memory.segment(address, byteSize).asReadOnly();
  }

  long address() {
    return address;
  }
}
