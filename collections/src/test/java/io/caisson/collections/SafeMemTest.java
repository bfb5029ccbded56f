package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class SafeMemTest {

  private static String text(MemorySegment segment) {
    return new String(segment.toArray(ValueLayout.JAVA_BYTE), UTF_8);
  }

  private static MemorySegment bytes(String text) {
    return MemorySegment.ofArray(text.getBytes(UTF_8));
  }

  @Test
  void copyAndMove_inBounds_copy() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment native8 = arena.allocate(8);
      SafeMem.copy(bytes("abcdefgh"), 2, native8, 0, 4);
      SafeMem.copy(native8, 0, native8, 4, 4);
      assertEquals("cdefcdef", text(native8));
      SafeMem.move(native8, 0, native8, 1, 7);
      assertEquals("ccdefcde", text(native8));
      SafeMem.fill(native8, 6, 2, (byte) '!');
      assertEquals("ccdefc!!", text(native8));
      SafeMem.copy(native8, 8, native8, 0, 0);
    }
  }

  @Test
  void everything_outOfBounds_isRefusedAndWritesNothing() {
    MemorySegment a = bytes("abcd");
    MemorySegment b = bytes("wxyz");
    for (long[] bad : List.of(new long[] {-1, 1}, new long[] {3, 2}, new long[] {0, -1})) {
      assertThrows(IndexOutOfBoundsException.class, () -> SafeMem.copy(a, bad[0], b, 0, bad[1]));
      assertThrows(IndexOutOfBoundsException.class, () -> SafeMem.copy(a, 0, b, bad[0], bad[1]));
      assertThrows(IndexOutOfBoundsException.class, () -> SafeMem.move(a, 0, b, bad[0], bad[1]));
      assertThrows(
          IndexOutOfBoundsException.class, () -> SafeMem.fill(b, bad[0], bad[1], (byte) 0));
    }
    assertThrows(IndexOutOfBoundsException.class, () -> SafeMem.copy(a, Long.MAX_VALUE, b, 0, 2));
    assertThrows(IllegalArgumentException.class, () -> SafeMem.copy(a, 0, a, 1, 2));
    assertEquals("wxyz", text(b));
    assertEquals("abcd", text(a));
  }

  @Test
  void clearSensitive_secret_isZero() {
    try (Arena arena = Arena.ofConfined()) {
      for (MemorySegment secret :
          List.of(bytes("secret"), bytes(""), arena.allocate(10_000).fill((byte) 7))) {
        SafeMem.clearSensitive(secret);
        assertArrayEquals(new byte[(int) secret.byteSize()], secret.toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Test
  void text_thatFits_isTerminated() {
    MemorySegment segment = bytes("12345678");
    assertEquals(3, SafeMem.copyText("aü", segment));
    assertEquals("aü", segment.getString(0));
    assertEquals(7, SafeMem.appendText(segment, "🙂"));
    assertEquals("aü🙂", segment.getString(0));
    assertEquals(7, SafeMem.appendText(segment, ""));
  }

  @Test
  void text_thatDoesNotFit_isRefusedWhole() {
    MemorySegment segment = bytes("ab\0cdefg");
    assertThrows(IndexOutOfBoundsException.class, () -> SafeMem.copyText("12345678", segment));
    assertThrows(IndexOutOfBoundsException.class, () -> SafeMem.appendText(segment, "123456"));
    assertThrows(IllegalArgumentException.class, () -> SafeMem.copyText("a\0b", segment));
    assertThrows(IllegalArgumentException.class, () -> SafeMem.copyText("\ud800", segment));
    assertThrows(IllegalArgumentException.class, () -> SafeMem.appendText(bytes("full"), "x"));
    assertEquals("ab\0cdefg", text(segment));
  }
}
