package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.OwnedBlock;
import io.caisson.alloc.RefCounted;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RefCountedTest {

  private static final int ROUNDS = 20_000;

  private final List<String> destroyed = new ArrayList<>();

  @Test
  void release_last_destroysOnce() {
    RefCounted<String> shared = RefCounted.of("event", destroyed::add);
    assertEquals(1, shared.count());
    assertSame(shared, shared.retain());
    assertEquals(2, shared.count());
    assertEquals("event", shared.get());
    assertFalse(shared.release());
    assertEquals(List.of(), destroyed);
    assertTrue(shared.release());
    assertEquals(List.of("event"), destroyed);
    assertEquals(0, shared.count());
  }

  @Test
  void everyMethod_destroyed_throwsAndStaysAtZero() {
    RefCounted<String> shared = RefCounted.of("event", destroyed::add);
    shared.release();
    for (Runnable misuse :
        List.<Runnable>of(shared::release, shared::retain, shared::get, shared::release)) {
      IllegalStateException refused = assertThrows(IllegalStateException.class, misuse::run);
      assertTrue(refused.getMessage().contains("after its last share"), refused::getMessage);
      assertEquals(0, shared.count());
      if (BlockRegistry.isActive()) {
        assertTrue(
            Arrays.stream(refused.getCause().getStackTrace())
                .anyMatch(frame -> frame.getMethodName().startsWith("everyMethod_destroyed")));
      } else {
        assertNull(refused.getCause());
      }
    }
    assertEquals(List.of("event"), destroyed);
  }

  @Test
  void release_destructorThrows_isNotRunAgain() {
    RuntimeException broken = new RuntimeException("broken");
    RefCounted<String> shared =
        RefCounted.of(
            "event",
            value -> {
              destroyed.add(value);
              throw broken;
            });
    assertSame(broken, assertThrows(RuntimeException.class, shared::release));
    assertThrows(IllegalStateException.class, shared::release);
    assertEquals(List.of("event"), destroyed);
  }

  @Test
  void of_block_takesItOver() {
    LeakCheck.run(allocator -> {
      OwnedBlock block = OwnedBlock.allocate(allocator, 64, 8);
      RefCounted<OwnedBlock> shared = RefCounted.of(block);
      assertThrows(IllegalStateException.class, block::address);
      assertThrows(IllegalStateException.class, () -> RefCounted.of(block));
      block.close();
      shared.get().segment().set(ValueLayout.JAVA_LONG, 0, 5);
      assertTrue(shared.release());
      assertThrows(IllegalStateException.class, shared::get);
    });
  }

  /** An event that is used again. */
  private static final class Event {
    private final OwnedBlock payload;

    Event(Allocator allocator) {
      payload = OwnedBlock.allocate(allocator, 32, 8);
    }
  }

  @Test
  void release_pooled_givesTheObjectBackForTheNext() {
    LeakCheck.run(allocator -> {
      Deque<Event> pool = new ArrayDeque<>();
      pool.push(new Event(allocator));
      Event first = null;
      for (int i = 0; i < 10; i++) {
        Event event = pool.pop();
        first = first == null ? event : first;
        assertSame(first, event);
        RefCounted<Event> shared = RefCounted.of(event, pool::push);
        shared.retain();
        shared.get().payload.segment().set(ValueLayout.JAVA_LONG, 0, i);
        assertFalse(shared.release());
        assertTrue(pool.isEmpty());
        assertTrue(shared.release());
        assertThrows(IllegalStateException.class, shared::release);
        assertEquals(1, pool.size());
      }
      pool.pop().payload.close();
    });
  }

  @Test
  void retainAndRelease_manyThreads_destroyOnceAfterAllUses() throws InterruptedException {
    try (AccountedAllocator allocator = Allocators.system()) {
      int threads = 6;
      for (int round = 0; round < 50; round++) {
        AtomicInteger destructions = new AtomicInteger();
        long[] seen = new long[threads];
        long[] written = new long[threads];
        RefCounted<OwnedBlock> shared =
            RefCounted.of(
                OwnedBlock.allocate(allocator, 64, 8),
                block -> {
                  destructions.incrementAndGet();
                  System.arraycopy(written, 0, seen, 0, threads);
                  block.close();
                });
        CyclicBarrier start = new CyclicBarrier(threads);
        for (int i = 1; i < threads; i++) {
          shared.retain();
        }
        Threads.run(
            threads,
            index -> {
              start.await();
              for (int i = 0; i < 200; i++) {
                shared.retain();
                assertEquals(64, shared.get().byteSize());
                assertFalse(shared.release());
              }
              written[index] = index + 1L; // plain: the release must order it before the destructor
              shared.release();
            });
        assertEquals(1, destructions.get());
        assertEquals(0, shared.count());
        for (int i = 0; i < threads; i++) {
          assertEquals(i + 1, seen[i]);
        }
        assertEquals(round + 1, allocator.stats().frees());
      }
    }
  }

  private static List<RefCounted<String>> events(AtomicInteger destructions) {
    return Stream.generate(() -> RefCounted.of("event", value -> destructions.incrementAndGet()))
        .limit(ROUNDS)
        .toList();
  }

  @Test
  void retainAndRelease_twoThreads_loseNoShare() throws InterruptedException {
    AtomicInteger destructions = new AtomicInteger();
    List<RefCounted<String>> events = events(destructions);
    events.forEach(RefCounted::retain);
    Threads.race(
        ROUNDS,
        (round, index) -> {
          events.get(round).retain();
          events.get(round).release();
          events.get(round).release();
        });
    assertEquals(ROUNDS, destructions.get());
    events.forEach(event -> assertEquals(0, event.count()));
  }

  @Test
  void release_oneTooMany_isFoundInOneOfTwoThreads() throws InterruptedException {
    AtomicInteger destructions = new AtomicInteger();
    AtomicInteger last = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    List<RefCounted<String>> events = events(destructions);
    Threads.race(
        ROUNDS,
        (round, index) -> {
          try {
            assertTrue(events.get(round).release());
            last.incrementAndGet();
          } catch (IllegalStateException tooMany) {
            refused.incrementAndGet();
          }
        });
    assertEquals(
        List.of(ROUNDS, ROUNDS, ROUNDS), List.of(destructions.get(), last.get(), refused.get()));
    events.forEach(event -> assertEquals(0, event.count()));
  }

  @Test
  void retain_againstTheLastRelease_keepsItAliveOrIsRefused() throws InterruptedException {
    AtomicInteger destructions = new AtomicInteger();
    List<RefCounted<String>> events = events(destructions);
    Threads.race(
        ROUNDS,
        (round, index) -> {
          RefCounted<String> event = events.get(round);
          if (index == round % 2) {
            event.release();
            return;
          }
          try {
            event.retain();
          } catch (IllegalStateException tooLate) {
            return;
          }
          assertEquals("event", event.get());
          event.release();
        });
    assertEquals(ROUNDS, destructions.get());
    events.forEach(event -> assertEquals(0, event.count()));
  }
}
