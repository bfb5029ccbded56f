package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * What an intern table knows of a page, and how the records in it look.
 *
 * <pre>
 *   0  address      where its records are; NULL if it has no memory
 *   8  live         which of its places hold an entry, one bit each
 *  16  next         the number of the next page of its list, or -1
 *  20  payload      how many bytes a record has after its count
 *  22  places       how many records fit, at most 64
 *  23  apart        1 if the bytes of its entries are blocks of their own, else 0
 *  24  generations  of each place, from 1 to 63; they outlive the memory of the page
 *
 *   a record: 0  references  how many
 *             4  bytes       the payload; or else
 *             4  byteSize, 8  bytesAddress, of bytes apart
 * </pre>
 */
final class InternPage {

  /** How many records a page has at most: one for each bit of a word. */
  static final int MAX_PLACES = Long.SIZE;

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("address"),
          ValueLayout.JAVA_LONG.withName("live"),
          ValueLayout.JAVA_INT.withName("next"),
          ValueLayout.JAVA_SHORT.withName("payload"),
          ValueLayout.JAVA_BYTE.withName("places"),
          ValueLayout.JAVA_BYTE.withName("apart"),
          MemoryLayout.sequenceLayout(MAX_PLACES, ValueLayout.JAVA_BYTE).withName("generations"));

  static final long SIZE = LAYOUT.byteSize();
  static final long ADDRESS = offset("address");
  static final long LIVE = offset("live");
  static final long NEXT = offset("next");
  static final long PAYLOAD = offset("payload");
  static final long PLACES = offset("places");
  static final long APART = offset("apart");
  static final long GENERATIONS = offset("generations");

  /** A record, of which the second part is there only if the bytes are apart. */
  static final StructLayout RECORD_LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT.withName("references"),
          ValueLayout.JAVA_INT.withName("byteSize"),
          ValueLayout.JAVA_LONG.withName("bytesAddress"));

  /** How many bytes a record has before its payload. */
  static final long COUNT_SIZE = recordOffset("byteSize");

  /** The payload of a record whose bytes are apart. */
  static final long APART_PAYLOAD = RECORD_LAYOUT.byteSize() - COUNT_SIZE;

  private static final long BYTE_SIZE = recordOffset("byteSize");
  private static final long BYTES_ADDRESS = recordOffset("bytesAddress");

  /** How many bits of a handle are generation; the rest is a page and a place in it. */
  static final int GENERATION_BITS = 6;

  static final int MAX_GENERATION = (1 << GENERATION_BITS) - 1;

  private InternPage() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  private static long recordOffset(String field) {
    return RECORD_LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  // ---- pages ------------------------------------------------------------------------------------

  /**
   * Sets up a page that was never used: without memory, and every place in its first generation.
   */
  static void initialize(long page) {
    Memory.putLong(page + ADDRESS, Memory.NULL);
    Memory.putLong(page + LIVE, 0);
    Memory.fill(page + GENERATIONS, MAX_PLACES, (byte) 1);
  }

  static long address(long page) {
    return Memory.getLong(page + ADDRESS);
  }

  static void setAddress(long page, long address) {
    Memory.putLong(page + ADDRESS, address);
  }

  /** Returns the places that hold an entry; whole, though another thread may be changing it. */
  static long live(long page) {
    return Memory.getLongAcquire(page + LIVE); // acquire: pairs with setLive
  }

  static void setLive(long page, long live) {
    Memory.putLongRelease(page + LIVE, live);
  }

  static int next(long page) {
    return Memory.getInt(page + NEXT);
  }

  static void setNext(long page, int next) {
    Memory.putInt(page + NEXT, next);
  }

  static long payload(long page) {
    return Memory.getShort(page + PAYLOAD);
  }

  static int places(long page) {
    return Memory.getByte(page + PLACES);
  }

  static boolean isApart(long page) {
    return Memory.getByte(page + APART) != 0;
  }

  static void setForm(long page, long payload, boolean apart, int places) {
    Memory.putShort(page + PAYLOAD, (short) payload);
    Memory.putByte(page + APART, (byte) (apart ? 1 : 0));
    Memory.putByte(page + PLACES, (byte) places);
  }

  static int generation(long page, int place) {
    return Memory.getByte(page + GENERATIONS + place);
  }

  /** Makes handles of a place stale. */
  static void advance(long page, int place) {
    int generation = generation(page, place);
    Memory.putByte(
        page + GENERATIONS + place, (byte) (generation == MAX_GENERATION ? 1 : generation + 1));
  }

  /** Returns the places that hold no entry, one bit each. */
  static long free(long page) {
    return ~live(page) & (-1L >>> (MAX_PLACES - places(page)));
  }

  static long recordByteSize(long page) {
    return COUNT_SIZE + payload(page);
  }

  static long byteSize(long page) {
    return recordByteSize(page) * places(page);
  }

  // ---- records ----------------------------------------------------------------------------------

  static long record(long page, int place) {
    return address(page) + place * recordByteSize(page);
  }

  static int references(long record) {
    return Memory.getInt(record);
  }

  static void setReferences(long record, int references) {
    Memory.putInt(record, references);
  }

  /** Returns how many bytes an entry has. */
  static int bytesByteSize(long page, long record) {
    return isApart(page) ? Memory.getInt(record + BYTE_SIZE) : (int) payload(page);
  }

  /** Returns where the bytes of an entry are; NULL if it has none. */
  static long bytesAddress(long page, long record) {
    if (isApart(page)) {
      return Memory.getLong(record + BYTES_ADDRESS);
    }
    return payload(page) == 0 ? Memory.NULL : record + COUNT_SIZE;
  }

  static void setBytesApart(long record, long address, long byteSize) {
    Memory.putInt(record + BYTE_SIZE, (int) byteSize);
    Memory.putLong(record + BYTES_ADDRESS, address);
  }
}
