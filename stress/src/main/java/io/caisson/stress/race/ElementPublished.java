package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongVector;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** An element is appended while another thread counts, and reads at its index. */
@JCStressTest
@Outcome(id = "0, -1", expect = Expect.ACCEPTABLE, desc = "Both looks came before the append.")
@Outcome(id = "0, 77", expect = Expect.ACCEPTABLE, desc = "The append came between.")
@Outcome(id = "1, 77", expect = Expect.ACCEPTABLE, desc = "Both looks came after it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The element was counted, but not there or not whole.")
@State
public class ElementPublished {

  private final ConcurrentLongVector vector =
      new ConcurrentLongVector(
          new RingAllocator(), ReclamationDomain.builder().slots(2).bagCapacity(1).build());

  /** Who appends. */
  @Actor
  public void append() {
    vector.add(77);
  }

  /** Who looks. */
  @Actor
  public void look(JJ_Result r) {
    r.r1 = vector.size();
    try {
      r.r2 = vector.get(0);
    } catch (IndexOutOfBoundsException e) {
      r.r2 = -1;
    }
  }
}
