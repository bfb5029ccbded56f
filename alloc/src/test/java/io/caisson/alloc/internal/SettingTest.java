package io.caisson.alloc.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTest {

  private static final String PROPERTY = "caisson.settings-test";

  private final Setting setting = new Setting(PROPERTY);

  @AfterEach
  void clear() {
    System.clearProperty(PROPERTY);
  }

  private static void assertRefused(String expected, Runnable read) {
    IllegalArgumentException bad = assertThrows(IllegalArgumentException.class, read::run);
    assertEquals(
        PROPERTY + " is '" + System.getProperty(PROPERTY) + "'; " + expected, bad.getMessage());
  }

  @Test
  void everyKind_notSet_isTheDefault() {
    assertEquals(7, setting.byteSize(7));
    assertEquals(7, setting.positiveByteSize(7));
    assertEquals(7, setting.count(7));
    assertEquals(7, setting.positiveCount(7));
    assertEquals(7, setting.percent(7));
    assertEquals(true, setting.flag(true));
    assertEquals(false, setting.flag(false));
  }

  @Test
  void everyKind_environment_isReadAfterTheProperty() {
    Setting path = new Setting(PROPERTY, "CAISSON_SURELY_NOT_SET", "PATH");
    assertEquals(System.getenv("PATH"), path.text());
    System.setProperty(PROPERTY, "here");
    assertEquals("here", path.text());
  }

  @ParameterizedTest
  @CsvSource({
    "true, true",
    "YES, true",
    " on , true",
    "1, true",
    "false, false",
    "No, false",
    "off, false",
    "0, false"
  })
  void flag_anyForm_isYesOrNo(String text, boolean expected) {
    System.setProperty(PROPERTY, text);
    assertEquals(expected, setting.flag(!expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "maybe", "2", "tru"})
  void flag_anythingElse_throwsNamingAll(String text) {
    System.setProperty(PROPERTY, text);
    assertRefused("expected true or false", () -> setting.flag(false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "101", "2147483648"})
  void percent_outOfRange_throwsNamingAll(String text) {
    System.setProperty(PROPERTY, text);
    assertRefused("expected a percentage from 1 to 100", () -> setting.percent(50));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "2147483648"})
  void positiveCount_outOfRange_throwsNamingAll(String text) {
    System.setProperty(PROPERTY, text);
    assertRefused("expected a number from 1 to 2147483647", () -> setting.positiveCount(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "many", "0x10"})
  void count_noNumber_throwsNamingAll(String text) {
    System.setProperty(PROPERTY, text);
    assertRefused("expected a number that is not negative", () -> setting.count(1));
  }

  @Test
  void byteSize_malformed_throwsNamingAll() {
    System.setProperty(PROPERTY, "12 parsecs");
    IllegalArgumentException bad =
        assertThrows(IllegalArgumentException.class, () -> setting.byteSize(1));
    assertEquals(
        PROPERTY
            + ": '12 parsecs' is no size in bytes; expected a number with KiB, MiB, GiB or nothing",
        bad.getMessage());
    System.setProperty(PROPERTY, "0 KiB");
    assertRefused("expected at least 1 byte", () -> setting.positiveByteSize(1));
  }
}
