package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongLinkedSet;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** The first value is removed after a smaller one was added: the second is never the first. */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "It was looked for before the smaller came.")
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "It was looked for after that.")
@Outcome(id = "2", expect = Expect.FORBIDDEN, desc = "The look went past a removed node.")
@State
public class FirstVsAddAndRemove {

  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentLongLinkedSet set =
      new ConcurrentLongLinkedSet(new RingAllocator(), domain);

  /** Two values to begin with. */
  public FirstVsAddAndRemove() {
    set.add(2);
    set.add(1);
  }

  /** Who looks. */
  @Actor
  public void look(I_Result r) {
    r.r1 = (int) set.first(-1);
  }

  /** Who changes the set. */
  @Actor
  public void change() {
    set.add(0);
    set.remove(1);
  }
}
