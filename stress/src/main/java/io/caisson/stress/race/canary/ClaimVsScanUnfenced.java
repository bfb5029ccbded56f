package io.caisson.stress.race.canary;

import io.caisson.alloc.internal.Memory;
import io.caisson.stress.race.NativeRing;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** The same without fences: a release does not keep a later load from overtaking its store. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Each saw the other.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The claim came first.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The unlinking came first.")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "Neither saw the other: a use after free.")
@State
public class ClaimVsScanUnfenced {

  private final long claim = NativeRing.next();
  private final long unlinked = claim + 64;

  /** The guard. */
  @Actor
  public void pin(JJ_Result r) {
    Memory.putLongRelease(claim, 1);
    r.r1 = Memory.getLongAcquire(unlinked);
  }

  /** Who unlinks. */
  @Actor
  public void unlink(JJ_Result r) {
    Memory.putLongRelease(unlinked, 1);
    r.r2 = Memory.getLongAcquire(claim);
  }
}
