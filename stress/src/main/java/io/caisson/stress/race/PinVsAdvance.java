package io.caisson.stress.race;

import io.caisson.smr.PinsUnderTest;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A guard is pinned in a slot while the epoch goes on: at most by one step under it. */
@JCStressTest
@Outcome(id = "0, \\d+", expect = Expect.ACCEPTABLE, desc = "No step between the two looks.")
@Outcome(
    id = "1, [1-9]\\d*",
    expect = Expect.ACCEPTABLE,
    desc = "One step: by a scan that had passed the reader's place, or from its own epoch.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "A second step did not see the reader: tag + 2 would be too soon.")
@State
public class PinVsAdvance {

  private final PinsUnderTest pins = new PinsUnderTest(1);

  /** The reader: by how many steps the epoch goes on while it is pinned. */
  @Actor
  public void pin(II_Result r) {
    long place = pins.pin();
    long first = pins.epoch();
    for (int i = 0; i < 64; i++) {
      r.r1 = (int) (pins.epoch() - first);
    }
    pins.unpin(place);
  }

  /** Who advances. */
  @Actor
  public void advance(II_Result r) {
    for (int i = 0; i < 4; i++) {
      r.r2 += pins.advance();
    }
  }
}
