package io.caisson.examples.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.caisson.collections.StringView;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Any bytes are read as the JDK reads them. */
class TextFuzzTest {

  private static final int MUTATIONS = 2000;

  @FuzzTest
  void text_anyBytes_isThatOfTheJdk(byte[] input) {
    check(input);
  }

  @Test
  void text_changedBytes_isThatOfTheJdk() throws Exception {
    Corpus.mutate(getClass(), "text_anyBytes_isThatOfTheJdk", MUTATIONS, TextFuzzTest::check);
  }

  private static void check(byte[] input) {
    try (Arena arena = Arena.ofConfined()) {
      StringView view = StringView.of(arena.allocateFrom(ValueLayout.JAVA_BYTE, input));
      String text = new String(input, StandardCharsets.UTF_8);
      boolean valid = isValid(input);
      assertEquals(valid, view.malformedAt() < 0, text);
      assertEquals(text, view.toString());
      assertArrayEquals(input, view.toByteArray());
      assertEquals(valid, view.contentEquals(text) && valid);
      boolean isAscii = text.chars().allMatch(c -> c < 128);
      assertEquals(
          isAscii ? parsed(() -> Long.parseLong(text)) : null, parsed(view::parseLong), text);
      assertEquals(
          isAscii ? parsed(() -> Integer.parseInt(text)) : null, parsed(view::parseInt), text);
      assertEquals(text.isEmpty() || !valid || text.trim().equals(view.trim().toString()), true);
      List<String> parts = new ArrayList<>();
      view.split((byte) ',', part -> parts.add(part.toString()));
      if (valid) {
        assertEquals(List.of(text.split(",", -1)), parts);
      }
    }
  }

  private static boolean isValid(byte[] input) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static @Nullable Long parsed(LongSupplier parse) {
    try {
      return parse.getAsLong();
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
