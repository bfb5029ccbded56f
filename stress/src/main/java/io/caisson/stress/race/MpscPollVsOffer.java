package io.caisson.stress.race;

import io.caisson.collections.MpscLongQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** A consumer that has offered polls while a producer may be between its claim and its write. */
@JCStressTest
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "The other number came first.")
@Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "The own number came first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "What had been offered was not there, or came twice.")
@State
public class MpscPollVsOffer {

  private final MpscLongQueue queue = new MpscLongQueue(new RingAllocator(), 2);

  /** A producer. */
  @Actor
  public void offer() {
    queue.offer(1);
  }

  /** The consumer, which knows that there is something. */
  @Actor
  public void offerAndPoll(JJ_Result r) {
    queue.offer(2);
    r.r1 = queue.poll(0);
  }

  /** Polls the rest. */
  @Arbiter
  public void rest(JJ_Result r) {
    r.r2 = queue.poll(0);
  }
}
