package io.caisson.collections;

import io.caisson.alloc.View;

/**
 * Shows a record where it lies in a collection, without copying it: its fields are read, and
 * written unless it is a key or others read it, through handles such as {@link LongField}, which
 * makes no object.
 *
 * <p>Valid as long as the collection or the cursor that gave it says; it checks that at every
 * access, but for the guard that one of a {@link ConcurrentTable} was made with. Belongs to the
 * thread that the collection, or else the cursor, belongs to.
 *
 * @param <R> the record class
 */
@View
public abstract sealed class RecordView<R extends Record>
    permits Vector.Cursor, Table.Part, EntryPart {

  private final RecordCodec<R> codec;

  RecordView(RecordCodec<R> codec) {
    this.codec = codec;
  }

  /** Returns where the record is now; throws if it is nowhere. */
  abstract long address();

  /** Returns where the record is now, to be written; throws if it may not be. */
  abstract long addressToWrite();

  /**
   * Copies the record out.
   *
   * @return a new record
   * @throws IllegalStateException if the collection is closed, or there is no record here
   * @throws IndexOutOfBoundsException if it is that of a vector and there is no record here
   * @throws java.util.ConcurrentModificationException if it is that of a table that was changed by
   *     other means
   */
  public R get() {
    return codec.read(address());
  }

  final Class<R> type() {
    return codec.type();
  }
}
