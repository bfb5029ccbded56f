package io.caisson.stress.race;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A block is unlinked, tagged, and freed two steps later, while a reader pins and looks at it. */
@JCStressTest
@Outcome(
    id = "1, 1",
    expect = Expect.ACCEPTABLE,
    desc = "The reader saw the old block, not yet freed, or the new one.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "The reader pinned before the tag was read and saw a freed block; or it was lost.")
@State
public class UnlinkVsTag {

  private final SharedBlock shared = new SharedBlock(2, 1);

  /** The reader. */
  @Actor
  public void read(II_Result r) {
    r.r1 = shared.read();
  }

  /** Who unlinks, and frees what can be freed. */
  @Actor
  public void unlink() {
    shared.replace();
    shared.domain.drain();
  }

  /** What is out when both are gone. */
  @Arbiter
  public void count(II_Result r) {
    r.r2 = shared.drainAndCount();
  }
}
