package io.caisson.examples.index;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Finds the maximal runs of bytes that are not ASCII white space: space, tab, line feed, vertical
 * tab, form feed, carriage return.
 */
final class TextTokens {

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long EACH_BYTE = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
  private static final long LOW_BITS = 0x7F * EACH_BYTE;
  private static final long SPACES = ' ' * EACH_BYTE;

  /** Added to seven bits, these carry into the eighth from tab, and from after return, on. */
  private static final long CARRY_FROM_TAB = (0x80 - '\t') * EACH_BYTE;

  private static final long CARRY_AFTER_RETURN = (0x80 - ('\r' + 1)) * EACH_BYTE;

  private TextTokens() {}

  /**
   * Counts every token that is seen to end, that is, that white space follows.
   *
   * @return where the token starts that reaches up to {@code to}, or {@code to} if none does
   */
  static long count(MemorySegment source, long from, long to, StringCounter counter) {
    long start = skipWhiteSpace(source, from, to);
    while (start < to) {
      long end = endOfToken(source, start, to);
      if (end == to) {
        return start;
      }
      counter.count(source, start, end - start);
      start = skipWhiteSpace(source, end + 1, to);
    }
    return to;
  }

  private static long skipWhiteSpace(MemorySegment source, long from, long to) {
    long at = from;
    while (at < to && isWhiteSpace(source.get(JAVA_BYTE, at))) {
      at++;
    }
    return at;
  }

  private static long endOfToken(MemorySegment source, long from, long to) {
    long at = from;
    for (; to - at >= Long.BYTES; at += Long.BYTES) {
      long found = whiteSpace(source.get(WORD, at));
      if (found != 0) {
        return at + (Long.numberOfTrailingZeros(found) >>> 3);
      }
    }
    while (at < to && !isWhiteSpace(source.get(JAVA_BYTE, at))) {
      at++;
    }
    return at;
  }

  private static boolean isWhiteSpace(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }

  /** Returns a word with the high bit set of exactly those bytes that are white space. */
  static long whiteSpace(long word) {
    long low = word & LOW_BITS;
    long control = (low + CARRY_FROM_TAB) & ~(low + CARRY_AFTER_RETURN);
    long otherThanSpace = ((word ^ SPACES) & LOW_BITS) + LOW_BITS;
    return (control | ~otherThanSpace) & ~word & HIGH_BITS;
  }
}
