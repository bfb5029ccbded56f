package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.collections.Samples.Everything;
import io.caisson.collections.Samples.Point;
import io.caisson.collections.elsewhere.Stranger;
import io.caisson.testkit.LeakCheck;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

@SuppressWarnings("ArrayRecordComponent") // they are what is tested
class RecordCodecTest {

  /** Holds private records, which this class may reach. */
  private record Bytes(byte first, @FixedLength(3) byte... rest) {}

  private record Text(@FixedLength(4) String text, int after) {}

  private record Wide(long a, byte b) {}

  private record Nested(byte first, Wide wide, byte last) {}

  private record Empty() {}

  private record OfEmpty(Empty empty) {}

  private record Boxed(Integer number) {}

  private record Generic<T>(T value) {}

  private record NoLength(String text) {}

  private record NoLengthOfBytes(byte[] bytes) {}

  private record BadLength(@FixedLength(0) String text) {}

  private record StrayLength(@FixedLength(8) long number) {}

  private record Numbers(int[] numbers) {}

  private record Endless(int value, Endless next) {}

  record Throwing(long first, long second) {
    @Override
    public long second() {
      throw new UnsupportedOperationException("on purpose");
    }
  }

  record Positive(int value) {
    Positive {
      if (value <= 0) {
        throw new IllegalArgumentException("not positive");
      }
    }
  }

  private static <R extends Record> RecordCodec<R> codec(Class<R> type) {
    return RecordCodec.of(MethodHandles.lookup(), type);
  }

