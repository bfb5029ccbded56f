package io.caisson.stress.race.canary;

import io.caisson.stress.UntaggedBlocks;
import io.caisson.stress.race.PoolTrial;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The same on a free list without a tag: the second thread links in a block that is out. */
@JCStressTest
@Outcome(id = "3, 3", expect = Expect.ACCEPTABLE, desc = "Each block was handed out once.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A block was lost or handed out twice.")
@State
public class UntaggedTakeVsReuse {

  private final PoolTrial trial =
      new PoolTrial(new UntaggedBlocks(PoolTrial.PARENT, PoolTrial.BLOCKS));

  /** Takes two blocks and gives the first back. */
  @Actor
  public void reuse() {
    trial.takeTwoAndGiveOne();
  }

  /** Takes one. */
  @Actor
  public void take() {
    trial.takeOne();
  }

  /** Takes the rest and counts. */
  @Arbiter
  public void count(II_Result r) {
    trial.count(r);
  }
}
