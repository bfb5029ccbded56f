package io.caisson.examples.index;

import io.caisson.alloc.Allocator;
import java.util.List;

/** The counts of one thread. */
final class OwnTableCounts implements TableCounts {

  private final TableCounter counter;

  OwnTableCounts(Allocator allocator) {
    counter = new TableCounter(allocator);
  }

  @Override
  public List<TableCounter> counters() {
    return List.of(counter);
  }

  @Override
  public long distinct() {
    return counter.distinct();
  }

  @Override
  public List<TopString> top(long limit) {
    return TopStrings.of(counter.table(), limit);
  }

  @Override
  public void close() {
    counter.close();
  }
}
