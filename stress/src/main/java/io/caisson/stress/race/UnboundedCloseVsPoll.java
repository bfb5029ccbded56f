package io.caisson.stress.race;

import io.caisson.collections.MpmcUnboundedLongQueue;
import io.caisson.collections.SmallSegments;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJJ_Result;

/** A number is looked at and polled while the queue is closed. */
@JCStressTest
@Outcome(id = "1, 1, 0, 1", expect = Expect.ACCEPTABLE, desc = "Both came first.")
@Outcome(id = "1, -1, 0, 1", expect = Expect.ACCEPTABLE, desc = "The close came in between.")
@Outcome(id = "-1, -1, 0, 1", expect = Expect.ACCEPTABLE, desc = "The close came first.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "A freed segment was read or written to, or one was not freed.")
@State
public class UnboundedCloseVsPoll {

  private final RingAllocator allocator = new RingAllocator();
  private final MpmcUnboundedLongQueue queue = SmallSegments.queue(allocator, 1);

  /** Fills a segment. */
  public UnboundedCloseVsPoll() {
    queue.offer(1);
    queue.offer(2);
  }

  /** Who polls. */
  @Actor
  public void poll(JJJJ_Result r) {
    r.r1 = -1;
    r.r2 = -1;
    try {
      r.r1 = queue.peek(0);
      r.r2 = queue.poll(0);
    } catch (IllegalStateException e) {
      // closed
    }
  }

  /** Who closes. */
  @Actor
  public void close() {
    queue.close();
  }

  /** How many blocks are out, and whether those that are not are left alone. */
  @Arbiter
  public void look(JJJJ_Result r) {
    r.r3 = allocator.live();
    r.r4 = allocator.freedAreUntouched() ? 1 : 0;
  }
}
