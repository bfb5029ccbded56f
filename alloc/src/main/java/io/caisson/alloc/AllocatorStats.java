package io.caisson.alloc;

/**
 * What an accounted allocator has done so far.
 *
 * <p>Taken while other threads allocate, the figures are each close but need not agree; once they
 * are quiet all are exact, save the peak, for which see {@link AccountedAllocator}.
 *
 * @param liveBlocks the blocks that are out
 * @param liveBytes their bytes, as requested
 * @param peakBytes the most bytes that were out at any time
 * @param allocations the blocks handed out in total
 * @param frees the blocks taken back in total
 * @param allocatedBytes the bytes handed out in total, growth of blocks included
 * @param freedBytes the bytes taken back in total, shrinking of blocks included
 * @param failures the requests answered with {@code NULL}
 */
public record AllocatorStats(
    long liveBlocks,
    long liveBytes,
    long peakBytes,
    long allocations,
    long frees,
    long allocatedBytes,
    long freedBytes,
    long failures) {

  /** Those of an allocator that nobody has called. */
  static final AllocatorStats NONE = new AllocatorStats(0, 0, 0, 0, 0, 0, 0, 0);

  /** Returns the sums of these figures and others; the peak is then an upper bound. */
  AllocatorStats plus(AllocatorStats other) {
    return new AllocatorStats(
        liveBlocks + other.liveBlocks,
        liveBytes + other.liveBytes,
        peakBytes + other.peakBytes,
        allocations + other.allocations,
        frees + other.frees,
        allocatedBytes + other.allocatedBytes,
        freedBytes + other.freedBytes,
        failures + other.failures);
  }
}
