package io.caisson.bench;

import java.util.Arrays;
import java.util.List;

/**
 * Runs one pattern on one allocator and prints the median of its times in ns an operation: the
 * counterpart of the program in patterns.c.
 *
 * <p>Arguments: ALLOCATOR PATTERN SIZE ALIGNMENT [polluted]. Polluted, three other allocators run
 * the pattern first, so that calls through {@code Allocator} have met four classes.
 */
final class PatternProcess {

  private static final int STEPS = 10_000;
  private static final int SAMPLES = 15;
  private static final long SAMPLE_NANOS = 15_000_000;
  private static final long WARM_UP_NANOS = 700_000_000;
  private static final long POLLUTION_NANOS = 200_000_000;
  private static final List<String> POLLUTERS = List.of("system", "mimalloc", "slab-accounted");

  private final String pattern;
  private final long byteSize;
  private final long byteAlignment;

  private PatternProcess(String pattern, long byteSize, long byteAlignment) {
    this.pattern = pattern;
    this.byteSize = byteSize;
    this.byteAlignment = byteAlignment;
  }

  public static void main(String[] arguments) {
    PatternProcess process =
        new PatternProcess(
            arguments[1], Long.parseLong(arguments[2]), Long.parseLong(arguments[3]));
    if (arguments.length > 4) {
      POLLUTERS.forEach(process::pollute);
    }
    System.out.println(process.medianOf(arguments[0]));
  }

  private void pollute(String allocator) {
    try (AllocationPatterns patterns = AllocationPatterns.of(allocator)) {
      sample(patterns, POLLUTION_NANOS);
    }
  }

  private double medianOf(String allocator) {
    try (AllocationPatterns patterns = AllocationPatterns.of(allocator)) {
      sample(patterns, WARM_UP_NANOS);
      double[] samples = new double[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        samples[i] = sample(patterns, SAMPLE_NANOS);
      }
      Arrays.sort(samples);
      return samples[SAMPLES / 2];
    }
  }

  private double sample(AllocationPatterns patterns, long nanos) {
    long started = System.nanoTime();
    long steps = 0;
    long elapsed;
    do {
      steps += run(patterns);
      elapsed = System.nanoTime() - started;
    } while (elapsed < nanos);
    return (double) elapsed / steps;
  }

  private long run(AllocationPatterns patterns) {
    switch (pattern) {
      case "pair" -> patterns.pair(STEPS, byteSize, byteAlignment);
      case "random" -> patterns.random(STEPS, byteSize);
      case "bulk" -> {
        patterns.bulk(byteSize);
        return AllocationPatterns.BULK;
      }
      case "hand-over" -> {
        patterns.handOver(byteSize);
        return (long) AllocationPatterns.BATCH * AllocationPatterns.BATCHES;
      }
      default -> throw new IllegalArgumentException("no pattern " + pattern);
    }
    return STEPS;
  }
}
