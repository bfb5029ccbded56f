package io.caisson.stress.race;

import io.caisson.collections.MpmcLongQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** A full queue of two slots is polled and offered to. */
@JCStressTest
@Outcome(id = "1, 1, 23", expect = Expect.ACCEPTABLE, desc = "The poll made room.")
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "There was no room yet.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A number was lost, came twice, or in another order.")
@State
public class MpmcOfferVsPollAtCapacity {

  private final MpmcLongQueue queue = new MpmcLongQueue(new RingAllocator(), 2);

  /** Fills it. */
  public MpmcOfferVsPollAtCapacity() {
    queue.offer(1);
    queue.offer(2);
  }

  /** Who offers. */
  @Actor
  public void offer(JJJ_Result r) {
    r.r1 = queue.offer(3) ? 1 : 0;
  }

  /** Who polls. */
  @Actor
  public void poll(JJJ_Result r) {
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
