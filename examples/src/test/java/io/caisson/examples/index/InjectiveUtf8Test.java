package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InjectiveUtf8Test {

  @Test
  void decode_validUtf8_isTheText() {
    String text = "a\0ä€\uFFFD\uD83D\uDE00";
    byte[] bytes = text.getBytes(UTF_8);
    assertEquals(text, InjectiveUtf8.decode(bytes, 0, bytes.length));
  }

  @Test
  void decode_malformedBytes_escapesEach() {
    byte[] bytes = {'x', (byte) 0xFF, (byte) 0xE2, (byte) 0x82, 'y', (byte) 0xC3};
    assertEquals("x\uDCFF\uDCE2\uDC82y\uDCC3", InjectiveUtf8.decode(bytes, 0, bytes.length));
  }

  @Test
  void decode_randomBytes_canBeUndone() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(8)];
      for (int j = 0; j < bytes.length; j++) {
        // Mostly lead and continuation bytes, to get close to what is valid.
        bytes[j] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : 0x80 | random.nextInt(0x78));
      }
      byte[] undone = encode(InjectiveUtf8.decode(bytes, 0, bytes.length));
      assertArrayEquals(bytes, undone, "seed " + seed + ", " + i);
    }
  }

  private static byte[] encode(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    text.codePoints()
        .forEach(c -> {
          if (c >= 0xDC80 && c <= 0xDCFF) {
            out.write(c - 0xDC00);
          } else {
            out.writeBytes(Character.toString(c).getBytes(UTF_8));
          }
        });
    return out.toByteArray();
  }
}
