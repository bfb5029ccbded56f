package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import org.junit.jupiter.api.Test;

class MpmcLongQueueTest extends LongQueueContract {

  @Override
  ConcurrentLongQueue open(Allocator allocator, ReclamationDomain domain, long capacity) {
    return new MpmcLongQueue(allocator, capacity);
  }

  @Override
  void checkInvariants(ConcurrentLongQueue queue) {
    ((MpmcLongQueue) queue).checkInvariants();
  }

  @Override
  int producers() {
    return 3;
  }

  @Override
  int consumers() {
    return 3;
  }

  @Test
  void open_oneSlot_getsTwo() {
    run(1, queue -> assertEquals(2, queue.capacity()));
  }

  @Test
  void close_slotClaimedByAnother_throwsAndStaysOpen() {
    LeakCheck.run(allocator -> {
      try (MpmcLongQueue queue = new MpmcLongQueue(allocator, 4)) {
        queue.offer(1);
        long ticket = queue.claim();
        assertThrows(IllegalStateException.class, queue::close);
        assertThrows(AssertionError.class, queue::checkInvariants);
        assertEquals(1, queue.read(ticket));
        queue.checkInvariants();
        assertEquals(-1, queue.poll(-1));
      }
    });
  }
}
