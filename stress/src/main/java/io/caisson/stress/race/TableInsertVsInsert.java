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
@Outcome(id = "-1, 5, 5, 0", expect = Expect.ACCEPTABLE, desc = "The first came first.")
@Outcome(id = "6, -1, 6, 0", expect = Expect.ACCEPTABLE, desc = "The second came first.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "Both inserted it, in two generations; or neither; or a bank was lost.")
@State
public class TableInsertVsInsert {

  private final TableTrial trial = new TableTrial();

  /** The one. */
  @Actor
  public void first(IIII_Result r) {
    r.r1 = (int) trial.table.putIfAbsent(9, 5, TableTrial.ABSENT);
  }

  /** The other. */
  @Actor
  public void second(IIII_Result r) {
    r.r2 = (int) trial.table.putIfAbsent(9, 6, TableTrial.ABSENT);
  }

  /** What there is. */
  @Arbiter
  public void look(IIII_Result r) {
    r.r3 = trial.get(9);
    r.r4 = trial.leaked();
  }
}
