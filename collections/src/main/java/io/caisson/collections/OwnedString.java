package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.util.ConcurrentModificationException;
import java.util.IllegalFormatException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Owns UTF-8 text in native memory that can be appended to.
 *
 * <p>Keeps the allocator it was made with, owns one block of it, none while the text is empty, and
 * frees it on close. The capacity is exact at first and grows by half. When the allocator is
 * exhausted an operation throws {@link AllocationException} and has changed nothing. What it
 * encodes is well-formed: characters without an encoding are refused, never replaced.
 *
 * <p>Strings are equal if their bytes are; one that changes must not be the key of a map. Belongs
 * to one thread at a time. After {@link #close()} every other method throws {@link
 * IllegalStateException}, {@link #toString()} too: a word in its place could pass for text.
 */
public final class OwnedString implements AutoCloseable {

  private final VectorCore core;

  private OwnedString(Allocator allocator, long byteSize) {
    core = new VectorCore(allocator, 1, 1).withCapacity(byteSize);
  }

  /**
   * Encodes characters into memory of an allocator. O(length).
   *
   * @param allocator where the memory comes from; it must outlive the string
   * @param chars the characters; empty ones allocate nothing
   * @return a string, owned by the caller
   * @throws IllegalArgumentException if a surrogate is unpaired, naming its index
   * @throws AllocationException if the allocator is exhausted
   * @throws ConcurrentModificationException if the characters change meanwhile
   */
  @Owned
  public static OwnedString copyOf(@Borrowed Allocator allocator, CharSequence chars) {
    long byteSize = Utf8.byteSize(chars);
    OwnedString copy = new OwnedString(allocator, byteSize);
    try {
      copy.encode(chars, byteSize);
    } catch (RuntimeException | Error e) {
      copy.close();
      throw e;
    }
    return copy;
  }

  /**
   * Copies text into memory of an allocator. O(size).
   *
   * @param allocator where the memory comes from; it must outlive the string
   * @param text the bytes, which are not validated; none allocates nothing
   * @return a string, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static OwnedString copyOf(@Borrowed Allocator allocator, @Borrowed StringView text) {
    OwnedString copy = new OwnedString(allocator, text.byteSize());
    try {
      copy.append(text);
    } catch (RuntimeException | Error e) {
      copy.close();
      throw e;
    }
    return copy;
  }

  /** Takes over text that a builder has made. */
  OwnedString(VectorCore core) {
    this.core = core;
  }

  /**
   * Formats text into memory of an allocator, as {@link String#format(Locale, String, Object...)}
   * with {@link Locale#ROOT} does. O(length).
   *
   * @param allocator where the memory comes from; it must outlive the string
   * @param format the format
   * @param arguments its arguments
   * @return a string, owned by the caller
   * @throws IllegalFormatException if the format is wrong, or wants other arguments
   * @throws IllegalArgumentException if a surrogate in the result is unpaired, naming its index
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  @SuppressWarnings("AnnotateFormatMethod") // that would make a dependency of Error Prone
  public static OwnedString format(
      @Borrowed Allocator allocator, String format, @Nullable Object... arguments) {
    return copyOf(allocator, String.format(Locale.ROOT, format, arguments));
  }

  /**
   * Joins texts in memory of an allocator, in one block of their size. O(size).
   *
   * @param allocator where the memory comes from; it must outlive the string
   * @param texts the texts, in order; their bytes are not validated
   * @return a string, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static OwnedString concat(@Borrowed Allocator allocator, @Borrowed StringView... texts) {
    long byteSize = 0;
    for (StringView text : texts) {
      byteSize = Allocations.sum(byteSize, text.byteSize());
    }
    OwnedString joined = new OwnedString(allocator, byteSize);
    for (StringView text : texts) {
      joined.append(text); // there is room
    }
    return joined;
  }

  /**
   * Copies text with its ASCII letters in lower case. O(size).
   *
   * @param allocator where the memory comes from; it must outlive the string
   * @param text the text; bytes that are not ASCII stay as they are
   * @return a string, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static OwnedString asciiLowerCase(
      @Borrowed Allocator allocator, @Borrowed StringView text) {
    OwnedString copy = copyOf(allocator, text);
    long address = copy.view().address();
    for (long i = 0; i < text.byteSize(); i++) {
      Memory.putByte(address + i, Ascii.toLower(Memory.getByte(address + i)));
    }
    return copy;
  }

  /**
   * Copies text with its ASCII letters in upper case. O(size).
   *
   * @param allocator where the memory comes from; it must outlive the string
   * @param text the text; bytes that are not ASCII stay as they are
   * @return a string, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static OwnedString asciiUpperCase(
      @Borrowed Allocator allocator, @Borrowed StringView text) {
    OwnedString copy = copyOf(allocator, text);
    long address = copy.view().address();
    for (long i = 0; i < text.byteSize(); i++) {
      Memory.putByte(address + i, Ascii.toUpper(Memory.getByte(address + i)));
    }
    return copy;
  }

  /**
   * Appends the encoding of characters. Amortized O(length). Ends every view of this string.
   *
   * @param chars the characters, which are read twice and must neither change meanwhile nor change
   *     this string
   * @throws IllegalArgumentException if a surrogate is unpaired, naming its index; nothing has
   *     changed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws ConcurrentModificationException if the characters change meanwhile; the text has not
   * @throws IllegalStateException if the string is closed
   */
  public void append(CharSequence chars) {
    core.requireOpen();
    encode(chars, Utf8.byteSize(chars));
  }

  private void encode(CharSequence chars, long byteSize) {
    encode(chars, byteSize, core);
  }

  /** Appends the encoding of characters, whose size was asked for, to a core of bytes. */
  static void encode(CharSequence chars, long byteSize, VectorCore core) {
    Utf8.encode(chars, core.room(byteSize), byteSize);
    core.commit(byteSize);
  }

  /**
   * Appends a copy of text. Amortized O(size). Ends every view of this string.
   *
   * @param text the bytes, which are not validated; they may be a view of this very string
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the string is closed
   */
  public void append(@Borrowed StringView text) {
    core.appendAll(text.address(), text.byteSize());
  }

  /**
   * Shows the text without copying it. O(1).
   *
   * @return a borrowed view, valid until the next append or the close
   * @throws IllegalStateException if the string is closed
   */
  @View
  public StringView view() {
    return StringView.of(core.asSlice());
  }

  /**
   * Returns the size of the text. O(1).
   *
   * @return the size in bytes, not negative
   * @throws IllegalStateException if the string is closed
   */
  public long byteSize() {
    return core.size();
  }

  /**
   * Says whether the other object is a string of the same bytes, of whatever allocator. O(size).
   *
   * @throws IllegalStateException if either string is closed
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OwnedString string && view().equals(string.view());
  }

  /**
   * Hashes the bytes, as their view does. O(size).
   *
   * @throws IllegalStateException if the string is closed
   */
  @Override
  public int hashCode() {
    return view().hashCode();
  }

  /**
   * Decodes the text. O(size). Malformed bytes become U+FFFD.
   *
   * @throws IllegalStateException if the string is closed, or too large for an array
   */
  @Override
  public String toString() {
    return view().toString();
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
