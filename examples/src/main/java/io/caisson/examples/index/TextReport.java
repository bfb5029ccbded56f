package io.caisson.examples.index;

import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.ByteSize;
import java.io.IOException;
import java.util.Formatter;
import java.util.Locale;

/** The report as people read it. */
final class TextReport {

  private static final int MAX_TEXT = 100;
  private static final String COLUMNS = "%-26s%14s%19s%9s%n";

  private final IndexReport report;
  private final AllocatorStats stats;
  private final LeakSearch leaks;
  private final Formatter out;

  private TextReport(IndexReport report, AllocatorStats stats, LeakSearch leaks, Formatter out) {
    this.report = report;
    this.stats = stats;
    this.leaks = leaks;
    this.out = out;
  }

  /** Writes a report. */
  static void write(IndexReport report, AllocatorStats stats, LeakSearch leaks, Appendable out)
      throws IOException {
    Formatter formatter = new Formatter(out, Locale.ROOT);
    TextReport text = new TextReport(report, stats, leaks, formatter);
    text.top();
    text.counts();
    text.figures();
    text.allocator();
    if (formatter.ioException() != null) {
      throw formatter.ioException();
    }
  }

  private void top() {
    for (TopString top : report.top()) {
      out.format(
          "%,12d  %s%n", top.count(), Printable.shortened(Printable.of(top.text()), MAX_TEXT));
    }
    if (!report.top().isEmpty()) {
      out.format("%n");
    }
  }

  private void counts() {
    out.format("%,d distinct of %,d strings", report.distinct(), report.strings());
    String files = report.files() == 1 ? "file" : "files";
    out.format(" in %,d %s of %s", report.files(), files, ByteSize.format(report.bytes()));
    out.format(", read in %,.0f ms%n%n", report.readMillis());
  }

  private void figures() {
    IndexReport.Baseline baseline = report.baseline();
    if (baseline == null) {
      out.format(COLUMNS, "", "Caisson", "", "");
      row(counting(), millis(report.elapsedMillis()));
      row("on the heap", ByteSize.format(report.heapBytes()));
    } else {
      out.format(COLUMNS, "", "Caisson", MapCounts.name(report.threads()), "ratio");
      double time = report.elapsedMillis();
      double baselineTime = baseline.elapsedMillis();
      row(counting(), millis(time), millis(baselineTime), time / baselineTime);
      String heap = ByteSize.format(report.heapBytes());
      String baselineHeap = ByteSize.format(baseline.heapBytes());
      row("on the heap", heap, baselineHeap, (double) report.heapBytes() / baseline.heapBytes());
    }
    row("off the heap", ByteSize.format(report.offHeapBytes()));
    row("off the heap at its peak", ByteSize.format(report.peakOffHeapBytes()));
    String pauses = report.gcMillis() + " ms";
    out.format(
        COLUMNS,
        "garbage collection",
        pauses,
        baseline == null ? "" : baseline.gcMillis() + " ms",
        "");
  }

  private String counting() {
    return report.threads() == 1
        ? "parsing and counting"
        : "counting on " + report.threads() + " threads";
  }

  private void row(String what, String figure) {
    out.format(COLUMNS, what, figure, "", "");
  }

  private void row(String what, String figure, String baseline, double ratio) {
    String comparison = Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f", ratio) : "";
    out.format(COLUMNS, what, figure, baseline, comparison);
  }

  private void allocator() {
    out.format("%nallocator %s, %s memory: ", report.allocator(), report.memory());
    out.format("%,d allocations, %,d frees, ", stats.allocations(), stats.frees());
    out.format("%s live, ", ByteSize.format(stats.liveBytes()));
    out.format(
        "%s at the peak, %,d failures%n", ByteSize.format(stats.peakBytes()), stats.failures());
    if (leaks != LeakSearch.OFF) {
      out.format("leaks: none found (%s)%n", leaks);
    }
  }

  private static String millis(double millis) {
    return String.format(Locale.ROOT, "%,.1f ms", millis);
  }
}
