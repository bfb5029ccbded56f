package io.caisson.stress.race;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** The bag that waits in a slot goes to the slot's next holder, or to a sweep: never to both. */
@JCStressTest
@Outcome(
    id = "1",
    expect = Expect.ACCEPTABLE,
    desc = "Every retired block was freed once, whoever claimed the slot first.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "Holder and sweep had the bag at once: a block was lost or freed twice.")
@State
public class SlotReuseVsBagHandOver {

  private final SharedBlock shared = new SharedBlock(1, 4);

  /** Leaves a bag in the slot. */
  public SlotReuseVsBagHandOver() {
    shared.replace();
  }

  /** The next holder. */
  @Actor
  public void retire() {
    shared.replace();
  }

  /** Who sweeps. */
  @Actor
  public void sweep() {
    shared.domain.drain();
  }

  /** What is out when both are gone. */
  @Arbiter
  public void count(I_Result r) {
    r.r1 = shared.drainAndCount();
  }
}
