package io.caisson.examples.index;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Budget;
import io.caisson.alloc.LeakDetectingAllocator;
import io.caisson.alloc.Operation;
import io.caisson.alloc.TagTree;
import io.caisson.alloc.TaggedAllocator;
import io.caisson.metrics.HtmlReport;
import io.caisson.metrics.MetricsRegistry;
import io.caisson.metrics.MetricsTimeline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a run takes off the heap while it goes on, for the page that {@code --report} writes.
 *
 * <p>The input and the table have a tag and a budget each, and each round is an operation of the
 * table's. These and the samples take some of the time that the run reports.
 */
final class MemoryHistory implements AutoCloseable {

  private static final String INPUT = "index.input";
  private static final String TABLE = "index.table";

  // Accounts, which come and go, have names that no budget has.
  private static final String INPUT_MEMORY = "input";
  private static final String TABLE_MEMORY = "table";
  private static final Duration PERIOD = Duration.ofMillis(20);

  /** More than six minutes; of a longer run the page shows the end. */
  private static final int MAX_POINTS = 20_000;

  private final TagTree tags = new TagTree();
  private final MetricsRegistry registry = new MetricsRegistry().register("index", tags);
  private final MetricsTimeline timeline = new MetricsTimeline(registry, MAX_POINTS);

  MemoryHistory(IndexBudgets budgets) {
    for (Budget budget : List.of(budgets.all, budgets.input, budgets.table)) {
      registry.register(budget.name(), budget);
    }
    timeline.start(PERIOD);
  }

  /** Returns an allocator for the input. */
  Allocator input(AccountedAllocator bottom) {
    registry.register(INPUT_MEMORY, bottom);
    return new TaggedAllocator(bottom, tags.tag(INPUT));
  }

  /**
   * Begins a round, whose table is put on what is returned.
   *
   * @param bottom the account to show
   * @param budgeted what the round is over
   */
  Operation beginRound(AccountedAllocator bottom, Allocator budgeted) {
    registry.unregister(TABLE_MEMORY);
    registry.register(TABLE_MEMORY, bottom);
    return new Operation(budgeted, tags.tag(TABLE));
  }

  /** Asks a detector for the leaks that the page shows, from the round that has begun. */
  void watch(LeakDetectingAllocator detector) {
    registry.register(TABLE_MEMORY, detector);
  }

  /** Takes note of a round that ends, before it gives its memory back. */
  void endRound() {
    timeline.sample();
  }

  /**
   * Writes the page.
   *
   * @throws IndexFailure if the file cannot be written
   */
  void write(Path file) {
    timeline.sample();
    try {
      HtmlReport.write("caisson index", registry, timeline, file);
    } catch (IOException e) {
      throw new IndexFailure("cannot write " + file + ": " + e);
    }
  }

  @Override
  public void close() {
    timeline.close();
  }
}
