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

/** A message that does not fit before the end of a ring is written at its start, and read. */
@JCStressTest
@Outcome(id = "0, 7", expect = Expect.ACCEPTABLE, desc = "The read came first.")
@Outcome(id = "7, 7", expect = Expect.ACCEPTABLE, desc = "The message was seen whole.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Padding or half of a message was taken for one.")
@State
public class RingPaddingVsRead {

  private final MessageRing ring = MessageRing.ofManyProducers(new RingAllocator(), 64);
  private int seen;

  /** Leaves 16 bytes before the end. */
  public RingPaddingVsRead() {
    ring.offer(message(24, 1));
    ring.offer(message(8, 2));
    ring.read(message -> {}, 2);
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
    seen = 100 * seen + first;
  }

  /** Who offers. */
  @Actor
  public void offer() {
    ring.offer(message(24, 7));
  }

  /** Who reads. */
  @Actor
  public void read(II_Result r) {
    ring.read(this::accept, 1);
    r.r1 = seen;
  }

  /** Reads the rest. */
  @Arbiter
  public void rest(II_Result r) {
    ring.read(this::accept, 2);
    r.r2 = seen;
  }
}
