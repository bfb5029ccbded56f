package io.caisson.alloc.internal;

import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The book that checked mode keeps of memory that is not from an allocator: segments of the
 * caller's that a view was made of. An address in one may be accessed while the segment's scope is
 * alive.
 *
 * <p>Thread-safe. Nothing here runs in native mode.
 */
final class LentMemory {

  /** A range that dies with a scope, and does not keep the scope alive. */
  private record Range(long start, long end, WeakReference<MemorySegment.Scope> scope) {

    boolean isAlive() {
      MemorySegment.Scope alive = scope.get();
      return alive != null && alive.isAlive();
    }

    boolean contains(long address, long byteSize) {
      return address >= start && byteSize <= end - address;
    }

    boolean touches(Range other) {
      MemorySegment.Scope alive = scope.get();
      return alive != null
          && alive.equals(other.scope.get())
          && start <= other.end
          && other.start <= end;
    }

    Range with(Range other) {
      return new Range(Math.min(start, other.start), Math.max(end, other.end), scope);
    }
  }

  /** Those of live scopes; replaced as a whole, so that readers need no lock. */
  private static volatile List<Range> ranges = List.of();

  /** The one that held the last access, for most follow each other in one segment. */
  private static volatile @Nullable Range recent;

  private LentMemory() {}

  /** Notes that a segment may be accessed by address. */
  static void lend(MemorySegment segment) {
    if (segment.byteSize() > 0 && !covers(segment.address(), segment.byteSize())) {
      add(
          new Range(
              segment.address(),
              segment.address() + segment.byteSize(),
              new WeakReference<>(segment.scope())));
    }
  }

  private static synchronized void add(Range range) {
    List<Range> kept = new ArrayList<>();
    Range joined = range;
    for (Range other : ranges) {
      if (other.touches(joined)) {
        joined = joined.with(other);
      } else if (other.isAlive()) {
        kept.add(other);
      }
    }
    kept.add(joined);
    ranges = kept;
  }

  /** Says whether an access lies in memory that is lent and alive. */
  static boolean covers(long address, long byteSize) {
    Range last = recent;
    if (last != null && last.contains(address, byteSize) && last.isAlive()) {
      return true;
    }
    for (Range range : ranges) {
      if (range.contains(address, byteSize) && range.isAlive()) {
        recent = range;
        return true;
      }
    }
    return false;
  }
}
