package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * What an intern table knows of an entry, or of a free place for one.
 *
 * <pre>
 *   0  word        the generation, 6 bits, above the address of the bytes, 58 bits
 *   8  byteSize    how many bytes; of a free place, the index of the next free one, or -1
 *  12  references  how many; 0 of a free place
 * </pre>
 */
final class InternRecord {

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("word"),
          ValueLayout.JAVA_INT.withName("byteSize"),
          ValueLayout.JAVA_INT.withName("references"));

  static final long SIZE = LAYOUT.byteSize();
  static final int SIZE_SHIFT = Long.numberOfTrailingZeros(SIZE);
  static final long WORD = offset("word");
  static final long BYTE_SIZE = offset("byteSize");
  static final long REFERENCES = offset("references");

  /** How many bits of a handle are generation; the rest is an index. */
  static final int GENERATION_BITS = 6;

  static final int MAX_GENERATION = (1 << GENERATION_BITS) - 1;

  private static final int GENERATION_SHIFT = Long.SIZE - GENERATION_BITS;
  private static final long ADDRESS_MASK = (1L << GENERATION_SHIFT) - 1;

  private InternRecord() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  static long address(long entry) {
    return Memory.getLong(entry + WORD) & ADDRESS_MASK;
  }

  static int generation(long entry) {
    return (int) (Memory.getLong(entry + WORD) >>> GENERATION_SHIFT);
  }

  static void setWord(long entry, int generation, long address) {
    Memory.putLong(entry + WORD, (long) generation << GENERATION_SHIFT | address);
  }

  static int byteSize(long entry) {
    return Memory.getInt(entry + BYTE_SIZE);
  }

  static void setByteSize(long entry, int byteSize) {
    Memory.putInt(entry + BYTE_SIZE, byteSize);
  }

  static int references(long entry) {
    return Memory.getInt(entry + REFERENCES);
  }

  static void setReferences(long entry, int references) {
    Memory.putInt(entry + REFERENCES, references);
  }
}
