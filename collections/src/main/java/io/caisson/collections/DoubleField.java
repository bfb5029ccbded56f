package io.caisson.collections;

import io.caisson.alloc.Borrowed;
import io.caisson.collections.RecordShape.Component;

/**
 * A handle of a component that is a {@code double} or a {@code float}.
 *
 * @param <R> the record class
 */
public final class DoubleField<R extends Record> extends RecordField<R> {

  private final boolean isFloat;

  DoubleField(Class<R> type, Component component) {
    super(type, component);
    isFloat = component.kind() == FieldKind.FLOAT;
    if (!isFloat && component.kind() != FieldKind.DOUBLE) {
      throw mismatch("a double or a float");
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
  public double get(@Borrowed RecordView<R> view) {
    return load(in(view));
  }

  /**
   * Writes the component; a {@code float} is rounded to the nearest one.
   *
   * @param view the record
   * @param value its value from now on
   * @throws IllegalStateException if the collection is closed, there is no record here, or it is a
   *     key
   * @throws IndexOutOfBoundsException if it is a vector, and there is no record here
   * @throws java.util.ConcurrentModificationException if it is a table that was changed by other
   *     means
   */
  public void set(@Borrowed RecordView<R> view, double value) {
    long address = toWriteIn(view);
    if (isFloat) {
      FieldMemory.putFloat(address, (float) value);
    } else {
      FieldMemory.putDouble(address, value);
    }
  }

  private double load(long address) {
    return isFloat ? FieldMemory.getFloat(address) : FieldMemory.getDouble(address);
  }

  @Override
  int compare(long first, long second) {
    return Double.compare(load(in(first)), load(in(second)));
  }
}
