package io.caisson.examples.index;

import io.caisson.alloc.Allocator;
import io.caisson.collections.BytesLongTable;
import java.lang.foreign.MemorySegment;

/** Counts off the heap: the table copies a string that it has not met into its allocator. */
final class TableCounter implements StringCounter {

  private final BytesLongTable table;
  private long strings;

  TableCounter(Allocator allocator) {
    this.table = new BytesLongTable(allocator);
  }

  @Override
  public void count(MemorySegment source, long offset, long byteSize) {
    strings++;
    table.addTo(source, offset, byteSize, 1);
  }

  @Override
  public long strings() {
    return strings;
  }

  @Override
  public long distinct() {
    return table.size();
  }

  BytesLongTable table() {
    return table;
  }

  @Override
  public void close() {
    table.close();
  }
}
