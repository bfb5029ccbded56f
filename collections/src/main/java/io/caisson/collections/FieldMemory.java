package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Reads and writes the components of records in memory, for generated code and for field handles.
 *
 * <p>A value has one form: booleans are 0 or 1, NaN is the canonical one, what follows a text is
 * zero. So records are equal if their bytes are. Negative zero is not zero, as in {@link
 * Double#equals}.
 *
 * <p>Stateless. Generated code calls the methods by the names that {@link MappingMaker} knows.
 */
final class FieldMemory {

  private FieldMemory() {}

  static boolean getBoolean(long address) {
    return Memory.getByte(address) != 0;
  }

  static void putBoolean(long address, boolean value) {
    Memory.putByte(address, (byte) (value ? 1 : 0));
  }

  static byte getByte(long address) {
    return Memory.getByte(address);
  }

  static void putByte(long address, byte value) {
    Memory.putByte(address, value);
  }

  static short getShort(long address) {
    return Memory.getShort(address);
  }

  static void putShort(long address, short value) {
    Memory.putShort(address, value);
  }

  static char getChar(long address) {
    return (char) Memory.getShort(address);
  }

  static void putChar(long address, char value) {
    Memory.putShort(address, (short) value);
  }

  static int getInt(long address) {
    return Memory.getInt(address);
  }

  static void putInt(long address, int value) {
    Memory.putInt(address, value);
  }

  static long getLong(long address) {
    return Memory.getLong(address);
  }

  static void putLong(long address, long value) {
    Memory.putLong(address, value);
  }

  static float getFloat(long address) {
    return Float.intBitsToFloat(Memory.getInt(address));
  }

  static void putFloat(long address, float value) {
    Memory.putInt(address, Float.floatToIntBits(value));
  }

  static double getDouble(long address) {
    return Memory.getDouble(address);
  }

  static void putDouble(long address, double value) {
    Memory.putLong(address, Double.doubleToLongBits(value));
  }

  // ---- fixed length ---------------------------------------------------------------------------

  /** Checks that a text fits a field, and returns its size. */
  static int textByteSize(CharSequence text, int length, String name) {
    long byteSize;
    try {
      byteSize = Utf8.byteSize(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
    if (byteSize > length) {
      throw new IllegalArgumentException(
          name + " has " + byteSize + " bytes in UTF-8; expected at most " + length);
    }
    if (byteSize > 0 && text.charAt(text.length() - 1) == 0) {
      throw new IllegalArgumentException(
          name + " ends with U+0000; expected another character, for zeros follow it in memory");
    }
    return (int) byteSize;
  }

  /** Writes a text whose size was asked for. */
  static void putText(long address, CharSequence text, int byteSize, int length) {
    Utf8.encode(text, address, byteSize);
    if (byteSize < length) {
      Memory.fill(address + byteSize, length - byteSize, (byte) 0);
    }
  }

  static String getText(long address, int length) {
    return new String(getBytes(address, trimmed(address, length)), StandardCharsets.UTF_8);
  }

  /** Returns the size of a text without the zeros after it. */
  static int trimmed(long address, int length) {
    int end = length;
    while (end > 0 && Memory.getByte(address + end - 1) == 0) {
      end--;
    }
    return end;
  }

  /** Checks that an array fits a field. */
  static void requireLength(byte[] bytes, int length, String name) {
    if (bytes.length != length) {
      throw new IllegalArgumentException(
          name + " has " + bytes.length + " bytes; expected " + length);
    }
  }

  /** Orders two ranges of one size by their bytes, unsigned. */
  static int compareBytes(long first, long second, int length) {
    long offset = Memory.mismatch(first, second, length);
    return offset < 0
        ? 0
        : Byte.compareUnsigned(Memory.getByte(first + offset), Memory.getByte(second + offset));
  }

  static void putBytes(long address, byte[] bytes) {
    Memory.copyFrom(MemorySegment.ofArray(bytes), 0, address, bytes.length);
  }

  static byte[] getBytes(long address, int length) {
    byte[] bytes = new byte[length];
    Memory.copyTo(address, MemorySegment.ofArray(bytes), 0, length);
    return bytes;
  }
}
