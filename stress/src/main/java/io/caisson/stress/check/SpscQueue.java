package io.caisson.stress.check;

import io.caisson.collections.SpscLongQueue;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;

/** The queue from one thread to one, with two slots. */
public class SpscQueue {

  private final SpscLongQueue queue = new SpscLongQueue(SimulatedAllocator.inFreshWorld(), 2);

  /** Offers. */
  @Operation(nonParallelGroup = "producer")
  public boolean offer(long value) {
    return queue.offer(value);
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
