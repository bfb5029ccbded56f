package io.caisson.collections;

import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.collections.RecordShape.Component;

/**
 * A handle of a component that is a {@code byte[]} of a {@link FixedLength}.
 *
 * @param <R> the record class
 */
public final class BytesField<R extends Record> extends RecordField<R> {

  private final int length;

  BytesField(Class<R> type, Component component) {
    super(type, component);
    length = component.byteSize();
    if (component.kind() != FieldKind.BYTES) {
      throw mismatch("a byte[]");
    }
  }

  /**
   * Returns how many bytes the component has.
   *
   * @return its length
   */
  public int length() {
    return length;
  }

  /**
   * Shows the bytes. Makes the view and nothing else.
   *
   * @param view the record
   * @return a view of the bytes in memory, valid until the record is changed, moved or removed, or
   *     the collection is closed
   * @throws IllegalStateException if the collection is closed, or there is no record here
   * @throws IndexOutOfBoundsException if it is a vector, and there is no record here
   * @throws java.util.ConcurrentModificationException if it is a table that was changed by other
   *     means
   */
  @View
  public StringView get(@Borrowed RecordView<R> view) {
    return new StringView(in(view), length);
  }

  /**
   * Writes the bytes; nothing if it throws.
   *
   * @param view the record
   * @param bytes its bytes from now on, as many as the component has
   * @throws IllegalArgumentException if there are more or less bytes
   * @throws IllegalStateException if the collection is closed, there is no record here, or it is a
   *     key
   * @throws IndexOutOfBoundsException if it is a vector, and there is no record here
   * @throws java.util.ConcurrentModificationException if it is a table that was changed by other
   *     means
   */
  public void set(@Borrowed RecordView<R> view, byte[] bytes) {
    FieldMemory.requireLength(bytes, length, name());
    FieldMemory.putBytes(toWriteIn(view), bytes);
  }

  /** The order of the bytes, unsigned. */
  @Override
  int compare(long first, long second) {
    return FieldMemory.compareBytes(in(first), in(second), length);
  }
}
