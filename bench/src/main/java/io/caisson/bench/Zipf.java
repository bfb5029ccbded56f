package io.caisson.bench;

import java.util.SplittableRandom;

/** Draws ranks from a Zipf distribution, by the method of Gray et al. that YCSB uses. */
final class Zipf {

  /** The exponent that YCSB uses. */
  static final double YCSB = 0.99;

  private final long count;
  private final double theta;
  private final double alpha;
  private final double zeta;
  private final double eta;

  /**
   * Sums up a distribution, in O(count).
   *
   * @param count how many ranks there are
   * @param theta the exponent, above 0 and below 1
   */
  Zipf(long count, double theta) {
    this.count = count;
    this.theta = theta;
    this.alpha = 1 / (1 - theta);
    this.zeta = zeta(count, theta);
    this.eta = (1 - Math.pow(2.0 / count, 1 - theta)) / (1 - zeta(2, theta) / zeta);
  }

  private static double zeta(long count, double theta) {
    double sum = 0;
    for (long i = 1; i <= count; i++) {
      sum += Math.pow((double) i, -theta);
    }
    return sum;
  }

  /** Returns a rank from 0, the most frequent, to below the count. */
  int next(SplittableRandom random) {
    double u = random.nextDouble();
    double scaled = u * zeta;
    if (scaled < 1) {
      return 0;
    }
    if (scaled < 1 + Math.pow(0.5, theta)) {
      return 1;
    }
    return (int) Math.min(count - 1, (long) (count * Math.pow(eta * u - eta + 1, alpha)));
  }
}
