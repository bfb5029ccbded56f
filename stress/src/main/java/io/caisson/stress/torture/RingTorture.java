package io.caisson.stress.torture;

import io.caisson.collections.MessageClaim;
import io.caisson.collections.MessageRing;
import io.caisson.collections.Slice;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.SplittableRandom;

/** Messages of many sizes, claimed, committed and aborted by many threads, and read by one. */
record RingTorture(boolean oneProducer, int threadsPerCore) implements Torture {

  private static final long CAPACITY = 512;
  private static final int ROUNDS = 8;
  private static final int MOST = 64;

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = new Stage(ReclamationDomain.builder());
    MessageRing ring =
        oneProducer
            ? MessageRing.ofOneProducer(stage.allocator, CAPACITY)
            : MessageRing.ofManyProducers(stage.allocator, CAPACITY);
    Roles roles = new Roles(oneProducer ? 1 : 8, 1);
    Crew.of(threadsPerCore).run(seed, duration, random -> step(ring, roles, random));
    Roles.Consumer last = roles.tryConsumer();
    if (last != null) {
      ring.read(message -> read(message, last), Integer.MAX_VALUE);
    }
    roles.requireAll();
    ring.close();
    stage.strike();
  }

  private static void step(MessageRing ring, Roles roles, SplittableRandom random) {
    if (random.nextBoolean()) {
      Roles.Producer producer = roles.tryProducer();
      if (producer != null) {
        for (int i = 0; i < ROUNDS; i++) {
          write(ring, producer, random);
        }
        roles.giveBack(producer);
      }
    } else {
      Roles.Consumer consumer = roles.tryConsumer();
      if (consumer != null) {
        ring.read(message -> read(message, consumer), random.nextInt(2 * ROUNDS));
        roles.giveBack(consumer);
      }
    }
  }

  /** Writes the number, and after it bytes that follow from it. */
  private static void write(MessageRing ring, Roles.Producer producer, SplittableRandom random) {
    long byteSize = Long.BYTES + random.nextInt(MOST);
    try (MessageClaim claim = ring.tryClaim(byteSize)) {
      if (claim == null) {
        return;
      }
      long number = producer.number(0);
      claim.putLong(0, number);
      for (long i = Long.BYTES; i < byteSize; i++) {
        claim.putByte(i, (byte) (number + i));
      }
      if (random.nextInt(8) != 0) {
        claim.commit();
        producer.put(1);
      }
    }
  }

  private static void read(Slice message, Roles.Consumer consumer) {
    long number = message.getLong(0);
    for (long i = Long.BYTES; i < message.byteSize(); i++) {
      Stage.require(message.getByte(i) == (byte) (number + i), "message " + number + " is torn");
    }
    consumer.take(number);
  }
}
