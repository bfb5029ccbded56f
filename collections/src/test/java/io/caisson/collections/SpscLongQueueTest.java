package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SpscLongQueueTest extends LongQueueContract {

  @Override
  ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain, long capacity) {
    return new SpscLongQueue(allocator, capacity);
  }

  @Override
  void checkInvariants(ConcurrentLongQueue queue) {
    ((SpscLongQueue) queue).checkInvariants();
  }

  @Override
  int producers() {
    return 1;
  }

  @Override
  int consumers() {
    return 1;
  }

  @Test
  void fill_withAndWithoutRoom_asksForAsManyAsFit() {
    LeakCheck.run(allocator -> {
      try (SpscLongQueue queue = new SpscLongQueue(allocator, 4)) {
        AtomicLong next = new AtomicLong();
        assertEquals(3, queue.fill(next::getAndIncrement, 3));
        assertEquals(1, queue.fill(next::getAndIncrement, 3));
        assertEquals(0, queue.fill(next::getAndIncrement, 3));
        assertEquals(4, next.get());
        for (long i = 0; i < 4; i++) {
          assertEquals(i, queue.poll(-1));
        }
        assertThrows(IllegalArgumentException.class, () -> queue.fill(next::get, -1));
        queue.close();
        assertThrows(IllegalStateException.class, () -> queue.fill(next::get, 1));
      }
    });
  }

  @Test
  void fill_supplierThrows_keepsWhatCameBefore() {
    LeakCheck.run(allocator -> {
      try (SpscLongQueue queue = new SpscLongQueue(allocator, 4)) {
        AtomicLong next = new AtomicLong(2);
        assertThrows(
            ArithmeticException.class, () -> queue.fill(() -> 2 / next.getAndDecrement(), 4));
        assertEquals(2, queue.size());
      }
    });
  }
}
