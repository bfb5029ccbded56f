package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextTokensTest {

  @Test
  void whiteSpace_everyByteBesideEveryByte_marksExactlyWhiteSpace() {
    for (int low = 0; low < 256; low++) {
      for (int high = 0; high < 256; high++) {
        long word = (low | (long) high << 8) * 0x0001_0001_0001_0001L;
        long expected = (mark(low) | mark(high) << 8) * 0x0001_0001_0001_0001L;
        assertEquals(expected, TextTokens.whiteSpace(word), low + " " + high);
      }
    }
  }

  private static long mark(int b) {
    return b == ' ' || (b >= 9 && b <= 13) ? 0x80 : 0;
  }

  @Test
  void count_unfinishedToken_returnsItsStart() {
    TextCounter counter = new TextCounter();
    MemorySegment text = MemorySegment.ofArray("  one two".getBytes(US_ASCII));
    assertEquals(6, TextTokens.count(text, 0, 9, counter));
    assertEquals(1, counter.strings());
    assertEquals(
        9, TextTokens.count(MemorySegment.ofArray("one two\n ".getBytes(US_ASCII)), 0, 9, counter));
    assertEquals(3, counter.strings());
  }

  @Test
  void count_randomBytes_agreesWithSplit() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = Samples.bytes(random, random.nextInt(100), 1 + random.nextInt(20));
      TextCounter counter = new TextCounter();
      MemorySegment source = MemorySegment.ofArray(bytes);
      long start = TextTokens.count(source, 0, bytes.length, counter);
      if (start < bytes.length) {
        counter.count(source, start, bytes.length - start);
      }
      assertEquals(
          TextCounter.counts(Samples.tokens(bytes)), counter.counts(), "seed " + seed + ", " + i);
    }
  }
}
