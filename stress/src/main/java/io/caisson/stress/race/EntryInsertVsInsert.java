package io.caisson.stress.race;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** Two threads insert the same key in a table that is full, and so moves on meanwhile. */
@JCStressTest
@Outcome(id = "1, 0, 50, 0", expect = Expect.ACCEPTABLE, desc = "The first came first.")
@Outcome(id = "0, 1, 51, 0", expect = Expect.ACCEPTABLE, desc = "The second came first.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "Both inserted it, in two generations; or neither; or a block was lost.")
@State
public class EntryInsertVsInsert {

  private final EntryTrial trial = new EntryTrial(true);

  /** The one. */
  @Actor
  public void first(IIII_Result r) {
    r.r1 = trial.bytes.putIfAbsent(EntryTrial.key(5), EntryTrial.value(50)) ? 1 : 0;
  }

  /** The other. */
  @Actor
  public void second(IIII_Result r) {
    r.r2 = trial.bytes.putIfAbsent(EntryTrial.key(5), EntryTrial.value(51)) ? 1 : 0;
  }

  /** What there is. */
  @Arbiter
  public void look(IIII_Result r) {
    r.r3 = trial.get(5);
    r.r4 = trial.leaked();
  }
}
