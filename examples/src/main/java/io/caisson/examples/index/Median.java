package io.caisson.examples.index;

import java.util.List;
import java.util.function.ToLongFunction;

/** The middle of the rounds: what one slow round does not move. */
final class Median {

  private static final double NANOS_PER_MICRO = 1e3;
  private static final double MICROS_PER_MILLI = 1e3;

  private Median() {}

  /** Returns the median of a figure; of an even number of rounds, the mean of the two middle. */
  static long of(List<RoundFigures> rounds, ToLongFunction<RoundFigures> figure) {
    long[] sorted = rounds.stream().mapToLong(figure).sorted().toArray();
    long upper = sorted[sorted.length / 2];
    long lower = sorted[(sorted.length - 1) / 2];
    return lower + (upper - lower) / 2;
  }

  /** Returns the median of a time in nanoseconds as milliseconds, to the microsecond. */
  static double millis(List<RoundFigures> rounds, ToLongFunction<RoundFigures> nanos) {
    return Math.rint(of(rounds, nanos) / NANOS_PER_MICRO) / MICROS_PER_MILLI;
  }
}
