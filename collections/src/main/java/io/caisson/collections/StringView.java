package io.caisson.collections;

import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
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

  // ---- searching --------------------------------------------------------------------------------

  /**
   * Looks for a byte. O(size).
   *
   * @param value the byte
   * @param from the index at which to begin, at least 0 and at most the size
   * @return the index of the first one at or after it, or -1
   * @throws IndexOutOfBoundsException if the index to begin at is not so
   */
  public long indexOf(byte value, long from) {
    requirePlace(from);
    long found = Ascii.find(address + from, byteSize - from, value);
    return found < 0 ? -1 : from + found;
  }

  /**
   * Looks for text. O(size), and at worst O(size × size of what is looked for).
   *
   * @param text what is looked for; empty text is everywhere
   * @param from the index at which to begin, at least 0 and at most the size
   * @return the index of the first one that begins at or after it, or -1
   * @throws IndexOutOfBoundsException if the index to begin at is not so
   */
  public long indexOf(@Borrowed StringView text, long from) {
    requirePlace(from);
    if (text.byteSize == 0) {
      return from;
    }
    byte first = Memory.getByte(text.address);
    long last = byteSize - text.byteSize;
    for (long i = from; i <= last; i++) {
      long skipped = Ascii.find(address + i, last + 1 - i, first);
      if (skipped < 0) {
        return -1;
      }
      i += skipped;
      if (Bytes.equal(address + i, text.address, text.byteSize)) {
        return i;
      }
    }
    return -1;
  }

  private void requirePlace(long index) {
    if (index < 0 || index > byteSize) {
      throw new IndexOutOfBoundsException(
          "index " + index + "; expected at least 0 and at most the size " + byteSize);
    }
  }

  /**
   * Says whether text occurs in this one. O(size), as {@link #indexOf(StringView, long)} has it.
   *
   * @param text what is looked for
   * @return whether it occurs
   */
  public boolean contains(@Borrowed StringView text) {
    return indexOf(text, 0) >= 0;
  }

  /**
   * Says whether this text begins with another. O(size of the other).
   *
   * @param text the other
   * @return whether it does
   */
  public boolean startsWith(@Borrowed StringView text) {
    return text.byteSize <= byteSize && Bytes.equal(address, text.address, text.byteSize);
  }

  /**
   * Says whether this text ends with another. O(size of the other).
   *
   * @param text the other
   * @return whether it does
   */
  public boolean endsWith(@Borrowed StringView text) {
    long from = byteSize - text.byteSize;
    return from >= 0 && Bytes.equal(address + from, text.address, text.byteSize);
  }

  // ---- parts ------------------------------------------------------------------------------------

  /**
   * Splits the text at each occurrence of a byte: n of them make n + 1 parts, some perhaps empty.
   * O(size).
   *
   * @param separator the byte, which is in no part; of ASCII, else it may split a character
   * @param parts what takes the parts in order, views that are valid as long as this one
   */
  public void split(byte separator, Consumer<StringView> parts) {
    long from = 0;
    for (long to = indexOf(separator, 0); to >= 0; to = indexOf(separator, from)) {
      parts.accept(subView(from, to));
      from = to + 1;
    }
    parts.accept(subView(from, byteSize));
  }

  /**
   * Shows the text without the ASCII space and control bytes at both its ends, as {@link
   * String#trim} has it. O(bytes left out).
   *
   * @return a view of what is left, valid as long as this one
   */
  @View
  public StringView trim() {
    long from = 0;
    long to = byteSize;
    while (from < to && Ascii.isSpace(Memory.getByte(address + from))) {
      from++;
    }
    while (from < to && Ascii.isSpace(Memory.getByte(address + to - 1))) {
      to--;
    }
    return new StringView(address + from, to - from);
  }

  // ---- numbers ----------------------------------------------------------------------------------

  /**
   * Parses a decimal number that is all of the text, with or without a sign. O(size), without
   * garbage.
   *
   * @return the number
   * @throws NumberFormatException if the text is no such number, or one out of range
   */
  public int parseInt() {
    return (int) Ascii.parse(address, byteSize, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /**
   * Parses a decimal number that is all of the text, with or without a sign. O(size), without
   * garbage.
   *
   * @return the number
   * @throws NumberFormatException if the text is no such number, or one out of range
   */
  public long parseLong() {
    return Ascii.parse(address, byteSize, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Parses a number that is all of the text, as {@link Double#parseDouble} does. O(size), by way of
   * a {@link String}.
   *
   * @return the number nearest to it
   * @throws NumberFormatException if the text is no number
   */
  public double parseDouble() {
    return Double.parseDouble(toString());
  }

  // ---- characters -------------------------------------------------------------------------------

  /**
   * Finds bytes that are not UTF-8. O(size).
   *
   * @return the index of the first sequence that is not well-formed, or -1 if the text is valid
   */
  public long malformedAt() {
    return Utf8.malformed(address, byteSize);
  }

  /**
   * Says whether this text equals another but for the case of ASCII letters. O(size).
   *
   * @param other the other
   * @return whether it does
   */
  public boolean equalsIgnoreAsciiCase(@Borrowed StringView other) {
    return byteSize == other.byteSize && Ascii.equalIgnoringCase(address, other.address, byteSize);
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

  // ---- the bytes --------------------------------------------------------------------------------

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

  /**
   * Returns the bytes as a buffer, for users of {@code java.nio}.
   *
   * @return a read-only buffer, borrowed like this view; the JDK guards its bounds and nobody
   *     guards its lifetime
   * @throws IllegalStateException if the text is too large for a buffer
   */
  @View
  public ByteBuffer asByteBuffer() {
    return ByteOutput.buffer(address, byteSize);
  }

  /**
   * Writes all bytes to a channel, from where they are. O(size). A channel that does not block is
   * tried again until it has taken all.
   *
   * @param channel the channel
   * @throws UncheckedIOException if the channel throws
   */
  public void writeTo(WritableByteChannel channel) {
    ByteOutput.write(address, byteSize, channel);
  }

  /**
   * Writes all bytes to a stream, which takes them from the heap: chunk by chunk. O(size).
   *
   * @param stream the stream
   * @throws UncheckedIOException if the stream throws
   */
  public void writeTo(OutputStream stream) {
    ByteOutput.write(address, byteSize, stream);
  }

  /**
   * Decodes the text to characters, chunk by chunk, without making a {@link String}. O(size).
   * Malformed bytes become U+FFFD.
   *
   * @param appendable what takes the characters
   * @throws UncheckedIOException if it throws
   */
  public void appendTo(Appendable appendable) {
    ByteOutput.decode(address, byteSize, appendable);
  }

  long address() {
    return address;
  }
}
