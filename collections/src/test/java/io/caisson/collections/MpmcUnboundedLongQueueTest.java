package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MpmcUnboundedLongQueueTest extends LongQueueContract {

  private static final int CELLS = 1 << MpmcUnboundedLongQueue.SEGMENT_SHIFT;

  @Override
  ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain, long capacity) {
    return new MpmcUnboundedLongQueue(allocator);
  }

  @Override
  void checkInvariants(ConcurrentLongQueue queue) {
    ((MpmcUnboundedLongQueue) queue).checkInvariants();
  }

  @Override
  int producers() {
    return 3;
  }

  @Override
  int consumers() {
    return 3;
  }

  @Override
  boolean isBounded() {
    return false;
  }

  private static void offerMany(ConcurrentLongQueue queue, int from, int to) {
    for (long i = from; i < to; i++) {
      assertTrue(queue.offer(i));
    }
  }

  private static void withSegment(Consumer<QueueSegment> test) {
    LeakCheck.run(allocator -> {
      QueueSegment segment = new QueueSegment(allocator, 3, 0);
      test.accept(segment);
      segment.free(allocator);
    });
  }

  @Test
  void cell_isAStateAndAValue() {
    assertEquals(16, QueueCell.SIZE);
    assertEquals(0, QueueCell.STATE);
    assertEquals(8, QueueCell.VALUE);
  }

  @Test
  void cell_comesToByItsConsumerFirst_isBroken() {
    withSegment(segment -> {
      long cell = segment.cell(5);
      assertFalse(QueueCell.isFullOrBreak(cell));
      QueueCell.leave(cell);
      assertFalse(QueueCell.isOffered(cell));
      assertFalse(QueueCell.isDone(cell));
      assertFalse(QueueCell.fill(cell, 7));
      assertTrue(QueueCell.isDone(cell));
      assertFalse(QueueCell.isFullOrBreak(cell));
    });
  }

  @Test
  void cell_filled_isDoneWhenItsValueIsTaken() {
    withSegment(segment -> {
      long cell = segment.cell(5);
      assertTrue(QueueCell.fill(cell, 7));
      assertTrue(QueueCell.isFullOrBreak(cell));
      assertEquals(7, QueueCell.value(cell));
      assertTrue(QueueCell.isOffered(cell));
      assertFalse(QueueCell.isDone(cell));
      QueueCell.takenRelease(cell);
      assertTrue(QueueCell.isDone(cell));
    });
  }

  @Test
  void segment_held_isNotFreed() {
    LeakCheck.run(allocator -> {
      QueueSegment segment = new QueueSegment(allocator, 3, 0);
      assertTrue(segment.tryHold());
      assertFalse(segment.tryFree(allocator));
      segment.release();
      assertTrue(segment.tryFree(allocator));
      assertFalse(segment.tryHold());
      assertFalse(segment.tryFree(allocator));
    });
  }

  @Test
  void offer_acrossSegments_keepsOrderAndGivesSegmentsBack() {
    try (AccountedAllocator allocator = Allocators.system();
        Held held = hold(allocator, 1)) {
      ConcurrentLongQueue queue = held.queue();
      offerMany(queue, 0, 3500);
      assertEquals(3500, queue.size());
      assertEquals(4, allocator.stats().liveBlocks());
      for (long i = 0; i < 3500; i++) {
        assertEquals(i, queue.peek(-1));
        assertEquals(i, queue.poll(-1));
      }
      assertTrue(queue.isEmpty());
      checkInvariants(queue);
      assertEquals(1, allocator.stats().liveBlocks());
      assertEquals(Long.MAX_VALUE, queue.capacity());
    }
  }

  @Test
  void batches_acrossSegments_keepOrderAndGiveSegmentsBack() {
    try (AccountedAllocator allocator = Allocators.system();
        Held held = hold(allocator, 1)) {
      ConcurrentLongQueue queue = held.queue();
      long[] values = new long[4000];
      for (int i = 0; i < values.length; i++) {
        values[i] = i;
      }
      assertEquals(3990, queue.offer(values, 10, 4000));
      long[] target = new long[5000];
      assertEquals(1000, queue.poll(target, 0, 1000));
      assertEquals(2990, queue.poll(target, 1000, 5000));
      for (int i = 0; i < 3990; i++) {
        assertEquals(10 + i, target[i]);
      }
      checkInvariants(queue);
      assertEquals(1, allocator.stats().liveBlocks());
    }
  }

  @Test
  void poll_atTheEndOfASegmentWithoutAnother_answersAbsent() {
    run(
        1,
        queue -> {
          offerMany(queue, 0, CELLS);
          for (long i = 0; i < CELLS; i++) {
            assertEquals(i, queue.poll(-1));
          }
          assertEquals(-1, queue.poll(-1));
          assertEquals(-1, queue.peek(-1));
          assertTrue(queue.isEmpty());
          queue.offer(5);
          assertFalse(queue.isEmpty());
          assertEquals(5, queue.peek(-1));
          assertEquals(5, queue.poll(-1));
          checkInvariants(queue);
        });
  }

  @Test
  void offer_failingAllocations_leavesTheQueueUnchanged() {
    long swept =
        OomSweep.of(allocator -> hold(allocator, 1))
            .step("offer to the end", held -> offerMany(held.queue(), 0, CELLS))
            .steps(2, "offer", (held, i) -> held.queue().offer(i))
            .step("offer more", held -> offerMany(held.queue(), 2, CELLS))
            .steps(2, "offer again", (held, i) -> held.queue().offer(i))
            .contents(held -> held.queue().size())
            .invariants(held -> checkInvariants(held.queue()))
            .run();
    assertEquals(3, swept);
  }

  @Test
  void fill_someValues_putsThemInOrder() {
    run(
        1,
        queue -> {
          MpmcUnboundedLongQueue unbounded = (MpmcUnboundedLongQueue) queue;
          AtomicLong next = new AtomicLong();
          assertEquals(2000, unbounded.fill(next::getAndIncrement, 2000));
          assertEquals(0, unbounded.fill(next::getAndIncrement, 0));
          for (long i = 0; i < 2000; i++) {
            assertEquals(i, queue.poll(-1));
          }
          assertThrows(IllegalArgumentException.class, () -> unbounded.fill(next::get, -1));
        });
  }

  @Test
  void open_allocatorOfOneThread_throws() {
    LeakCheck.run(parent -> {
      try (Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(IllegalArgumentException.class, () -> new MpmcUnboundedLongQueue(arena));
      }
    });
  }

  @Test
  void close_whileOthersOfferPollAndPeek_freesEverything() {
    for (int round = 0; round < 50; round++) {
      run(
          1,
          queue -> {
            try (Workers workers = new Workers()) {
              for (int i = 0; i < 2; i++) {
                workers.add(
                    () -> assertThrows(IllegalStateException.class, () -> useForEver(queue)));
              }
              workers.add(() -> {
                while (queue.size() < 1100) {
                  Thread.onSpinWait();
                }
                queue.close();
              });
              workers.run();
            }
          });
    }
  }

  private static void useForEver(ConcurrentLongQueue queue) {
    long[] batch = new long[5];
    for (long i = 0; ; i++) {
      queue.offer(i);
      queue.offer(batch, 0, 3);
      queue.peek(0);
      queue.poll(0);
      queue.poll(batch, 0, 2);
    }
  }
}
