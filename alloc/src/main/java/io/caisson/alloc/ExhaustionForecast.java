package io.caisson.alloc;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Foresees when a limit will be reached, by the trend of the last samples.
 *
 * <p>The trend is the least-squares line through what was used in a window of time. It says nothing
 * of what will be freed at once: a forecast is a reason to look, not to refuse. Thread-safe; a
 * sample is O(1) amortised, a forecast O(samples in the window).
 */
public final class ExhaustionForecast {

  private static final int LEAST_SAMPLES = 3;
  private static final int MOST_SAMPLES = 1024;
  private static final double NANOS_PER_SECOND = 1e9;

  private record Sample(Instant time, long used) {}

  private final Duration window;
  private final InstantSource clock;
  private final Deque<Sample> samples = new ArrayDeque<>();

  /**
   * Creates a forecast without samples.
   *
   * @param window how far back samples count
   * @param clock what tells the time; {@link InstantSource#system()}, or a test's own
   * @throws IllegalArgumentException if the window is not positive
   */
  public ExhaustionForecast(Duration window, InstantSource clock) {
    if (!window.isPositive()) {
      throw new IllegalArgumentException("window " + window + "; expected a positive one");
    }
    this.window = window;
    this.clock = clock;
  }

  /**
   * Takes note of what is used now. The last 1024 samples of the window count.
   *
   * @param used the bytes in use
   */
  public synchronized void sample(long used) {
    Instant now = clock.instant();
    if (!samples.isEmpty() && now.isBefore(samples.getLast().time)) {
      samples.clear(); // the clock was set back
    }
    samples.addLast(new Sample(now, used));
    while (samples.size() > MOST_SAMPLES || samples.getFirst().time.isBefore(now.minus(window))) {
      samples.removeFirst();
    }
  }

  /**
   * Returns how fast use grows.
   *
   * @return bytes a second, negative if it shrinks; 0 if fewer than three samples count or all are
   *     of one moment
   */
  public synchronized double bytesPerSecond() {
    int count = samples.size();
    if (count < LEAST_SAMPLES) {
      return 0;
    }
    // Relative to the first sample, so that nothing is lost to the size of the numbers.
    Sample first = samples.getFirst();
    double meanTime = 0;
    double meanUsed = 0;
    for (Sample sample : samples) {
      meanTime += seconds(first, sample) / count;
      meanUsed += (double) (sample.used - first.used) / count;
    }
    double covariance = 0;
    double variance = 0;
    for (Sample sample : samples) {
      double time = seconds(first, sample) - meanTime;
      covariance += time * (sample.used - first.used - meanUsed);
      variance += time * time;
    }
    return variance == 0 ? 0 : covariance / variance;
  }

  private static double seconds(Sample from, Sample to) {
    return Duration.between(from.time, to.time).toNanos() / NANOS_PER_SECOND;
  }

  /**
   * Returns how long it will be, from the last sample on, until a limit is reached.
   *
   * @param limit the limit in bytes
   * @return the time left, zero if the limit is reached already; empty without a trend towards it,
   *     or if that is more than 292 years away
   */
  public synchronized Optional<Duration> timeLeft(long limit) {
    if (samples.isEmpty()) {
      return Optional.empty();
    }
    long used = samples.getLast().used;
    if (used >= limit) {
      return Optional.of(Duration.ZERO);
    }
    double rate = bytesPerSecond();
    double nanos = ((double) limit - used) / rate * NANOS_PER_SECOND;
    return rate > 0 && nanos < Long.MAX_VALUE
        ? Optional.of(Duration.ofNanos((long) nanos))
        : Optional.empty();
  }
}
