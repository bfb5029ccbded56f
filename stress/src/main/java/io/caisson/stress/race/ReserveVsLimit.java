package io.caisson.stress.race;

import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two guards reserve, and there is room for one. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The first got the room.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The second got the room.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "Both saw room for one, and took it: beyond the hard limit.")
@State
public class ReserveVsLimit {

  private static final long LIMIT = 100;
  private static final long SIZE = 60;

  private final ReclamationDomain domain =
      ReclamationDomain.builder()
          .slots(2)
          .bagCapacity(1)
          .hardLimit(LIMIT, LimitPolicy.fail())
          .build();

  private int reserve() {
    try {
      domain.pin(1, SIZE); // stays open, so that the room stays taken
      return 1;
    } catch (ReclamationLimitException e) {
      return 0;
    }
  }

  /** One. */
  @Actor
  public void reserveFirst(II_Result r) {
    r.r1 = reserve();
  }

  /** The other. */
  @Actor
  public void reserveSecond(II_Result r) {
    r.r2 = reserve();
  }
}
