package io.caisson.metrics;

import io.caisson.alloc.AllocationHeatmap.Cell;
import io.caisson.alloc.ByteSize;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The part of the page that shows which tag allocated blocks of which size when: a grid for each
 * tag, of doublings of the size over spans of time.
 */
final class ReportHeatmap {

  private static final int MAX_SPANS = 40;
  private static final int MAX_TAGS = 16;

  private final Html page;
  private final Instant start;
  private final long nanos;
  private final int spans;

  /** How many blocks, by tag, by doubling (the largest first) and by span. */
  private final Map<String, Map<Long, long[]>> counts = new TreeMap<>();

  private long most;

  /**
   * Sums up cells.
   *
   * @param cells the cells of each tree of tags
   * @param points when samples were taken; at least one
   */
  ReportHeatmap(Map<String, List<Cell>> cells, List<MetricsTimeline.Point> points, Html page) {
    this.page = page;
    this.start = points.getFirst().time();
    this.nanos = Duration.between(start, points.getLast().time()).toNanos();
    this.spans = Math.min(MAX_SPANS, points.size());
    cells.forEach(
        (tree, ofTree) -> ofTree.forEach(cell -> add(cells.size() > 1 ? tree + ':' : "", cell)));
  }

  private void add(String prefix, Cell cell) {
    long[] row =
        counts
            .computeIfAbsent(
                prefix + cell.path(), _ -> new TreeMap<>(Comparator.<Long>reverseOrder()))
            .computeIfAbsent(doubling(cell.byteSizeUpTo()), _ -> new long[spans]);
    int span = span(cell.time());
    row[span] += cell.count();
    most = Math.max(most, row[span]);
  }

  /** Returns the least power of two that is not below a size. */
  private static long doubling(long byteSize) {
    long highest = Long.highestOneBit(byteSize);
    return highest == byteSize || highest == 1L << 62 ? highest : highest << 1;
  }

  private int span(Instant time) {
    double share = (double) Duration.between(start, time).toNanos() / Math.max(1, nanos);
    return Math.clamp((long) (share * spans), 0, spans - 1);
  }

  void write() {
    page.note(
        "Blocks allocated, by size and time; the stronger the colour, the more, on a logarithmic"
            + " scale up to "
            + Html.count(most)
            + ".");
    page.raw("<div class=\"grids\">\n");
    counts.entrySet().stream()
        .sorted(Comparator.comparingLong(tag -> -total(tag.getValue())))
        .limit(MAX_TAGS)
        .forEach(tag -> grid(tag.getKey(), tag.getValue()));
    page.raw("</div>\n");
    if (counts.size() > MAX_TAGS) {
      page.note("Left out: " + (counts.size() - MAX_TAGS) + " tags that allocated less often.");
    }
  }

  private static long total(Map<Long, long[]> rows) {
    long total = 0;
    for (long[] row : rows.values()) {
      for (long count : row) {
        total += count;
      }
    }
    return total;
  }

  private void grid(String tag, Map<Long, long[]> rows) {
    page.raw("<figure>").raw("<figcaption><strong>").raw(Html.escape(tag)).raw("</strong> ");
    page.raw(Html.plural(total(rows), "block")).raw("</figcaption>\n<table class=\"heat\">");
    rows.forEach((size, row) -> {
      page.raw("<tr><th>").raw(size(size)).raw("</th>");
      for (int i = 0; i < row.length; i++) {
        cell(size, i, row[i]);
      }
      page.raw("</tr>\n");
    });
    page.raw("<tr class=\"axis\"><th></th><td colspan=\"" + spans + "\"><span>0 s</span><span>");
    page.raw(seconds(nanos)).raw("</span></td></tr></table></figure>\n");
  }

  private void cell(long size, int span, long count) {
    if (count == 0) {
      page.raw("<td></td>");
      return;
    }
    String title =
        "from %s: %s of up to %s"
            .formatted(seconds(nanos / spans * span), Html.plural(count, "block"), size(size));
    page.raw(
        String.format(
            Locale.ROOT,
            "<td style=\"--heat:%.0f%%\" title=\"%s\"></td>",
            25 + 75 * Math.log1p((double) count) / Math.log1p((double) most),
            Html.escape(title)));
  }

  /** Returns a power of two without the decimals that it has not. */
  private static String size(long byteSize) {
    return ByteSize.format(byteSize).replace(".0 ", " ");
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }
}
