package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StringViewTest {

  /** Runs a test on a view of these bytes. */
  private static void with(byte[] bytes, Consumer<StringView> test) {
    LeakCheck.run(allocator -> {
      try (StructVector owner = new StructVector(allocator, 1)) {
        for (byte each : bytes) {
          owner.setByte(owner.add(), 0, each);
        }
        test.accept(StringView.of(owner.asSlice()));
      }
    });
  }

  private static void with(String text, Consumer<StringView> test) {
    with(text.getBytes(UTF_8), test);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** A view of a part of a text copies nothing. */
  @Test
  void subView_helloWorld_isWorldWithoutAllocating() {
    try (AccountedAllocator allocator = Allocators.system();
        OwnedString hello = OwnedString.copyOf(allocator, "Hello, World!")) {
      long before = allocator.stats().allocations();
      StringView world = hello.view().subView(7, 12);
      assertEquals(5, world.byteSize());
      assertTrue(world.contentEquals("World"));
      assertEquals(before, allocator.stats().allocations());
      assertEquals(13, allocator.stats().liveBytes());
      assertEquals("World", world.toString());
    }
  }

  @Test
  void of_segment_showsItsBytes() {
    LeakCheck.run(allocator -> {
      byte[] text = "größe".getBytes(UTF_8);
      MemorySegment segment = allocator.asSegmentAllocator().allocate(text.length, 1);
      MemorySegment.copy(text, 0, segment, ValueLayout.JAVA_BYTE, 0, text.length);
      StringView view = StringView.of(segment);
      assertEquals("größe", view.toString());
      assertEquals(7, view.byteSize());
      assertEquals(view, StringView.of(Slice.of(segment)));
      assertTrue(view.segment().isReadOnly());
      assertEquals(segment.address(), view.segment().address());
      assertEquals(7, view.segment().byteSize());
      allocator.free(segment.address(), text.length, 1);
    });
  }

  @Test
  void of_badSegment_throws() {
    MemorySegment heap = MemorySegment.ofArray(new byte[4]);
    assertThrows(IllegalArgumentException.class, () -> StringView.of(heap));
    Arena arena = Arena.ofConfined();
    MemorySegment closed = arena.allocate(8);
    arena.close();
    assertThrows(IllegalStateException.class, () -> StringView.of(closed));
  }

  @Test
  void of_wideSlice_showsAllBytes() {
    LeakCheck.run(allocator -> {
      try (LongVector vector = new LongVector(allocator)) {
        vector.addAll(new long[] {0x4141414141414141L, 0x4242424242424242L});
        assertEquals("AAAAAAAABBBBBBBB", StringView.of(vector.asSlice()).toString());
      }
    });
  }

  @Test
  void emptyView_everyOperation_works() {
    StringView empty = StringView.of(MemorySegment.NULL);
    assertTrue(empty.isEmpty());
    assertEquals(0, empty.byteSize());
    assertEquals("", empty.toString());
    assertEquals(0, empty.toByteArray().length);
    assertTrue(empty.contentEquals(""));
    assertFalse(empty.contentEquals("a"));
    assertEquals(empty, empty.subView(0, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> empty.byteAt(0));
    with(
        "",
        other -> {
          assertEquals(empty, other);
          assertEquals(empty.hashCode(), other.hashCode());
          assertEquals(0, empty.compareTo(other));
        });
    with("a", other -> assertTrue(empty.compareTo(other) < 0 && other.compareTo(empty) > 0));
  }

  @Test
  void byteAt_eachIndex_returnsIt() {
    with(
        bytes(1, 0x80, 0xff),
        view -> {
          assertFalse(view.isEmpty());
          assertEquals(1, view.byteAt(0));
          assertEquals((byte) 0x80, view.byteAt(1));
          assertEquals((byte) 0xff, view.byteAt(2));
          for (long index : new long[] {-1, 3, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> view.byteAt(index));
          }
        });
  }

  @Test
  void subView_outOfBounds_throws() {
    with(
        "abcdef",
        whole -> {
          StringView view = whole.subView(1, 5);
          assertEquals("bcde", view.subView(0, 4).toString());
          assertEquals("", view.subView(4, 4).toString());
          long[][] ranges = {{-1, 2}, {3, 2}, {0, 5}, {5, 5}, {0, Long.MAX_VALUE}, {1, -1}};
          for (long[] range : ranges) {
            assertThrows(IndexOutOfBoundsException.class, () -> view.subView(range[0], range[1]));
          }
        });
  }

  @Test
  void equals_sameBytesElsewhere_areEqual() {
    with(
        "abcdefgh abcdefgh",
        view -> {
          StringView first = view.subView(0, 8);
          StringView second = view.subView(9, 17);
          assertEquals(first, second);
          assertEquals(first.hashCode(), second.hashCode());
          assertEquals(0, first.compareTo(second));
          assertNotEquals(first, view.subView(0, 7));
          assertNotEquals(first, view.subView(1, 9));
          assertFalse(first.equals(null));
          assertNotEquals((Object) first, "abcdefgh");
        });
  }

  @Test
  void compareTo_bytes_ordersThemUnsigned() {
    List<byte[]> ordered =
        List.of(
            bytes(),
            bytes(0),
            bytes(0, 0),
            bytes(1),
            bytes(0x7f),
            bytes(0x80),
            bytes(0x80, 0x7f),
            bytes(0x80, 0xff),
            bytes(0xff));
    for (int i = 0; i < ordered.size(); i++) {
      for (int j = 0; j < ordered.size(); j++) {
        int expected = Integer.compare(i, j);
        byte[] other = ordered.get(j);
        with(
            ordered.get(i),
            a -> with(other, b -> assertEquals(expected, Integer.signum(a.compareTo(b)))));
      }
    }
  }

  @Test
  void compareTo_wellFormed_ordersByCodePoint() {
    LeakCheck.run(allocator -> {
      List<String> texts = List.of("", "a", "a\u00e9", "z", "\u00df", "\uffee", "\ud83d\ude00");
      List<OwnedString> strings = new ArrayList<>();
      texts.forEach(text -> strings.add(OwnedString.copyOf(allocator, text)));
      List<StringView> views = new ArrayList<>();
      strings.forEach(string -> views.add(string.view()));
      Collections.shuffle(views, new Random(5));
      Collections.sort(views);
      assertEquals(texts, views.stream().map(StringView::toString).toList());
      strings.forEach(OwnedString::close);
    });
  }

  @Test
  void contentEquals_characters_comparesTheirEncoding() {
    String text = "a\u00e9\u20ac\ud83d\ude00";
    with(
        text,
        view -> {
          assertTrue(view.contentEquals(text));
          assertTrue(view.contentEquals(CharBuffer.wrap(text)));
          assertFalse(view.contentEquals(text + "!"));
          assertFalse(view.contentEquals(text.substring(0, 3)));
          assertFalse(view.contentEquals("b" + text.substring(1)));
          assertFalse(view.contentEquals("a\u00e9\u20ac\ud83d\ude01"));
          assertFalse(view.contentEquals("a\u00e9\u20ac\ud83d"));
          assertFalse(view.contentEquals(""));
        });
  }

  @Test
  void contentEquals_malformed_isFalse() {
    with(bytes(0xff), view -> assertFalse(view.contentEquals("\ufffd")));
    with(bytes(0xed, 0xa0, 0x80), view -> assertFalse(view.contentEquals("\ud800")));
    with(bytes(0xc1, 0x81), view -> assertFalse(view.contentEquals("A")));
    with("?", view -> assertFalse(view.contentEquals("\udc00")));
  }

  @Test
  void toString_malformed_becomesReplacementCharacter() {
    with(bytes('a', 0xff, 'b'), view -> assertEquals("a\ufffdb", view.toString()));
    with(bytes(0xc3), view -> assertEquals("\ufffd", view.toString()));
    with(bytes(0x80), view -> assertEquals("\ufffd", view.toString()));
    with(bytes(0xe2, 0x82), view -> assertEquals("\ufffd", view.toString()));
    with(bytes(0xf0, 0x9f, 0x98, 'x'), view -> assertEquals("\ufffdx", view.toString()));
    with(bytes(0xc0, 0x80), view -> assertEquals("\ufffd\ufffd", view.toString()));
    with("\u20ac", view -> assertEquals("\ufffd", view.subView(0, 2).toString()));
  }

  @Test
  void toByteArray_bytes_copiesThem() {
    byte[] bytes = bytes(0, 0xff, 0x80, 'a');
    with(bytes, view -> assertArrayEquals(bytes, view.toByteArray()));
    with(
        bytes,
        view -> {
          byte[] copy = view.toByteArray();
          Arrays.fill(copy, (byte) 1);
          assertArrayEquals(bytes, view.toByteArray());
        });
  }

  @Test
  void toByteArray_beyondAnyArray_throws() {
    StringView huge = new StringView(0, 1L << 31); // never read
    assertThrows(IllegalStateException.class, huge::toByteArray);
    assertThrows(IllegalStateException.class, huge::toString);
  }
}
