package io.caisson.stress.race;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Bytes are read without a lock, while another entry leaves their page, its place is used again,
 * and pages are added.
 */
@JCStressTest
@Outcome(id = "4, 6", expect = Expect.ACCEPTABLE, desc = "They were there, four times.")
@Outcome(expect = Expect.FORBIDDEN, desc = "They were not, or a reference was lost.")
@State
public class InternReadVsRelease {

  private final InternTrial trial = new InternTrial();
  private final int read;
  private final int released;

  /** Fills the first segment of the table of pages, which is for four. */
  public InternReadVsRelease() {
    read = trial.acquire('a');
    released = trial.acquire('b');
    trial.acquire('c');
    trial.acquire('e');
    trial.acquire('g');
  }

  /** Who reads. */
  @Actor
  public void read(II_Result r) {
    for (int i = 0; i < 4; i++) {
      r.r1 += trial.isRight(read, 'a') ? 1 : 0;
    }
  }

  /** Who releases, and acquires others. */
  @Actor
  public void change() {
    trial.table.release(released);
    trial.acquire('i');
    trial.acquire('b');
  }

  /** How many references there are. */
  @Arbiter
  public void look(II_Result r) {
    r.r2 = trial.close();
  }
}
