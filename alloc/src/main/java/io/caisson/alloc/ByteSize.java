package io.caisson.alloc;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and writes quantities of bytes as people do: {@code 64KiB}, {@code 256 MiB}, {@code 1G}.
 */
public final class ByteSize {

  private static final Pattern SYNTAX =
      Pattern.compile("(\\d{1,19}) *(?:([KMGT])(?:i?B)?|B)?", Pattern.CASE_INSENSITIVE);
  private static final String PREFIXES = "KMGT";

  private ByteSize() {}

  /**
   * Returns the number of bytes that a text names.
   *
   * @param text digits, then nothing, {@code B}, or {@code K}, {@code M}, {@code G} or {@code T}
   *     with or without {@code iB} or {@code B}; all are powers of 1024, in either case
   * @return the number of bytes, not negative
   * @throws IllegalArgumentException if the text is anything else, or names more than {@link
   *     Long#MAX_VALUE} bytes
   */
  public static long parse(String text) {
    Matcher matcher = SYNTAX.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no size in bytes; expected a number with KiB, MiB, GiB or nothing");
    }
    String prefix = matcher.group(2);
    int shift = prefix == null ? 0 : 10 * (PREFIXES.indexOf(prefix.toUpperCase(Locale.ROOT)) + 1);
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is more than " + Long.MAX_VALUE + " bytes", e);
    }
  }

  /**
   * Returns a number of bytes in the greatest unit of which it is at least one.
   *
   * @param byteSize the number of bytes
   * @return a text such as {@code 512 B} or {@code 1.5 MiB}
   */
  public static String format(long byteSize) {
    if (Math.abs((double) byteSize) < 1024) {
      return byteSize + " B";
    }
    double amount = byteSize;
    int unit = -1;
    while (Math.abs(amount) >= 1023.95 && unit < PREFIXES.length() - 1) {
      amount /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %ciB", amount, PREFIXES.charAt(unit));
  }
}
