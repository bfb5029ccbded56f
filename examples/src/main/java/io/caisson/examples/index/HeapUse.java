package io.caisson.examples.index;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/** What the Java heap holds, and what collecting it costs. */
final class HeapUse {

  private static final int MAX_COLLECTIONS = 6;
  private static final long STABLE_WITHIN = 16 << 10;

  private HeapUse() {}

  /** Collects until what is left no longer changes, and returns that in bytes. */
  static long afterCollection() {
    long used = collect();
    for (int i = 1; i < MAX_COLLECTIONS; i++) {
      long now = collect();
      if (Math.abs(now - used) <= STABLE_WITHIN) {
        return now;
      }
      used = now;
    }
    return used;
  }

  private static long collect() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** Returns the milliseconds that this JVM has spent on collections so far. */
  static long collectionMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .filter(millis -> millis > 0)
        .sum();
  }
}
