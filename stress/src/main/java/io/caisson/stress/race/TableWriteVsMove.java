package io.caisson.stress.race;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A table is moved on while a value is added to and a key removed. */
@JCStressTest
@Outcome(
    id = "17, -1, 35, 0",
    expect = Expect.ACCEPTABLE,
    desc = "What was written before the cell was sealed was copied; the rest came after it.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "A write was lost, or a removed key came back; or a bank was lost.")
@State
public class TableWriteVsMove {

  private final TableTrial trial = new TableTrial();

  /** Who moves it on. */
  @Actor
  public void move() {
    trial.moveOn();
  }

  /** Who writes. */
  @Actor
  public void write() {
    trial.table.addTo(1, 3);
    trial.table.remove(2, TableTrial.ABSENT);
    trial.table.compareAndReplace(3, 30, 35);
    trial.table.addTo(1, 4);
  }

  /** What there is. */
  @Arbiter
  public void look(IIII_Result r) {
    r.r1 = trial.get(1);
    r.r2 = trial.get(2);
    r.r3 = trial.get(3);
    r.r4 = trial.leaked();
  }
}
