package io.caisson.stress.race.canary;

import io.caisson.alloc.internal.Memory;
import io.caisson.stress.race.NativeRing;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** The same with a plain read and write of the enclosing long. */
@JCStressTest
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "Both bytes are set.")
@Outcome(expect = Expect.FORBIDDEN, desc = "One of them was lost.")
@State
public class ControlByteVsNeighbourUnguarded {

  private final long group = NativeRing.next();

  private void set(int index, long value) {
    Memory.putLong(group, Memory.getLong(group) | (value << (Byte.SIZE * index)));
  }

  /** Sets the byte. */
  @Actor
  public void first() {
    set(3, 1);
  }

  /** Sets its neighbour. */
  @Actor
  public void second() {
    set(4, 2);
  }

  /** Looks at both. */
  @Arbiter
  public void look(JJ_Result r) {
    long bytes = Memory.getLong(group);
    r.r1 = bytes >>> (3 * Byte.SIZE) & 0xFF;
    r.r2 = bytes >>> (4 * Byte.SIZE) & 0xFF;
  }
}
