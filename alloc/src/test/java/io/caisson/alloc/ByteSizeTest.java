package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "512B, 512",
    "64KiB, 65536",
    "64 KiB, 65536",
    "64k, 65536",
    "64KB, 65536",
    "256MiB, 268435456",
    "1G, 1073741824",
    "2TiB, 2199023255552",
    "9223372036854775807, 9223372036854775807"
  })
  void parse_wellFormed_isTheSize(String text, long byteSize) {
    assertEquals(byteSize, ByteSize.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "1.5MiB",
        "KiB",
        "12 parsecs",
        "1iB",
        "1\nK",
        "0x10",
        "9223372036854775808",
        "99999999999999999999",
        "8388608TiB"
      })
  void parse_malformedOrTooLarge_throwsNamingIt(String text) {
    IllegalArgumentException bad =
        assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(text));
    assertTrue(bad.getMessage().contains("'" + text + "'"), bad::getMessage);
  }

  @Test
  void format_anySize_usesTheGreatestUnit() {
    assertEquals("0 B", ByteSize.format(0));
    assertEquals("1023 B", ByteSize.format(1023));
    assertEquals("1.0 KiB", ByteSize.format(1024));
    assertEquals("1.0 MiB", ByteSize.format(1024 * 1024 - 1));
    assertEquals("1.5 GiB", ByteSize.format(3L << 29));
    assertEquals("8388608.0 TiB", ByteSize.format(Long.MAX_VALUE));
    assertEquals("-2.0 KiB", ByteSize.format(-2048));
  }
}
