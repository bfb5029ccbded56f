package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MpmcUnboundedLongQueueTest extends LongQueueContract {

  @Override
  ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain, long capacity) {
    return new MpmcUnboundedLongQueue(allocator, domain);
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

  @Test
  void segment_isThreeLinesAndThousandCells() {
    assertEquals(16_384, QueueSegment.SIZE);
    assertEquals(128, QueueSegment.ALIGNMENT);
    assertEquals(0, QueueSegment.TAIL);
    assertEquals(128, QueueSegment.HEAD);
    assertEquals(256, QueueSegment.NEXT);
    assertEquals(384, QueueSegment.CELL_0);
  }

  @Test
  void cell_comesToByItsConsumerFirst_isBroken() {
    LeakCheck.run(allocator -> {
      long segment =
          Allocations.allocateZeroed(allocator, QueueSegment.SIZE, QueueSegment.ALIGNMENT);
      long index = QueueSegment.claimTail(segment);
      assertFalse(QueueSegment.isFullOrBreak(QueueSegment.cell(segment, index)));
      assertFalse(QueueSegment.fill(segment, index, 7));
      assertFalse(QueueSegment.isFullOrBreak(QueueSegment.cell(segment, index)));
      long next = QueueSegment.claimTail(segment);
      assertTrue(QueueSegment.fill(segment, next, 8));
      assertTrue(QueueSegment.isFullOrBreak(QueueSegment.cell(segment, next)));
      allocator.free(segment, QueueSegment.SIZE, QueueSegment.ALIGNMENT);
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
      assertTrue(held.domain().drain());
      assertEquals(1, allocator.stats().liveBlocks());
      assertEquals(Long.MAX_VALUE, queue.capacity());
    }
  }

  @Test
  void poll_atTheEndOfASegmentWithoutAnother_answersAbsent() {
    run(
        1,
        queue -> {
          offerMany(queue, 0, QueueSegment.CELLS);
          for (long i = 0; i < QueueSegment.CELLS; i++) {
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
  void poll_producerStalledBeforeItMovesTail_movesTailFirst() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = new ReclamationDomain();
          MpmcUnboundedLongQueue queue = new MpmcUnboundedLongQueue(allocator, domain)) {
        offerMany(queue, 0, QueueSegment.CELLS);
        try (Guard guard = domain.pin()) {
          long segment =
              Allocations.allocateZeroed(allocator, QueueSegment.SIZE, QueueSegment.ALIGNMENT);
          QueueSegment.startWith(segment, QueueSegment.CELLS);
          long tail = queue.segment(MpmcUnboundedLongQueue.TAIL, guard);
          assertTrue(QueueSegment.link(tail, segment));
        }
        for (long i = 0; i <= QueueSegment.CELLS; i++) {
          assertEquals(i, queue.poll(-1));
        }
        assertTrue(domain.drain()); // the first segment is freed
        assertTrue(queue.offer(7)); // reads tail
        assertEquals(7, queue.poll(-1));
        checkInvariants(queue);
      }
    });
  }

  @Test
  void offer_failingAllocations_leavesTheQueueUnchanged() {
    long swept =
        OomSweep.of(allocator -> hold(allocator, 1))
            .step("offer to the end", held -> offerMany(held.queue(), 0, QueueSegment.CELLS))
            .steps(2, "offer", (held, i) -> held.queue().offer(i))
            .step("offer more", held -> offerMany(held.queue(), 2, QueueSegment.CELLS))
            .steps(2, "offer again", (held, i) -> held.queue().offer(i))
            .contents(held -> held.queue().size())
            .invariants(held -> checkInvariants(held.queue()))
            .run();
    assertEquals(3, swept);
  }

  @Test
  void open_allocatorOfOneThread_throws() {
    LeakCheck.run(parent -> {
      try (ReclamationDomain domain = new ReclamationDomain();
          Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(
            IllegalArgumentException.class, () -> new MpmcUnboundedLongQueue(arena, domain));
      }
    });
  }

  @Test
  void poll_garbageAtTheHardLimit_isRefusedAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder()
                  .slots(1)
                  .bagCapacity(1)
                  .hardLimit(20_000, LimitPolicy.fail())
                  .build();
          MpmcUnboundedLongQueue queue = new MpmcUnboundedLongQueue(allocator, domain)) {
        offerMany(queue, 0, 3500);
        try (Guard guard = domain.pin()) {
          assertEquals(domain, guard.domain());
          for (long i = 0; i < 2000; i++) {
            assertEquals(i, queue.poll(-1));
          }
          assertThrows(ReclamationLimitException.class, () -> queue.poll(-1));
          assertEquals(2000, queue.peek(-1));
          assertEquals(1500, queue.size());
        }
        for (long i = 2000; i < 3500; i++) {
          assertEquals(i, queue.poll(-1));
        }
      }
    });
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder().closeTimeout(Duration.ofMillis(20)).build();
          MpmcUnboundedLongQueue queue = new MpmcUnboundedLongQueue(allocator, domain)) {
        offerMany(queue, 0, 1500);
        Guard reader = domain.pin();
        assertThrows(IllegalStateException.class, queue::close);
        assertThrows(IllegalStateException.class, () -> queue.offer(1));
        reader.close();
        queue.close();
      }
    });
  }

  @Test
  void close_whileOthersOfferAndPoll_freesEverything() {
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
    for (long i = 0; ; i++) {
      queue.offer(i);
      queue.offer(i);
      queue.poll(0);
    }
  }
}
