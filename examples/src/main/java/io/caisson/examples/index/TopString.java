package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Comparator;

/** A string and how often it was counted; ordered by that, most first, then by its bytes. */
final class TopString {

  static final Comparator<TopString> ORDER =
      Comparator.comparingLong(TopString::count)
          .reversed()
          .thenComparing(TopString::bytes, Arrays::compareUnsigned);

  private final byte[] bytes;
  private final long count;

  TopString(byte[] bytes, long count) {
    this.bytes = bytes;
    this.count = count;
  }

  /** Returns the bytes themselves, which must not be changed. */
  byte[] bytes() {
    return bytes;
  }

  long count() {
    return count;
  }

  /** Returns the bytes as UTF-8, with U+FFFD for what is none. */
  String text() {
    return new String(bytes, UTF_8);
  }

  @Override
  public String toString() {
    return count + " " + text();
  }
}
