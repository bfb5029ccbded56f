package io.caisson.stress.torture;

import io.caisson.collections.BlockingLongQueue;
import io.caisson.collections.ConcurrentLongQueue;
import io.caisson.collections.MpmcLongQueue;
import io.caisson.collections.MpscLongQueue;
import io.caisson.collections.SmallSegments;
import io.caisson.collections.WaitStrategy;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Queues are closed while others use them: who is in gets out, and all memory comes back. */
record QueueClosing(Kind kind) implements Torture {

  private static final int THREADS = 3;
  private static final int LONGEST_LIFE_NANOS = 200_000;
  private static final Duration LONG = Duration.ofSeconds(5);

  /** What is closed. */
  enum Kind {
    /** By its consumer. */
    MPSC,
    UNBOUNDED,
    /** With others asleep. */
    BLOCKING
  }

  /** What users do, until it throws. */
  interface Use {
    void run(SplittableRandom random) throws InterruptedException;
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    long end = System.nanoTime() + duration.toNanos();
    try (ExecutorService threads =
        Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().factory())) {
      try {
        for (long round = seed; System.nanoTime() - end < 0; round++) {
          runOne(threads, round);
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private void runOne(ExecutorService threads, long seed) throws Exception {
    Stage stage = new Stage(ReclamationDomain.builder().slots(4));
    SplittableRandom random = new SplittableRandom(seed);
    switch (kind) {
      case MPSC -> {
        MpscLongQueue queue = new MpscLongQueue(stage.allocator, 8);
        race(threads, random, queue, r -> offer(queue, r), () -> queue.poll(0));
      }
      case UNBOUNDED -> {
        ConcurrentLongQueue queue = SmallSegments.queue(stage.allocator, 2);
        race(threads, random, queue, r -> use(queue, r), () -> queue.peek(0));
      }
      case BLOCKING -> {
        BlockingLongQueue queue =
            new BlockingLongQueue(
                new MpmcLongQueue(stage.allocator, 2), stage.domain, WaitStrategy.PARK);
        race(threads, random, queue, r -> block(queue, r), () -> {});
      }
      default -> throw new AssertionError();
    }
    stage.strike();
  }

  /** Lets the users run for a moment, with the closer, and closes. */
  private static void race(
      ExecutorService threads,
      SplittableRandom random,
      AutoCloseable queue,
      Use use,
      Runnable closer)
      throws Exception {
    List<Future<?>> users = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom own = random.split();
      users.add(threads.submit(() -> untilClosed(use, own)));
    }
    long start = System.nanoTime();
    long life = random.nextLong(LONGEST_LIFE_NANOS);
    while (System.nanoTime() - start < life) {
      closer.run();
    }
    queue.close();
    for (Future<?> user : users) {
      user.get(LONG.toSeconds(), TimeUnit.SECONDS); // else a wake-up was lost
    }
  }

  private static void untilClosed(Use use, SplittableRandom random) {
    try {
      for (; ; ) {
        use.run(random);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } catch (IllegalStateException e) {
      // closed
    }
  }

  private static void offer(ConcurrentLongQueue queue, SplittableRandom random) {
    if (random.nextBoolean()) {
      queue.offer(7);
    } else {
      queue.offer(new long[] {1, 2, 3}, 0, 3);
    }
  }

  private static void use(ConcurrentLongQueue queue, SplittableRandom random) {
    switch (random.nextInt(6)) {
      case 0 -> queue.poll(new long[3], 0, 3);
      case 1, 2 -> queue.poll(0);
      case 3 -> queue.peek(0);
      default -> offer(queue, random);
    }
  }

  private static void block(BlockingLongQueue queue, SplittableRandom random)
      throws InterruptedException {
    if (random.nextBoolean()) {
      queue.put(7);
    } else {
      queue.take();
    }
  }
}
