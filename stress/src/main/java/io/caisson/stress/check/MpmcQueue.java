package io.caisson.stress.check;

import io.caisson.collections.MpmcLongQueue;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;

/** The bounded queue from many threads to many, with two slots. */
public class MpmcQueue {

  private final MpmcLongQueue queue = new MpmcLongQueue(SimulatedAllocator.inFreshWorld(), 2);

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
}
