package io.caisson.stress.race;

import io.caisson.stress.PooledBlocks;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A thread takes a block of a pool while the block that it saw on top is taken and comes back. */
@JCStressTest
@Outcome(id = "3, 3", expect = Expect.ACCEPTABLE, desc = "Each block was handed out once.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A block was lost or handed out twice.")
@State
public class PoolTakeVsReuse {

  private final PoolTrial trial =
      new PoolTrial(new PooledBlocks(PoolTrial.PARENT, PoolTrial.BLOCKS));

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
