package io.caisson.stress.race;

import io.caisson.collections.MpmcUnboundedLongQueue;
import io.caisson.collections.SmallSegments;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/**
 * At the end of a segment one offers, so that another is appended, and one polls, so that it is
 * freed.
 */
@JCStressTest
@Outcome(id = "3, 4, 5", expect = Expect.ACCEPTABLE, desc = "Both polls found something.")
@Outcome(
    id = "3, 0, 45",
    expect = Expect.ACCEPTABLE,
    desc = "The second poll came before the offers.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A number was lost, came twice, or in another order.")
@State
public class UnboundedAppendVsFree {

  private final MpmcUnboundedLongQueue queue = SmallSegments.queue(new RingAllocator(), 2);

  /** Leaves one number, and one cell in the segment. */
  public UnboundedAppendVsFree() {
    queue.offer(new long[] {1, 2, 3}, 0, 3);
    queue.poll(new long[2], 0, 2);
  }

  /** Who offers. */
  @Actor
  public void offer() {
    queue.offer(4);
    queue.offer(5);
  }

  /** Who polls. */
  @Actor
  public void poll(JJJ_Result r) {
    r.r1 = queue.poll(0);
    r.r2 = queue.poll(0);
  }

  /** Polls the rest: its digits. */
  @Arbiter
  public void rest(JJJ_Result r) {
    for (long next = queue.poll(0); next != 0; next = queue.poll(0)) {
      r.r3 = 10 * r.r3 + next;
    }
  }
}
