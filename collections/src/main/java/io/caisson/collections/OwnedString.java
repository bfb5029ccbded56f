package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import java.util.ConcurrentModificationException;
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
