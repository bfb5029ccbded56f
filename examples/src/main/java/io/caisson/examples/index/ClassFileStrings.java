package io.caisson.examples.index;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Finds the {@code CONSTANT_Utf8} entries of a class file, from its bytes alone.
 *
 * <p>{@link #parse} walks the whole file by its own lengths (JVMS §4.1) and notes where the entries
 * are, so that nothing is counted of a file that turns out to be no class file; {@link #count} then
 * goes from entry to entry. Neither makes an object. Not thread-safe.
 */
final class ClassFileStrings implements AutoCloseable {

  private static final ValueLayout.OfShort U2 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt U4 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final int MAGIC = 0xCAFEBABE;
  private static final int FIRST_MAJOR_VERSION = 45;
  private static final int MAJOR_VERSION_OFFSET = 6;
  private static final int POOL_COUNT_OFFSET = 8;
  private static final int POOL_OFFSET = 10;

  private static final int UTF8 = 1;
  private static final int LONG = 5;
  private static final int DOUBLE = 6;
  private static final int SMALLEST_ENTRY_SIZE = 3;
  private static final int MAX_STRINGS = 0xFFFF;
  private static final int MAX_STRING_SIZE = 0xFFFF;

  /** The size in bytes of a constant by its tag, its tag included; 0: no such tag. */
  private static final byte[] ENTRY_SIZE = {
    0, 0, 0, 5, 5, 9, 9, 3, 3, 5, 5, 5, 5, 0, 0, 4, 3, 5, 5, 3, 3
  };

  /** What a walk returns when it left the file or met what cannot be. */
  private static final int MALFORMED = -1;

  private final InputMemory memory;
  private final MemorySegment scratch;

  /** Where the two length bytes of each string are, of the file parsed last. */
  private final int[] offsets = new int[MAX_STRINGS];

  private int strings;

  ClassFileStrings(InputMemory memory) {
    this.memory = memory;
    this.scratch = memory.allocate(MAX_STRING_SIZE);
  }

  /** Says whether bytes begin as a class file does. */
  static boolean hasMagic(MemorySegment bytes, long byteSize) {
    return byteSize >= Integer.BYTES && bytes.get(U4, 0) == MAGIC;
  }

  /**
   * Says whether bytes with the magic number claim a version that class files have; the binaries
   * for several processors of macOS, which share the number, do not.
   */
  static boolean hasPlausibleVersion(MemorySegment bytes, long byteSize) {
    return byteSize >= POOL_COUNT_OFFSET && u2(bytes, MAJOR_VERSION_OFFSET) >= FIRST_MAJOR_VERSION;
  }

  /**
   * Says whether bytes are one whole class file, and notes its strings for {@link #count}.
   *
   * @param bytes a segment of at least {@code byteSize} bytes
   * @param byteSize the size of the file
   */
  boolean parse(MemorySegment bytes, int byteSize) {
    strings = 0;
    if (byteSize < POOL_OFFSET || !hasMagic(bytes, byteSize)) {
      return false;
    }
    int position = pool(bytes, u2(bytes, POOL_COUNT_OFFSET), byteSize);
    position = interfaces(bytes, position, byteSize);
    position = members(bytes, position, byteSize);
    position = members(bytes, position, byteSize);
    position = attributes(bytes, position, byteSize);
    return position == byteSize;
  }

  private int pool(MemorySegment bytes, int count, int limit) {
    int position = POOL_OFFSET;
    int index = 1;
    while (index < count) {
      if (position > limit - SMALLEST_ENTRY_SIZE) {
        return MALFORMED;
      }
      int tag = bytes.get(JAVA_BYTE, position);
      if (tag == UTF8) {
        offsets[strings++] = position + 1;
        position += SMALLEST_ENTRY_SIZE + u2(bytes, position + 1);
      } else if (tag > 0 && tag < ENTRY_SIZE.length && ENTRY_SIZE[tag] != 0) {
        position += ENTRY_SIZE[tag];
        index += tag == LONG || tag == DOUBLE ? 1 : 0;
      } else {
        return MALFORMED;
      }
      index++;
    }
    return index == count && position <= limit ? position : MALFORMED;
  }

  /** Passes over the flags, this class, its superclass and the interfaces. */
  private static int interfaces(MemorySegment bytes, int position, int limit) {
    if (position == MALFORMED || limit - position < 8) {
      return MALFORMED;
    }
    int next = position + 8 + 2 * u2(bytes, position + 6);
    return next <= limit ? next : MALFORMED;
  }

  /** Passes over the fields, or the methods. */
  private static int members(MemorySegment bytes, int position, int limit) {
    if (position == MALFORMED || limit - position < 2) {
      return MALFORMED;
    }
    int next = position + 2;
    for (int left = u2(bytes, position); left > 0 && next != MALFORMED; left--) {
      next = limit - next < 6 ? MALFORMED : attributes(bytes, next + 6, limit);
    }
    return next;
  }

  private static int attributes(MemorySegment bytes, int position, int limit) {
    if (position == MALFORMED || limit - position < 2) {
      return MALFORMED;
    }
    int next = position + 2;
    for (int left = u2(bytes, position); left > 0; left--) {
      if (limit - next < 6) {
        return MALFORMED;
      }
      long length = Integer.toUnsignedLong(bytes.get(U4, next + 2));
      next += 6;
      if (length > limit - next) {
        return MALFORMED;
      }
      next += (int) length;
    }
    return next;
  }

  /** Counts the strings of the file that was just found whole. */
  void count(MemorySegment bytes, StringCounter counter) {
    for (int i = 0; i < strings; i++) {
      int offset = offsets[i];
      int byteSize = u2(bytes, offset);
      count(bytes, offset + 2, byteSize, counter);
    }
  }

  private void count(MemorySegment bytes, int offset, int byteSize, StringCounter counter) {
    if (ModifiedUtf8.isAscii(bytes, offset, byteSize)
        || !ModifiedUtf8.differs(bytes, offset, byteSize)) {
      counter.count(bytes, offset, byteSize);
    } else {
      counter.count(scratch, 0, ModifiedUtf8.transcode(bytes, offset, byteSize, scratch));
    }
  }

  private static int u2(MemorySegment bytes, int offset) {
    return Short.toUnsignedInt(bytes.get(U2, offset));
  }

  @Override
  public void close() {
    memory.free(scratch);
  }
}
