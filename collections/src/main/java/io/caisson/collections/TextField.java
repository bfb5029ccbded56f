package io.caisson.collections;

import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.collections.RecordShape.Component;

/**
 * A handle of a component that is a {@link String} of a {@link FixedLength}.
 *
 * @param <R> the record class
 */
public final class TextField<R extends Record> extends RecordField<R> {

  private final int length;

  TextField(Class<R> type, Component component) {
    super(type, component);
    length = component.byteSize();
    if (component.kind() != FieldKind.TEXT) {
      throw mismatch("a String");
    }
  }

  /**
   * Shows the text, without the zeros that follow it. Makes the view and nothing else.
   *
   * @param view the record
   * @return a view of the UTF-8 in memory, valid until the record is changed, moved or removed, or
   *     the collection is closed
   * @throws IllegalStateException if the collection is closed, or there is no record here
   * @throws IndexOutOfBoundsException if it is a vector, and there is no record here
   * @throws java.util.ConcurrentModificationException if it is a table that was changed by other
   *     means
   */
  @View
  public StringView get(@Borrowed RecordView<R> view) {
    long address = in(view);
    return new StringView(address, FieldMemory.trimmed(address, length));
  }

  /**
   * Writes the text, and zeros after it; nothing if it throws.
   *
   * @param view the record
   * @param text its text from now on
   * @throws IllegalArgumentException if the text is longer than the component in UTF-8, is not
   *     well-formed UTF-16 or ends with U+0000
   * @throws IllegalStateException if the collection is closed, there is no record here, or it is a
   *     key
   * @throws IndexOutOfBoundsException if it is a vector, and there is no record here
   * @throws java.util.ConcurrentModificationException if it is a table that was changed by other
   *     means
   */
  public void set(@Borrowed RecordView<R> view, String text) {
    int byteSize = FieldMemory.textByteSize(text, length, name());
    FieldMemory.putText(toWriteIn(view), text, byteSize, length);
  }

  /** The order of UTF-8, which is that of code points; zeros are less than all else. */
  @Override
  int compare(long first, long second) {
    return FieldMemory.compareBytes(in(first), in(second), length);
  }
}
