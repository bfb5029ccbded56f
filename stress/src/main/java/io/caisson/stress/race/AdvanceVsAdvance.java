package io.caisson.stress.race;

import io.caisson.smr.PinsUnderTest;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Two threads make the epoch go on, and one of them stalls between its scan and its step. */
@JCStressTest
@Outcome(
    id = "[34]",
    expect = Expect.ACCEPTABLE,
    desc = "The step of who stalled was taken, or failed since the epoch was further on.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The late step took the epoch back.")
@State
public class AdvanceVsAdvance {

  private final PinsUnderTest pins = new PinsUnderTest(1);
  private final long first = pins.epoch();

  /** Who may stall. */
  @Actor
  public void advanceOnce() {
    pins.advance();
  }

  /** Who goes on meanwhile. */
  @Actor
  public void advance() {
    pins.advance();
    pins.advance();
    pins.advance();
  }

  /** By how many steps it went on. */
  @Arbiter
  public void look(I_Result r) {
    r.r1 = (int) (pins.epoch() - first);
  }
}
