package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import java.util.concurrent.ConcurrentMap;

/** The view of the concurrent table as a map. */
class ConcurrentLongLongMapTest implements ConcurrentMapContract {

  private record OnTable(ReclamationDomain domain, ConcurrentLongLongTable table) implements Shown {
    @Override
    public ConcurrentMap<Long, Long> map() {
      return table.asMap();
    }

    @Override
    public void close() {
      table.close();
      domain.close();
    }
  }

  @Override
  public Shown open(Allocator allocator) {
    ReclamationDomain domain = ReclamationDomain.builder().slots(8).bagCapacity(4).build();
    TableShape tiny = new TableShape(LongLongCell.SIZE, 64, 8);
    return new OnTable(
        domain, new ConcurrentLongLongTable(allocator, domain, tiny, LongLongCell.RESERVED));
  }
}
