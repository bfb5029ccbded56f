package io.caisson.collections;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a collection is laid out in a file: a header, the payload, and a checksum of the payload.
 *
 * <pre>
 *   0  magic            "CAISSON" and a line feed
 *   8  version          of this format, 1
 *  12  kind             which collection: StoredKind
 *  16  byteOrder        of elements in the payload: 1 little-endian, 2 big-endian
 *  20  reserved         0
 *  24  stride           of a vector's elements, of a table's records; else 0
 *  32  count            of elements or entries
 *  40  payloadByteSize
 *  48  reserved2        0
 *  52  checksum         CRC-32C of the 52 bytes before it
 *  56  payload
 *      checksum         CRC-32C of the payload, 4 bytes
 * </pre>
 *
 * <p>The header, sizes in the payload and checksums are little-endian. The payload of a vector is
 * its elements as they are in memory; that of a table or set its entries in any order: longs as
 * they are, bytes after their size. Slots are not stored, for their order depends on a seed. Before
 * records there is a number for the shape of their class, in a table one for that of the keys and
 * one for that of the values.
 */
final class StoreLayout {

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("magic"),
          ValueLayout.JAVA_INT.withName("version"),
          ValueLayout.JAVA_INT.withName("kind"),
          ValueLayout.JAVA_INT.withName("byteOrder"),
          ValueLayout.JAVA_INT.withName("reserved"),
          ValueLayout.JAVA_LONG.withName("stride"),
          ValueLayout.JAVA_LONG.withName("count"),
          ValueLayout.JAVA_LONG.withName("payloadByteSize"),
          ValueLayout.JAVA_INT.withName("reserved2"),
          ValueLayout.JAVA_INT.withName("checksum"));

  static final int SIZE = (int) LAYOUT.byteSize();
  static final int CHECKSUM = offset("checksum");

  static final int VERSION_NUMBER = 1;

  private static final int VERSION = offset("version");
  private static final int KIND = offset("kind");
  private static final int BYTE_ORDER = offset("byteOrder");
  private static final int STRIDE = offset("stride");
  private static final int COUNT = offset("count");
  private static final int PAYLOAD_BYTE_SIZE = offset("payloadByteSize");

  /** The bytes of "CAISSON" and a line feed, the first in the lowest byte. */
  private static final long MAGIC = 0x0a4e4f5353494143L;

  private static final int NATIVE_ORDER =
      ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 1 : 2;

  private StoreLayout() {}

  private static int offset(String field) {
    return (int) LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  /** Writes all of a header but its checksum. */
  static void fill(
      ByteBuffer header, StoredKind kind, long stride, long count, long payloadByteSize) {
    header.putLong(0, MAGIC);
    header.putInt(VERSION, VERSION_NUMBER);
    header.putInt(KIND, kind.number);
    header.putInt(BYTE_ORDER, NATIVE_ORDER);
    header.putLong(STRIDE, stride);
    header.putLong(COUNT, count);
    header.putLong(PAYLOAD_BYTE_SIZE, payloadByteSize);
  }

  /** Refuses a header that is of no file of ours, or of a version that this one cannot read. */
  static void requireOurs(ByteBuffer header) {
    if (header.getLong(0) != MAGIC) {
      throw new CorruptFileException("not a collection that was saved; expected its magic number");
    }
    require("version", header.getInt(VERSION), VERSION_NUMBER);
  }

  /** Refuses a header, sound in itself, of something else than what is asked for. */
  static void requireKind(ByteBuffer header, StoredKind kind, long stride) {
    require("kind", header.getInt(KIND), kind.number);
    require("byte order", header.getInt(BYTE_ORDER), NATIVE_ORDER);
    require("stride", header.getLong(STRIDE), stride);
  }

  private static void require(String what, long found, long expected) {
    if (found != expected) {
      throw new CorruptFileException("file of " + what + " " + found + "; expected " + expected);
    }
  }

  static long count(ByteBuffer header) {
    return header.getLong(COUNT);
  }

  static long payloadByteSize(ByteBuffer header) {
    return header.getLong(PAYLOAD_BYTE_SIZE);
  }
}
