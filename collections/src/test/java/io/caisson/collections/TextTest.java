package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.LeakCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IllegalFormatException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a {@link StringView} does with text, and {@link OwnedString} makes of it. */
class TextTest {

  private static StringView view(Arena arena, byte[] bytes) {
    MemorySegment segment = arena.allocate(bytes.length); // no byte more, which checked mode guards
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return StringView.of(segment);
  }

  private static StringView view(Arena arena, String text) {
    return view(arena, text.getBytes(UTF_8));
  }

  private static long seed(String what) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("TextTest " + what + ": seed " + seed);
    return seed;
  }

  // ---- searching ------------------------------------------------------------------------------

  @Test
  void indexOf_random_agreesWithString() {
    Random random = new Random(seed("indexOf"));
    try (Arena arena = Arena.ofConfined()) {
      for (int round = 0; round < 3000; round++) {
        String text = letters(random, random.nextInt(60));
        String part = letters(random, random.nextInt(4));
        int from = random.nextInt(text.length() + 1);
        StringView view = view(arena, text);
        StringView wanted = view(arena, part);
        assertEquals(text.indexOf(part, from), view.indexOf(wanted, from), text + " " + part);
        assertEquals(text.indexOf('b', from), view.indexOf((byte) 'b', from));
        assertEquals(text.contains(part), view.contains(wanted));
        assertEquals(text.startsWith(part), view.startsWith(wanted));
        assertEquals(text.endsWith(part), view.endsWith(wanted));
      }
      StringView view = view(arena, "über");
      assertEquals(1, view.indexOf((byte) 0xbc, 0));
      assertThrows(IndexOutOfBoundsException.class, () -> view.indexOf((byte) 0, 6));
      assertThrows(IndexOutOfBoundsException.class, () -> view.indexOf(view, -1));
    }
  }

  private static String letters(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append("aab".charAt(random.nextInt(3)));
    }
    return text.toString();
  }

  @Test
  void split_everyShape_keepsEmptyParts() {
    try (Arena arena = Arena.ofConfined()) {
      for (String text : List.of("", ",", "a", "a,b", ",a,,b,", "größer,Straße")) {
        List<String> parts = new ArrayList<>();
        view(arena, text).split((byte) ',', part -> parts.add(part.toString()));
        assertEquals(List.of(text.split(",", -1)), parts);
      }
    }
  }

  @Test
  void trim_everyShape_agreesWithString() {
    try (Arena arena = Arena.ofConfined()) {
      for (String text : List.of("", " ", " \t\n\0", "a", " a b ", "\u00a0ü\u00a0", "a\r\n")) {
        assertEquals(text.trim(), view(arena, text).trim().toString());
      }
    }
  }

  // ---- numbers --------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "+7",
        "42",
        "-1",
        "007",
        "2147483647",
        "-2147483648",
        "2147483648",
        "-2147483649",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
        "",
        "-",
        "+",
        " 1",
        "1 ",
        "1a",
        "--1",
        "٣",
        "1.5",
        "0x10",
        "/",
        ":"
      })
  void parse_wholeNumbers_agreesWithTheJdk(String text) {
    try (Arena arena = Arena.ofConfined()) {
      StringView view = view(arena, text);
      boolean ascii = text.chars().allMatch(c -> c < 128); // the JDK takes all of Unicode's digits
      assertEquals(ascii ? result(() -> Long.parseLong(text)) : null, result(view::parseLong));
      assertEquals(
          ascii ? result(() -> (long) Integer.parseInt(text)) : null,
          result(() -> (long) view.parseInt()));
    }
  }

  private static Long result(Callable<Long> parse) {
    try {
      return parse.call();
    } catch (NumberFormatException e) {
      return null;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void parseDouble_numbers_agreesWithTheJdk() {
    try (Arena arena = Arena.ofConfined()) {
      for (String text : List.of("1.5", "-0.0", "1e300", "NaN", "4.9E-324", "0.1")) {
        assertEquals(Double.parseDouble(text), view(arena, text).parseDouble());
      }
      assertThrows(NumberFormatException.class, () -> view(arena, "one").parseDouble());
    }
  }

  // ---- characters -----------------------------------------------------------------------------

  @Test
  void malformedAt_everyShortSequence_agreesWithTheJdk() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4);
      int[] edges = {
        0, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
        0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff
      };
      for (int first = 0; first < 256; first++) {
        for (int second : edges) {
          for (int third : edges) {
            byte[] bytes = {(byte) first, (byte) second, (byte) third, (byte) third};
            memory.copyFrom(MemorySegment.ofArray(bytes));
            assertEquals(isValid(bytes), StringView.of(memory).malformedAt() < 0);
          }
        }
      }
    }
  }

  private static boolean isValid(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Test
  void malformedAt_inLongText_saysWhere() {
    try (Arena arena = Arena.ofConfined()) {
      String text = "ASCII and größer, 文字, 🙂, long enough for words of eight";
      assertEquals(-1, view(arena, text).malformedAt());
      for (int at = 0; at < 30; at++) {
        byte[] bytes = "a".repeat(30).getBytes(UTF_8);
        bytes[at] = (byte) 0xc0;
        assertEquals(at, view(arena, bytes).malformedAt());
      }
      byte[] cut = "abc🙂".getBytes(UTF_8);
      assertEquals(3, view(arena, Arrays.copyOf(cut, 6)).malformedAt());
      assertEquals(-1, view(arena, "").malformedAt());
    }
  }

  @Test
  void asciiCase_letters_foldAndNothingElse() {
    String text = "AZaz@[`{ÄÖüß09";
    LeakCheck.run(allocator -> {
      try (Arena arena = Arena.ofConfined()) {
        StringView view = view(arena, text);
        try (OwnedString lower = OwnedString.asciiLowerCase(allocator, view);
            OwnedString upper = OwnedString.asciiUpperCase(allocator, view)) {
          assertEquals("azaz@[`{ÄÖüß09", lower.toString());
          assertEquals("AZAZ@[`{ÄÖüß09", upper.toString());
          assertTrue(lower.view().equalsIgnoreAsciiCase(upper.view()));
          assertTrue(view.equalsIgnoreAsciiCase(lower.view()));
        }
        assertFalse(view(arena, "@").equalsIgnoreAsciiCase(view(arena, "`")));
        assertFalse(view(arena, "a").equalsIgnoreAsciiCase(view(arena, "ab")));
        assertFalse(view(arena, "ä").equalsIgnoreAsciiCase(view(arena, "Ä")));
      }
    });
  }

  // ---- output ---------------------------------------------------------------------------------

  @Test
  void writeAndAppend_largeText_passAllOfIt() {
    StringBuilder large = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      large.append(i).append("ü文🙂");
    }
    String text = large.toString();
    LeakCheck.run(allocator -> {
      try (OwnedString string = OwnedString.copyOf(allocator, text)) {
        StringView view = string.view();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        view.writeTo(stream);
        assertArrayEquals(text.getBytes(UTF_8), stream.toByteArray());
        ByteArrayOutputStream behindChannel = new ByteArrayOutputStream();
        view.writeTo(reluctant(Channels.newChannel(behindChannel)));
        assertArrayEquals(text.getBytes(UTF_8), behindChannel.toByteArray());
        StringBuilder chars = new StringBuilder();
        view.appendTo(chars);
        assertEquals(text, chars.toString());
        assertEquals(text, UTF_8.decode(view.asByteBuffer()).toString());
        assertThrows(ReadOnlyBufferException.class, () -> view.asByteBuffer().put(0, (byte) 1));
      }
    });
  }

  /** Takes at most 100 bytes at a time, and every other time none. */
  private static WritableByteChannel reluctant(WritableByteChannel channel) {
    return new WritableByteChannel() {
      private boolean willing;

      @Override
      public int write(ByteBuffer source) throws IOException {
        willing = !willing;
        if (!willing) {
          return 0;
        }
        int count = Math.min(100, source.remaining());
        channel.write(source.slice(source.position(), count));
        source.position(source.position() + count);
        return count;
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void appendTo_malformed_replacesAsToStringDoes() {
    try (Arena arena = Arena.ofConfined()) {
      StringView view = view(arena, new byte[] {'a', (byte) 0xc0, 'b', (byte) 0xf0, (byte) 0x9f});
      StringBuilder chars = new StringBuilder();
      view.appendTo(chars);
      assertEquals(view.toString(), chars.toString());
    }
  }

  @Test
  void output_thatFails_throwsUnchecked() {
    IOException failure = new IOException("full");
    OutputStream stream =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw failure;
          }
        };
    List<BiConsumer<StringView, OutputStream>> outputs =
        List.of(
            StringView::writeTo,
            (view, out) -> view.writeTo(Channels.newChannel(out)),
            (view, out) ->
                view.appendTo(
                    new OutputStreamWriter(out, UTF_8) {
                      @Override
                      public Writer append(CharSequence chars) throws IOException {
                        throw failure;
                      }
                    }));
    try (Arena arena = Arena.ofConfined()) {
      for (BiConsumer<StringView, OutputStream> output : outputs) {
        UncheckedIOException thrown =
            assertThrows(
                UncheckedIOException.class, () -> output.accept(view(arena, "text"), stream));
        assertEquals(failure, thrown.getCause());
      }
    }
  }

  // ---- making text ----------------------------------------------------------------------------

  @Test
  void format_anyLocale_isThatOfTheRoot() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      LeakCheck.run(allocator -> {
        try (OwnedString text = OwnedString.format(allocator, "%s %.2f %d", "größer", 1.5, 7)) {
          assertEquals("größer 1.50 7", text.toString());
        }
        assertThrows(IllegalFormatException.class, () -> OwnedString.format(allocator, "%d", "x"));
      });
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void concat_texts_allocatesTheirSizeOnce() {
    LeakCheck.run(allocator -> {
      MockAllocator mock = new MockAllocator(allocator);
      try (Arena arena = Arena.ofConfined();
          OwnedString joined =
              OwnedString.concat(mock, view(arena, "a"), view(arena, ""), view(arena, "öb"));
          OwnedString none = OwnedString.concat(mock)) {
        assertEquals("aöb", joined.toString());
        assertEquals(0, none.byteSize());
        assertEquals(1, mock.attempts());
        assertEquals(4, mock.calls().getFirst().byteSize());
      }
    });
  }
}
