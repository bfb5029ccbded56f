package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.util.ConcurrentModificationException;

/**
 * Encodes characters as UTF-8 straight into native memory.
 *
 * <p>Stateless; allocates nothing, save to throw. All methods are O(length). Nothing is altered
 * silently: what has no encoding is refused.
 */
final class Utf8 {

  private static final int UNPAIRED = -1;

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
