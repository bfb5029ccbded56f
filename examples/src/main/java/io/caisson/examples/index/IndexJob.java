package io.caisson.examples.index;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.BlockRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the rounds: one on the table, one on the baseline, and so on, lest what else the machine
 * does favours one of them.
 */
final class IndexJob {

  /** The report, and what the allocator did in the last round. */
  record Result(IndexReport report, AllocatorStats stats) {}

  private final IndexOptions options;
  private final Problems problems;
  private final Progress progress;
  private final List<RoundFigures> rounds = new ArrayList<>();
  private final List<RoundFigures> baselineRounds = new ArrayList<>();
  private List<TopString> top = List.of();
  private AllocatorStats stats = new AllocatorStats(0, 0, 0, 0, 0, 0, 0, 0);

  IndexJob(IndexOptions options, Problems problems, Progress progress) {
    this.options = options;
    this.problems = problems;
    this.progress = progress;
  }

  /**
   * Does the whole job.
   *
   * @throws io.caisson.alloc.AllocationException if an allocator is exhausted
   */
  Result run() {
    progress.stage("listing files");
    List<Path> files = Inputs.list(options.inputs(), problems);
    try (IndexBudgets budgets = new IndexBudgets(options.budget(), options.page() != null);
        MemoryHistory history = options.page() == null ? null : new MemoryHistory(budgets)) {
      rounds(files, budgets, history);
    }
    compareDistinct();
    return new Result(report(), stats);
  }

  private void rounds(List<Path> files, IndexBudgets budgets, @Nullable MemoryHistory history) {
    try (BaselineProcess baseline = options.baseline() ? startBaseline() : null;
        AccountedAllocator input = Allocators.system();
        IndexCrew crew =
            new IndexCrew(
                options.threads(),
                InputMemory.of(
                    budgets.within(budgets.input, history == null ? input : history.input(input))),
                problems,
                progress)) {
      String map = MapCounts.name(options.threads());
      for (int round = 1; round <= options.rounds(); round++) {
        progress.stage("round " + round + " of " + options.rounds());
        rounds.add(round(files, crew, budgets, history, round == options.rounds()));
        if (baseline != null) {
          progress.stage("round " + round + " of " + options.rounds() + " on " + map);
          baselineRounds.add(baseline.round());
        }
      }
    }
  }

  private BaselineProcess startBaseline() {
    return BaselineProcess.start(options.inputs(), options.threads());
  }

  private RoundFigures round(
      List<Path> files,
      IndexCrew crew,
      IndexBudgets budgets,
      @Nullable MemoryHistory history,
      boolean last) {
    try (TableMemory memory = TableMemory.open(options, budgets, history)) {
      RoundFigures figures = count(files, crew, memory, history, last);
      if (last && history != null && options.page() != null) {
        history.write(options.page()); // while what has leaked can still be asked for
      }
      return figures;
    }
  }

  private RoundFigures count(
      List<Path> files,
      IndexCrew crew,
      TableMemory memory,
      @Nullable MemoryHistory history,
      boolean last) {
    try (TableCounts counts = TableCounts.open(memory.allocator(), options.threads())) {
      RoundFigures figures = RoundFigures.measure(files, crew, counts);
      stats = memory.stats();
      if (history != null) {
        history.endRound();
      }
      if (last) {
        progress.stage("sorting");
        top = counts.top(options.top());
      }
      return figures;
    }
  }

  /** Both sides read the same files: unless these changed meanwhile, they must agree. */
  private void compareDistinct() {
    for (RoundFigures baseline : baselineRounds) {
      long distinct = rounds.getLast().distinct();
      if (baseline.distinct() != distinct) {
        problems.report(
            "the table holds "
                + distinct
                + " distinct strings, the baseline "
                + baseline.distinct());
      }
    }
  }

  private IndexReport report() {
    RoundFigures counted = rounds.getLast();
    return new IndexReport(
        options.allocator().toString(),
        BlockRegistry.isActive() ? "checked" : "native",
        options.threads(),
        counted.files(),
        counted.bytes(),
        counted.strings(),
        counted.distinct(),
        top,
        Median.millis(rounds, RoundFigures::readNanos),
        Median.millis(rounds, RoundFigures::elapsedNanos),
        stats.liveBytes(),
        stats.peakBytes(),
        Median.of(rounds, RoundFigures::heapBytes),
        Median.of(rounds, RoundFigures::gcMillis),
        options.baseline() ? baseline() : null);
  }

  private IndexReport.Baseline baseline() {
    return new IndexReport.Baseline(
        baselineRounds.getLast().distinct(),
        Median.millis(baselineRounds, RoundFigures::elapsedNanos),
        Median.of(baselineRounds, RoundFigures::heapBytes),
        Median.of(baselineRounds, RoundFigures::gcMillis));
  }
}
