package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.util.Formatter;
import java.util.IllegalFormatException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TextBuilderTest {

  @Test
  void take_builtText_isOwnedByTheCallerAlone() {
    LeakCheck.run(allocator -> {
      OwnedString text;
      try (TextBuilder builder = new TextBuilder(allocator)) {
        builder.append("Hello ").appendf("%s %d", "world", 42);
        StringView view = builder.view();
        text = builder.take();
        assertEquals("Hello world 42", view.toString());
        assertEquals(0, builder.byteSize());
        builder.append("next");
        assertEquals("next", builder.toString());
      }
      assertEquals("Hello world 42", text.toString());
      text.append("!");
      text.close();
      try (TextBuilder empty = new TextBuilder(allocator);
          OwnedString nothing = empty.take()) {
        assertEquals("", nothing.toString());
      }
    });
  }

  @Test
  void append_numbersAndNull_areText() {
    LeakCheck.run(allocator -> {
      try (TextBuilder builder = new TextBuilder(allocator)) {
        for (long number :
            new long[] {0, 7, -7, 10, -100, Long.MAX_VALUE, Long.MIN_VALUE, 1_234_567_890_123L}) {
          builder.clear();
          builder.appendDecimal(number);
          assertEquals(Long.toString(number), builder.toString());
          assertEquals(number, builder.view().parseLong());
        }
        builder.clear();
        builder.append((CharSequence) null).append("abcd", 1, 3).append((CharSequence) "");
        assertEquals("nullbc", builder.toString());
        assertThrows(IndexOutOfBoundsException.class, () -> builder.append("abc", 2, 4));
        new Formatter(builder, Locale.ROOT).format("%5.1f%%", 2.25);
        assertTrue(builder.toString().startsWith("nullbc  2."));
      }
    });
  }

  @Test
  void append_withoutEncodingOrBadFormat_isRefusedWhole() {
    LeakCheck.run(allocator -> {
      try (TextBuilder builder = new TextBuilder(allocator)) {
        builder.append("before");
        assertThrows(IllegalArgumentException.class, () -> builder.append('\ud800'));
        assertThrows(IllegalArgumentException.class, () -> builder.append("x\udc00"));
        assertThrows(IllegalArgumentException.class, () -> builder.appendCodePoint(0x110000));
        assertThrows(IllegalArgumentException.class, () -> builder.appendCodePoint(-1));
        assertThrows(IllegalFormatException.class, () -> builder.appendf("%s%d", "x", "y"));
        assertEquals("before", builder.toString());
        builder.append(builder.view());
        assertEquals("beforebefore", builder.toString());
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void operations_random_agreeWithStringBuilder(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("TextBuilderTest over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      StringBuilder model = new StringBuilder();
      try (TextBuilder builder = new TextBuilder(allocator)) {
        for (int i = 0; i < 2000; i++) {
          switch (random.nextInt(6)) {
            case 0 -> {
              int codePoint = random.nextInt(0xd800) + (random.nextInt(8) == 0 ? 0x10000 : 0);
              model.appendCodePoint(codePoint);
              builder.appendCodePoint(codePoint);
            }
            case 1 -> {
              long number = random.nextLong() >> random.nextInt(64);
              model.append(number);
              builder.appendDecimal(number);
            }
            case 2 -> {
              model.append("größer");
              builder.append("größer");
            }
            case 3 -> {
              model.append(String.format(Locale.ROOT, "%04d", i));
              builder.appendf("%04d", i);
            }
            case 4 -> {
              model.append('x');
              builder.append('x');
            }
            default -> {
              if (random.nextInt(100) == 0) {
                try (OwnedString taken = builder.take()) {
                  assertEquals(model.toString(), taken.toString(), () -> "seed " + seed);
                }
                model.setLength(0);
              }
            }
          }
          builder.checkInvariants();
        }
        assertEquals(model.toString(), builder.toString(), () -> "seed " + seed);
      }
    });
  }

  @Test
  void everyMethod_afterClose_throws() {
    LeakCheck.run(allocator -> {
      TextBuilder builder = new TextBuilder(allocator);
      builder.append("text");
      StringView empty = new StringView(0, 0);
      builder.close();
      builder.close();
      List<Runnable> uses =
          List.of(
              () -> builder.append("x"),
              () -> builder.append("x", 0, 1),
              () -> builder.append('x'),
              () -> builder.append(empty),
              () -> builder.appendCodePoint('x'),
              () -> builder.appendDecimal(1),
              () -> builder.appendf("x"),
              builder::take,
              builder::view,
              builder::byteSize,
              builder::clear,
              () -> assertEquals("", builder.toString()));
      for (int i = 0; i < uses.size(); i++) {
        assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
      }
    });
  }

  @Test
  void append_eachAllocationFailing_changesNothing() {
    OomSweep<TextBuilder> sweep = OomSweep.of(TextBuilder::new);
    for (int i = 0; i < 20; i++) {
      int number = i;
      sweep
          .absorbingStep("append", builder -> builder.append("größer"))
          .absorbingStep("appendf", builder -> builder.appendf("%10d", number))
          .absorbingStep("appendDecimal", builder -> builder.appendDecimal(1L << number))
          .absorbingStep("appendCodePoint", builder -> builder.appendCodePoint(0x1f600))
          .absorbingStep("append itself", builder -> appendItself(builder));
    }
    long allocations =
        sweep.contents(TextBuilder::toString).invariants(TextBuilder::checkInvariants).run();
    assertTrue(allocations >= 5, "only " + allocations + " allocations were failed");
  }

  private static void appendItself(TextBuilder builder) {
    StringView view = builder.view();
    builder.append(view.subView(0, Math.min(8, view.byteSize())));
  }
}
