package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongVector;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A vector is closed while another thread puts its first segment in its place. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The append came first.")
@Outcome(id = "-1, 0", expect = Expect.ACCEPTABLE, desc = "The close came first, or in between.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A segment was lost, or freed twice.")
@State
public class CloseVsAppend {

  private final RingAllocator allocator = new RingAllocator();
  private final ConcurrentLongVector vector =
      new ConcurrentLongVector(
          allocator, ReclamationDomain.builder().slots(2).bagCapacity(1).build());

  /** Who appends. */
  @Actor
  public void append(II_Result r) {
    try {
      vector.add(77);
      r.r1 = 1;
    } catch (IllegalStateException closed) {
      r.r1 = -1;
    }
  }

  /** Who closes. */
  @Actor
  public void close() {
    vector.close();
  }

  /** How many segments are out. */
  @Arbiter
  public void count(II_Result r) {
    r.r2 = allocator.live();
  }
}
