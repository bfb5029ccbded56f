package io.caisson.examples.workloads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.ArenaProfile;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetCheck;
import io.caisson.alloc.BudgetProfile;
import io.caisson.alloc.BudgetedAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.Operation;
import io.caisson.alloc.OwnedBlock;
import io.caisson.alloc.TagStats;
import io.caisson.alloc.TagTree;
import io.caisson.collections.BytesLongTable;
import io.caisson.collections.StringView;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scans a repository, always the same, for whose lines it has, in the arena of the query. */
class AttributionWorkloadTest {

  private static final int FILES = 300;
  private static final int LINES = 40;
  private static final String[] AUTHORS = {"Ada", "Barbara", "Edsger", "Grace", "Tony"};

  private final AccountedAllocator base = Allocators.system();
  private final LeakCheck check = new LeakCheck(base);
  private final TagTree tags = new TagTree();
  private final List<byte[]> files = new ArrayList<>();
  private final Map<String, Long> expected = new TreeMap<>();

  AttributionWorkloadTest() {
    Random random = new Random(20251008); // the repository is fixed, and so is its seed
    for (int file = 0; file < FILES; file++) {
      StringBuilder text = new StringBuilder();
      for (int line = 0; line < LINES; line++) {
        String author = AUTHORS[random.nextInt(AUTHORS.length)];
        String key = author + "\tsrc/module" + file % 50;
        text.append(key).append('\t').append("line ").append(random.nextInt()).append('\n');
        expected.merge(key, 1L, Long::sum);
      }
      files.add(text.toString().getBytes(UTF_8));
    }
  }

  @AfterEach
  void nothingIsOut() {
    assertEquals(0, tags.total().liveBytes());
    check.close();
  }

  /** Counts the lines of each author in each module. */
  private Map<String, Long> scan(Allocator allocator) {
    try (Operation query = new Operation(allocator, tags.tag(TagTree.ATTRIBUTE_QUERY));
        ArenaAllocator arena =
            new ArenaAllocator(query.allocator(), ArenaProfile.ATTRIBUTE_QUERY.configured());
        BytesLongTable lines = new BytesLongTable(arena)) {
      for (byte[] file : files) {
        try (OwnedBlock content = OwnedBlock.allocate(query.allocator(), file.length, 8)) {
          content.segment().copyFrom(MemorySegment.ofArray(file));
          count(StringView.of(content.segment()), lines);
        }
      }
      Map<String, Long> counts = new TreeMap<>();
      lines.forEach((key, count) -> counts.put(key.toString(), count));
      return counts;
    }
  }

  private static void count(StringView text, BytesLongTable lines) {
    text.split(
        (byte) '\n',
        line -> {
          if (!line.isEmpty()) {
            long author = line.indexOf((byte) '\t', 0);
            lines.addTo(line.subView(0, line.indexOf((byte) '\t', author + 1)), 1);
          }
        });
  }

  @Test
  void scan_fixedRepository_staysWithinItsBudget() {
    try (Budget budget = new Budget(BudgetProfile.ATTRIBUTE_QUERY.configured())) {
      assertEquals(expected, scan(new BudgetedAllocator(base, budget)));
      assertEquals(0, budget.refusals());
    }
    BudgetCheck budgets = new BudgetCheck(List.of(BudgetProfile.ATTRIBUTE_QUERY));
    assertEquals(
        BudgetCheck.Verdict.OK, budgets.check(tags).verdict(), budgets.check(tags)::toString);
    TagStats query = tags.tag(TagTree.ATTRIBUTE_QUERY).stats();
    assertTrue(query.lastOperationPeak() > ArenaProfile.ATTRIBUTE_QUERY.configured().hint());
  }

  @Test
  void scan_againAndAgain_hasTheSamePeak() {
    scan(base);
    long peak = tags.tag(TagTree.ATTRIBUTE_QUERY).stats().lastOperationPeak();
    for (int run = 0; run < 3; run++) {
      scan(base);
      assertEquals(peak, tags.tag(TagTree.ATTRIBUTE_QUERY).stats().lastOperationPeak());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 7, 37, FILES})
  void scan_outOfMemoryAfterSome_givesAllBackAndCanBeRepeated(long n) {
    MockAllocator mock = new MockAllocator(base).failAfter(n);
    assertThrows(AllocationException.class, () -> scan(mock));
    assertEquals(0, tags.total().liveBytes());
    assertEquals(1, tags.total().failures());
    mock.failAfter(0);
    assertEquals(expected, scan(mock));
  }
}
