package io.caisson.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caisson.alloc.Borrowed;
import io.caisson.alloc.LeakReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/**
 * Writes a page of HTML for people: what is live and was at its peak, by allocator, tag and budget;
 * which sizes were allocated when; what garbage waits; leaks with their stacks.
 *
 * <p>The page is one file that needs no network, and asks its reader's browser to load nothing
 * else. It is light or dark as its reader prefers, for wide screens and narrow ones; without
 * scripts it lacks only the charts.
 */
public final class HtmlReport {

  private final String title;
  private final MetricsSnapshot snapshot;
  private final MetricsTimeline timeline;
  private final List<MetricsTimeline.Point> points;
  private final List<LeakReport> leaks;
  private final Html page = new Html();

  private HtmlReport(String title, MetricsRegistry registry, MetricsTimeline timeline) {
    this.title = title;
    this.snapshot = registry.snapshot();
    this.timeline = timeline;
    this.points = timeline.points();
    this.leaks = registry.leaks();
  }

  /**
   * Returns the page. It asks the leak detectors of the registry, and their listeners are told.
   *
   * @param title what the page is about
   * @param registry what is shown, as it is now
   * @param timeline the points over time; it is not sampled, and may be closed
   * @return the page
   */
  public static String of(
      String title, MetricsRegistry registry, @Borrowed MetricsTimeline timeline) {
    return new HtmlReport(title, registry, timeline).render();
  }

  /**
   * Writes the page to a file in UTF-8, in place of what the file held.
   *
   * @param title what the page is about
   * @param registry what is shown, as it is now
   * @param timeline the points over time; it is not sampled, and may be closed
   * @param file the file
   * @throws IOException if it cannot be written
   */
  public static void write(
      String title, MetricsRegistry registry, @Borrowed MetricsTimeline timeline, Path file)
      throws IOException {
    Files.writeString(file, of(title, registry, timeline), UTF_8);
  }

  private String render() {
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    page.raw("style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n");
    page.element("title", title);
    page.raw("<style>\n" + resource("report.css") + "</style>\n</head>\n<body>\n<header>");
    page.element("h1", title);
    page.note(
        "Off-heap memory at "
            + snapshot.time().truncatedTo(ChronoUnit.SECONDS)
            + "; "
            + Html.plural(points.size(), "sample"));
    page.raw("</header>\n<main>\n");
    sections();
    page.raw("</main>\n</body>\n</html>\n");
    return page.toString();
  }

  private void sections() {
    ReportTables tables = new ReportTables(snapshot, leaks, page);
    ReportCharts charts = new ReportCharts(points, page);
    tables.summary();
    page.section("live", "Live bytes by tag");
    charts.chart("tags", true, MetricsTimeline.Point::tags);
    page.end().section("live-allocators", "Live bytes by allocator");
    charts.chart("allocators", false, MetricsTimeline.Point::allocators);
    page.end();
    tables.budgets();
    tables.tags();
    heatmap();
    tables.allocators();
    tables.pools();
    garbage(tables, charts);
    tables.leaks();
    script(charts);
  }

  private void heatmap() {
    page.section("heatmap", "Sizes over time");
    var cells = timeline.heatmap();
    if (points.isEmpty() || cells.values().stream().allMatch(List::isEmpty)) {
      page.note("Nothing was allocated under a tag before any sample.");
    } else {
      new ReportHeatmap(cells, points, page).write();
    }
    page.end();
  }

  private void garbage(ReportTables tables, ReportCharts charts) {
    page.section("garbage", "Garbage waiting to be freed");
    if (snapshot.domains().isEmpty()) {
      page.note("No reclamation domain is registered.");
    } else {
      charts.chart("garbage", false, MetricsTimeline.Point::garbage);
      tables.domains();
    }
    page.end();
  }

  private void script(ReportCharts charts) {
    page.raw("<script type=\"application/json\" id=\"figures\">" + charts.data() + "</script>\n");
    page.raw("<script>" + chartLibrary() + "</script>\n");
    page.raw("<script>\n" + resource("report.js") + "</script>\n");
  }

  /** Returns the library without its last line, which would have debuggers look for a file. */
  private static String chartLibrary() {
    String library = resource("chart.js/chart.umd.min.js");
    int map = library.lastIndexOf("//# sourceMappingURL=");
    return map < 0 ? library : library.substring(0, map);
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
