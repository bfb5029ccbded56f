package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every queue of longs does. */
abstract class LongQueueContract {

  private static final long ABSENT = 0x5ca1ab1e_0ddba11L;
  private static final int EACH = 20_000;

  /** A queue with a domain of its own, closed together. */
  record Held(ReclamationDomain domain, ConcurrentLongQueue queue) implements AutoCloseable {
    @Override
    public void close() {
      queue.close();
      domain.close();
    }
  }

  abstract ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain, long capacity);

  abstract void checkInvariants(ConcurrentLongQueue queue);

  /** How many threads may offer, at most. */
  abstract int producers();

  /** How many threads may poll, at most. */
  abstract int consumers();

  boolean isBounded() {
    return true;
  }

  Held hold(Allocator allocator, long capacity) {
    ReclamationDomain domain = ReclamationDomain.builder().slots(4).bagCapacity(4).build();
    try {
      return new Held(domain, open(allocator, domain, capacity));
    } catch (RuntimeException e) {
      domain.close();
      throw e;
    }
  }

  void run(long capacity, Consumer<ConcurrentLongQueue> test) {
    LeakCheck.run(allocator -> {
      try (Held held = hold(allocator, capacity)) {
        test.accept(held.queue);
      }
    });
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void poll_emptyQueue_answersAbsent() {
    run(
        8,
        queue -> {
          assertEquals(ABSENT, queue.poll(ABSENT));
          assertEquals(ABSENT, queue.peek(ABSENT));
          assertEquals(0, queue.poll(new long[3], 0, 3));
          assertEquals(0, queue.drain(value -> {}, 10));
          assertTrue(queue.isEmpty());
          checkInvariants(queue);
        });
  }

  @Test
  void poll_afterOffers_returnsTheOldestFirst() {
    run(
        8,
        queue -> {
          for (long i = 0; i < 8; i++) {
            assertTrue(queue.offer(i));
          }
          assertEquals(0, queue.peek(ABSENT));
          assertEquals(8, queue.size());
          assertFalse(queue.isEmpty());
          for (long i = 0; i < 8; i++) {
            assertEquals(i, queue.poll(ABSENT));
          }
          assertEquals(ABSENT, queue.poll(ABSENT));
        });
  }

  @Test
  void offer_whenFull_answersFalse() {
    if (!isBounded()) {
      return;
    }
    run(
        4,
        queue -> {
          assertEquals(4, queue.capacity());
          for (long i = 0; i < 4; i++) {
            assertTrue(queue.offer(i));
          }
          assertFalse(queue.offer(4));
          assertEquals(0, queue.offer(new long[2], 0, 2));
          assertEquals(0, queue.poll(ABSENT));
          assertTrue(queue.offer(4));
          assertFalse(queue.offer(5));
          checkInvariants(queue);
        });
  }

  @Test
  void open_capacity_isRoundedUpToAPowerOfTwo() {
    if (!isBounded()) {
      return;
    }
    run(5, queue -> assertEquals(8, queue.capacity()));
    run(2, queue -> assertEquals(2, queue.capacity()));
    assertThrows(IllegalArgumentException.class, () -> run(0, queue -> {}));
    assertThrows(IllegalArgumentException.class, () -> run(-1, queue -> {}));
    assertThrows(IllegalArgumentException.class, () -> run((1L << 30) + 1, queue -> {}));
  }

  @Test
  void offerAndPoll_onTheLeastCapacity_keepOrder() {
    run(
        1,
        queue -> {
          for (long i = 0; i < 1000; i++) {
            assertTrue(queue.offer(i));
            if (isBounded() && queue.capacity() == 1) {
              assertFalse(queue.offer(i));
            }
            assertEquals(i, queue.poll(ABSENT));
            assertEquals(ABSENT, queue.poll(ABSENT));
          }
        });
  }

  @Test
  void batches_withoutEnoughRoomOrElements_moveWhatTheyCan() {
    run(
        4,
        queue -> {
          long[] values = {1, 2, 3, 4, 5, 6, 7};
          long room = isBounded() ? 4 : 6;
          assertEquals(room, queue.offer(values, 1, 7));
          long[] target = new long[8];
          assertEquals(3, queue.poll(target, 2, 5));
          assertArrayEquals(new long[] {0, 0, 2, 3, 4, 0, 0, 0}, target);
          assertEquals(room - 3, queue.poll(target, 0, 8));
          assertEquals(5, target[0]);
          assertEquals(0, queue.poll(target, 0, 8));
          assertEquals(0, queue.offer(values, 3, 3));
          assertEquals(0, queue.poll(target, 3, 3));
          assertThrows(IndexOutOfBoundsException.class, () -> queue.offer(values, 0, 8));
          assertThrows(IndexOutOfBoundsException.class, () -> queue.poll(target, -1, 2));
          assertTrue(queue.isEmpty());
          checkInvariants(queue);
        });
  }

  @Test
  void fill_fromASegment_offersWhatThereIsRoomFor() {
    run(
        4,
        queue -> {
          ByteBuffer bytes = ByteBuffer.allocate(1 + 7 * Long.BYTES).order(ByteOrder.nativeOrder());
          for (int i = 0; i < 7; i++) {
            bytes.putLong(1 + i * Long.BYTES, 10 + i);
          }
          MemorySegment values = MemorySegment.ofBuffer(bytes);
          long second = 1 + Long.BYTES;
          int room = isBounded() ? 4 : 6;
          assertEquals(0, queue.fill(values, second, 0));
          assertEquals(room, queue.fill(values, second, 6));
          assertEquals(room, queue.size());
          for (int i = 0; i < room; i++) {
            assertEquals(11 + i, queue.poll(ABSENT));
          }
          assertThrows(IllegalArgumentException.class, () -> queue.fill(values, 0, -1));
          assertThrows(IndexOutOfBoundsException.class, () -> queue.fill(values, second, 7));
          assertThrows(IndexOutOfBoundsException.class, () -> queue.fill(values, -1, 1));
          assertTrue(queue.isEmpty());
          checkInvariants(queue);
        });
  }

  @Test
  void drain_consumerThrows_losesThisElementOnly() {
    run(
        8,
        queue -> {
          queue.offer(new long[] {1, 2, 3, 4}, 0, 4);
          List<Long> seen = new ArrayList<>();
          assertThrows(
              ArithmeticException.class,
              () ->
                  queue.drain(
                      value -> {
                        if (value == 2) {
                          throw new ArithmeticException();
                        }
                        seen.add(value);
                      },
                      10));
          assertEquals(1, queue.drain(seen::add, 1));
          assertEquals(0, queue.drain(seen::add, 0));
          assertEquals(1, queue.drain(seen::add, 10));
          assertEquals(List.of(1L, 3L, 4L), seen);
          assertThrows(IllegalArgumentException.class, () -> queue.drain(seen::add, -1));
        });
  }

  @ParameterizedTest
  @EnumSource(TestAllocators.class)
  void everyOperation_atRandom_agreesWithArrayDeque(TestAllocators kind) {
    long seed = System.nanoTime();
    System.out.println(getClass().getSimpleName() + " at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    kind.run(allocator -> {
      if (!isBounded() && !allocator.isThreadSafe()) {
        return; // a domain frees on any thread
      }
      try (Held held = hold(allocator, 16)) {
        agreesWithArrayDeque(held.queue, random);
      }
    });
  }

  private void agreesWithArrayDeque(ConcurrentLongQueue queue, SplittableRandom random) {
    Queue<Long> model = new ArrayDeque<>();
    long[] batch = new long[6];
    for (int i = 0; i < 5000; i++) {
      long room = isBounded() ? queue.capacity() - model.size() : Long.MAX_VALUE;
      int count = random.nextInt(batch.length + 1);
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          long value = random.nextLong();
          assertEquals(room > 0, queue.offer(value));
          if (room > 0) {
            model.add(value);
          }
        }
        case 2 -> {
          for (int j = 0; j < count; j++) {
            batch[j] = random.nextLong();
          }
          int offered = queue.offer(batch, 0, count);
          assertEquals(Math.min(room, count), offered);
          for (int j = 0; j < offered; j++) {
            model.add(batch[j]);
          }
        }
        case 3 -> {
          int polled = queue.poll(batch, 0, count);
          assertEquals(Math.min(model.size(), count), polled);
          for (int j = 0; j < polled; j++) {
            assertEquals(model.remove(), batch[j]);
          }
        }
        default -> {
          long first = model.isEmpty() ? ABSENT : model.element();
          assertEquals(first, queue.peek(ABSENT));
          assertEquals(first, queue.poll(ABSENT));
          model.poll();
        }
      }
      assertEquals(model.size(), queue.size());
      checkInvariants(queue);
    }
  }

  @Test
  void boundedQueue_afterItsCreation_allocatesNothing() {
    if (!isBounded()) {
      return;
    }
    try (AccountedAllocator allocator = Allocators.system();
        Held held = hold(allocator, 16)) {
      for (long i = 0; i < 1000; i++) {
        held.queue.offer(i);
        held.queue.poll(0);
      }
      assertEquals(1, allocator.stats().allocations());
    }
  }

  @Test
  void everyOperation_failingAllocations_leavesTheQueueUnchanged() {
    long swept =
        OomSweep.of(allocator -> hold(allocator, 8))
            .steps(20, "offer", (held, i) -> held.queue.offer(i))
            .steps(10, "poll", (held, i) -> held.queue.poll(0))
            .contents(held -> held.queue.size())
            .invariants(held -> checkInvariants(held.queue))
            .run();
    assertTrue(swept >= 1, "only " + swept + " allocations");
  }

  @Nested
  class AsQueue extends QueueContract {
    @Override
    void run(Consumer<Queue<Long>> test) {
      LongQueueContract.this.run(8, queue -> test.accept(queue.asQueue()));
    }

    @Override
    boolean isBounded() {
      return LongQueueContract.this.isBounded();
    }
  }

  // ---- close ------------------------------------------------------------------------------------

  List<Consumer<ConcurrentLongQueue>> operations() {
    long[] array = new long[2];
    return List.of(
        q -> q.offer(1),
        q -> q.offer(array, 0, 2),
        q -> q.offer(array, 0, 0),
        q -> q.poll(0),
        q -> q.poll(array, 0, 2),
        q -> q.poll(array, 0, 0),
        q -> q.peek(0),
        q -> q.drain(value -> {}, 3),
        ConcurrentLongQueue::size,
        ConcurrentLongQueue::isEmpty,
        q -> q.fill(MemorySegment.ofArray(new long[1]), 0, 1),
        q -> q.asQueue().offer(1L),
        q -> q.asQueue().poll(),
        q -> q.asQueue().peek());
  }

  @Test
  void everyOperation_afterClose_throws() {
    for (int elements : new int[] {0, 3, 4}) {
      run(
          4,
          queue -> {
            for (int i = 0; i < elements; i++) {
              queue.offer(i);
            }
            assertTrue(queue.toString().endsWith("(open)"), queue::toString);
            queue.close();
            queue.close();
            for (Consumer<ConcurrentLongQueue> operation : operations()) {
              assertThrows(IllegalStateException.class, () -> operation.accept(queue));
            }
            assertTrue(queue.toString().endsWith("(closed)"), queue::toString);
          });
    }
  }

  // ---- many threads -----------------------------------------------------------------------------

  @Test
  void offerAndPoll_singly_conserveElementsAndOrder() {
    conserve(
        (queue, producer) -> {
          for (int i = 0; i < EACH; i++) {
            long value = Tally.value(producer, i);
            for (int n = 0; !queue.offer(value); n++) {
              Spin.once(n);
            }
          }
        },
        (queue, consumer, buffer) -> {
          long value = queue.poll(ABSENT);
          if (value == ABSENT) {
            return 0;
          }
          consumer.take(value);
          return 1;
        });
  }

  @Test
  void offerAndPoll_inBatches_conserveElementsAndOrder() {
    conserve(
        (queue, producer) -> {
          long[] batch = new long[7];
          for (int next = 0, n = 0; next < EACH; n++) {
            int count = Math.min(batch.length, EACH - next);
            for (int i = 0; i < count; i++) {
              batch[i] = Tally.value(producer, next + i);
            }
            int offered = queue.offer(batch, 0, count);
            next += offered;
            n = offered == 0 ? n : 0;
            Spin.once(n);
          }
        },
        (queue, consumer, buffer) -> {
          int polled = queue.poll(buffer, 0, buffer.length);
          for (int i = 0; i < polled; i++) {
            consumer.take(buffer[i]);
          }
          return polled;
        });
  }

  @Test
  void peekAndDrain_whileOthersOffer_seeElementsInOrder() {
    conserve(
        (queue, producer) -> {
          for (int i = 0; i < EACH; i++) {
            for (int n = 0; !queue.offer(Tally.value(producer, i)); n++) {
              Spin.once(n);
            }
          }
        },
        (queue, consumer, buffer) -> {
          long first = queue.peek(ABSENT);
          if (first != ABSENT && (first >>> 32) >= producers()) {
            throw new AssertionError("nobody offered " + Long.toHexString(first));
          }
          return queue.drain(consumer::take, 5);
        });
  }

  /** What a producer does. */
  interface Producing {
    void run(ConcurrentLongQueue queue, int producer) throws Exception;
  }

  /** What a consumer does again and again; returns how many elements it took. */
  interface Consuming {
    int run(ConcurrentLongQueue queue, Tally.InOrder consumer, long[] buffer) throws Exception;
  }

  private void conserve(Producing producing, Consuming consuming) {
    Tally tally = new Tally(producers(), EACH);
    run(
        64,
        queue -> {
          try (Workers workers = new Workers()) {
            for (int p = 0; p < producers(); p++) {
              int producer = p;
              workers.add(() -> producing.run(queue, producer));
            }
            for (int c = 0; c < consumers(); c++) {
              workers.add(() -> {
                Tally.InOrder consumer = tally.new InOrder();
                long[] buffer = new long[11];
                for (int n = 0; !tally.isComplete(); n++) {
                  n = consuming.run(queue, consumer, buffer) == 0 ? n : 0;
                  Spin.once(n);
                }
              });
            }
            workers.run();
          }
          tally.assertEachOnce();
          assertTrue(queue.isEmpty());
          checkInvariants(queue);
        });
  }
}
