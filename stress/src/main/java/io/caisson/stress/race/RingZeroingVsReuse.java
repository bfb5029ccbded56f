package io.caisson.stress.race;

import io.caisson.collections.MessageRing;
import io.caisson.collections.Slice;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A full ring is read, zeroed and written to again. */
@JCStressTest
@Outcome(id = "0, 12", expect = Expect.ACCEPTABLE, desc = "There was no room yet.")
@Outcome(id = "1, 123", expect = Expect.ACCEPTABLE, desc = "The read made room.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A message was lost, or read before it was whole.")
@State
public class RingZeroingVsReuse {

  private final MessageRing ring = MessageRing.ofManyProducers(new RingAllocator(), 64);
  private int seen;

  /** Fills it. */
  public RingZeroingVsReuse() {
    ring.offer(message(24, 1));
    ring.offer(message(24, 2));
  }

  private static byte[] message(int byteSize, int value) {
    byte[] bytes = new byte[byteSize];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** Notes the size of a message, or -1 if its bytes are not all the same. */
  private void accept(Slice message) {
    byte first = message.getByte(0);
    for (long i = 1; i < message.byteSize(); i++) {
      if (message.getByte(i) != first) {
        seen = -1;
        return;
      }
    }
    seen = 10 * seen + first;
  }

  /** Who offers. */
  @Actor
  public void offer(II_Result r) {
    r.r1 = ring.offer(message(16, 3)) ? 1 : 0;
  }

  /** Who reads. */
  @Actor
  public void read() {
    ring.read(this::accept, 1);
  }

  /** Reads the rest. */
  @Arbiter
  public void rest(II_Result r) {
    ring.read(this::accept, 3);
    r.r2 = seen;
  }
}
