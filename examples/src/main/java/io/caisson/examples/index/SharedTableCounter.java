package io.caisson.examples.index;

import io.caisson.collections.ConcurrentBytesLongTable;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Counts in a table that other threads count in, too. One guard serves many strings: it is moved on
 * now and then, so that what the table leaves behind as it grows is freed.
 */
final class SharedTableCounter implements StringCounter {

  private static final int STRINGS_PER_GUARD = 256;

  private final ConcurrentBytesLongTable table;
  private final ReclamationDomain domain;
  private @Nullable Guard guard;
  private long strings;

  SharedTableCounter(ConcurrentBytesLongTable table, ReclamationDomain domain) {
    this.table = table;
    this.domain = domain;
  }

  @Override
  public void count(MemorySegment source, long offset, long byteSize) {
    table.addTo(guard(), source, offset, byteSize, 1);
    strings++;
  }

  private Guard guard() {
    Guard open = guard;
    if (open == null) {
      open = domain.pin();
      guard = open;
    } else if (strings % STRINGS_PER_GUARD == 0) {
      open.refresh();
    }
    return open;
  }

  @Override
  public long strings() {
    return strings;
  }

  @Override
  public long distinct() {
    return table.size();
  }

  /** Unpins; the table stays open. */
  @Override
  public void close() {
    if (guard != null) {
      guard.close();
      guard = null;
    }
  }
}
