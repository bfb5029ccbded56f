package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.testkit.LeakCheck;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/** What makes the maps that {@link ConcurrentMapContract} is about. */
interface ConcurrentMapSource {

  /** A map under test, with what it shows and that one's domain, closed together. */
  interface Shown extends AutoCloseable {
    ConcurrentMap<Long, Long> map();

    @Override
    void close();
  }

  /** Opens an empty map; a thread-safe allocator is given, and looked at for leaks. */
  Shown open(Allocator allocator);

  /**
   * Whether entries of the entry set can be set, as those of ConcurrentHashMap; else they throw.
   */
  default boolean entriesAreWritable() {
    return true;
  }

  /** Runs a test on an empty map. */
  default void onEmptyMap(Consumer<ConcurrentMap<Long, Long>> test) {
    LeakCheck.run(allocator -> {
      try (Shown shown = open(allocator)) {
        test.accept(shown.map());
      }
    });
  }

  /** Runs a test on a map of 1 to {@link #LARGE}, and of 2 to 5 to ten times as much. */
  default void onSmallMap(Consumer<ConcurrentMap<Long, Long>> test) {
    onEmptyMap(map -> {
      map.put(1L, LARGE);
      for (long key = 2; key <= 5; key++) {
        map.put(key, 10 * key);
      }
      test.accept(map);
    });
  }

  /** A value that boxes to another object each time. */
  long LARGE = 1L << 40;
}
