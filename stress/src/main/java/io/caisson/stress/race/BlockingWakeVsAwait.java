package io.caisson.stress.race;

import io.caisson.collections.BlockingLongQueue;
import io.caisson.collections.SpscLongQueue;
import io.caisson.collections.WaitStrategy;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** One puts while one is about to sleep until there is something. */
@JCStressTest
@Outcome(id = "7", expect = Expect.ACCEPTABLE, desc = "It was taken in time.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A wake-up was lost.")
@State
public class BlockingWakeVsAwait {

  private static final Duration LONG = Duration.ofSeconds(5);

  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final BlockingLongQueue queue =
      new BlockingLongQueue(new SpscLongQueue(new RingAllocator(), 1), domain, WaitStrategy.PARK);

  /** Who takes. */
  @Actor
  public void take(J_Result r) {
    try {
      r.r1 = queue.poll(0, LONG);
    } catch (InterruptedException | IllegalStateException e) {
      r.r1 = -1;
    }
  }

  /** Who puts. */
  @Actor
  public void put() {
    queue.offer(7);
  }
}
