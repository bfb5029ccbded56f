package io.caisson.stress.check;

import io.caisson.collections.MpscLongQueue;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;

/** The queue from many threads to one, with two slots. */
public class MpscQueue {

  private final MpscLongQueue queue = new MpscLongQueue(SimulatedAllocator.inFreshWorld(), 2);

  /** Offers. */
  @Operation
  public boolean offer(long value) {
    return queue.offer(value);
  }

  /** Offers two at once. */
  @Operation
  public int offerTwo(long value) {
    return queue.offer(new long[] {value, value + 10}, 0, 2);
  }

  /** Polls. */
  @Operation(nonParallelGroup = "consumer")
  public long poll() {
    return queue.poll(0);
  }

  /** Looks at the first. */
  @Operation(nonParallelGroup = "consumer")
  public long peek() {
    return queue.peek(0);
  }
}
