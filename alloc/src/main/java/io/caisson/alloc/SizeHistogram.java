package io.caisson.alloc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * How many blocks of which size, in classes: multiples of 16 bytes up to 128, then four to each
 * doubling, which are the bins that {@link SlabAllocator.Builder#binsUpTo} makes.
 *
 * <p>Immutable. A class is known by its largest size; what is computed from it takes every block to
 * be of that size, and so is at most 15 bytes or a fifth too much.
 */
public final class SizeHistogram {

  /** Enough classes for any size. */
  static final int CLASSES = 232;

  private static final int SMALL_CLASSES = 8;
  private static final int SMALL_SHIFT = 4;
  private static final int SMALL_LIMIT_SHIFT = 7;
  private static final int PER_DOUBLING_SHIFT = 2;

  /**
   * The blocks of one class of sizes.
   *
   * @param byteSizeUpTo the largest size of the class, in bytes
   * @param count the number of blocks
   */
  public record Bucket(long byteSizeUpTo, long count) {}

  /**
   * The bins that would serve some sizes best.
   *
   * @param bins their sizes in bytes, ascending; as many as were asked for, or fewer if fewer do
   * @param served how many blocks fit into the largest of them
   * @param tooLarge how many do not
   * @param wastedShare which part of the bytes of the bins in use would lie idle, from 0 to 1
   */
  public record BinAdvice(List<Long> bins, long served, long tooLarge, double wastedShare) {

    /**
     * Creates an advice.
     *
     * @param bins their sizes in bytes, ascending
     * @param served how many blocks fit into the largest of them
     * @param tooLarge how many do not
     * @param wastedShare which part of the bytes of the bins in use would lie idle, from 0 to 1
     */
    public BinAdvice {
      bins = List.copyOf(bins);
    }
  }

  private final long[] counts;

  /** Takes over an array of a count for each class. */
  SizeHistogram(long[] counts) {
    this.counts = counts;
  }

  /** Returns the class that a size is in. */
  static int classOf(long byteSize) {
    long last = byteSize - 1;
    if (last < 1 << SMALL_LIMIT_SHIFT) {
      return (int) (last >>> SMALL_SHIFT);
    }
    int doubling = Long.SIZE - 1 - Long.numberOfLeadingZeros(last);
    int quarter = (int) (last >>> (doubling - PER_DOUBLING_SHIFT)) & 3;
    return SMALL_CLASSES + ((doubling - SMALL_LIMIT_SHIFT) << PER_DOUBLING_SHIFT) + quarter;
  }

  /** Returns the largest size of a class. */
  static long largestOf(int sizeClass) {
    if (sizeClass < SMALL_CLASSES) {
      return (sizeClass + 1L) << SMALL_SHIFT;
    }
    int doubling = SMALL_LIMIT_SHIFT + ((sizeClass - SMALL_CLASSES) >>> PER_DOUBLING_SHIFT);
    long quarters = ((sizeClass - SMALL_CLASSES) & 3) + 1L;
    long largest = (1L << doubling) + (quarters << (doubling - PER_DOUBLING_SHIFT));
    return largest < 0 ? Long.MAX_VALUE : largest;
  }

  /**
   * Returns how many blocks there are.
   *
   * @return the number of all classes
   */
  public long count() {
    return Arrays.stream(counts).sum();
  }

  /**
   * Returns the blocks by class.
   *
   * @return the classes that have any, by ascending size
   */
  public List<Bucket> buckets() {
    List<Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        buckets.add(new Bucket(largestOf(i), counts[i]));
      }
    }
    return buckets;
  }

  /**
   * Returns the size that so many per cent of the blocks do not exceed.
   *
   * @param percent above 0 and at most 100
   * @return the largest size of the class in which that block is, in bytes, or 0 without blocks
   * @throws IllegalArgumentException if the percentage is anything else
   */
  public long percentile(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException(
          "percentile " + percent + "; expected above 0 and at most 100");
    }
    long rank = (long) Math.ceil(count() * (percent / 100));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (counts[i] > 0 && seen >= rank) {
        return largestOf(i);
      }
    }
    return 0;
  }

  /**
   * Returns what was counted here and not in an earlier histogram of the same blocks.
   *
   * @param earlier the earlier one
   * @return the difference, in no class below 0
   */
  public SizeHistogram since(SizeHistogram earlier) {
    long[] differences = new long[CLASSES];
    for (int i = 0; i < CLASSES; i++) {
      differences[i] = Math.max(0, counts[i] - earlier.counts[i]);
    }
    return new SizeHistogram(differences);
  }

  // ---- bins -----------------------------------------------------------------------------------

  /**
   * Finds the bins of a slab that waste least for these blocks.
   *
   * <p>Takes time in proportion to the number of bins and the square of the number of classes.
   *
   * @param maxBins how many bins there may be, at least 1
   * @param largestBin the size that no bin may exceed, in bytes; larger blocks go elsewhere
   * @return the bins, none if no block is small enough
   * @throws IllegalArgumentException if there may be no bin
   */
  public BinAdvice advise(int maxBins, long largestBin) {
    if (maxBins < 1) {
      throw new IllegalArgumentException(maxBins + " bins; expected at least 1");
    }
    List<Bucket> small =
        buckets().stream().filter(bucket -> bucket.byteSizeUpTo <= largestBin).toList();
    List<Long> bins = new ArrayList<>();
    // From the largest bin, which is the largest class, downwards.
    int[][] previous = leastBins(small, maxBins);
    int end = small.size();
    for (int level = Math.min(maxBins, end) - 1; end > 0; level--) {
      bins.add(small.get(end - 1).byteSizeUpTo);
      end = previous[level][end];
    }
    Collections.reverse(bins);
    return advice(bins);
  }

  /**
   * Solves for every number of bins and every prefix of the classes where the last bin but one must
   * end, by dynamic programming: element [b][n] is how many of the first n classes are left to b
   * bins when b + 1 serve them all.
   */
  private static int[][] leastBins(List<Bucket> classes, int maxBins) {
    int levels = Math.min(maxBins, classes.size());
    int[][] previous = new int[levels][classes.size() + 1];
    double[] best = new double[classes.size() + 1];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    best[0] = 0;
    for (int level = 0; level < levels; level++) {
      double[] next = new double[classes.size() + 1];
      for (int end = 1; end <= classes.size(); end++) {
        next[end] = Double.POSITIVE_INFINITY;
        double blocks = 0;
        for (int start = end - 1; start >= 0; start--) {
          blocks += classes.get(start).count;
          double bytes = best[start] + blocks * classes.get(end - 1).byteSizeUpTo;
          if (bytes < next[end]) {
            next[end] = bytes;
            previous[level][end] = start;
          }
        }
      }
      best = next;
      best[0] = 0;
    }
    return previous;
  }

  /**
   * Says how given bins would fit these blocks.
   *
   * @param bins their sizes in bytes, in any order
   * @return the same bins, with what they would serve and waste
   */
  public BinAdvice fit(long... bins) {
    return advice(Arrays.stream(bins).sorted().boxed().toList());
  }

  private BinAdvice advice(List<Long> bins) {
    long served = 0;
    double needed = 0;
    double taken = 0;
    for (Bucket bucket : buckets()) {
      long byteSize = bucket.byteSizeUpTo;
      long bin = bins.stream().filter(candidate -> candidate >= byteSize).findFirst().orElse(0L);
      if (bin > 0) {
        served += bucket.count;
        needed += (double) bucket.count * byteSize;
        taken += (double) bucket.count * bin;
      }
    }
    return new BinAdvice(bins, served, count() - served, taken == 0 ? 0 : 1 - needed / taken);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SizeHistogram histogram && Arrays.equals(counts, histogram.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  /**
   * Returns the usual percentiles as text.
   *
   * @return the count and the 50th, 90th and 99th percentile
   */
  @Override
  public String toString() {
    return count()
        + " blocks, p50 "
        + ByteSize.format(percentile(50))
        + ", p90 "
        + ByteSize.format(percentile(90))
        + ", p99 "
        + ByteSize.format(percentile(99));
  }
}
