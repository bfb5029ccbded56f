package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The block of an entry of a concurrent table whose keys are bytes; the bytes of the key follow,
 * and after them those of the value, if it is made of bytes.
 *
 * <pre>
 *   0  fingerprint  32 bits of the key's hash above 32 bits of its size
 *   8  word         the size of the value in bytes, or the code of a value that is a long
 * </pre>
 */
final class BytesEntry {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("fingerprint"), ValueLayout.JAVA_LONG.withName("word"));

  /** The size of an entry without its key and value. */
  static final long SIZE = LAYOUT.byteSize();

  /** What leaves four bits of an address to its slot. */
  static final long ALIGNMENT = 16;

  static final long FINGERPRINT = offset("fingerprint");
  static final long WORD = offset("word");

  private BytesEntry() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  static long fingerprint(long entry) {
    return Memory.getLong(entry + FINGERPRINT);
  }

  static long keyByteSize(long entry) {
    return fingerprint(entry) & BytesSlot.SIZE_MASK;
  }

  static long word(long entry) {
    return Memory.getLong(entry + WORD);
  }

  static long wordAcquire(long entry) {
    return Memory.getLongAcquire(entry + WORD);
  }

  static void setWord(long entry, long word) {
    Memory.putLong(entry + WORD, word);
  }

  static boolean compareAndSetWord(long entry, long expected, long word) {
    return Memory.compareAndSetLong(entry + WORD, expected, word);
  }

  /** Returns where the key starts. */
  static long key(long entry) {
    return entry + SIZE;
  }

  /** Returns where a value made of bytes starts. */
  static long value(long entry) {
    return entry + SIZE + keyByteSize(entry);
  }

  /** Writes all but the word. */
  static void setKey(long entry, long fingerprint, long key) {
    Memory.putLong(entry + FINGERPRINT, fingerprint);
    Memory.copy(key, entry + SIZE, fingerprint & BytesSlot.SIZE_MASK);
  }

  /** Says whether an entry has the key that a fingerprint and an address tell. */
  static boolean holds(long entry, long fingerprint, long key) {
    return fingerprint(entry) == fingerprint
        && Bytes.equal(key(entry), key, fingerprint & BytesSlot.SIZE_MASK);
  }
}
