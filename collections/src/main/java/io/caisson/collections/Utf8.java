package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.util.ConcurrentModificationException;

/**
 * Encodes characters as UTF-8 straight into native memory, and validates what is there.
 *
 * <p>Stateless; allocates nothing, save to throw. All methods are O(length). Nothing is altered
 * silently: what has no encoding is refused.
 */
final class Utf8 {

  private static final int UNPAIRED = -1;
  private static final long NOT_ASCII = 0x8080808080808080L;

  private Utf8() {}

  /**
   * Returns the size of the encoding.
   *
   * @param chars the characters
   * @return the size in bytes
   * @throws IllegalArgumentException if a surrogate is unpaired, naming its index
   */
  static long byteSize(CharSequence chars) {
    int length = chars.length();
    long byteSize = 0;
    for (int i = 0; i < length; ) {
      int codePoint = requireCodePoint(chars, i, length);
      byteSize += width(codePoint);
      i += Character.charCount(codePoint);
    }
    return byteSize;
  }

  /**
   * Writes the encoding.
   *
   * @param chars the characters
   * @param address where it goes
   * @param byteSize its size as {@link #byteSize} computed it; no byte is written beyond
   * @throws ConcurrentModificationException if the characters have another size by now
   * @throws IllegalArgumentException if a surrogate is unpaired, naming its index
   */
  static void encode(CharSequence chars, long address, long byteSize) {
    int length = chars.length();
    long next = address;
    long end = address + byteSize;
    for (int i = 0; i < length; ) {
      int codePoint = requireCodePoint(chars, i, length);
      int width = width(codePoint);
      if (width > end - next) {
        throw changed();
      }
      put(next, pack(codePoint), width);
      next += width;
      i += Character.charCount(codePoint);
    }
    if (next != end) {
      throw changed();
    }
  }

  private static ConcurrentModificationException changed() {
    return new ConcurrentModificationException("the characters changed while they were encoded");
  }

  /**
   * Says whether a range of memory is the encoding of these characters.
   *
   * @param chars the characters; with an unpaired surrogate they equal nothing
   * @param address where the range starts
   * @param byteSize its size
   * @return whether it is
   */
  static boolean equal(CharSequence chars, long address, long byteSize) {
    int length = chars.length();
    long next = address;
    long end = address + byteSize;
    for (int i = 0; i < length; ) {
      int codePoint = codePoint(chars, i, length);
      int width = width(codePoint);
      if (codePoint == UNPAIRED || width > end - next || !holds(next, pack(codePoint), width)) {
        return false;
      }
      next += width;
      i += Character.charCount(codePoint);
    }
    return next == end;
  }

  /**
   * Validates text by Unicode's table of well-formed sequences (3-7): no overlong form, surrogate,
   * or code point above U+10FFFF.
   *
   * @param address where the text starts
   * @param byteSize its size
   * @return the offset of the first sequence that is not well-formed, or -1
   */
  static long malformed(long address, long byteSize) {
    for (long next = 0; next < byteSize; ) {
      if (next <= byteSize - Long.BYTES && (Memory.getLong(address + next) & NOT_ASCII) == 0) {
        next += Long.BYTES;
        continue;
      }
      int width = wellFormed(address + next, byteSize - next);
      if (width == 0) {
        return next;
      }
      next += width;
    }
    return -1;
  }

  /**
   * Returns the width of the well-formed sequence at the start of a range, or 0 if there is none.
   */
  private static int wellFormed(long address, long byteSize) {
    int first = Memory.getByte(address) & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int width = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (width == 0 || width > byteSize) {
      return 0;
    }
    int second = Memory.getByte(address + 1) & 0xff;
    int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) {
      return 0;
    }
    for (int i = 2; i < width; i++) {
      if ((Memory.getByte(address + i) & 0xc0) != 0x80) {
        return 0;
      }
    }
    return width;
  }

  /** Returns the size of the encoding of a code point. */
  static int byteSize(int codePoint) {
    if (!Character.isValidCodePoint(codePoint)
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE)) {
      throw new IllegalArgumentException(
          "code point 0x" + Integer.toHexString(codePoint) + "; expected one with an encoding");
    }
    return width(codePoint);
  }

  /** Writes the encoding of a code point, whose size was asked for. */
  static void encode(int codePoint, long address) {
    put(address, pack(codePoint), width(codePoint));
  }

  private static int requireCodePoint(CharSequence chars, int index, int length) {
    int codePoint = codePoint(chars, index, length);
    if (codePoint == UNPAIRED) {
      throw new IllegalArgumentException(
          "unpaired surrogate at index " + index + "; expected well-formed UTF-16");
    }
    return codePoint;
  }

  private static int codePoint(CharSequence chars, int index, int length) {
    char first = chars.charAt(index);
    if (!Character.isSurrogate(first)) {
      return first;
    }
    if (Character.isHighSurrogate(first) && index + 1 < length) {
      char second = chars.charAt(index + 1);
      if (Character.isLowSurrogate(second)) {
        return Character.toCodePoint(first, second);
      }
    }
    return UNPAIRED;
  }

  private static int width(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    }
    return codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }

  /** Returns the bytes of a code point in one int, the first in its lowest bits. */
  private static int pack(int codePoint) {
    if (codePoint < 0x80) {
      return codePoint;
    }
    if (codePoint < 0x800) {
      return 0xc0 | codePoint >>> 6 | trail(codePoint) << 8;
    }
    if (codePoint < 0x10000) {
      return 0xe0 | codePoint >>> 12 | trail(codePoint >>> 6) << 8 | trail(codePoint) << 16;
    }
    return 0xf0
        | codePoint >>> 18
        | trail(codePoint >>> 12) << 8
        | trail(codePoint >>> 6) << 16
        | trail(codePoint) << 24;
  }

  private static int trail(int bits) {
    return 0x80 | (bits & 0x3f);
  }

  private static void put(long address, int packed, int width) {
    for (int i = 0; i < width; i++) {
      Memory.putByte(address + i, (byte) (packed >>> (i << 3)));
    }
  }

  private static boolean holds(long address, int packed, int width) {
    for (int i = 0; i < width; i++) {
      if (Memory.getByte(address + i) != (byte) (packed >>> (i << 3))) {
        return false;
      }
    }
    return true;
  }
}
