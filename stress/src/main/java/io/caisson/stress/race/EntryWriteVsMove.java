package io.caisson.stress.race;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A table is moved on while a value is replaced and a key removed. */
@JCStressTest
@Outcome(
    id = "11, -1, 40, 0",
    expect = Expect.ACCEPTABLE,
    desc = "What was written before an entry was frozen was moved; the rest came after it.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "A write was lost, or a removed key came back; or a block was lost.")
@State
public class EntryWriteVsMove {

  private final EntryTrial trial = new EntryTrial(true);

  /** Who moves it on. */
  @Actor
  public void move() {
    trial.moveBytes();
  }

  /** Who writes. */
  @Actor
  public void write() {
    trial.bytes.put(EntryTrial.key(1), EntryTrial.value(11));
    trial.bytes.remove(EntryTrial.key(2));
  }

  /** What there is. */
  @Arbiter
  public void look(IIII_Result r) {
    r.r1 = trial.get(1);
    r.r2 = trial.get(2);
    r.r3 = trial.get(4);
    r.r4 = trial.leaked();
  }
}
