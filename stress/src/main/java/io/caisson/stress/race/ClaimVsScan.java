package io.caisson.stress.race;

import io.caisson.alloc.internal.Memory;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * A guard publishes its claim and then reads the root; who unlinks writes the root and then scans
 * the claims. A fence stands between the two in each.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Each saw the other.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The claim came first.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The unlinking came first.")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "Neither saw the other: a use after free.")
@State
public class ClaimVsScan {

  private final long claim = NativeRing.next();
  private final long unlinked = claim + 64;

  /** The guard. */
  @Actor
  public void pin(JJ_Result r) {
    Memory.putLongRelease(claim, 1);
    VarHandle.fullFence();
    r.r1 = Memory.getLongAcquire(unlinked);
  }

  /** Who unlinks. */
  @Actor
  public void unlink(JJ_Result r) {
    Memory.putLongRelease(unlinked, 1);
    VarHandle.fullFence();
    r.r2 = Memory.getLongAcquire(claim);
  }
}
