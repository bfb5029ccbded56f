package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import org.junit.jupiter.api.Test;

class MpscLongQueueTest extends LongQueueContract {

  @Override
  ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain, long capacity) {
    return new MpscLongQueue(allocator, capacity);
  }

  @Override
  void checkInvariants(ConcurrentLongQueue queue) {
    ((MpscLongQueue) queue).checkInvariants();
  }

  @Override
  int producers() {
    return 3;
  }

  @Override
  int consumers() {
    return 1;
  }

  @Test
  void slot_isASequenceAndAValue() {
    assertEquals(16, QueueSlot.SIZE);
    assertEquals(0, QueueSlot.SEQUENCE);
    assertEquals(8, QueueSlot.VALUE);
  }

  @Test
  void close_whileProducersOffer_waitsForThoseUnderWay() {
    for (int round = 0; round < 100; round++) {
      run(
          1024,
          queue -> {
            try (Workers workers = new Workers()) {
              for (int p = 0; p < 2; p++) {
                workers.add(
                    () -> assertThrows(IllegalStateException.class, () -> offerForEver(queue)));
              }
              workers.add(() -> {
                while (queue.size() < 100) {
                  Thread.onSpinWait();
                }
                queue.poll(new long[50], 0, 50);
                queue.close();
              });
              workers.run();
            }
          });
    }
  }

  private static void offerForEver(ConcurrentLongQueue queue) {
    for (long[] batch = new long[3]; ; ) {
      queue.offer(1);
      queue.offer(batch, 0, 3);
    }
  }
}
