package io.caisson.collections;

import io.caisson.alloc.internal.Memory;

/**
 * Searches, folds and parses bytes, of which those of ASCII mean themselves.
 *
 * <p>Stateless; allocates nothing, save to throw. Reads no byte outside the ranges it is given.
 */
final class Ascii {

  private static final int CASE = 'a' - 'A';

  private Ascii() {}

  /** Returns the offset of the first of some bytes that has a value, or -1. Eight at a time. */
  static long find(long address, long byteSize, byte value) {
    long wanted = value & 0xffL;
    long next = 0;
    for (; next <= byteSize - Group.SIZE; next += Group.SIZE) {
      long found = Group.matching(Group.load(address + next), wanted);
      if (found != 0) {
        return next + Group.first(found); // the first one found is no mistake
      }
    }
    for (; next < byteSize; next++) {
      if (Memory.getByte(address + next) == value) {
        return next;
      }
    }
    return -1;
  }

  static boolean isSpace(byte value) {
    return value >= 0 && value <= ' ';
  }

  static byte toLower(byte value) {
    return value >= 'A' && value <= 'Z' ? (byte) (value + CASE) : value;
  }

  static byte toUpper(byte value) {
    return value >= 'a' && value <= 'z' ? (byte) (value - CASE) : value;
  }

  static boolean equalIgnoringCase(long a, long b, long byteSize) {
    for (long i = 0; i < byteSize; i++) {
      if (toLower(Memory.getByte(a + i)) != toLower(Memory.getByte(b + i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Parses a decimal number, with or without a sign, and nothing around it.
   *
   * @throws NumberFormatException if it is none, or less than min or greater than max
   */
  static long parse(long address, long byteSize, long min, long max) {
    byte sign = byteSize > 0 ? Memory.getByte(address) : 0;
    int digits = sign == '-' || sign == '+' ? 1 : 0;
    if (byteSize == digits) {
      throw new NumberFormatException("no digit in " + byteSize + " bytes; expected a number");
    }
    long limit = sign == '-' ? min : -max;
    long negative = 0; // the range of negative numbers is the larger one
    for (long i = digits; i < byteSize; i++) {
      int digit = Memory.getByte(address + i) - '0';
      if (digit < 0 || digit > 9) {
        throw new NumberFormatException("no digit at index " + i + "; expected a decimal number");
      }
      if (negative < (limit + digit) / 10) {
        throw new NumberFormatException(
            "the number is out of range; expected at least " + min + " and at most " + max);
      }
      negative = negative * 10 - digit;
    }
    return sign == '-' ? negative : -negative;
  }
}
