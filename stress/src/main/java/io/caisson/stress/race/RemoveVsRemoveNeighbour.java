package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongLinkedSet;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two values that lie side by side are removed at the same time. */
@JCStressTest
@Outcome(
    id = "11, 1, 2",
    expect = Expect.ACCEPTABLE,
    desc = "Both were done, and the nodes are freed.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "A removed node was brought back by the other, freed twice, or lost.")
@State
public class RemoveVsRemoveNeighbour {

  private final RingAllocator allocator = new RingAllocator();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentLongLinkedSet set = new ConcurrentLongLinkedSet(allocator, domain);
  private int alsoRemoved;
  private int removed;

  /** Three values to begin with. */
  public RemoveVsRemoveNeighbour() {
    set.add(1);
    set.add(2);
    set.add(3);
  }

  /** Who removes 3. */
  @Actor
  public void removeBehind() {
    alsoRemoved = set.remove(3) ? 10 : 0;
  }

  /** Who removes 2. */
  @Actor
  public void remove() {
    removed = set.remove(2) ? 1 : 0;
  }

  /** Who was told that it was done, the values, and how many nodes are out. */
  @Arbiter
  public void count(III_Result r) {
    r.r1 = alsoRemoved + removed;
    set.forEach(value -> r.r2 = 10 * r.r2 + (int) value);
    domain.drain();
    r.r3 = allocator.live();
  }
}
