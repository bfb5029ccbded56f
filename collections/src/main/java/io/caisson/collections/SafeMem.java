package io.caisson.collections;

import io.caisson.alloc.Borrowed;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Copies, fills and clears parts of segments, with every bound checked before a byte is touched.
 *
 * <p>For segments on the heap and off it. What does not fit is refused, never cut off. Stateless;
 * as thread-safe as the segments. Every operation is O(bytes), and throws {@link
 * IllegalStateException} if a segment is closed.
 */
public final class SafeMem {

  private SafeMem() {}

  /**
   * Copies bytes between places that do not overlap, as {@code memcpy_s} does.
   *
   * @param source where the bytes are
   * @param sourceOffset where in it they start
   * @param destination where they go
   * @param destinationOffset where in it they go
   * @param byteSize how many
   * @throws IndexOutOfBoundsException if either range is not inside its segment
   * @throws IllegalArgumentException if the ranges overlap
   */
  public static void copy(
      @Borrowed MemorySegment source,
      long sourceOffset,
      @Borrowed MemorySegment destination,
      long destinationOffset,
      long byteSize) {
    MemorySegment from = part(source, sourceOffset, byteSize);
    MemorySegment to = part(destination, destinationOffset, byteSize);
    if (from.asOverlappingSlice(to).isPresent()) {
      throw new IllegalArgumentException(
          "the ranges overlap; expected two that do not, or a call of move");
    }
    to.copyFrom(from);
  }

  /**
   * Copies bytes between places that may overlap, as {@code memmove_s} does.
   *
   * @param source where the bytes are
   * @param sourceOffset where in it they start
   * @param destination where they go
   * @param destinationOffset where in it they go
   * @param byteSize how many
   * @throws IndexOutOfBoundsException if either range is not inside its segment
   */
  public static void move(
      @Borrowed MemorySegment source,
      long sourceOffset,
      @Borrowed MemorySegment destination,
      long destinationOffset,
      long byteSize) {
    MemorySegment from = part(source, sourceOffset, byteSize);
    part(destination, destinationOffset, byteSize).copyFrom(from);
  }

  /**
   * Sets every byte of a range, as {@code memset_s} does.
   *
   * @param segment where the range is
   * @param offset where in it the range starts
   * @param byteSize its size
   * @param value what each byte becomes
   * @throws IndexOutOfBoundsException if the range is not inside the segment
   */
  public static void fill(@Borrowed MemorySegment segment, long offset, long byteSize, byte value) {
    part(segment, offset, byteSize).fill(value);
  }

  /**
   * Overwrites a secret with zeros, and reads them back so that no compiler leaves the writes out.
   *
   * @param segment the secret
   * @throws IllegalStateException if the segment is closed, or a byte is not zero afterwards
   */
  public static void clearSensitive(@Borrowed MemorySegment segment) {
    segment.fill((byte) 0);
    long rest = segment.byteSize();
    MemorySegment zeros = MemorySegment.ofArray(new byte[(int) Math.min(rest, 4096)]);
    for (long offset = 0; offset < rest; offset += zeros.byteSize()) {
      long count = Math.min(zeros.byteSize(), rest - offset);
      if (segment.asSlice(offset, count).mismatch(zeros.asSlice(0, count)) >= 0) {
        throw new IllegalStateException("a byte was written while the secret was cleared");
      }
    }
  }

  /**
   * Writes text and a terminating zero at the start of a segment, as {@code strcpy_s} does.
   *
   * @param text the text, without a zero in it
   * @param destination where it goes
   * @return the size of the text in UTF-8, in bytes, without the terminator
   * @throws IllegalArgumentException if the text has a zero or an unpaired surrogate in it
   * @throws IndexOutOfBoundsException if it does not fit with its terminator; nothing is written
   */
  public static long copyText(CharSequence text, @Borrowed MemorySegment destination) {
    return write(text, destination, 0);
  }

  /**
   * Writes text after what is in a segment up to its terminating zero, as {@code strcat_s} does.
   *
   * @param destination the segment
   * @param text the text, without a zero in it
   * @return the size of all the text in UTF-8, in bytes, without the terminator
   * @throws IllegalArgumentException if the text has a zero or an unpaired surrogate in it, or the
   *     segment has no terminator
   * @throws IndexOutOfBoundsException if it does not fit with its terminator; nothing is written
   */
  public static long appendText(@Borrowed MemorySegment destination, CharSequence text) {
    long end = 0;
    while (end < destination.byteSize() && byteAt(destination, end) != 0) {
      end++;
    }
    if (end == destination.byteSize()) {
      throw new IllegalArgumentException(
          "no zero in " + end + " bytes; expected text with a terminator");
    }
    return write(text, destination, end);
  }

  private static long write(CharSequence text, MemorySegment destination, long offset) {
    long byteSize = Utf8.byteSize(text);
    if (text.chars().anyMatch(character -> character == 0)) {
      throw new IllegalArgumentException("a zero in the text; expected it at the end alone");
    }
    if (byteSize >= destination.byteSize() - offset) {
      throw new IndexOutOfBoundsException(
          byteSize
              + " bytes and a terminator at offset "
              + offset
              + "; expected them within "
              + destination.byteSize()
              + " bytes");
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    MemorySegment to = destination.asSlice(offset, byteSize + 1);
    to.asSlice(0, byteSize).copyFrom(MemorySegment.ofArray(bytes));
    to.asSlice(byteSize, 1).fill((byte) 0);
    return offset + byteSize;
  }

  private static byte byteAt(MemorySegment segment, long offset) {
    return segment.get(ValueLayout.JAVA_BYTE, offset);
  }

  private static MemorySegment part(MemorySegment segment, long offset, long byteSize) {
    Objects.checkFromIndexSize(offset, byteSize, segment.byteSize());
    return segment.asSlice(offset, byteSize);
  }
}
