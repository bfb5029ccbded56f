package io.caisson.stress.torture;

import io.caisson.collections.BlockingLongQueue;
import io.caisson.collections.MpmcLongQueue;
import io.caisson.collections.WaitStrategy;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Some put as many numbers as others take, over a queue of two slots, where each has to wait again
 * and again: who waits for long has missed a wake-up.
 */
record BlockingTorture(WaitStrategy strategy, boolean virtual) implements Torture {

  private static final int PAIRS = 3;
  private static final int EACH = 500;
  private static final Duration LONG = Duration.ofSeconds(5);

  @Override
  public void run(long seed, Duration duration) throws Exception {
    long end = System.nanoTime() + duration.toNanos();
    try (ExecutorService threads =
        virtual
            ? Executors.newVirtualThreadPerTaskExecutor()
            : Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory())) {
      while (System.nanoTime() - end < 0) {
        runOne(threads);
      }
    }
  }

  private void runOne(ExecutorService threads) throws Exception {
    Stage stage = new Stage(ReclamationDomain.builder().slots(4));
    Roles roles = new Roles(PAIRS, PAIRS);
    try (BlockingLongQueue queue =
        new BlockingLongQueue(new MpmcLongQueue(stage.allocator, 2), stage.domain, strategy)) {
      List<Future<?>> users = new ArrayList<>();
      for (int i = 0; i < PAIRS; i++) {
        users.add(threads.submit(() -> put(queue, roles)));
        users.add(threads.submit(() -> take(queue, roles)));
      }
      for (Future<?> user : users) {
        user.get();
      }
    }
    roles.requireAll();
    stage.strike();
  }

  private static boolean put(BlockingLongQueue queue, Roles roles) throws InterruptedException {
    Roles.Producer producer = roles.tryProducer();
    for (int i = 0; i < EACH && producer != null; i++) {
      Stage.require(queue.offer(producer.number(0), LONG), "nobody said that there is room");
      producer.put(1);
    }
    return true;
  }

  private static boolean take(BlockingLongQueue queue, Roles roles) throws InterruptedException {
    Roles.Consumer consumer = roles.tryConsumer();
    for (int i = 0; i < EACH && consumer != null; i++) {
      long number = queue.poll(-1, LONG);
      Stage.require(number != -1, "nobody said that there is something");
      consumer.take(number);
    }
    return true;
  }
}
