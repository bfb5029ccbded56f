package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A record of a message ring: a header of one word, then the bytes of the message, padded to whole
 * words.
 *
 * <pre>
 *   63        32 31              0
 *  +------------+-----------------+----------------+---------+
 *  |    kind    |    byte size    |  the message   | padding |
 *  +------------+-----------------+----------------+---------+
 * </pre>
 *
 * <p>A header is written at once, when the record is complete; 0 says that it is not.
 */
final class MessageRecord {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(ValueLayout.JAVA_LONG.withName("header"));

  static final long HEADER_SIZE = LAYOUT.byteSize();
  static final long ALIGNMENT = LAYOUT.byteAlignment();
  static final long HEADER = LAYOUT.byteOffset(PathElement.groupElement("header"));

  /** The header of a record that nobody has completed. */
  static final long INCOMPLETE = 0;

  private static final long MESSAGE = 1;
  private static final long SKIPPED = 2;
  private static final long SIZE_MASK = 0xffff_ffffL;

  private MessageRecord() {}

  static long headerAcquire(long record) {
    return Memory.getLongAcquire(record + HEADER);
  }

  /** Completes a record with a message of this size. */
  static void completeRelease(long record, long byteSize) {
    Memory.putLongRelease(record + HEADER, MESSAGE << Integer.SIZE | byteSize);
  }

  /** Completes a record, as large as one with a message of this size, that holds none. */
  static void skipRelease(long record, long byteSize) {
    Memory.putLongRelease(record + HEADER, SKIPPED << Integer.SIZE | byteSize);
  }

  static boolean isMessage(long header) {
    return header >>> Integer.SIZE == MESSAGE;
  }

  static long messageByteSize(long header) {
    return header & SIZE_MASK;
  }

  /** Returns the size of the record with a message of this size. */
  static long byteSize(long messageByteSize) {
    return (HEADER_SIZE + messageByteSize + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** Returns where the message of a record starts. */
  static long message(long record) {
    return record + HEADER_SIZE;
  }
}
