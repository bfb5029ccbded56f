package io.caisson.stress.race;

import io.caisson.alloc.internal.Memory;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Two threads set control bytes beside each other, by CAS of the long that encloses both. */
@JCStressTest
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "Both bytes are set.")
@Outcome(expect = Expect.FORBIDDEN, desc = "One of them was lost.")
@State
public class ControlByteVsNeighbour {

  private final long group = NativeRing.next();

  private void set(int index, long value) {
    long before;
    do {
      before = Memory.getLongAcquire(group);
    } while (!Memory.compareAndSetLong(group, before, before | (value << (Byte.SIZE * index))));
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
