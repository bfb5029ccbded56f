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

/** A segment is looked at, while it is polled, freed, and used again. */
@JCStressTest
@Outcome(id = "4, 678, 1", expect = Expect.ACCEPTABLE, desc = "The look came first.")
@Outcome(id = "5, 678, 1", expect = Expect.ACCEPTABLE, desc = "It came after the first poll.")
@Outcome(id = "6, 678, 1", expect = Expect.ACCEPTABLE, desc = "It came after both.")
@Outcome(
    id = "0, 678, 1",
    expect = Expect.ACCEPTABLE,
    desc = "It came between the polls and the offers.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "It saw what was not the first number, or something was lost.")
@State
public class UnboundedPeekVsFree {

  private final RingAllocator allocator = new RingAllocator();
  private final MpmcUnboundedLongQueue queue = SmallSegments.queue(allocator, 2);

  /** Leaves a number in the first segment, and one in the second. */
  public UnboundedPeekVsFree() {
    queue.offer(new long[] {1, 2, 3, 4, 5}, 0, 5);
    queue.poll(new long[3], 0, 3);
  }

  /** Who looks. */
  @Actor
  public void peek(JJJ_Result r) {
    r.r1 = queue.peek(0);
  }

  /** Who moves on to the third segment. */
  @Actor
  public void reuse() {
    queue.poll(0);
    queue.poll(0);
    queue.offer(new long[] {6, 7, 8}, 0, 3);
    queue.offer(9);
  }

  /** Polls the rest: its digits; and closes. */
  @Arbiter
  public void rest(JJJ_Result r) {
    for (int i = 0; i < 3; i++) {
      r.r2 = 10 * r.r2 + queue.poll(0);
    }
    r.r3 = queue.poll(0) == 9 ? 1 : 0;
    queue.close();
    if (allocator.live() != 0) {
      r.r3 = -1;
    }
  }
}
