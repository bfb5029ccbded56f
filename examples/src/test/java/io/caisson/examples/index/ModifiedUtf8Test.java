package io.caisson.examples.index;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ModifiedUtf8Test {

  @Test
  void isAscii_oneHighByteAnywhere_isSeenInsideOnly() {
    for (int byteSize = 0; byteSize <= 40; byteSize++) {
      for (int at = 0; at < 64; at++) {
        byte[] bytes = new byte[64];
        bytes[at] = (byte) 0x80;
        boolean inside = at >= 10 && at < 10 + byteSize;
        assertEquals(
            !inside, ModifiedUtf8.isAscii(MemorySegment.ofArray(bytes), 10, byteSize), at + "");
      }
    }
  }

  @Test
  void transcode_whatDataOutputWrites_givesStandardUtf8() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      String text = randomText(random);
      byte[] modified = modified(text);
      byte[] standard = text.getBytes(UTF_8);
      assertArrayEquals(standard, transcoded(modified), "seed " + seed + ", " + i);
      assertEquals(
          !Arrays.equals(modified, standard), differs(modified), "seed " + seed + ", " + i);
    }
  }

  private static String randomText(Random random) {
    int[] codePoints =
        random.ints(0, 0x110000).filter(c -> c < 0xD800 || c > 0xDFFF).limit(5).toArray();
    for (int i = 0; i < codePoints.length; i++) {
      codePoints[i] = random.nextInt(4) == 0 ? random.nextInt(0x80) : codePoints[i];
      codePoints[i] = random.nextInt(8) == 0 ? 0 : codePoints[i];
    }
    return new String(codePoints, 0, codePoints.length);
  }

  private static byte[] modified(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataOutputStream(out).writeUTF(text);
    return Arrays.copyOfRange(out.toByteArray(), 2, out.size());
  }

  @Test
  void transcode_loneSurrogates_keepTheirBytes() throws IOException {
    for (String text : new String[] {"\uD83D", "\uDE00", "a\uDE00\uD83Db", "\uD83D\uD83D"}) {
      assertArrayEquals(modified(text), transcoded(modified(text)));
    }
    assertArrayEquals(hex("eda0bdf09f9880"), transcoded(modified("\uD83D\uD83D\uDE00")));
  }

  @Test
  void transcode_malformed_isLeftAlone() {
    for (String bytes :
        new String[] {"c0", "eda0", "eda0bdedb8", "ff80fe", "c081", "edb880eda0bd"}) {
      assertArrayEquals(hex(bytes), transcoded(hex(bytes)));
    }
  }

  @Test
  void differs_charactersThatAreAlike_isFalse() throws IOException {
    assertFalse(differs(modified("äöü€\uD7FF")));
    assertTrue(differs(modified("a\0")));
    assertTrue(differs(modified("\uD83D\uDE00")));
  }

  private static boolean differs(byte[] bytes) {
    return ModifiedUtf8.differs(MemorySegment.ofArray(bytes), 0, bytes.length);
  }

  private static byte[] transcoded(byte[] bytes) {
    MemorySegment target = MemorySegment.ofArray(new byte[bytes.length]);
    int written = ModifiedUtf8.transcode(MemorySegment.ofArray(bytes), 0, bytes.length, target);
    return target.asSlice(0, written).toArray(JAVA_BYTE);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }
}
