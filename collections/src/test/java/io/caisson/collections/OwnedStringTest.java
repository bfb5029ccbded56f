package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.LeakCheck;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OwnedStringTest {

  /** Every code point that has an encoding, in order. */
  private static String allCodePoints() {
    StringBuilder all = new StringBuilder();
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
        all.appendCodePoint(codePoint);
      }
    }
    return all.toString();
  }

  @Test
  void copyOf_everyCodePoint_encodesAsTheJdkDoes() {
    String text = allCodePoints();
    LeakCheck.run(allocator -> {
      try (OwnedString string = OwnedString.copyOf(allocator, text)) {
        assertArrayEquals(text.getBytes(UTF_8), string.view().toByteArray());
        assertTrue(string.view().contentEquals(text));
        assertEquals(text, string.toString());
      }
    });
  }

  @Test
  void copyOf_eachWidth_hasItsSize() {
    LeakCheck.run(allocator -> {
      String[] texts = {
        "\0", "\u007f", "\u0080", "\u07ff", "\u0800", "\uffff", "\ud800\udc00", "\udbff\udfff"
      };
      int[] sizes = {1, 1, 2, 2, 3, 3, 4, 4};
      for (int i = 0; i < texts.length; i++) {
        try (OwnedString string = OwnedString.copyOf(allocator, texts[i])) {
          assertEquals(sizes[i], string.byteSize());
          assertEquals(texts[i], string.toString());
        }
      }
    });
  }

  @Test
  void copyOf_empty_allocatesNothing() {
    LeakCheck.run(allocator -> {
      MockAllocator mock = new MockAllocator(allocator);
      try (OwnedString empty = OwnedString.copyOf(mock, "");
          OwnedString copy = OwnedString.copyOf(mock, empty.view())) {
        assertEquals(0, copy.byteSize());
        assertEquals("", copy.toString());
        assertEquals(empty, copy);
        copy.append("");
        copy.append(empty.view());
      }
      assertEquals(List.of(), mock.calls());
    });
  }

  @Test
  void copyOf_text_allocatesItsSizeOnce() {
    LeakCheck.run(allocator -> {
      MockAllocator mock = new MockAllocator(allocator);
      try (OwnedString string = OwnedString.copyOf(mock, "größer")) {
        assertEquals(8, string.byteSize());
        assertEquals(1, mock.attempts());
        assertEquals(8, mock.calls().getFirst().byteSize());
      }
    });
  }

  @Test
  void unpairedSurrogate_anywhere_isRefusedByIndex() {
    LeakCheck.run(allocator -> {
      String[] bad = {"\ud800", "ab\udc00", "abc\ud800d", "\ud83d\ude00\ud83d", "\udc00\ud800"};
      int[] indices = {0, 2, 3, 2, 0};
      try (OwnedString string = OwnedString.copyOf(allocator, "before")) {
        for (int i = 0; i < bad.length; i++) {
          String text = bad[i];
          IllegalArgumentException copying =
              assertThrows(
                  IllegalArgumentException.class, () -> OwnedString.copyOf(allocator, text));
          assertTrue(copying.getMessage().contains("index " + indices[i]), copying.getMessage());
          assertThrows(IllegalArgumentException.class, () -> string.append(text));
          assertEquals("before", string.toString());
        }
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void append_manyTexts_keepsAll(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("OwnedStringTest over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      StringBuilder model = new StringBuilder();
      try (OwnedString string = OwnedString.copyOf(allocator, "")) {
        for (int i = 0; i < 500; i++) {
          String text = randomText(random);
          if (random.nextBoolean()) {
            string.append(text);
          } else {
            try (OwnedString other = OwnedString.copyOf(allocator, text)) {
              string.append(other.view());
            }
          }
          model.append(text);
          string.checkInvariants();
          assertEquals(
              model.toString().getBytes(UTF_8).length, string.byteSize(), () -> "seed " + seed);
        }
        assertEquals(model.toString(), string.toString(), () -> "seed " + seed);
      }
    });
  }

  private static String randomText(Random random) {
    int[] limits = {0x80, 0x800, 0xd800, 0x110000};
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(20); i > 0; i--) {
      int codePoint = random.nextInt(limits[random.nextInt(limits.length)]);
      boolean surrogate = codePoint >= 0xd800 && codePoint < 0xe000;
      text.appendCodePoint(surrogate ? 'x' : codePoint);
    }
    return text.toString();
  }

  @ParameterizedTest
  @EnumSource
  void append_ownView_isRightThoughTheBlockMoves(TestAllocators source) {
    source.run(allocator -> {
      try (OwnedString string = OwnedString.copyOf(allocator, "ab€")) {
        string.append(string.view());
        assertEquals("ab€ab€", string.toString());
        string.append(string.view().subView(1, 5));
        assertEquals("ab€ab€b€", string.toString());
        StringBuilder model = new StringBuilder(string.toString());
        for (int i = 0; i < 10; i++) {
          string.append(string.view());
          model.append(model.toString());
        }
        assertEquals(model.toString(), string.toString());
      }
    });
  }

  @Test
  void append_whenFull_growsByHalf() {
    LeakCheck.run(allocator -> {
      MockAllocator mock = new MockAllocator(allocator).refuseResize();
      try (OwnedString string = OwnedString.copyOf(mock, "x".repeat(100))) {
        string.append("y");
        assertEquals(150, mock.calls().getLast().byteSize());
        string.append("z".repeat(49));
        assertEquals(2, mock.attempts());
      }
    });
  }

  /** Has another length when it is read again, as a text that another thread changes would. */
  private static final class Shifting implements CharSequence {
    private final int later;
    private int length;

    Shifting(int first, int later) {
      this.length = first;
      this.later = later;
    }

    @Override
    public int length() {
      int now = length;
      length = later;
      return now;
    }

    @Override
    public char charAt(int index) {
      return 'x';
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void append_charactersThatChange_throwsAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (OwnedString string = OwnedString.copyOf(allocator, "before")) {
        for (int later : new int[] {9, 200}) {
          Class<ConcurrentModificationException> refusal = ConcurrentModificationException.class;
          assertThrows(refusal, () -> string.append(new Shifting(100, later)));
          assertThrows(refusal, () -> OwnedString.copyOf(allocator, new Shifting(100, later)));
          assertEquals("before", string.toString());
          string.checkInvariants();
        }
      }
    });
  }

  @Test
  void equals_sameText_isEqualWhateverTheHistory() {
    LeakCheck.run(allocator -> {
      try (OwnedString whole = OwnedString.copyOf(allocator, "some text");
          OwnedString parts = OwnedString.copyOf(allocator, "some");
          OwnedString copy = OwnedString.copyOf(allocator, whole.view())) {
        assertNotEquals(whole, parts);
        parts.append(" text");
        assertEquals(whole, parts);
        assertEquals(whole, copy);
        assertEquals(whole.hashCode(), parts.hashCode());
        assertEquals(whole.view().hashCode(), whole.hashCode());
        assertNotEquals((Object) whole, "some text");
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void close_everyMethod_thenThrows(TestAllocators source) {
    source.run(allocator -> {
      try (OwnedString open = OwnedString.copyOf(allocator, "open")) {
        OwnedString string = OwnedString.copyOf(allocator, "text");
        string.close();
        string.close();
        List<Runnable> uses =
            List.of(
                () -> string.append("x"),
                () -> string.append(""),
                () -> string.append(open.view()),
                () -> string.append(open.view().subView(0, 0)),
                string::view,
                string::byteSize,
                () -> assertEquals(0, string.hashCode()),
                () -> assertEquals("", string.toString()),
                () -> assertNotEquals(string, open),
                () -> assertNotEquals(open, string));
        for (int i = 0; i < uses.size(); i++) {
          assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
        }
        string.checkInvariants();
      }
    });
  }
}
