package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A slot of a table whose keys are bytes: where the key is, its fingerprint, and a value.
 *
 * <pre>
 *   0  keyAddress   where the block of the entry starts, which starts with the key; NULL if there is
 *                   no byte to keep
 *   8  fingerprint  32 bits of the key's hash above 32 bits of its size
 *  16  value        a long, or the size of the value that follows the key in the block; sets end
 *                   before it
 * </pre>
 */
final class BytesSlot {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("keyAddress"),
          ValueLayout.JAVA_LONG.withName("fingerprint"),
          ValueLayout.JAVA_LONG.withName("value"));

  static final long SIZE = LAYOUT.byteSize();

  /** The size of a slot without a value. */
  static final long KEY_SIZE = LAYOUT.byteOffset(PathElement.groupElement("value"));

  static final long KEY_ADDRESS = offset("keyAddress");
  static final long FINGERPRINT = offset("fingerprint");
  static final long VALUE = offset("value");

  /** The part of a fingerprint that is the size of the key; the rest is hash. */
  static final long SIZE_MASK = 0xffff_ffffL;

  private BytesSlot() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  static long keyAddress(long slot) {
    return Memory.getLong(slot + KEY_ADDRESS);
  }

  static long fingerprint(long slot) {
    return Memory.getLong(slot + FINGERPRINT);
  }

  static long keyByteSize(long slot) {
    return fingerprint(slot) & SIZE_MASK;
  }

  static long value(long slot) {
    return Memory.getLong(slot + VALUE);
  }

  static void setValue(long slot, long value) {
    Memory.putLong(slot + VALUE, value);
  }

  static void setKeyAddress(long slot, long keyAddress) {
    Memory.putLong(slot + KEY_ADDRESS, keyAddress);
  }

  static void setKey(long slot, long keyAddress, long fingerprint) {
    setKeyAddress(slot, keyAddress);
    Memory.putLong(slot + FINGERPRINT, fingerprint);
  }

  /** Repeats the 32 bits of hash that a fingerprint has, so that they give home and tag. */
  static long hash(long fingerprint) {
    long hash = fingerprint >>> Integer.SIZE;
    return (hash << Integer.SIZE) | hash;
  }
}
