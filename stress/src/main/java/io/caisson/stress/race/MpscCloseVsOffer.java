package io.caisson.stress.race;

import io.caisson.collections.MpscLongQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The consumer closes while a producer offers, which must not touch what is freed. */
@JCStressTest
@Outcome(
    id = "1, 0, 1",
    expect = Expect.ACCEPTABLE,
    desc = "The offer came first, and close waited for it.")
@Outcome(id = "-1, 0, 1", expect = Expect.ACCEPTABLE, desc = "The close came first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Something was not freed, or written to after that.")
@State
public class MpscCloseVsOffer {

  private final RingAllocator allocator = new RingAllocator();
  private final MpscLongQueue queue = new MpscLongQueue(allocator, 2);

  /** A producer. */
  @Actor
  public void offer(III_Result r) {
    try {
      r.r1 = queue.offer(7) ? 1 : 0;
    } catch (IllegalStateException e) {
      r.r1 = -1;
    }
  }

  /** The consumer. */
  @Actor
  public void close() {
    queue.close();
  }

  /** How many blocks are out, and whether those that are not are left alone. */
  @Arbiter
  public void look(III_Result r) {
    r.r2 = allocator.live();
    r.r3 = allocator.freedAreUntouched() ? 1 : 0;
  }
}
