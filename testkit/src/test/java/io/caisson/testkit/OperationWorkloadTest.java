package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetCheck;
import io.caisson.alloc.BudgetProfile;
import io.caisson.alloc.BudgetedAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.Operation;
import io.caisson.alloc.SlabAllocator;
import io.caisson.alloc.TagTree;
import io.caisson.alloc.internal.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an application does with memory: it rebuilds a cache from a journal, in an arena for each
 * rebuild, with small records from a slab, under tags and budgets.
 */
class OperationWorkloadTest {

  private static final int ENTRIES = 500;

  private final AccountedAllocator base = Allocators.system();
  private final TagTree tags = new TagTree();

  /** One entry of a cache, in the arena of the rebuild. */
  private record Entry(long address, int byteSize, long checksum) {}

  @AfterEach
  void nothingIsOut() {
    assertEquals(0, tags.total().liveBytes());
    base.close();
  }

  /** Rebuilds a cache, and returns its checksum. */
  private long rebuild(Allocator allocator, long seed) {
    try (Operation operation = new Operation(allocator, tags.tag(TagTree.CACHE_REBUILD));
        ArenaAllocator arena = new ArenaAllocator(operation.allocator(), "rebuild", 16 << 10)) {
      Random journal = new Random(seed);
      List<Entry> cache = new ArrayList<>();
      for (int i = 0; i < ENTRIES; i++) {
        cache.add(decode(allocator, arena, journal));
      }
      long sum = 0;
      for (Entry entry : cache) {
        assertEquals(entry.checksum, checksum(entry.address, entry.byteSize), "cross-talk");
        sum = sum * 31 + entry.checksum;
      }
      return sum;
    }
  }

  /** Decodes an entry of the journal by way of a scratch block that is freed again. */
  private Entry decode(Allocator allocator, ArenaAllocator arena, Random journal) {
    int byteSize = 1 + journal.nextInt(400);
    try (Operation read = new Operation(allocator, tags.tag(TagTree.JOURNAL_READ))) {
      long scratch = Allocations.allocate(read.allocator(), byteSize, 8);
      try {
        for (int i = 0; i < byteSize; i++) {
          Memory.putByte(scratch + i, (byte) journal.nextInt());
        }
        long address = Allocations.allocate(arena, byteSize, 8);
        Memory.copy(scratch, address, byteSize);
        return new Entry(address, byteSize, checksum(address, byteSize));
      } finally {
        read.allocator().free(scratch, byteSize, 8);
      }
    }
  }

  private static long checksum(long address, int byteSize) {
    CRC32C crc = new CRC32C();
    for (int i = 0; i < byteSize; i++) {
      crc.update(Memory.getByte(address + i));
    }
    return crc.getValue();
  }

  @Test
  void rebuilds_inParallel_doNotMeetAndStayWithinTheirBudgets() throws InterruptedException {
    try (SlabAllocator slab = new SlabAllocator(base);
        Budget budget = new Budget(BudgetProfile.CACHE_REBUILD.configured())) {
      Allocator allocator = new BudgetedAllocator(slab, budget);
      long expected = rebuild(allocator, 1);
      Threads.run(
          4,
          index -> {
            for (int round = 0; round < 5; round++) {
              assertEquals(expected, rebuild(allocator, 1));
              assertNotEquals(expected, rebuild(allocator, 2 + index));
            }
          });
      assertEquals(41, tags.tag(TagTree.CACHE_REBUILD).stats().operations());
      assertEquals(41 * ENTRIES, tags.tag(TagTree.JOURNAL_READ).stats().operations());
    }
    BudgetCheck check =
        new BudgetCheck(
            List.of(BudgetProfile.CACHE_REBUILD, new BudgetProfile(TagTree.JOURNAL_READ, 1024)));
    assertEquals(BudgetCheck.Verdict.OK, check.check(tags).verdict(), check.check(tags)::toString);
  }

  @Test
  void rebuild_againAndAgain_hasTheSamePeak() {
    rebuild(base, 1);
    long peak = tags.tag(TagTree.CACHE_REBUILD).stats().lastOperationPeak();
    assertTrue(peak > ENTRIES * 100);
    for (int run = 0; run < 5; run++) {
      rebuild(base, 1);
      assertEquals(peak, tags.tag(TagTree.CACHE_REBUILD).stats().lastOperationPeak());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 7, 37, 400})
  void rebuild_outOfMemoryAfterSome_givesAllBackAndCanBeRepeated(long n) {
    MockAllocator mock = new MockAllocator(base).failAfter(n);
    assertThrows(AllocationException.class, () -> rebuild(mock, 1));
    assertEquals(0, tags.total().liveBytes());
    assertEquals(1, tags.total().failures());
    assertEquals(BudgetCheck.Verdict.FAILURE, new BudgetCheck(List.of()).check(tags).verdict());
    mock.failAfter(0);
    assertEquals(rebuild(base, 1), rebuild(mock, 1));
  }

  @Test
  void rebuild_overItsBudget_saysWhatItWasFor() {
    try (Budget budget = new Budget(new BudgetProfile("small", 40 << 10))) {
      Allocator allocator = new BudgetedAllocator(base, budget);
      AllocationException failure =
          assertThrows(AllocationException.class, () -> rebuild(allocator, 1));
      assertEquals(TagTree.CACHE_REBUILD, failure.tag());
      assertEquals("small", failure.levels().getFirst().budget());
    }
  }
}
