package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExhaustionForecastTest {

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final ExhaustionForecast forecast =
      new ExhaustionForecast(Duration.ofMinutes(1), () -> now);

  private void sampleAfter(Duration pause, long used) {
    now = now.plus(pause);
    forecast.sample(used);
  }

  @Test
  void timeLeft_steadyGrowth_isExact() {
    for (int i = 0; i <= 10; i++) {
      sampleAfter(Duration.ofSeconds(1), 1000 + 50L * i);
    }
    assertEquals(50, forecast.bytesPerSecond(), 1e-9);
    assertEquals(Optional.of(Duration.ofSeconds(10)), forecast.timeLeft(2000));
    assertEquals(Optional.of(Duration.ZERO), forecast.timeLeft(1500));
  }

  @Test
  void timeLeft_noTrend_isEmpty() {
    assertEquals(Optional.empty(), forecast.timeLeft(100));
    sampleAfter(Duration.ZERO, 10);
    sampleAfter(Duration.ofSeconds(1), 20);
    assertEquals(Optional.empty(), forecast.timeLeft(100)); // two points make any line
    sampleAfter(Duration.ofSeconds(1), 5);
    sampleAfter(Duration.ofSeconds(1), 1);
    assertTrue(forecast.bytesPerSecond() < 0);
    assertEquals(Optional.empty(), forecast.timeLeft(100));
  }

  @Test
  void timeLeft_samplesOfOneMoment_isEmpty() {
    for (int i = 0; i < 5; i++) {
      sampleAfter(Duration.ZERO, i);
    }
    assertEquals(0, forecast.bytesPerSecond());
    assertEquals(Optional.empty(), forecast.timeLeft(100));
  }

  @Test
  void timeLeft_afterATurn_forgetsWhatIsOutOfTheWindow() {
    for (int i = 0; i < 120; i++) {
      sampleAfter(Duration.ofSeconds(1), 1_000_000 - i * 1000);
    }
    for (int i = 0; i < 62; i++) {
      sampleAfter(Duration.ofSeconds(1), 1000 + i);
    }
    assertEquals(1, forecast.bytesPerSecond(), 1e-6);
  }

  @Test
  void timeLeft_farAway_isEmpty() {
    for (int i = 0; i < 4; i++) {
      sampleAfter(Duration.ofSeconds(15), i / 3);
    }
    assertEquals(Optional.empty(), forecast.timeLeft(Long.MAX_VALUE));
  }

  @Test
  void sample_clockSetBack_beginsAnew() {
    sampleAfter(Duration.ofSeconds(1), 1);
    sampleAfter(Duration.ofSeconds(1), 2);
    sampleAfter(Duration.ofSeconds(-10), 3);
    sampleAfter(Duration.ofSeconds(1), 4);
    assertEquals(0, forecast.bytesPerSecond());
    sampleAfter(Duration.ofSeconds(1), 5);
    assertEquals(1, forecast.bytesPerSecond(), 1e-9);
  }

  @Test
  void bytesPerSecond_hugeNumbersAndNoise_isClose() {
    long seed = System.nanoTime();
    System.out.println("ExhaustionForecast: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 5000; i++) {
      sampleAfter(Duration.ofMillis(50), (1L << 50) + 1000L * i + random.nextInt(2000));
    }
    assertEquals(20_000, forecast.bytesPerSecond(), 500);
  }

  @Test
  void new_badWindow_throws() {
    assertThrows(
        IllegalArgumentException.class, () -> new ExhaustionForecast(Duration.ZERO, () -> now));
  }
}
