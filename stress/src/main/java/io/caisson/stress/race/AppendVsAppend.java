package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongVector;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** Two threads append to a vector without a segment: both make one, and both move on to it. */
@JCStressTest
@Outcome(
    id = {"0, 1, 2, 1", "1, 0, 2, 1"},
    expect = Expect.ACCEPTABLE,
    desc = "Each has an index of its own, and one segment is there.")
@Outcome(expect = Expect.FORBIDDEN, desc = "An element or a segment was lost, or there is a hole.")
@State
public class AppendVsAppend {

  private final RingAllocator allocator = new RingAllocator();
  private final ConcurrentLongVector vector =
      new ConcurrentLongVector(
          allocator, ReclamationDomain.builder().slots(2).bagCapacity(1).build());

  /** Who appends. */
  @Actor
  public void first(IIII_Result r) {
    r.r1 = (int) vector.add(10);
  }

  /** Who else appends. */
  @Actor
  public void second(IIII_Result r) {
    r.r2 = (int) vector.add(20);
  }

  /** How many elements are as they were appended, and how many segments are out. */
  @Arbiter
  public void count(IIII_Result r) {
    long size = vector.size();
    r.r3 += r.r1 < size && vector.get(r.r1) == 10 ? 1 : 0;
    r.r3 += r.r2 < size && vector.get(r.r2) == 20 ? 1 : 0;
    r.r4 = allocator.live();
  }
}
