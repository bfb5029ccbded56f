package io.caisson.collections;

import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;

/**
 * Shows the key or the value of an entry of a concurrent table, to be read only. Valid as long as
 * the cursor that moves it.
 *
 * @param <R> the record class
 */
@View
final class EntryPart<R extends Record> extends RecordView<R> {

  private long address;

  EntryPart(RecordCodec<R> codec) {
    super(codec);
  }

  /** Moves to where a record is, or to none if that is NULL. */
  void moveTo(long record) {
    address = record;
  }

  @Override
  long address() {
    if (address == Memory.NULL) {
      throw new IllegalStateException(
          "the cursor is at no entry; call next() or moveTo(key), and see that it returns true");
    }
    return address;
  }

  @Override
  long addressToWrite() {
    throw new IllegalStateException(
        "an entry of a ConcurrentTable cannot be written in place, where others read it; expected"
            + " a put or a compute");
  }
}
