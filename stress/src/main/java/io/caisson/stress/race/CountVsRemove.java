package io.caisson.stress.race;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A key is counted while it is removed, in a table that moves on. */
@JCStressTest
@Outcome(id = "13, -1, 40, 0", expect = Expect.ACCEPTABLE, desc = "The addition came first.")
@Outcome(id = "10, 3, 40, 0", expect = Expect.ACCEPTABLE, desc = "The removal came first.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "The addition was lost, or came twice; or a block was lost.")
@State
public class CountVsRemove {

  private final EntryTrial trial = new EntryTrial(false);

  /** Who counts, and moves the table on. */
  @Actor
  public void count() {
    trial.moveCounts();
    trial.counts.addTo(EntryTrial.key(1), 3);
  }

  /** Who removes. */
  @Actor
  public void remove(IIII_Result r) {
    r.r1 = (int) trial.counts.remove(EntryTrial.key(1), EntryTrial.ABSENT);
  }

  /** What there is. */
  @Arbiter
  public void look(IIII_Result r) {
    r.r2 = (int) trial.counts.get(EntryTrial.key(1), EntryTrial.ABSENT);
    r.r3 = (int) trial.counts.get(EntryTrial.key(4), EntryTrial.ABSENT);
    r.r4 = trial.leaked();
  }
}
