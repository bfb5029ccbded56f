package io.caisson.stress.check;

import io.caisson.collections.MessageClaim;
import io.caisson.collections.MessageRing;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;

/** The ring of one producer: messages of a word, of which it has room for four. */
public class OneProducerRing {

  private final MessageRing ring = MessageRing.ofOneProducer(SimulatedAllocator.inFreshWorld(), 64);

  /** Offers a message. */
  @Operation(nonParallelGroup = "producer")
  public boolean offer(long value) {
    MessageClaim claim = ring.tryClaim(Long.BYTES);
    if (claim == null) {
      return false;
    }
    claim.putLong(0, value);
    claim.commit();
    return true;
  }

  /** Reads a message. */
  @Operation(nonParallelGroup = "consumer")
  public long read() {
    long[] value = {0};
    ring.read(message -> value[0] = message.getLong(0), 1);
    return value[0];
  }
}
