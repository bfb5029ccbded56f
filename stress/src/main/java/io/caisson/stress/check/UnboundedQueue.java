package io.caisson.stress.check;

import io.caisson.collections.MpmcUnboundedLongQueue;
import io.caisson.collections.SmallSegments;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** The unbounded queue, with two cells in a segment. */
public class UnboundedQueue {

  private final MpmcUnboundedLongQueue queue =
      SmallSegments.queue(SimulatedAllocator.inFreshWorld(), 1);

  /** Creates a queue whose first segment has one cell left. */
  public UnboundedQueue() {
    queue.offer(1);
  }

  /** Offers. */
  @Operation
  public boolean offer(long value) {
    return queue.offer(value);
  }

  /** Polls. */
  @Operation
  public long poll() {
    return queue.poll(0);
  }

  /** Looks at the first. */
  @Operation
  public long peek() {
    return queue.peek(0);
  }

  /** Every ticket is where it should be. */
  @Validate
  public void check() {
    SmallSegments.check(queue);
  }
}
