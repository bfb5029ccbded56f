package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.collections.LongsInRecords.Num;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import java.lang.invoke.MethodHandles;
import java.util.Map;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;

/** The view of the concurrent table of records as a map. */
class ConcurrentTableMapTest implements ConcurrentMapContract {

  /** Banks of 64 slots. */
  private static final TableShape TINY = new TableShape((int) EntrySlot.SIZE, 64, 8);

  /** A record that is never read as it was written. */
  record Drifting(long number) {
    Drifting {
      number++;
    }
  }

  private static final RecordCodec<Drifting> DRIFTING =
      RecordCodec.of(MethodHandles.lookup(), Drifting.class);

  private record OnTable(ReclamationDomain domain, ConcurrentTable<Num, Num> table)
      implements Shown {
    @Override
    public ConcurrentMap<Long, Long> map() {
      return new LongsInRecords(table.asMap());
    }

    @Override
    public void close() {
      table.close();
      domain.close();
    }
  }

  private static ReclamationDomain smallDomain() {
    return ReclamationDomain.builder().slots(8).bagCapacity(4).build();
  }

  @Override
  public Shown open(Allocator allocator) {
    ReclamationDomain domain = smallDomain();
    RecordCodec<Num> codec = LongsInRecords.CODEC;
    return new OnTable(domain, new ConcurrentTable<>(allocator, domain, codec, codec, TINY));
  }

  /** What looks for a value by what was read of it looks for ever. */
  @Test
  void everyOperation_recordsThatAreReadOtherwise_ends() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Num, Drifting> table =
              new ConcurrentTable<>(allocator, domain, LongsInRecords.CODEC, DRIFTING)) {
        ConcurrentMap<Num, Drifting> map = table.asMap();
        Num key = new Num(1);
        assertNull(map.put(key, new Drifting(10))); // is 11, and read as 12
        assertEquals(new Drifting(11), map.put(key, new Drifting(20)));
        assertEquals(new Drifting(21), map.putIfAbsent(key, new Drifting(30)));
        assertEquals(new Drifting(21), map.replace(key, new Drifting(30)));
        assertEquals(new Drifting(31), map.merge(key, new Drifting(40), (old, given) -> old));
        assertEquals(new Drifting(32), map.get(key));
        assertEquals(new Drifting(40), map.computeIfPresent(key, (same, old) -> new Drifting(40)));
        assertEquals(new Drifting(50), map.compute(key, (same, old) -> new Drifting(50)));
        map.replaceAll((same, old) -> new Drifting(60));
        assertFalse(map.remove(key, new Drifting(61)));
        assertEquals(new Drifting(61), map.remove(key));
        assertTrue(map.isEmpty());
      }
    });
  }

  @Test
  void equalsAndToString_areThoseOfMaps() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentTable<Num, Num> table =
              new ConcurrentTable<>(
                  allocator, domain, LongsInRecords.CODEC, LongsInRecords.CODEC)) {
        table.put(new Num(1), new Num(2));
        Map<Num, Num> same = Map.of(new Num(1), new Num(2));
        assertEquals(same, table.asMap());
        assertEquals(table.asMap(), same);
        assertEquals(same.hashCode(), table.asMap().hashCode());
        assertEquals(same.toString(), table.asMap().toString());
        assertEquals(same.entrySet(), table.asMap().entrySet());
      }
    });
  }
}
