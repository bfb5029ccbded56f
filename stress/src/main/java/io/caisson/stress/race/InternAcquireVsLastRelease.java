package io.caisson.stress.race;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A string is acquired while the last reference to it is released. */
@JCStressTest
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "It was acquired first, and stayed.")
@Outcome(id = "1, 2, 1", expect = Expect.ACCEPTABLE, desc = "It went, and came back as another.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "What was acquired was freed, or is there twice, or is counted wrong.")
@State
public class InternAcquireVsLastRelease {

  private final InternTrial trial = new InternTrial();
  private final int handle = trial.acquire('a');

  /** Who has it. */
  @Actor
  public void release(III_Result r) {
    r.r1 = trial.table.release(handle) ? 1 : 0;
  }

  /** Who wants it: 1 if it is what it was, 2 if it is another entry. */
  @Actor
  public void acquire(III_Result r) {
    int acquired = trial.acquire('a');
    int same = acquired == handle ? 1 : 2;
    r.r2 = trial.isRight(acquired, 'a') ? same : -1;
  }

  /** How many references there are. */
  @Arbiter
  public void look(III_Result r) {
    r.r3 = trial.close();
  }
}
