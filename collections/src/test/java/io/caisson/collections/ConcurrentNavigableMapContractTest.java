package io.caisson.collections;

import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;

/** Holds our map to the contract, and the JDK's, so that the contract is the JDK's. */
class ConcurrentNavigableMapContractTest {

  @Nested
  class OfTheJdk extends ConcurrentNavigableMapContract {
    @Override
    void run(Consumer<ConcurrentNavigableMap<Long, Long>> test) {
      test.accept(new ConcurrentSkipListMap<>());
    }
  }

  @Nested
  class Ours extends ConcurrentNavigableMapContract {
    @Override
    void run(Consumer<ConcurrentNavigableMap<Long, Long>> test) {
      LeakCheck.run(allocator -> {
        try (ReclamationDomain domain = ReclamationDomain.builder().slots(4).build();
            ConcurrentLongLongOrderedMap map =
                new ConcurrentLongLongOrderedMap(allocator, domain)) {
          test.accept(map.asMap());
          map.checkInvariants();
        }
      });
    }
  }

  /** Ours as a range that holds every key that is used. */
  @Nested
  class OurRange extends ConcurrentNavigableMapContract {
    @Override
    void run(Consumer<ConcurrentNavigableMap<Long, Long>> test) {
      LeakCheck.run(allocator -> {
        try (ReclamationDomain domain = ReclamationDomain.builder().slots(4).build();
            ConcurrentLongLongOrderedMap map =
                new ConcurrentLongLongOrderedMap(allocator, domain)) {
          map.put(Long.MIN_VALUE, 1, 0);
          map.put(1L << 40, 1, 0);
          test.accept(map.asMap().subMap(-1000L, false, 1L << 40, false));
          map.checkInvariants();
        }
      });
    }
  }
}
