package io.caisson.examples.index;

import io.caisson.alloc.Allocator;
import java.util.List;

/** The counts off the heap, and the most frequent strings of them. */
interface TableCounts extends StringCounts {

  /** Returns the most frequent strings, most first. */
  List<TopString> top(long limit);

  /** Creates a table for one thread, or one that several share. */
  static TableCounts open(Allocator allocator, int threads) {
    return threads == 1 ? new OwnTableCounts(allocator) : new SharedTableCounts(allocator, threads);
  }
}
