package io.caisson.collections;

import io.caisson.alloc.AllocationException;
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
 * Builds UTF-8 text in native memory piece by piece, and gives it away without copying it.
 *
 * <pre>{@code
 * try (TextBuilder builder = new TextBuilder(allocator)) {
 *   OwnedString text = builder.append("Hello ").appendf("%s %d", "world", 42).take();
 *   ...
 * }
 * }</pre>
 *
 * <p>Owns one block of its allocator, none while it is empty, and frees it on close; what was taken
 * is no longer its own. The capacity grows by half. Each method appends all or nothing: when the
 * allocator is exhausted it throws {@link AllocationException} and has changed nothing, and
 * characters without an encoding are refused.
 *
 * <p>Belongs to one thread at a time. After {@link #close()} every other method throws {@link
 * IllegalStateException}.
 */
public final class TextBuilder implements Appendable, AutoCloseable {

  private final Allocator allocator;
  private VectorCore core;

  /**
   * Creates an empty builder, which allocates nothing before its first text.
   *
   * @param allocator where its memory comes from; it must outlive the builder and what is taken
   */
  public TextBuilder(@Borrowed Allocator allocator) {
    this.allocator = allocator;
    this.core = new VectorCore(allocator, 1, 1);
  }

  /**
   * Appends the encoding of characters. Amortized O(length). Ends every view of this text.
   *
   * @param chars the characters, or null for {@code "null"}, as {@link Appendable} has it; they are
   *     read twice and must neither change meanwhile nor change this text
   * @return this builder, which stays its owner's
   * @throws IllegalArgumentException if a surrogate is unpaired, naming its index
   * @throws AllocationException if the allocator is exhausted
   * @throws ConcurrentModificationException if the characters change meanwhile
   * @throws IllegalStateException if the builder is closed
   */
  @Override
  @Borrowed
  public TextBuilder append(@Nullable CharSequence chars) {
    core.requireOpen();
    CharSequence text = chars == null ? "null" : chars;
    OwnedString.encode(text, Utf8.byteSize(text), core);
    return this;
  }

  /**
   * Appends the encoding of some characters of a sequence. Amortized O(length). Ends every view of
   * this text.
   *
   * @param chars the characters, or null for {@code "null"}, as {@link Appendable} has it
   * @param from the index of the first
   * @param to the index after the last
   * @return this builder, which stays its owner's
   * @throws IllegalArgumentException if a surrogate among them is unpaired, naming its index
   * @throws IndexOutOfBoundsException if they are not all in the sequence
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalStateException if the builder is closed
   */
  @Override
  @Borrowed
  public TextBuilder append(@Nullable CharSequence chars, int from, int to) {
    core.requireOpen();
    return append((chars == null ? "null" : chars).subSequence(from, to));
  }

  /**
   * Appends the encoding of a character.
   *
   * @param character the character, no surrogate
   * @return this builder, which stays its owner's
   * @throws IllegalArgumentException if it is a surrogate, which has no encoding alone
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalStateException if the builder is closed
   */
  @Override
  @Borrowed
  public TextBuilder append(char character) {
    return appendCodePoint(character);
  }

  /**
   * Appends the encoding of a code point.
   *
   * @param codePoint the code point, no surrogate
   * @return this builder, which stays its owner's
   * @throws IllegalArgumentException if there is no such code point, or it is a surrogate
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalStateException if the builder is closed
   */
  @Borrowed
  public TextBuilder appendCodePoint(int codePoint) {
    core.requireOpen();
    int byteSize = Utf8.byteSize(codePoint);
    Utf8.encode(codePoint, core.room(byteSize));
    core.commit(byteSize);
    return this;
  }

  /**
   * Appends a copy of text. Amortized O(size). Ends every view of this text.
   *
   * @param text the bytes, which are not validated; they may be a view of this very text
   * @return this builder, which stays its owner's
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalStateException if the builder is closed
   */
  @Borrowed
  public TextBuilder append(@Borrowed StringView text) {
    core.appendAll(text.address(), text.byteSize());
    return this;
  }

  /**
   * Appends a number in decimal, without garbage.
   *
   * @param number the number
   * @return this builder, which stays its owner's
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalStateException if the builder is closed
   */
  @Borrowed
  public TextBuilder appendDecimal(long number) {
    int digits = 1;
    for (long rest = number / 10; rest != 0; rest /= 10) {
      digits++;
    }
    int byteSize = number < 0 ? digits + 1 : digits;
    long address = core.room(byteSize);
    if (number < 0) {
      Memory.putByte(address, (byte) '-');
    }
    long rest = number;
    for (int i = byteSize - 1; i >= byteSize - digits; i--) {
      Memory.putByte(address + i, (byte) ('0' + Math.abs(rest % 10)));
      rest /= 10;
    }
    core.commit(byteSize);
    return this;
  }

  /**
   * Formats text and appends it, as {@link String#format(Locale, String, Object...)} with {@link
   * Locale#ROOT} does. Amortized O(length).
   *
   * @param format the format
   * @param arguments its arguments
   * @return this builder, which stays its owner's
   * @throws IllegalFormatException if the format is wrong, or wants other arguments
   * @throws IllegalArgumentException if a surrogate in the result is unpaired, naming its index
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalStateException if the builder is closed
   */
  @Borrowed
  @SuppressWarnings("AnnotateFormatMethod") // that would make a dependency of Error Prone
  public TextBuilder appendf(String format, @Nullable Object... arguments) {
    core.requireOpen();
    return append(String.format(Locale.ROOT, format, arguments));
  }

  /**
   * Gives the text away, with its memory, and starts again with none. O(1). Views of the text stay
   * valid.
   *
   * @return the text, owned by the caller
   * @throws IllegalStateException if the builder is closed
   */
  @Owned
  public OwnedString take() {
    core.requireOpen();
    VectorCore fresh = new VectorCore(allocator, 1, 1);
    OwnedString text = new OwnedString(core);
    core = fresh;
    return text;
  }

  /**
   * Shows the text without copying it. O(1).
   *
   * @return a borrowed view, valid until the text is next changed, or closed
   * @throws IllegalStateException if the builder is closed
   */
  @View
  public StringView view() {
    return StringView.of(core.asSlice());
  }

  /**
   * Returns the size of the text. O(1).
   *
   * @return the size in bytes, not negative
   * @throws IllegalStateException if the builder is closed
   */
  public long byteSize() {
    return core.size();
  }

  /**
   * Removes the text and keeps the memory. O(1).
   *
   * @throws IllegalStateException if the builder is closed
   */
  public void clear() {
    core.clear();
  }

  /**
   * Decodes the text. O(size). Malformed bytes become U+FFFD.
   *
   * @throws IllegalStateException if the builder is closed, or the text too large for an array
   */
  @Override
  public String toString() {
    return view().toString();
  }

  /** Frees the memory of what was not taken. Closing again does nothing. */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }
}
