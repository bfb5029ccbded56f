package io.caisson.stress.race;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A domain is closed, and what was reachable is freed, while a reader pins. */
@JCStressTest
@Outcome(
    id = "1, 0",
    expect = Expect.ACCEPTABLE,
    desc = "The reader got in first, and close waited for it.")
@Outcome(
    id = "0, 0",
    expect = Expect.ACCEPTABLE,
    desc = "The domain was closed first, and the reader refused.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "A late pin: the reader saw a freed block, or close was not clean.")
@State
public class CloseVsPin {

  private final SharedBlock shared = new SharedBlock(1, 1);

  /** The reader. */
  @Actor
  public void pin(II_Result r) {
    r.r1 = shared.read();
  }

  /** Who closes, and then frees the structure. */
  @Actor
  public void close(II_Result r) {
    r.r2 = shared.domain.close(Duration.ofSeconds(10)).clean() ? 0 : 1;
    if (r.r2 == 0) {
      shared.free();
    }
  }
}
