package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class AtomicMemTest {

  private static List<Executable> everyOperation(MemorySegment segment, long offset) {
    return List.of(
        () -> AtomicMem.get(segment, offset),
        () -> AtomicMem.set(segment, offset, 1),
        () -> AtomicMem.getAndAdd(segment, offset, 1),
        () -> AtomicMem.getAndSet(segment, offset, 1),
        () -> AtomicMem.compareAndSet(segment, offset, 0, 1));
  }

  @Test
  void everyOperation_oneThread_doesWhatItSays() {
    try (Arena arena = Arena.ofConfined()) {
      for (MemorySegment words :
          List.of(arena.allocate(16, 8), MemorySegment.ofArray(new long[2]))) {
        AtomicMem.set(words, 8, Long.MAX_VALUE);
        assertEquals(Long.MAX_VALUE, AtomicMem.getAndAdd(words, 8, 1));
        assertEquals(Long.MIN_VALUE, AtomicMem.get(words, 8));
        assertFalse(AtomicMem.compareAndSet(words, 8, 0, 5));
        assertTrue(AtomicMem.compareAndSet(words, 8, Long.MIN_VALUE, 5));
        assertEquals(5, AtomicMem.getAndSet(words, 8, 6));
        assertEquals(6, AtomicMem.get(words, 8));
        assertEquals(0, AtomicMem.get(words, 0));
      }
    }
  }

  @Test
  void everyOperation_outOfBoundsOrNotAligned_isRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment words = arena.allocate(20, 8);
      for (long offset : new long[] {-8, 16, 24, Long.MAX_VALUE - 7, Long.MIN_VALUE}) {
        for (Executable operation : everyOperation(words, offset)) {
          assertThrows(IndexOutOfBoundsException.class, operation);
        }
      }
      for (Executable operation : everyOperation(words, 4)) {
        assertThrows(IllegalArgumentException.class, operation);
      }
      assertEquals(0, AtomicMem.get(words, 0));
      assertEquals(0, AtomicMem.get(words, 8));
    }
  }

  @Test
  void everyOperation_closedSegment_throws() {
    Arena arena = Arena.ofConfined();
    MemorySegment words = arena.allocate(8, 8);
    arena.close();
    for (Executable operation : everyOperation(words, 0)) {
      assertThrows(IllegalStateException.class, operation);
    }
  }

  @Test
  void getAndAddAndCompareAndSet_twoThreads_loseNothing() throws InterruptedException {
    int rounds = 100_000;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment words = arena.allocate(16, 8);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (int i = 0; i < rounds; i++) {
                    AtomicMem.getAndAdd(words, 0, 1);
                    long seen = AtomicMem.get(words, 8);
                    while (!AtomicMem.compareAndSet(words, 8, seen, seen + 1)) {
                      seen = AtomicMem.get(words, 8);
                    }
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(2L * rounds, AtomicMem.get(words, 0));
      assertEquals(2L * rounds, AtomicMem.get(words, 8));
    }
  }
}
