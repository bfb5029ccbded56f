package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentLongQueue;
import io.caisson.collections.MpmcLongQueue;
import io.caisson.collections.MpmcUnboundedLongQueue;
import io.caisson.collections.MpscLongQueue;
import io.caisson.collections.SmallSegments;
import io.caisson.collections.SpscLongQueue;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.SplittableRandom;

/** Threads offer to a queue and poll it, one by one and in batches, and look at its first. */
record QueueTorture(Kind kind, Crew crew) implements Torture {

  private static final long NONE = -1;
  private static final int BATCH = 7;
  private static final int MOST = 100;
  private static final int ROUNDS = 8;

  /** A queue, and how many may be at its ends. */
  enum Kind {
    SPSC(1, 1) {
      @Override
      ConcurrentLongQueue open(Stage stage) {
        return new SpscLongQueue(stage.allocator, 16);
      }
    },
    MPSC(8, 1) {
      @Override
      ConcurrentLongQueue open(Stage stage) {
        return new MpscLongQueue(stage.allocator, 16);
      }
    },
    MPMC(8, 8) {
      @Override
      ConcurrentLongQueue open(Stage stage) {
        return new MpmcLongQueue(stage.allocator, 16);
      }
    },
    MPMC_LEAST(8, 8) {
      @Override
      ConcurrentLongQueue open(Stage stage) {
        return new MpmcLongQueue(stage.allocator, 2);
      }
    },
    UNBOUNDED(8, 8) {
      @Override
      ConcurrentLongQueue open(Stage stage) {
        return SmallSegments.queue(stage.allocator, 3);
      }
    };

    private final int producers;
    private final int consumers;

    Kind(int producers, int consumers) {
      this.producers = producers;
      this.consumers = consumers;
    }

    abstract ConcurrentLongQueue open(Stage stage);
  }

  static QueueTorture of(Kind kind, int threadsPerCore) {
    return new QueueTorture(kind, Crew.of(threadsPerCore));
  }

  static QueueTorture ofVirtualThreads(Kind kind) {
    return new QueueTorture(kind, Crew.ofVirtual(16));
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = new Stage(ReclamationDomain.builder());
    ConcurrentLongQueue queue = kind.open(stage);
    Roles roles = new Roles(kind.producers, kind.consumers);
    crew.run(seed, duration, random -> step(queue, roles, random));
    requireAll(queue, roles);
    queue.close();
    stage.strike();
  }

  private static void step(ConcurrentLongQueue queue, Roles roles, SplittableRandom random) {
    if (random.nextBoolean()) {
      Roles.Producer producer = roles.tryProducer();
      if (producer != null) {
        for (int i = 0; i < ROUNDS && roles.balance() < MOST; i++) {
          offer(queue, producer, random);
        }
        roles.giveBack(producer);
      }
    } else {
      Roles.Consumer consumer = roles.tryConsumer();
      if (consumer != null) {
        for (int i = 0; i < ROUNDS; i++) {
          poll(queue, roles, consumer, random);
        }
        roles.giveBack(consumer);
      }
    }
  }

  private static void offer(
      ConcurrentLongQueue queue, Roles.Producer producer, SplittableRandom random) {
    if (random.nextBoolean()) {
      producer.put(queue.offer(producer.number(0)) ? 1 : 0);
      return;
    }
    long[] numbers = new long[random.nextInt(BATCH)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = producer.number(i);
    }
    producer.put(queue.offer(numbers, 0, numbers.length));
  }

  private static void poll(
      ConcurrentLongQueue queue, Roles roles, Roles.Consumer consumer, SplittableRandom random) {
    switch (random.nextInt(4)) {
      case 0 -> {
        long[] numbers = new long[random.nextInt(BATCH)];
        int polled = queue.poll(numbers, 0, numbers.length);
        for (int i = 0; i < polled; i++) {
          consumer.take(numbers[i]);
        }
      }
      case 1 -> {
        long first = queue.peek(NONE);
        if (first != NONE) {
          roles.checkProducer(first);
        }
      }
      case 2 -> queue.drain(consumer::take, random.nextInt(BATCH));
      default -> {
        long number = queue.poll(NONE);
        if (number != NONE) {
          consumer.take(number);
        }
      }
    }
  }

  /** What is left is what was not taken. */
  private static void requireAll(ConcurrentLongQueue queue, Roles roles) {
    Roles.Consumer consumer = roles.tryConsumer();
    Stage.require(consumer != null && queue.size() == roles.balance(), "numbers are lost");
    if (consumer != null) {
      queue.drain(consumer::take, Integer.MAX_VALUE);
    }
    Stage.require(queue.isEmpty() && queue.poll(NONE) == NONE, "not empty");
    roles.requireAll();
    if (queue instanceof MpmcUnboundedLongQueue unbounded) {
      SmallSegments.check(unbounded);
    }
  }
}
