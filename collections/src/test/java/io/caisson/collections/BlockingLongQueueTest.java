package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class BlockingLongQueueTest {

  private static final int EACH = 5_000;

  /** The queues that may be under one. */
  enum Kind {
    SPSC(1, 1) {
      @Override
      ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain) {
        return new SpscLongQueue(allocator, 4);
      }
    },

    MPSC(3, 1) {
      @Override
      ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain) {
        return new MpscLongQueue(allocator, 4);
      }
    },

    MPMC(3, 2) {
      @Override
      ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain) {
        return new MpmcLongQueue(allocator, 4);
      }
    },

    UNBOUNDED(3, 2) {
      @Override
      ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain) {
        return new MpmcUnboundedLongQueue(allocator);
      }
    };

    final int producers;
    final int consumers;

    Kind(int producers, int consumers) {
      this.producers = producers;
      this.consumers = consumers;
    }

    abstract ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain);

    void run(WaitStrategy strategy, BiConsumer<BlockingLongQueue, Workers> test) {
      LeakCheck.run(allocator -> {
        try (ReclamationDomain domain = ReclamationDomain.builder().slots(8).build();
            BlockingLongQueue queue =
                new BlockingLongQueue(open(allocator, domain), domain, strategy);
            Workers workers = new Workers()) {
          test.accept(queue, workers);
        }
      });
    }
  }

  static Stream<Arguments> all() {
    return Stream.of(Kind.values())
        .flatMap(kind -> Stream.of(WaitStrategy.values()).map(s -> Arguments.of(kind, s)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void putAndTake_byManyThreads_conserveElementsAndOrder(Kind kind, WaitStrategy strategy) {
    Tally tally = new Tally(kind.producers, EACH);
    kind.run(
        strategy,
        (queue, workers) -> {
          for (int p = 0; p < kind.producers; p++) {
            int producer = p;
            workers.add(() -> {
              for (int i = 0; i < EACH; i++) {
                queue.put(Tally.value(producer, i));
              }
            });
          }
          for (int c = 0; c < kind.consumers; c++) {
            workers.add(() -> {
              Tally.InOrder consumer = tally.new InOrder();
              for (int i = 0; i < kind.producers * EACH / kind.consumers; i++) {
                consumer.take(queue.take());
              }
            });
          }
          workers.run();
          tally.assertEachOnce();
          assertEquals(0, queue.size());
        });
  }

  @ParameterizedTest
  @MethodSource("all")
  void close_whileOthersWait_wakesThem(Kind kind, WaitStrategy strategy) {
    kind.run(
        strategy,
        (queue, workers) -> {
          CountDownLatch waiting = new CountDownLatch(kind.consumers);
          for (int c = 0; c < kind.consumers; c++) {
            workers.add(() -> {
              waiting.countDown();
              assertThrows(IllegalStateException.class, queue::take);
            });
          }
          workers.start();
          await(waiting);
          queue.close();
          workers.run();
          assertTrue(queue.toString().contains("(closed)"), queue::toString);
        });
  }

  @ParameterizedTest
  @EnumSource(WaitStrategy.class)
  void close_whileOthersWaitForRoom_wakesThem(WaitStrategy strategy) {
    Kind.MPMC.run(
        strategy,
        (queue, workers) -> {
          while (queue.offer(1)) {
            assertTrue(queue.size() <= 4);
          }
          CountDownLatch waiting = new CountDownLatch(2);
          for (int p = 0; p < 2; p++) {
            workers.add(() -> {
              waiting.countDown();
              assertThrows(IllegalStateException.class, () -> queue.put(2));
            });
          }
          workers.start();
          await(waiting);
          queue.close();
          workers.run();
        });
  }

  @ParameterizedTest
  @MethodSource("all")
  void close_whileOthersPutAndTake_freesEverything(Kind kind, WaitStrategy strategy) {
    for (int round = 0; round < 10; round++) {
      kind.run(
          strategy,
          (queue, workers) -> {
            workers.add(() -> assertThrows(IllegalStateException.class, () -> putForEver(queue)));
            workers.add(() -> assertThrows(IllegalStateException.class, () -> takeForEver(queue)));
            workers.add(queue::close);
            workers.run();
          });
    }
  }

  private static void putForEver(BlockingLongQueue queue) throws InterruptedException {
    for (; ; ) {
      queue.put(1);
    }
  }

  private static void takeForEver(BlockingLongQueue queue) throws InterruptedException {
    for (; ; ) {
      assertEquals(1, queue.take());
    }
  }

  @ParameterizedTest
  @EnumSource(WaitStrategy.class)
  void offerAndPoll_timeUp_answerSo(WaitStrategy strategy) {
    Kind.SPSC.run(
        strategy,
        (queue, workers) -> {
          try {
            assertEquals(-1, queue.poll(-1));
            assertEquals(-1, queue.poll(-1, Duration.ZERO));
            assertEquals(-1, queue.poll(-1, Duration.ofMillis(2)));
            for (int i = 0; i < 4; i++) {
              assertTrue(queue.offer(i, Duration.ZERO));
            }
            assertFalse(queue.offer(4));
            assertFalse(queue.offer(4, Duration.ZERO));
            assertFalse(queue.offer(4, Duration.ofMillis(2)));
            assertEquals(0, queue.poll(-1, Duration.ofSeconds(Long.MAX_VALUE)));
            assertEquals(4, queue.capacity());
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(WaitStrategy.class)
  void take_interrupted_throwsAndLosesNothing(WaitStrategy strategy) {
    Kind.SPSC.run(
        strategy,
        (queue, workers) -> {
          workers.add(() -> {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, queue::take);
            queue.put(3);
            Thread.currentThread().interrupt();
            assertEquals(3, queue.take()); // there is no need to wait
            assertTrue(Thread.interrupted());
          });
          workers.run();
        });
  }

  @Test
  void everyOperation_afterClose_throws() {
    for (Kind kind : Kind.values()) {
      kind.run(
          WaitStrategy.PARK,
          (queue, workers) -> {
            queue.offer(1);
            queue.close();
            queue.close();
            for (org.junit.jupiter.api.function.Executable operation :
                List.<org.junit.jupiter.api.function.Executable>of(
                    () -> queue.offer(1),
                    () -> queue.offer(1, Duration.ZERO),
                    () -> queue.put(1),
                    () -> queue.poll(0),
                    () -> queue.poll(0, Duration.ZERO),
                    queue::take,
                    queue::size)) {
              assertThrows(IllegalStateException.class, operation);
            }
          });
    }
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder().closeTimeout(Duration.ofMillis(20)).build();
          BlockingLongQueue queue =
              new BlockingLongQueue(new MpmcLongQueue(allocator, 4), domain, WaitStrategy.YIELD)) {
        Guard reader = domain.pin();
        assertThrows(IllegalStateException.class, queue::close);
        assertThrows(IllegalStateException.class, () -> queue.offer(1));
        reader.close();
        queue.close();
      }
    });
  }

  @Test
  void put_allocatorExhausted_throwsAndKeepsTheQueue() {
    LeakCheck.run(parent -> {
      MockAllocator mock = new MockAllocator(Allocators.system());
      try (mock;
          ReclamationDomain domain = new ReclamationDomain();
          BlockingLongQueue queue =
              new BlockingLongQueue(new MpmcUnboundedLongQueue(mock), domain, WaitStrategy.PARK)) {
        for (int i = 0; i < 1 << MpmcUnboundedLongQueue.SEGMENT_SHIFT; i++) {
          assertTrue(queue.offer(i));
        }
        mock.failAfter(1);
        assertThrows(AllocationException.class, () -> queue.put(7));
        assertEquals(1 << MpmcUnboundedLongQueue.SEGMENT_SHIFT, queue.size());
        assertEquals(0, queue.poll(-1));
      }
    });
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
