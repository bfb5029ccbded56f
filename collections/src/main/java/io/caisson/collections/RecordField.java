package io.caisson.collections;

import io.caisson.collections.RecordShape.Component;

/**
 * A handle of one component of a record class, which finds it in every {@link RecordView}.
 *
 * <p>Immutable, and safe to share between threads. Accesses are O(1), or O(size) of a text, and
 * make no object unless they say so.
 *
 * @param <R> the record class
 */
public abstract sealed class RecordField<R extends Record>
    permits LongField, DoubleField, TextField, BytesField {

  private final Class<R> type;
  private final Component component;
  private final long byteOffset;

  RecordField(Class<R> type, Component component) {
    this.type = type;
    this.component = component;
    this.byteOffset = component.byteOffset();
  }

  /** Returns the address of the component in a record at an address. */
  final long in(long record) {
    return record + byteOffset;
  }

  final long in(RecordView<R> view) {
    requireType(view);
    return view.address() + byteOffset;
  }

  final long toWriteIn(RecordView<R> view) {
    requireType(view);
    return view.addressToWrite() + byteOffset;
  }

  private void requireType(RecordView<R> view) {
    if (view.type() != type) { // only a raw type gets here
      throw new IllegalArgumentException(
          "a view of a " + view.type().getName() + "; expected one of a " + type.getName());
    }
  }

  /** Orders two records, at their addresses, by this component. */
  abstract int compare(long first, long second);

  final IllegalArgumentException mismatch(String expected) {
    return new IllegalArgumentException(
        type.getName()
            + "."
            + name()
            + " is of kind "
            + component.kind()
            + "; expected "
            + expected);
  }

  final Class<R> type() {
    return type;
  }

  /**
   * Returns the name of the component; of one in a nested record, with the names on the way.
   *
   * @return its name
   */
  public String name() {
    return component.name();
  }

  @Override
  public String toString() {
    return type.getSimpleName() + "." + name();
  }
}
