package io.caisson.bench;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.collections.ConcurrentBytesOrderedMap;
import io.caisson.collections.ConcurrentLongLongOrderedMap;
import io.caisson.smr.ReclamationDomain;
import java.util.Locale;

/**
 * Prints the bytes an entry that ordered maps take: ours as asked of the allocator, whose own
 * overhead comes on top; the JDK's as the Java heap in use after collections.
 */
public final class OrderedMapFootprint {

  private static final int ENTRIES = 1_000_000;

  private OrderedMapFootprint() {}

  /** Fills each. */
  public static void main(String[] arguments) {
    try (AccountedAllocator allocator = Allocators.system();
        ReclamationDomain domain = new ReclamationDomain()) {
      try (ConcurrentLongLongOrderedMap map = new ConcurrentLongLongOrderedMap(allocator, domain)) {
        for (long i = 0; i < ENTRIES; i++) {
          map.put(i, i, 0);
        }
        print("caisson", allocator.stats().liveBytes());
      }
      try (ConcurrentBytesOrderedMap map = new ConcurrentBytesOrderedMap(allocator, domain)) {
        for (long i = 0; i < ENTRIES; i++) {
          map.put(OrderedMap.key(i), OrderedMap.key(i));
        }
        print("caisson-bytes", allocator.stats().liveBytes());
      }
    }
    onTheHeap("jdk");
    onTheHeap("jdk-bytes");
  }

  private static void onTheHeap(String impl) {
    long before = used();
    try (OrderedMap map = OrderedMap.of(impl)) {
      for (long i = 0; i < ENTRIES; i++) {
        map.put(i, i);
      }
      print(impl, used() - before);
      map.put(0, 0); // still there
    }
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void print(String impl, long byteSize) {
    System.out.printf(Locale.ROOT, "%s: %.1f bytes an entry%n", impl, (double) byteSize / ENTRIES);
  }
}
