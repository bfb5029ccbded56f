package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongStack;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIIII_Result;

/** A stack is closed while one pushes, looks through it and pops. */
@JCStressTest
@Outcome(id = "2, 6, 4, 0, 1", expect = Expect.ACCEPTABLE, desc = "All came before the close.")
@Outcome(id = "2, 6, -1, 0, 1", expect = Expect.ACCEPTABLE, desc = "The close came before the pop.")
@Outcome(id = "2, -1, -1, 0, 1", expect = Expect.ACCEPTABLE, desc = "It came before the look.")
@Outcome(id = "-1, -1, -1, 0, 1", expect = Expect.ACCEPTABLE, desc = "It came first.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "A node was lost, or read or written to when it was free.")
@State
public class StackCloseVsUse {

  private final RingAllocator allocator = new RingAllocator();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentLongStack stack = new ConcurrentLongStack(allocator, domain);

  /** A number to begin with. */
  public StackCloseVsUse() {
    stack.push(2);
  }

  /** Who uses it. */
  @Actor
  public void use(IIIII_Result r) {
    r.r1 = -1;
    r.r2 = -1;
    r.r3 = -1;
    try {
      stack.push(4);
      r.r1 = 2;
      int[] sum = {0};
      stack.forEach(number -> sum[0] += (int) number);
      r.r2 = sum[0];
      r.r3 = (int) stack.pop(0);
    } catch (IllegalStateException e) {
      // closed
    }
  }

  /** Who closes it. */
  @Actor
  public void close() {
    stack.close();
  }

  /** How many nodes are out, and whether those that are not are left alone. */
  @Arbiter
  public void look(IIIII_Result r) {
    domain.drain();
    r.r4 = allocator.live();
    r.r5 = allocator.freedAreUntouched() ? 1 : 0;
  }
}
