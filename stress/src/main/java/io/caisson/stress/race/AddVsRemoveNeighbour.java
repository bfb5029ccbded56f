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

/** A value is added behind one that is removed at the same time. */
@JCStressTest
@Outcome(
    id = "11, 13, 3",
    expect = Expect.ACCEPTABLE,
    desc = "Both were done, and the removed node is freed.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "The new node was linked to the removed one, or the removed one came back or is lost.")
@State
public class AddVsRemoveNeighbour {

  private final RingAllocator allocator = new RingAllocator();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentLongLinkedSet set = new ConcurrentLongLinkedSet(allocator, domain);
  private int added;
  private int removed;

  /** Two values to begin with. */
  public AddVsRemoveNeighbour() {
    set.add(1);
    set.add(2);
  }

  /** Who adds behind 2. */
  @Actor
  public void add() {
    added = set.add(3) ? 10 : 0;
  }

  /** Who removes 2. */
  @Actor
  public void remove() {
    removed = set.remove(2) ? 1 : 0;
  }

  /** Who was told that it was done, the values, and how many nodes are out. */
  @Arbiter
  public void count(III_Result r) {
    r.r1 = added + removed;
    set.forEach(value -> r.r2 = 10 * r.r2 + (int) value);
    domain.drain();
    r.r3 = allocator.live();
  }
}
