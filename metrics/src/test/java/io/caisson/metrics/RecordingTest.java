package io.caisson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetProfile;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/** Reads a recording of our events as JDK Mission Control does, by its own parser. */
class RecordingTest {

  private static final int LARGE = 2 << 20;
  private static final int HARD_LIMIT = 1 << 16;

  @TempDir Path directory;

  private static void work() {
    try (AccountedAllocator allocator = Allocators.system();
        Budget budget = new Budget(new BudgetProfile("small", 1000));
        ReclamationDomain domain =
            ReclamationDomain.builder()
                .name("stalled")
                .softLimit(HARD_LIMIT / 2)
                .hardLimit(HARD_LIMIT, LimitPolicy.fail())
                .build()) {
      allocator.free(Allocations.allocate(allocator, LARGE, 8), LARGE, 8);
      assertFalse(budget.tryReserve(1001));
      int number = domain.register(allocator);
      try (Guard reader = domain.pin()) {
        assertTrue(reader != null);
        assertThrows(ReclamationLimitException.class, () -> retireFor(domain, allocator, number));
        stall(domain);
      }
    }
  }

  /** Tries to free under an open guard until that is a stall to tell of, from 100 ms on. */
  private static void stall(ReclamationDomain domain) {
    while (domain.stats().oldestPinNanos() < 200_000_000) {
      domain.drain();
      Thread.onSpinWait();
    }
    assertFalse(domain.drain());
  }

  /** Retires until the domain refuses. */
  private static void retireFor(
      ReclamationDomain domain, AccountedAllocator allocator, int number) {
    while (true) {
      try (Guard guard = domain.pin(1, 1024)) {
        guard.retire(Allocations.allocate(allocator, 1024, 16), 1024, 16, number);
      }
    }
  }

  @Test
  void recording_ourEvents_areReadByMissionControl() throws Exception {
    Path file = directory.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      for (String event :
          new String[] {"LargeAllocation", "BudgetRefusal", "ReclamationRefusal", "EpochStall"}) {
        recording.enable("io.caisson." + event);
      }
      recording.start();
      work();
      recording.stop();
      recording.dump(file);
    }
    IItemCollection ours =
        JfrLoaderToolkit.loadEvents(file.toFile())
            .apply(ItemFilters.typeMatches("io\\.caisson\\..*"));
    Map<String, Long> counts =
        ours.stream()
            .collect(
                Collectors.toMap(it -> it.getType().getIdentifier(), IItemIterable::getItemCount));
    assertEquals(1, counts.get("io.caisson.LargeAllocation"), counts::toString);
    assertEquals(1, counts.get("io.caisson.BudgetRefusal"), counts::toString);
    assertEquals(1, counts.get("io.caisson.ReclamationRefusal"), counts::toString);
    assertTrue(counts.getOrDefault("io.caisson.EpochStall", 0L) >= 1, counts::toString);
  }
}
