package io.caisson.examples.index;

import io.caisson.alloc.Allocator;
import io.caisson.collections.ConcurrentBytesLongTable;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.util.List;
import java.util.stream.Stream;

/** The counts of several threads, in one table. */
final class SharedTableCounts implements TableCounts {

  private final ReclamationDomain domain = ReclamationDomain.builder().name("index").build();
  private final ConcurrentBytesLongTable table;
  private final List<SharedTableCounter> counters;

  SharedTableCounts(Allocator allocator, int threads) {
    table = new ConcurrentBytesLongTable(allocator, domain);
    counters = Stream.generate(() -> new SharedTableCounter(table, domain)).limit(threads).toList();
  }

  @Override
  public List<SharedTableCounter> counters() {
    return counters;
  }

  @Override
  public long distinct() {
    return table.size();
  }

  @Override
  public List<TopString> top(long limit) {
    try (Guard guard = domain.pin()) {
      return TopStrings.of(strings -> table.forEach(guard, strings::accept), table.size(), limit);
    }
  }

  @Override
  public void close() {
    counters.forEach(SharedTableCounter::close);
    table.close();
    domain.close();
  }
}
