package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RingBufferTest {

  private static final long ABSENT = Long.MIN_VALUE;

  private static MemorySegment bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  private static byte[] take(RingBuffer ring, int count) {
    byte[] bytes = new byte[count];
    assertEquals(count, ring.takeAll(MemorySegment.ofArray(bytes)));
    return bytes;
  }

  @Test
  void fixed_full_refusesMoreAndTakesPartOfMany() {
    LeakCheck.run(allocator -> {
      try (RingBuffer ring = RingBuffer.fixed(allocator, 1, 5)) {
        assertTrue(ring.isEmpty());
        assertEquals(3, ring.putAll(bytes(1, 2, 3)));
        assertArrayEquals(new byte[] {1, 2}, take(ring, 2));
        assertEquals(4, ring.putAll(bytes(4, 5, 6, 7, 8, 9)));
        assertTrue(ring.isFull());
        assertFalse(ring.offer(bytes(0)));
        assertEquals(0, ring.putAll(bytes(0, 0)));
        byte[] first = new byte[1];
        assertTrue(ring.peek(MemorySegment.ofArray(first)));
        assertEquals(3, first[0]);
        assertArrayEquals(new byte[] {3, 4, 5, 6, 7}, take(ring, 5));
        assertFalse(ring.poll(MemorySegment.ofArray(first)));
        assertFalse(ring.peek(MemorySegment.ofArray(first)));
        assertEquals(0, ring.takeAll(MemorySegment.ofArray(new byte[9])));
        assertEquals(5, ring.capacity());
        ring.checkInvariants();
      }
    });
  }

  @Test
  void create_badShape_throws() {
    LeakCheck.run(allocator -> {
      assertThrows(IllegalArgumentException.class, () -> RingBuffer.fixed(allocator, 0, 1));
      assertThrows(IllegalArgumentException.class, () -> RingBuffer.fixed(allocator, 1, 0));
      assertThrows(IllegalArgumentException.class, () -> RingBuffer.growing(allocator, -1));
      assertThrows(
          IllegalArgumentException.class, () -> RingBuffer.fixed(allocator, 8, Long.MAX_VALUE));
      MockAllocator mock = new MockAllocator(allocator).failAfter(1);
      assertThrows(AllocationException.class, () -> RingBuffer.fixed(mock, 8, 8));
    });
  }

  @Test
  void sizes_thatAreNotTheStride_throw() {
    LeakCheck.run(allocator -> {
      try (RingBuffer ring = RingBuffer.growing(allocator, 4)) {
        assertThrows(IllegalArgumentException.class, () -> ring.offer(bytes(1, 2, 3)));
        assertThrows(IllegalArgumentException.class, () -> ring.poll(bytes(1, 2, 3, 4, 5)));
        assertThrows(IllegalArgumentException.class, () -> ring.peek(bytes()));
        assertThrows(IllegalArgumentException.class, () -> ring.putAll(bytes(1, 2, 3, 4, 5)));
        assertThrows(IllegalArgumentException.class, () -> ring.takeAll(bytes(1)));
        assertThrows(IllegalStateException.class, () -> ring.offerLong(1));
        assertThrows(IllegalStateException.class, () -> ring.pollLong(1));
        assertThrows(IllegalStateException.class, () -> ring.peekLong(1));
        assertTrue(ring.isEmpty());
      }
    });
  }

  @Test
  void growing_halfMoreRefused_growsByWhatIsNeeded() {
    LeakCheck.run(allocator -> {
      MockAllocator mock = new MockAllocator(allocator).failAbove(80);
      try (RingBuffer ring = RingBuffer.growing(mock, 8)) {
        for (int i = 0; i < 10; i++) {
          ring.offerLong(i);
        }
        assertEquals(10, ring.capacity());
        assertThrows(AllocationException.class, () -> ring.offerLong(10));
        for (int i = 0; i < 10; i++) {
          assertEquals(i, ring.pollLong(ABSENT));
        }
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void longs_random_agreeWithArrayDeque(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("RingBufferTest over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      try (RingBuffer growing = RingBuffer.growing(allocator, 8);
          RingBuffer fixed = RingBuffer.fixed(allocator, 8, 13)) {
        randomSteps(growing, Long.MAX_VALUE, random, "seed " + seed);
        randomSteps(fixed, 13, random, "seed " + seed);
      }
    });
  }

  private static void randomSteps(RingBuffer ring, long capacity, Random random, String message) {
    Deque<Long> model = new ArrayDeque<>();
    for (int i = 0; i < 5000; i++) {
      long value = random.nextLong();
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          boolean room = model.size() < capacity;
          assertEquals(room, ring.offerLong(value), message);
          if (room) {
            model.add(value);
          }
        }
        case 2 -> {
          long[] values = random.longs(random.nextInt(10)).toArray();
          long count = Math.min(values.length, capacity - model.size());
          assertEquals(count, ring.putAll(MemorySegment.ofArray(values)), message);
          for (int j = 0; j < count; j++) {
            model.add(values[j]);
          }
        }
        case 3 -> {
          long[] values = new long[random.nextInt(10)];
          int count = Math.min(values.length, model.size());
          assertEquals(count, ring.takeAll(MemorySegment.ofArray(values)), message);
          for (int j = 0; j < count; j++) {
            assertEquals(model.remove(), values[j], message);
          }
        }
        default -> {
          long expected = model.isEmpty() ? ABSENT : model.remove();
          assertEquals(expected, ring.peekLong(ABSENT), message);
          assertEquals(expected, ring.pollLong(ABSENT), message);
        }
      }
      ring.checkInvariants();
      assertEquals(model.size(), ring.size(), message);
      assertEquals(model.size() == capacity, ring.isFull(), message);
    }
    ring.clear();
    assertEquals(ABSENT, ring.pollLong(ABSENT));
  }

  @Test
  void everyMethod_afterClose_throws() {
    LeakCheck.run(allocator -> {
      for (RingBuffer ring :
          List.of(RingBuffer.fixed(allocator, 8, 4), RingBuffer.growing(allocator, 8))) {
        ring.offerLong(1);
        ring.close();
        ring.close();
        MemorySegment element = MemorySegment.ofArray(new byte[8]);
        List<Runnable> uses =
            List.of(
                () -> ring.offer(element),
                () -> ring.offerLong(1),
                () -> ring.putAll(element),
                () -> ring.putAll(bytes()),
                () -> ring.poll(element),
                () -> ring.peek(element),
                () -> ring.pollLong(1),
                () -> ring.peekLong(1),
                () -> ring.takeAll(element),
                ring::clear,
                ring::size,
                ring::capacity,
                ring::isEmpty,
                ring::isFull);
        for (int i = 0; i < uses.size(); i++) {
          assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
        }
        ring.checkInvariants();
      }
    });
  }

  @Test
  void offer_eachAllocationFailing_changesNothing() {
    OomSweep<RingBuffer> sweep = OomSweep.of(allocator -> RingBuffer.growing(allocator, 8));
    for (int i = 0; i < 60; i++) {
      int value = i;
      sweep.absorbingStep("offer", ring -> ring.offerLong(value));
      if (i % 3 == 0) {
        sweep.step("poll", ring -> ring.pollLong(ABSENT));
      }
    }
    long allocations =
        sweep
            .absorbingStep("putAll", ring -> ring.putAll(MemorySegment.ofArray(new long[100])))
            .contents(RingBufferTest::contents)
            .invariants(RingBuffer::checkInvariants)
            .run();
    assertTrue(allocations >= 4, "only " + allocations + " allocations were failed");
  }

  private static List<Long> contents(RingBuffer ring) {
    List<Long> values = new ArrayList<>();
    for (long i = ring.size(); i > 0; i--) {
      values.add(ring.pollLong(ABSENT));
    }
    values.forEach(ring::offerLong);
    return values;
  }
}
