package io.caisson.collections;

import io.caisson.alloc.Borrowed;
import io.caisson.collections.RecordShape.Component;

/**
 * A handle of a component that is an integer: a {@code long}, {@code int}, {@code short}, {@code
 * char} or {@code byte}, or a {@code boolean}, which is 0 or 1 here.
 *
 * @param <R> the record class
 */
public final class LongField<R extends Record> extends RecordField<R> {

  private final FieldKind kind;

  LongField(Class<R> type, Component component) {
    super(type, component);
    this.kind = component.kind();
    switch (kind) {
      case BOOLEAN, BYTE, SHORT, CHAR, INT, LONG -> {}
      default -> throw mismatch("an integer or a boolean");
    }
  }

  /**
   * Reads the component.
   *
   * @param view the record
   * @return its value
   * @throws IllegalStateException if the collection is closed, or there is no record here
   * @throws IndexOutOfBoundsException if it is a vector, and there is no record here
   * @throws java.util.ConcurrentModificationException if it is a table that was changed by other
   *     means
   */
  public long get(@Borrowed RecordView<R> view) {
    return load(in(view));
  }

  /**
   * Writes the component.
   *
   * @param view the record
   * @param value its value from now on
   * @throws IllegalArgumentException if the component cannot hold it
   * @throws IllegalStateException if the collection is closed, there is no record here, or it is a
   *     key
   * @throws IndexOutOfBoundsException if it is a vector, and there is no record here
   * @throws java.util.ConcurrentModificationException if it is a table that was changed by other
   *     means
   */
  public void set(@Borrowed RecordView<R> view, long value) {
    long address = toWriteIn(view);
    switch (kind) {
      case LONG -> FieldMemory.putLong(address, value);
      case INT ->
          FieldMemory.putInt(address, (int) within(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case CHAR -> FieldMemory.putChar(address, (char) within(value, 0, Character.MAX_VALUE));
      case SHORT ->
          FieldMemory.putShort(address, (short) within(value, Short.MIN_VALUE, Short.MAX_VALUE));
      case BYTE ->
          FieldMemory.putByte(address, (byte) within(value, Byte.MIN_VALUE, Byte.MAX_VALUE));
      default -> FieldMemory.putBoolean(address, within(value, 0, 1) != 0);
    }
  }

  private long within(long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          this + " = " + value + "; expected at least " + least + " and at most " + most);
    }
    return value;
  }

  private long load(long address) {
    return switch (kind) {
      case LONG -> FieldMemory.getLong(address);
      case INT -> FieldMemory.getInt(address);
      case CHAR -> FieldMemory.getChar(address);
      case SHORT -> FieldMemory.getShort(address);
      case BYTE -> FieldMemory.getByte(address);
      default -> FieldMemory.getBoolean(address) ? 1 : 0;
    };
  }

  @Override
  int compare(long first, long second) {
    return Long.compare(load(in(first)), load(in(second)));
  }
}
