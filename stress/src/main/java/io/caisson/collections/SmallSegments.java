package io.caisson.collections;

import io.caisson.alloc.Allocator;

/** Unbounded queues with segments of few cells, so that something happens at their ends. */
public final class SmallSegments {

  private SmallSegments() {}

  /** Creates one with segments of 2 to the power of {@code shift} cells. */
  public static MpmcUnboundedLongQueue queue(Allocator allocator, int shift) {
    return new MpmcUnboundedLongQueue(allocator, shift);
  }

  /** Checks a queue that nobody uses. */
  public static void check(MpmcUnboundedLongQueue queue) {
    queue.checkInvariants();
  }
}
