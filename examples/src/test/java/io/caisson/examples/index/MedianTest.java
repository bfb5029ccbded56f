package io.caisson.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MedianTest {

  private static List<RoundFigures> rounds(long... elapsed) {
    return Arrays.stream(elapsed)
        .mapToObj(nanos -> new RoundFigures(0, 0, 0, 0, 0, nanos, 0, 0))
        .toList();
  }

  @Test
  void of_oddAndEven_isTheMiddle() {
    assertEquals(5, Median.of(rounds(900, 5, 1), RoundFigures::elapsedNanos));
    assertEquals(7, Median.of(rounds(9, 5, 1, 900), RoundFigures::elapsedNanos));
    assertEquals(3, Median.of(rounds(3), RoundFigures::elapsedNanos));
  }

  @Test
  void millis_nanos_areRoundedToMicros() {
    assertEquals(1.235, Median.millis(rounds(1_234_567), RoundFigures::elapsedNanos));
  }
}
