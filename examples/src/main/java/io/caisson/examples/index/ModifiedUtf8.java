package io.caisson.examples.index;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Turns the modified UTF-8 of class files (JVMS §4.4.7) into standard UTF-8.
 *
 * <p>The two differ in U+0000, which is {@code C0 80} there, and in characters beyond U+FFFF, which
 * are two surrogates of three bytes each. A lone surrogate keeps its three bytes, and so does
 * whatever is malformed: this changes an encoding and judges nothing.
 */
final class ModifiedUtf8 {

  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int NUL_LEAD = 0xC0;
  private static final int SURROGATE_LEAD = 0xED;

  private ModifiedUtf8() {}

  /**
   * Says whether all bytes of a string are below 80, reading eight at a time.
   *
   * @param offset where the string starts; its end must be at least 8 bytes into the source
   */
  static boolean isAscii(MemorySegment source, long offset, int byteSize) {
    long end = offset + byteSize;
    for (long at = offset; end - at > Long.BYTES; at += Long.BYTES) {
      if ((source.get(WORD, at) & HIGH_BITS) != 0) {
        return false;
      }
    }
    if (byteSize == 0) {
      return true;
    }
    // The last eight bytes; those that are before the string, if it is shorter, are shifted out.
    long tail = source.get(WORD, end - Long.BYTES);
    int foreign = Math.max(0, Long.BYTES - byteSize);
    return ((tail >>> (foreign * Byte.SIZE)) & HIGH_BITS) == 0;
  }

  /** Says whether a string would read otherwise as standard UTF-8. */
  static boolean differs(MemorySegment source, long offset, int byteSize) {
    long last = offset + byteSize - 1;
    for (long at = offset; at < last; at++) {
      int lead = unsigned(source, at);
      if (lead == NUL_LEAD && unsigned(source, at + 1) == 0x80) {
        return true;
      }
      if (lead == SURROGATE_LEAD && unsigned(source, at + 1) >= 0xA0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Writes a string as standard UTF-8.
   *
   * @param target where to, from offset 0, with room for {@code byteSize} bytes; not the source
   * @return the bytes written, at most {@code byteSize}
   */
  static int transcode(MemorySegment source, long offset, int byteSize, MemorySegment target) {
    long end = offset + byteSize;
    long at = offset;
    int written = 0;
    while (at < end) {
      if (isNul(source, at, end)) {
        target.set(JAVA_BYTE, written++, (byte) 0);
        at += 2;
      } else if (isPair(source, at, end)) {
        putSupplementary(target, written, codePoint(source, at));
        written += 4;
        at += 6;
      } else {
        target.set(JAVA_BYTE, written++, source.get(JAVA_BYTE, at++));
      }
    }
    return written;
  }

  private static boolean isNul(MemorySegment source, long at, long end) {
    return end - at >= 2 && unsigned(source, at) == NUL_LEAD && unsigned(source, at + 1) == 0x80;
  }

  /** ED A0..AF 80..BF ED B0..BF 80..BF: a high and a low surrogate. */
  private static boolean isPair(MemorySegment source, long at, long end) {
    return end - at >= 6 && isSurrogate(source, at, 0xA0) && isSurrogate(source, at + 3, 0xB0);
  }

  private static boolean isSurrogate(MemorySegment source, long at, int second) {
    return unsigned(source, at) == SURROGATE_LEAD
        && (unsigned(source, at + 1) & 0xF0) == second
        && (unsigned(source, at + 2) & 0xC0) == 0x80;
  }

  private static int codePoint(MemorySegment source, long at) {
    return Character.toCodePoint(surrogate(source, at), surrogate(source, at + 3));
  }

  private static char surrogate(MemorySegment source, long at) {
    return (char)
        (0xD000 | ((unsigned(source, at + 1) & 0x3F) << 6) | (unsigned(source, at + 2) & 0x3F));
  }

  private static void putSupplementary(MemorySegment target, long at, int codePoint) {
    target.set(JAVA_BYTE, at, (byte) (0xF0 | (codePoint >> 18)));
    target.set(JAVA_BYTE, at + 1, (byte) (0x80 | ((codePoint >> 12) & 0x3F)));
    target.set(JAVA_BYTE, at + 2, (byte) (0x80 | ((codePoint >> 6) & 0x3F)));
    target.set(JAVA_BYTE, at + 3, (byte) (0x80 | (codePoint & 0x3F)));
  }

  private static int unsigned(MemorySegment source, long at) {
    return source.get(JAVA_BYTE, at) & 0xFF;
  }
}
