package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

/** What a concurrent map does when several threads use it at once. */
interface ConcurrentMapRaces extends ConcurrentMapSource {

  /** More than there are processors, so that some stall in the middle of an operation. */
  int THREADS = 4;

  /** How often a thread does what it does. */
  int ROUNDS = 3_000;

  /** So few that threads meet, and so many that a table grows. */
  int KEYS = 64;

  /** What each thread does in each round. */
  interface Step {
    void run(int thread, int round);
  }

  private static void onEveryThread(Step step) {
    try (Workers workers = new Workers()) {
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        workers.add(() -> {
          for (int round = 0; round < ROUNDS; round++) {
            step.run(thread, round);
          }
        });
      }
      workers.run();
    }
  }

  private static long sum(ConcurrentMap<Long, Long> map) {
    return map.values().stream().mapToLong(Long::longValue).sum();
  }

  // ---- updates ----------------------------------------------------------------------------------

  @Test
  default void merge_fromManyThreads_sumsExactly() {
    onEmptyMap(map -> {
      onEveryThread((thread, round) -> map.merge((long) (round % KEYS), 1L, Long::sum));
      assertEquals(THREADS * ROUNDS, sum(map));
      assertEquals(KEYS, map.size());
    });
  }

  /** A count that has reached its most is taken out, by whoever finds it so. */
  @Test
  default void compute_thatRemovesToo_losesNothing() {
    int most = 3;
    AtomicLong takenOut = new AtomicLong();
    onEmptyMap(map -> {
      onEveryThread((thread, round) -> {
        long[] tookOut = {0}; // of the last time that the function ran
        map.compute(
            (long) (round % 8),
            (key, count) -> {
              tookOut[0] = count != null && count == most ? most : 0;
              return tookOut[0] != 0 ? null : count == null ? 1 : (Long) (count + 1);
            });
        takenOut.addAndGet(tookOut[0] == 0 ? 0 : tookOut[0] + 1); // this round added nothing
      });
      assertEquals(THREADS * ROUNDS, sum(map) + takenOut.get());
    });
  }

  @Test
  default void computeIfPresent_fromManyThreads_sumsExactly() {
    onEmptyMap(map -> {
      map.put(1L, 0L);
      onEveryThread((thread, round) -> map.computeIfPresent(1L, (key, count) -> count + 1));
      assertEquals(Map.of(1L, (long) THREADS * ROUNDS), map);
    });
  }

  @Test
  default void replaceExpected_fromManyThreads_countsExactly() {
    onEmptyMap(map -> {
      map.put(1L, LARGE);
      onEveryThread((thread, round) -> {
        for (Long seen = map.get(1L); !map.replace(1L, seen, seen + 1); seen = map.get(1L)) {
          Thread.onSpinWait();
        }
      });
      assertEquals(LARGE + (long) THREADS * ROUNDS, map.get(1L));
    });
  }

  // ---- winners ----------------------------------------------------------------------------------

  @Test
  default void putIfAbsent_fromManyThreads_hasOneWinner() {
    AtomicLongArray winners = new AtomicLongArray(ROUNDS);
    onEmptyMap(map -> {
      onEveryThread((thread, round) -> {
        Long other = map.putIfAbsent((long) round, (long) thread);
        if (other == null) {
          winners.incrementAndGet(round);
        }
        assertEquals(other == null ? (Long) (long) thread : other, map.get((long) round));
      });
      assertEachIs(1, winners);
      assertEquals(ROUNDS, map.size());
    });
  }

  private static void assertEachIs(long expected, AtomicLongArray counts) {
    for (int i = 0; i < counts.length(); i++) {
      assertEquals(expected, counts.get(i), "of " + i);
    }
  }

  @Test
  default void computeIfAbsent_fromManyThreads_givesAllTheSame() {
    AtomicLongArray values = new AtomicLongArray(ROUNDS);
    onEmptyMap(map ->
        onEveryThread((thread, round) -> {
          long value = map.computeIfAbsent((long) round, key -> thread + 1L);
          if (!values.compareAndSet(round, 0, value)) {
            assertEquals(values.get(round), value);
          }
          assertEquals(value, map.get((long) round));
        }));
  }

  @Test
  default void remove_fromManyThreads_hasOneWinner() {
    AtomicLongArray winners = new AtomicLongArray(ROUNDS);
    onEmptyMap(map -> {
      for (long key = 0; key < ROUNDS; key++) {
        map.put(key, LARGE);
      }
      onEveryThread((thread, round) -> {
        boolean won =
            switch (thread) {
              case 0 -> map.remove((long) round) != null;
              case 1 -> map.remove((long) round, LARGE);
              case 2 -> map.keySet().remove((long) round);
              default -> map.entrySet().remove(Map.entry((long) round, LARGE));
            };
        if (won) {
          winners.incrementAndGet(round);
        }
      });
      assertEachIs(1, winners);
      assertTrue(map.isEmpty());
      assertEquals(0, map.size());
    });
  }

  /** An entry as a lock; who holds it counts without care. */
  @Test
  default void putIfAbsentAndRemoveExpected_asALock_excludeOthers() {
    long[] count = {0};
    onEmptyMap(map -> {
      onEveryThread((thread, round) -> {
        for (int n = 0; map.putIfAbsent(1L, (long) thread) != null; n++) {
          Spin.once(n);
        }
        count[0]++;
        assertTrue(map.remove(1L, (long) thread));
      });
      assertEquals(THREADS * ROUNDS, count[0]);
    });
  }

  // ---- looking ----------------------------------------------------------------------------------

  /** What looks at a map that others change. */
  interface Look {
    void at(ConcurrentMap<Long, Long> map);
  }

  /**
   * Looks at a map of which some keys stay, with the values that they have, while others come and
   * go. Who changes it goes on until nobody looks, and who looks until it has changed often.
   */
  private void whileOthersChange(Look look) {
    onEmptyMap(map -> {
      for (long key = 0; key < KEYS; key++) {
        map.put(key, -key);
      }
      AtomicInteger looking = new AtomicInteger(2);
      AtomicInteger rounds = new AtomicInteger();
      try (Workers workers = new Workers()) {
        for (int i = 0; i < 2; i++) {
          workers.add(() -> {
            while (looking.get() > 0) {
              churn(map, rounds.incrementAndGet());
            }
          });
          workers.add(() -> {
            try {
              int last = rounds.get() + ROUNDS; // changes that come while this one looks
              while (rounds.get() < last) {
                look.at(map);
              }
            } finally {
              looking.decrementAndGet();
            }
          });
        }
        workers.run();
      }
      look.at(map);
    });
  }

  private static void churn(ConcurrentMap<Long, Long> map, int round) {
    long key = (long) KEYS + round % (4 * KEYS);
    if (map.remove(key) == null) {
      map.put(key, -key);
    }
  }

  private static void assertSeen(boolean[] seen) {
    for (int key = 0; key < KEYS; key++) {
      assertTrue(seen[key], key + " was there all the time, and was not seen");
    }
  }

  /** Counts a key; each may come once. */
  private static void see(boolean[] seen, long key) {
    assertTrue(key >= 0 && key < 5 * KEYS, "nobody put in " + key);
    assertTrue(!seen[(int) key], key + " came twice");
    seen[(int) key] = true;
  }

  @Test
  default void keySetIterator_whileOthersChange_seesWhatStaysAndNothingTwice() {
    whileOthersChange(map -> {
      boolean[] seen = new boolean[5 * KEYS];
      for (Long key : map.keySet()) {
        see(seen, key);
      }
      assertSeen(seen);
    });
  }

  @Test
  default void entrySetIterator_whileOthersChange_seesKeysWithTheirValues() {
    whileOthersChange(map -> {
      boolean[] seen = new boolean[5 * KEYS];
      for (Map.Entry<Long, Long> entry : map.entrySet()) {
        see(seen, entry.getKey());
        assertEquals(-entry.getKey(), entry.getValue());
      }
      assertSeen(seen);
    });
  }

  @Test
  default void forEachAndStreams_whileOthersChange_seeWhatStaysAndNothingTwice() {
    whileOthersChange(map -> {
      boolean[] seen = new boolean[5 * KEYS];
      map.forEach((key, value) -> {
        see(seen, key);
        assertEquals(-key, value);
      });
      assertSeen(seen);
      boolean[] streamed = new boolean[5 * KEYS];
      map.keySet().stream().forEach(key -> see(streamed, key));
      assertSeen(streamed);
      Object[] array = map.values().toArray();
      assertEquals(array.length, new HashSet<>(Arrays.asList(array)).size());
    });
  }

  @Test
  default void get_whileOthersChange_findsWhatStays() {
    whileOthersChange(map -> {
      for (long key = 0; key < KEYS; key++) {
        assertEquals(-key, map.get(key));
        assertTrue(map.containsKey(key));
      }
      for (long key = KEYS; key < 5 * KEYS; key++) {
        Long value = map.get(key);
        assertTrue(value == null || value == -key, () -> "value " + value);
      }
    });
  }

  @Test
  default void iteratorRemove_fromManyThreads_leavesNothing() {
    onEmptyMap(map -> {
      for (long key = 0; key < ROUNDS; key++) {
        map.put(key, key);
      }
      try (Workers workers = new Workers()) {
        for (int t = 0; t < THREADS; t++) {
          workers.add(() -> {
            Set<Long> mine = new HashSet<>();
            for (Iterator<Long> keys = map.keySet().iterator(); keys.hasNext(); ) {
              assertTrue(mine.add(keys.next()));
              keys.remove();
            }
          });
        }
        workers.run();
      }
      assertTrue(map.isEmpty());
      assertEquals(0, map.size());
    });
  }
}