  /** Encodes into memory full of ones. */
  private static <R extends Record> MemorySegment encode(
      Arena arena, RecordCodec<R> codec, R record) {
    MemorySegment memory = arena.allocate(codec.byteSize(), 1).fill((byte) 0xff);
    codec.encode(record, memory);
    return memory;
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void encode_everyKindAtRandom_decodesToAnEqualRecord() {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("RecordCodecTest: seed " + seed);
    Random random = new Random(seed);
    RecordCodec<Everything> codec = Samples.everything();
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < 2000; i++) {
        Everything record = Samples.everything(random);
        MemorySegment memory = encode(arena, codec, record);
        Everything copy = codec.decode(memory);
        assertEquals(record, copy, () -> "seed " + seed);
        assertNotSame(record, copy);
        assertArrayEquals(bytes(memory), bytes(encode(arena, codec, copy)));
      }
    }
  }

  @Test
  void layout_nestedRecord_isThatOfC() {
    RecordCodec<Nested> codec = codec(Nested.class);
    assertEquals("[b1(first)x7[j8(a)b1(b)x7](wide)b1(last)x7](Nested)", codec.layout().toString());
    assertEquals(32, codec.byteSize());
    assertEquals(8, codec.byteAlignment());
    assertEquals("[b1(first)[3:b1](rest)](Bytes)", codec(Bytes.class).layout().toString());
    assertEquals(
        "RecordCodec[" + Text.class.getName() + ", 8 bytes]", codec(Text.class).toString());
  }

  @Test
  void encode_padding_isZeroed() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory =
          encode(
              arena, codec(Nested.class), new Nested((byte) 1, new Wide(-1, (byte) 2), (byte) 3));
      byte[] expected = new byte[32];
      expected[0] = 1;
      expected[16] = 2;
      expected[24] = 3;
      for (int i = 8; i < 16; i++) {
        expected[i] = -1;
      }
      assertArrayEquals(expected, bytes(memory));
      assertArrayEquals(
          new byte[] {'a', 0, 0, 0},
          bytes(encode(arena, codec(Text.class), new Text("a", 0)).asSlice(0, 4)));
    }
  }

  @Test
  void encode_floats_haveOneNanAndTwoZeros() {
    RecordCodec<Point> codec = codec(Point.class);
    try (Arena arena = Arena.ofConfined()) {
      byte[] nan = bytes(encode(arena, codec, new Point(Double.NaN, Float.NaN)));
      byte[] odd = bytes(encode(arena, codec, new Point(Samples.ODD_NAN, Samples.ODD_FLOAT_NAN)));
      assertArrayEquals(nan, odd);
      MemorySegment zero = encode(arena, codec, new Point(0.0, 0.0f));
      MemorySegment negative = encode(arena, codec, new Point(-0.0, -0.0f));
      assertNotEquals(-1, zero.mismatch(negative));
      assertEquals(new Point(-0.0, -0.0f), codec.decode(negative));
    }
  }

  @Test
  void encode_arrayComponent_copiesIt() {
    RecordCodec<Bytes> codec = codec(Bytes.class);
    try (Arena arena = Arena.ofConfined()) {
      Bytes copy =
          codec.decode(encode(arena, codec, new Bytes((byte) 9, (byte) 1, (byte) 2, (byte) 3)));
      assertEquals(9, copy.first());
      assertArrayEquals(new byte[] {1, 2, 3}, copy.rest());
    }
  }

  private static <R extends Record> void refused(R record, String... expected) {
    @SuppressWarnings("unchecked")
    RecordCodec<R> codec = codec((Class<R>) record.getClass());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(codec.byteSize()).fill((byte) 0xff);
      byte[] before = bytes(memory);
      RuntimeException e = assertThrows(RuntimeException.class, () -> codec.encode(record, memory));
      for (String part : expected) {
        assertTrue(e.toString().contains(part), e.toString());
      }
      assertArrayEquals(before, bytes(memory), "something was written");
    }
  }

  @Test
  void encode_whatDoesNotFit_saysSoAndWritesNothing() {
    refused(new Text("fives", 1), "IllegalArgument", "text has 5 bytes", "at most 4");
    refused(new Text("日本", 1), "IllegalArgument", "text has 6 bytes");
    refused(new Text("a\0", 1), "IllegalArgument", "U+0000");
    refused(new Text("\uD83D", 1), "IllegalArgument", "text: unpaired surrogate");
    refused(new Text(null, 1), "NullPointer", "text");
    refused(new Bytes((byte) 1, new byte[2]), "IllegalArgument", "rest has 2 bytes; expected 3");
    refused(new Bytes((byte) 1, new byte[4]), "IllegalArgument", "rest has 4 bytes; expected 3");
    refused(new Bytes((byte) 1, (byte[]) null), "NullPointer", "rest");
    refused(new Nested((byte) 1, null, (byte) 2), "NullPointer", "wide");
    refused(new Throwing(1, 2), "UnsupportedOperation", "on purpose");
  }

  @Test
  void decode_constructorRefuses_throwsItsException() {
    RecordCodec<Positive> codec = codec(Positive.class);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment zero = arena.allocate(codec.byteSize());
      assertThrows(IllegalArgumentException.class, () -> codec.decode(zero));
    }
  }

  @Test
  void of_badRecord_saysWhatIsWrong() {
    record Case(Class<? extends Record> type, String message) {}
    for (Case bad :
        List.of(
            new Case(Empty.class, "at least one component"),
            new Case(OfEmpty.class, "at least one component"),
            new Case(Boxed.class, "Boxed.number is a java.lang.Integer; expected a primitive"),
            new Case(Generic.class, "Generic.value is a java.lang.Object"),
            new Case(NoLength.class, "NoLength.text has no @FixedLength"),
            new Case(NoLengthOfBytes.class, "NoLengthOfBytes.bytes has no @FixedLength"),
            new Case(BadLength.class, "FixedLength(0); expected one of at least 1"),
            new Case(StrayLength.class, "FixedLength(8); expected none"),
            new Case(Numbers.class, "Numbers.numbers is a int[]"),
            new Case(Endless.class, "contains itself"))) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> codec(bad.type()), bad.type().toString());
      assertTrue(e.getMessage().contains(bad.message()), e.getMessage());
    }
  }

  @Test
  void encode_badSegment_throws() {
    RecordCodec<Text> codec = codec(Text.class);
    Text text = new Text("ok", 1);
    Arena arena = Arena.ofConfined();
    MemorySegment segment = arena.allocate(8);
    assertThrows(IllegalArgumentException.class, () -> codec.encode(text, segment.asSlice(1)));
    assertThrows(IllegalArgumentException.class, () -> codec.decode(segment.asSlice(1)));
    MemorySegment heap = MemorySegment.ofArray(new byte[8]);
    assertThrows(IllegalArgumentException.class, () -> codec.encode(text, heap));
    arena.close();
    assertThrows(IllegalStateException.class, () -> codec.encode(text, segment));
    assertThrows(IllegalStateException.class, () -> codec.decode(segment));
  }

  // ---- other packages and modules ---------------------------------------------------------------

  @Test
  void of_privateRecordInAnotherPackage_worksWithItsLookupOnly() {
    roundTrip(Stranger.codec(), Stranger.trade(7));
    for (MethodHandles.Lookup lookup :
        List.of(MethodHandles.lookup(), MethodHandles.publicLookup())) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> RecordCodec.of(lookup, Stranger.trade(7).getClass()));
      assertTrue(e.getMessage().startsWith("cannot reach"), e.getMessage());
      assertTrue(e.getMessage().contains("expected a MethodHandles.lookup()"), e.getMessage());
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void of_privateRecordInAnotherModule_works() throws ReflectiveOperationException {
    Class<?> stranger = new Apart().loadClass(Stranger.class.getName());
    assertNotEquals(Stranger.class.getModule(), stranger.getModule());
    assertFalse(stranger.getModule().isNamed());
    roundTrip(
        (RecordCodec<? extends Record>) stranger.getMethod("codec").invoke(null),
        (Record) stranger.getMethod("trade", long.class).invoke(null, 8));
  }

  @SuppressWarnings("unchecked")
  private static void roundTrip(RecordCodec<? extends Record> codec, Record record) {
    RecordCodec<Record> any = (RecordCodec<Record>) codec;
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(record, any.decode(encode(arena, any, record)));
    }
    LeakCheck.run((Allocator allocator) -> {
      try (Vector<Record> vector = new Vector<>(allocator, any)) {
        vector.add(record);
        assertEquals(record, vector.get(0));
      }
    });
  }

  /** Defines the stranger and its records anew, in its own unnamed module. */
  private static final class Apart extends ClassLoader {
    Apart() {
      super(RecordCodecTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(Stranger.class.getName())) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
      try (InputStream stream = Stranger.class.getResourceAsStream(file)) {
        byte[] bytes = stream.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
