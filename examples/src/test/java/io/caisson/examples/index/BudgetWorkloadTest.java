package io.caisson.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetCheck;
import io.caisson.alloc.BudgetProfile;
import io.caisson.alloc.BudgetedAllocator;
import io.caisson.alloc.Operation;
import io.caisson.alloc.TagTree;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Holds the two workloads whose memory is agreed to it: to rebuild the index of a corpus takes at
 * most 256 MiB, to scan it 128 MiB. The corpus is the classes of the JDK, and with checked memory,
 * which is slower, those of java.util.
 */
class BudgetWorkloadTest {

  private static final List<BudgetProfile> AGREED =
      List.of(BudgetProfile.CACHE_REBUILD, BudgetProfile.ATTRIBUTE_QUERY);
  private static final BudgetProfile TOO_SMALL = new BudgetProfile(TagTree.CACHE_REBUILD, 1 << 20);

  private final Problems problems = new Problems(System.err, Progress.none());
  private final AccountedAllocator bottom = Allocators.system();
  private final TagTree tags = new TagTree();

  /** Looks at every string and keeps none. */
  private static final class Checksum implements StringCounter {
    private final CRC32C crc = new CRC32C();
    private long strings;

    @Override
    public void count(MemorySegment source, long offset, long byteSize) {
      crc.update(source.asSlice(offset, byteSize).asByteBuffer());
      strings++;
    }

    @Override
    public long strings() {
      return strings;
    }

    @Override
    public long distinct() {
      return 0;
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
      return "%,d strings, CRC-32C %08x".formatted(strings, crc.getValue());
    }
  }

  @AfterEach
  void nothingIsOut() {
    assertEquals(0, tags.total().liveBytes());
    assertFalse(problems.any());
    bottom.close();
  }

  private List<Path> corpus() {
    String root = BlockRegistry.isActive() ? "/modules/java.base/java/util" : "/modules";
    return Inputs.list(List.of(), problems).stream()
        .filter(file -> file.toString().startsWith(root))
        .toList();
  }

  private void rebuild(Allocator allocator) {
    try (Operation rebuild = new Operation(allocator, tags.tag(TagTree.CACHE_REBUILD));
        TableCounter index = new TableCounter(rebuild.allocator())) {
      read(rebuild, index);
      assertTrue(index.distinct() > 1000);
    }
  }

  private Checksum scan(Allocator allocator) {
    try (Operation scan = new Operation(allocator, tags.tag(TagTree.ATTRIBUTE_QUERY));
        Checksum strings = new Checksum()) {
      read(scan, strings);
      return strings;
    }
  }

  private void read(Operation operation, StringCounter counter) {
    try (FileIndexer indexer =
        new FileIndexer(
            InputMemory.of(operation.allocator()),
            FileIndexer.BUFFER_SIZE,
            problems,
            Progress.none())) {
      corpus().forEach(file -> indexer.index(file, counter));
    }
  }

  @Test
  void workloads_agreedBudgets_areKept() {
    try (Budget rebuilding = new Budget(BudgetProfile.CACHE_REBUILD);
        Budget scanning = new Budget(BudgetProfile.ATTRIBUTE_QUERY)) {
      rebuild(new BudgetedAllocator(bottom, rebuilding));
      Checksum corpus = scan(new BudgetedAllocator(bottom, scanning));
      BudgetCheck.Report report = new BudgetCheck(AGREED).check(tags);
      System.out.println(report + "\non JDK " + Runtime.version() + ": " + corpus);
      assertEquals(BudgetCheck.Verdict.OK, report.verdict(), report::toString);
    }
  }

  @Test
  void rebuild_aboveItsBudget_failsTheBuildAndShowsTheOperation() {
    rebuild(bottom);
    BudgetCheck.Report report = new BudgetCheck(List.of(TOO_SMALL)).check(tags);
    assertEquals(1, report.exitCode());
    assertTrue(report.toString().contains("FAILURE cache.rebuild"), report::toString);
  }

  @Test
  void rebuild_hardBudgetTooSmall_saysWhichOperationWantedWhat() {
    try (Budget budget = new Budget(TOO_SMALL)) {
      Allocator allocator = new BudgetedAllocator(bottom, budget);
      AllocationException failure =
          assertThrows(AllocationException.class, () -> rebuild(allocator));
      assertEquals(TagTree.CACHE_REBUILD, failure.tag());
      assertEquals(TagTree.CACHE_REBUILD, failure.levels().getFirst().budget());
      assertEquals(0, budget.used());
    }
  }
}
