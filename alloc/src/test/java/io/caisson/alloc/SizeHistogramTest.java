package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeHistogramTest {

  private static SizeHistogram of(long... byteSizes) {
    long[] counts = new long[SizeHistogram.CLASSES];
    for (long byteSize : byteSizes) {
      counts[SizeHistogram.classOf(byteSize)]++;
    }
    return new SizeHistogram(counts);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 16",
    "16, 16",
    "17, 32",
    "128, 128",
    "129, 160",
    "160, 160",
    "161, 192",
    "256, 256",
    "257, 320",
    "1000, 1024",
    "1025, 1280",
    "1048577, 1310720",
    "4611686018427387904, 4611686018427387904",
    "9223372036854775807, 9223372036854775807"
  })
  void classOf_anySize_isTheLeastThatHoldsIt(long byteSize, long largest) {
    int sizeClass = SizeHistogram.classOf(byteSize);
    assertEquals(largest, SizeHistogram.largestOf(sizeClass));
    assertTrue(sizeClass < SizeHistogram.CLASSES);
  }

  @Test
  void classes_allOfThem_ascendAndHoldTheirLargest() {
    long last = 0;
    for (int i = 0; i < SizeHistogram.CLASSES; i++) {
      long largest = SizeHistogram.largestOf(i);
      assertTrue(largest > last);
      assertEquals(i, SizeHistogram.classOf(largest));
      assertEquals(i, SizeHistogram.classOf(last + 1));
      last = largest;
    }
    assertEquals(Long.MAX_VALUE, last);
  }

  @Test
  void percentile_ofKnownSizes_isTheSizeAtThatRank() {
    long[] sizes = new long[100];
    Arrays.fill(sizes, 0, 50, 32);
    Arrays.fill(sizes, 50, 90, 64);
    Arrays.fill(sizes, 90, 99, 1024);
    sizes[99] = 1 << 20;
    SizeHistogram histogram = of(sizes);
    assertEquals(32, histogram.percentile(50));
    assertEquals(64, histogram.percentile(50.1));
    assertEquals(64, histogram.percentile(90));
    assertEquals(1024, histogram.percentile(99));
    assertEquals(1 << 20, histogram.percentile(100));
    assertEquals("100 blocks, p50 32 B, p90 64 B, p99 1.0 KiB", histogram.toString());
    assertEquals(0, of().percentile(50));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 100.1, Double.NaN})
  void percentile_outOfRange_throws(double percent) {
    assertThrows(IllegalArgumentException.class, () -> of(1).percentile(percent));
  }

  @Test
  void since_earlier_isTheDifference() {
    assertEquals(of(64, 1000), of(32, 64, 64, 1000).since(of(32, 64)));
    assertEquals(of().hashCode(), of(32).since(of(32)).hashCode());
  }

  @Test
  void advise_fewSizes_namesThem() {
    SizeHistogram histogram = of(48, 48, 48, 200, 200, 700, 100_000);
    assertEquals(
        new SizeHistogram.BinAdvice(List.of(48L, 224L, 768L), 6, 1, 0), histogram.advise(5, 16384));
    assertEquals(List.of(224L, 768L), histogram.advise(2, 16384).bins());
    assertEquals(List.of(768L), histogram.advise(1, 16384).bins());
    assertEquals(new SizeHistogram.BinAdvice(List.of(), 0, 7, 0), histogram.advise(4, 16));
    assertThrows(IllegalArgumentException.class, () -> histogram.advise(0, 16384));
  }

  @Test
  void fit_givenBins_saysWhatTheyWaste() {
    SizeHistogram.BinAdvice advice = of(32, 64, 96, 5000).fit(256, 64);
    assertEquals(List.of(64L, 256L), advice.bins());
    assertEquals(3, advice.served());
    assertEquals(1, advice.tooLarge());
    assertEquals(1 - 192.0 / 384, advice.wastedShare(), 1e-12);
  }

  /** No choice of two or three bins is better than the one advised. */
  @Test
  void advise_atRandom_isTheBestOfAll() {
    long seed = System.nanoTime();
    System.out.println("SizeHistogram: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      SizeHistogram histogram = of(random.longs(100, 1, 1 << (5 + random.nextInt(9))).toArray());
      long[] sizes =
          histogram.buckets().stream().mapToLong(SizeHistogram.Bucket::byteSizeUpTo).toArray();
      long largest = sizes[sizes.length - 1];
      double best = 1;
      for (long first : sizes) {
        for (long second : sizes) {
          best = Math.min(best, histogram.fit(first, second, largest).wastedShare());
        }
      }
      assertEquals(best, histogram.advise(3, 1 << 20).wastedShare(), 1e-12);
    }
  }
}
