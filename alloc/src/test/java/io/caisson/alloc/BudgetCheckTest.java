package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.BudgetCheck.Report;
import io.caisson.alloc.BudgetCheck.Row;
import io.caisson.alloc.BudgetCheck.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetCheckTest {

  private final TagTree tags = new TagTree();

  private static BudgetCheck check(String path, long limit) {
    return new BudgetCheck(List.of(new BudgetProfile(path, limit)));
  }

  @ParameterizedTest
  @CsvSource({
    "79, OK, 0",
    "80, WARNING, 0",
    "99, WARNING, 0",
    "100, WARNING, 0",
    "101, FAILURE, 1"
  })
  void check_aroundTheThresholds_warnsAndFails(long percent, Verdict verdict, int exitCode) {
    tags.tag("op").allocated(percent * 1000);
    tags.tag("op").freed(percent * 1000);
    Report report = check("op", 100_000).check(tags);
    assertEquals(List.of(new Row("op", percent * 1000, 100_000, 0, verdict)), report.rows());
    assertEquals(exitCode, report.exitCode());
  }

  @Test
  void check_operations_countByThePeakOfOne() {
    Tag tag = tags.tag("op");
    tag.allocated(900);
    tag.ended(400);
    tag.ended(300);
    assertEquals(400, check("op", 1000).check(tags).rows().getFirst().peakBytes());
  }

  @Test
  void check_failedAllocation_fails() {
    tags.tag("without").allocated(10);
    assertEquals(Verdict.OK, new BudgetCheck(List.of()).check(tags).verdict());
    tags.tag("without").failed();
    Report report = new BudgetCheck(List.of()).check(tags);
    assertEquals(Verdict.FAILURE, report.verdict());
    assertTrue(report.toString().contains("1 failures"), report::toString);
  }

  @Test
  void check_budgetOfNothing_warns() {
    tags.tag("never");
    Report report = check("cache.rebuild", 1 << 20).check(tags);
    assertEquals(List.of(new Row("cache.rebuild", 0, 1 << 20, 0, Verdict.WARNING)), report.rows());
    assertEquals(0, report.exitCode());
    assertEquals(Verdict.OK, new BudgetCheck(List.of()).check(new TagTree()).verdict());
  }

  @Test
  void toString_failure_showsEachOperation() {
    tags.tag("cache.rebuild").allocated(300 << 20);
    tags.tag("journal.read").allocated(1 << 20);
    String table = check("cache.rebuild", 256 << 20).check(tags).toString();
    assertTrue(table.startsWith("budgets: FAILURE\n"), table);
    assertTrue(
        table.matches("(?s).*FAILURE cache.rebuild +300.0 MiB of +256.0 MiB +117 % +0 fail.*"),
        table);
    assertTrue(table.matches("(?s).*OK +journal.read +1.0 MiB of +any +0 failures"), table);
  }

  @Test
  void load_properties_areBudgets(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("budgets.properties");
    Files.writeString(file, "# agreed\ncache.rebuild = 256MiB\nattr.query=128 MiB\n");
    System.setProperty("caisson.budget.attr.query", "1KiB");
    try {
      List<Row> rows = BudgetCheck.load(file).check(tags).rows();
      assertEquals(List.of(1024L, 256L << 20), rows.stream().map(Row::limit).toList());
    } finally {
      System.clearProperty("caisson.budget.attr.query");
    }
  }

  @Test
  void load_malformed_throwsNamingAll(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("budgets.properties");
    Files.writeString(file, "cache.rebuild = lots\n");
    IllegalArgumentException bad =
        assertThrows(IllegalArgumentException.class, () -> BudgetCheck.load(file));
    for (String part : List.of("budgets.properties", "cache.rebuild", "'lots'", "MiB")) {
      assertTrue(bad.getMessage().contains(part), bad::getMessage);
    }
    assertThrows(
        UncheckedIOException.class, () -> BudgetCheck.load(directory.resolve("none.properties")));
  }
}
