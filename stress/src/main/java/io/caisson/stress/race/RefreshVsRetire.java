package io.caisson.stress.race;

import io.caisson.smr.Guard;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A guard is refreshed while what it read is retired: what it reads after that is not freed. */
@JCStressTest
@Outcome(
    id = "1, 1, 1",
    expect = Expect.ACCEPTABLE,
    desc = "What was read before and after the refresh was sound.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc =
        "A block was freed though the epoch that was published, old or new, protects it; or lost.")
@State
public class RefreshVsRetire {

  private final SharedBlock shared = new SharedBlock(2, 1);

  /** The reader. */
  @Actor
  public void refresh(III_Result r) {
    try (Guard guard = shared.domain.pin()) {
      r.r1 = shared.readUnder(guard);
      guard.refresh();
      r.r2 = shared.readUnder(guard);
    }
  }

  /** Who retires. */
  @Actor
  public void retire() {
    shared.replace();
    shared.replace();
    shared.domain.drain();
  }

  /** What is out when both are gone. */
  @Arbiter
  public void count(III_Result r) {
    r.r3 = shared.drainAndCount();
  }
}
