package io.caisson.alloc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts blocks by size in the stripes of an {@link Account}: plainly in those that have an owner,
 * atomically in the shared one. A stripe takes memory once it is used.
 */
final class SizeCounts {

  /*
   * Ordering. A stripe's array is written by its owner only, plainly, or with atomics; it is published by
   * the atomic reference, and the next owner of the stripe comes after the last by Account's I1.
   */

  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  private final AtomicReferenceArray<long @Nullable []> stripes =
      new AtomicReferenceArray<>(Account.STRIPES + 1);

  /** Counts a block in the stripe in which the account counted it. */
  void add(int stripe, long byteSize) {
    long[] counts = stripes.getPlain(stripe);
    if (counts == null) {
      counts = open(stripe);
    }
    int sizeClass = SizeHistogram.classOf(byteSize);
    if (stripe == Account.SHARED_STRIPE) {
      CELL.getAndAdd(counts, sizeClass, 1L);
    } else {
      counts[sizeClass]++;
    }
  }

  private long[] open(int stripe) {
    long[] created = new long[SizeHistogram.CLASSES];
    long[] raced = stripes.compareAndExchange(stripe, null, created);
    return raced == null ? created : raced;
  }

  /** Returns the sums over all stripes; each figure is some recent one. */
  SizeHistogram histogram() {
    long[] sums = new long[SizeHistogram.CLASSES];
    for (int stripe = 0; stripe < stripes.length(); stripe++) {
      long[] counts = stripes.getAcquire(stripe);
      for (int i = 0; counts != null && i < sums.length; i++) {
        sums[i] += (long) CELL.getAcquire(counts, i);
      }
    }
    return new SizeHistogram(sums);
  }
}
