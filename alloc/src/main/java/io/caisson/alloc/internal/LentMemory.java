package io.caisson.alloc.internal;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The book that checked mode keeps of memory that is not from an allocator: segments of the
 * caller's that a view was made of. An address in one may be accessed while the segment's scope is
 * alive.
 *
 * <p>Thread-safe. Nothing here runs in native mode.
 */
final class LentMemory {

  private static final int PURGE_SIZE = 1024;

  private record Range(long start, long end, MemorySegment.Scope scope) {

    boolean contains(long address, long byteSize) {
      return address >= start && byteSize <= end - address;
    }
  }

  /** Ranges of live scopes are disjoint; those of one scope that touch are one. */
  private static final ConcurrentSkipListMap<Long, Range> RANGES = new ConcurrentSkipListMap<>();

  private LentMemory() {}

  /** Notes that a segment may be accessed by address. */
  static void lend(MemorySegment segment) {
    if (segment.byteSize() > 0 && !covers(segment.address(), segment.byteSize())) {
      add(segment);
    }
  }

  private static synchronized void add(MemorySegment segment) {
    if (RANGES.size() >= PURGE_SIZE) {
      RANGES.values().removeIf(range -> !range.scope.isAlive());
    }
    long start = segment.address();
    long end = start + segment.byteSize();
    Range before = floor(start);
    if (before != null && before.end >= start && before.scope.equals(segment.scope())) {
      start = before.start;
    }
    for (Range range : RANGES.subMap(start, true, end, true).values()) {
      if (range.scope.equals(segment.scope())) {
        end = Math.max(end, range.end);
      }
      if (range.start < end) {
        RANGES.remove(range.start); // joined, or dead: two live scopes do not overlap
      }
    }
    RANGES.put(start, new Range(start, end, segment.scope()));
  }

  /** Says whether an access lies in memory that is lent and alive. */
  static boolean covers(long address, long byteSize) {
    Range range = floor(address);
    return range != null && range.contains(address, byteSize) && range.scope.isAlive();
  }

  private static @Nullable Range floor(long address) {
    Map.Entry<Long, Range> entry = RANGES.floorEntry(address);
    return entry == null ? null : entry.getValue();
  }
}
