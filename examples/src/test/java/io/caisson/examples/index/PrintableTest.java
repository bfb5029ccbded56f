package io.caisson.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTest {

  @Test
  void of_controlCharacters_areEscaped() {
    assertEquals(
        "a\\tb\\n\\\\ \\u001b[0m\\u202e\\u2028", Printable.of("a\tb\n\\ \033[0m\u202E\u2028"));
    assertEquals("\\ud83d äß\uD83D\uDE00", Printable.of("\uD83D äß\uD83D\uDE00"));
  }

  @Test
  void shortened_longText_endsWithEllipsis() {
    assertEquals("abc", Printable.shortened("abc", 3));
    assertEquals("ab…", Printable.shortened("abcd", 3));
  }
}
