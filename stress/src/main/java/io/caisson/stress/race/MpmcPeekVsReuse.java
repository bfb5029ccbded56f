package io.caisson.stress.race;

import io.caisson.collections.MpmcLongQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** A queue of two slots is looked at while the first slot gets another number. */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "The look came first.")
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "The poll came first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It saw a number that was not the first.")
@State
public class MpmcPeekVsReuse {

  private final MpmcLongQueue queue = new MpmcLongQueue(new RingAllocator(), 2);

  /** Fills it. */
  public MpmcPeekVsReuse() {
    queue.offer(1);
    queue.offer(2);
  }

  /** Who looks. */
  @Actor
  public void peek(J_Result r) {
    r.r1 = queue.peek(0);
  }

  /** Who writes over the slot. */
  @Actor
  public void reuse() {
    queue.poll(0);
    queue.offer(3);
  }
}
