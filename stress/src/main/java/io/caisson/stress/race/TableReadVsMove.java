package io.caisson.stress.race;

import io.caisson.smr.Guard;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A table is moved on twice, and its banks are freed, while another thread reads. */
@JCStressTest
@Outcome(
    id = "10, 20, 30",
    expect = Expect.ACCEPTABLE,
    desc = "Each key was found where it was at that moment.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A key was missed, or a bank read that was freed.")
@State
public class TableReadVsMove {

  private final TableTrial trial = new TableTrial();

  /** Who moves it on, to eight cells, to 16 in two banks, and so on. */
  @Actor
  public void move() {
    for (long key = 4; key < 16; key++) {
      trial.table.put(key, key, TableTrial.ABSENT);
    }
  }

  /** Who reads. */
  @Actor
  public void read(III_Result r) {
    r.r1 = trial.get(1);
    try (Guard guard = trial.domain.pin()) {
      r.r2 = (int) trial.table.get(guard, 2, TableTrial.ABSENT);
      r.r3 = (int) trial.table.get(guard, 3, TableTrial.ABSENT);
    }
  }
}
