package io.caisson.alloc;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds the peaks of operations to their budgets afterwards, for a build that must not pass when
 * one needs more memory than agreed.
 *
 * <p>The peak of a tag is the highest of its {@link Operation}s, or its own if none has ended. From
 * 80 % of the budget on (or {@code caisson.budgets.warn-percent}) that is a warning, above all of
 * it a failure; and so is any allocation that failed. Immutable.
 */
public final class BudgetCheck {

  /** What is said of a peak. */
  public enum Verdict {
    /** All is well. */
    OK,
    /** The budget is nearly used up, or has no tag that it could be compared with. */
    WARNING,
    /** The budget is exceeded, or an allocation failed. */
    FAILURE
  }

  /**
   * One operation.
   *
   * @param path its tag
   * @param peakBytes the most that was out at a time, in bytes
   * @param limit its budget in bytes, or {@link Long#MAX_VALUE} if it has none
   * @param failures the allocations that failed
   * @param verdict what is said of it
   */
  public record Row(String path, long peakBytes, long limit, long failures, Verdict verdict) {

    private String line() {
      boolean limited = limit != Long.MAX_VALUE;
      return String.format(
          Locale.ROOT,
          "%-7s %-30s %12s of %12s %6s %8d failures",
          verdict,
          path,
          ByteSize.format(peakBytes),
          limited ? ByteSize.format(limit) : "any",
          limited ? Math.round(100.0 * peakBytes / limit) + " %" : "",
          failures);
    }
  }

  /**
   * All operations.
   *
   * @param rows one for each tag or budget, in the order of their paths
   */
  public record Report(List<Row> rows) {

    /**
     * Creates a report.
     *
     * @param rows one for each tag or budget
     */
    public Report {
      rows = List.copyOf(rows);
    }

    /**
     * Returns the worst verdict.
     *
     * @return that of all rows
     */
    public Verdict verdict() {
      return rows.stream().map(Row::verdict).max(Verdict::compareTo).orElse(Verdict.OK);
    }

    /**
     * Returns what a program that checks budgets should exit with.
     *
     * @return 1 if there is a failure, else 0
     */
    public int exitCode() {
      return verdict() == Verdict.FAILURE ? 1 : 0;
    }

    /**
     * Returns the report as a table.
     *
     * @return a line for each row
     */
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder("budgets: ").append(verdict());
      rows.forEach(row -> text.append('\n').append(row.line()));
      return text.toString();
    }
  }

  private final Map<String, Budget> budgets = new TreeMap<>();

  /**
   * Creates a check.
   *
   * @param budgets what each operation may use, by the path of its tag
   */
  public BudgetCheck(List<BudgetProfile> budgets) {
    budgets.forEach(profile -> this.budgets.put(profile.name(), new Budget(profile)));
  }

  /**
   * Reads a check from a file of properties, such as {@code cache.rebuild = 256MiB}. What the
   * environment says of a budget overrides the file.
   *
   * @param file the file
   * @return the check
   * @throws IllegalArgumentException if a size is malformed; the message names the file and the
   *     property
   * @throws UncheckedIOException if the file cannot be read
   */
  public static BudgetCheck load(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read budgets from " + file, e);
    }
    List<BudgetProfile> profiles = new ArrayList<>();
    for (String name : properties.stringPropertyNames()) {
      try {
        long limit = ByteSize.parse(properties.getProperty(name));
        profiles.add(new BudgetProfile(name, limit).configured());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file + ": " + name + ": " + e.getMessage(), e);
      }
    }
    return new BudgetCheck(profiles);
  }

  /**
   * Compares peaks with their budgets.
   *
   * @param tags the tags, whose operations have ended
   * @return a row for each tag that was used, and each budget
   */
  public Report check(TagTree tags) {
    Map<String, Row> rows = new TreeMap<>();
    budgets.forEach(
        (path, budget) -> rows.put(path, new Row(path, 0, budget.limit(), 0, Verdict.WARNING)));
    for (Tag tag : tags.tags()) {
      TagStats stats = tag.stats();
      if (stats.memory().allocations() > 0 || stats.memory().failures() > 0) {
        rows.put(stats.path(), row(stats, budgets.get(stats.path())));
      }
    }
    return new Report(List.copyOf(rows.values()));
  }

  private static Row row(TagStats stats, @Nullable Budget budget) {
    long peak = stats.operations() > 0 ? stats.highestOperationPeak() : stats.memory().peakBytes();
    long failures = stats.memory().failures();
    if (budget == null) {
      Verdict verdict = failures > 0 ? Verdict.FAILURE : Verdict.OK;
      return new Row(stats.path(), peak, Long.MAX_VALUE, failures, verdict);
    }
    Verdict verdict =
        failures > 0 || peak > budget.limit()
            ? Verdict.FAILURE
            : peak >= budget.warnAt() ? Verdict.WARNING : Verdict.OK;
    return new Row(stats.path(), peak, budget.limit(), failures, verdict);
  }
}
