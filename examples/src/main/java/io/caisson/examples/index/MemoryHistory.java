package io.caisson.examples.index;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Operation;
import io.caisson.alloc.TagTree;
import io.caisson.alloc.TaggedAllocator;
import io.caisson.metrics.HtmlReport;
import io.caisson.metrics.MetricsRegistry;
import io.caisson.metrics.MetricsTimeline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a run takes off the heap while it goes on, for the page that {@code --report} writes.
 *
 * <p>The input and the table have a tag each, and each round is an operation of the table's. Tags
 * and samples take some of the time that the run reports.
 */
final class MemoryHistory implements AutoCloseable {

  private static final String INPUT = "index.input";
  private static final String TABLE = "index.table";
  private static final Duration PERIOD = Duration.ofMillis(20);

  /** More than six minutes; of a longer run the page shows the end. */
  private static final int MAX_POINTS = 20_000;

  private final TagTree tags = new TagTree();
  private final MetricsRegistry registry = new MetricsRegistry().register("index", tags);
  private final MetricsTimeline timeline = new MetricsTimeline(registry, MAX_POINTS);

  MemoryHistory() {
    timeline.start(PERIOD);
  }

  /** Returns an allocator for the input. */
  Allocator input(AccountedAllocator bottom) {
    registry.register(INPUT, bottom);
    return new TaggedAllocator(bottom, tags.tag(INPUT));
  }

  /** Begins a round, whose table is put on what is returned. */
  Operation beginRound(AccountedAllocator bottom) {
    registry.unregister(TABLE);
    registry.register(TABLE, bottom);
    return new Operation(bottom, tags.tag(TABLE));
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
