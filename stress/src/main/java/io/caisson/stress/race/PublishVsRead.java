package io.caisson.stress.race;

import io.caisson.alloc.internal.Memory;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** A writer fills a block and publishes it by a release; a reader acquires it and reads. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "The reader came before the writer.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The reader came between the two writes.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The reader came after the writer.")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Published, but not filled.")
@State
public class PublishVsRead {

  private final long published = NativeRing.next();
  private final long content = published + 64;

  /** The writer. */
  @Actor
  public void publish() {
    Memory.putLong(content, 1);
    Memory.putLongRelease(published, 1);
  }

  /** The reader. */
  @Actor
  public void read(JJ_Result r) {
    r.r1 = Memory.getLongAcquire(published);
    r.r2 = Memory.getLong(content);
  }
}
