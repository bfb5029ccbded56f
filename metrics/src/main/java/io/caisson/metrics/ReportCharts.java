package io.caisson.metrics;

import com.google.gson.stream.JsonWriter;
import io.caisson.alloc.ByteSize;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The parts of the page that are drawn over time, by its script: here are their places, their
 * legends and their figures.
 */
final class ReportCharts {

  private static final int MAX_POINTS = 600;

  /** So many series have a colour of their own; the rest is one. */
  private static final int MAX_SERIES = 9;

  private static final String OTHERS = "all others";

  /** What one chart draws: for each name as many figures as there are points. */
  private record Chart(String id, boolean stacked, Map<String, long[]> series) {}

  private final List<MetricsTimeline.Point> points;
  private final Html page;
  private final List<Chart> charts = new ArrayList<>();

  ReportCharts(List<MetricsTimeline.Point> all, Html page) {
    this.points = thinned(all);
    this.page = page;
  }

  /** Returns at most so many points as a screen can show, the first and the last among them. */
  private static List<MetricsTimeline.Point> thinned(List<MetricsTimeline.Point> all) {
    if (all.size() <= MAX_POINTS) {
      return all;
    }
    List<MetricsTimeline.Point> some = new ArrayList<>();
    for (int i = 0; i < MAX_POINTS; i++) {
      some.add(all.get((int) ((long) i * (all.size() - 1) / (MAX_POINTS - 1))));
    }
    return some;
  }

  /**
   * Adds a chart, or says why there is none.
   *
   * @param stacked whether the series add up
   */
  void chart(
      String id, boolean stacked, Function<MetricsTimeline.Point, Map<String, Long>> figures) {
    Map<String, long[]> series = series(figures);
    if (points.size() < 2 || series.isEmpty()) {
      page.note(
          points.size() < 2
              ? "Over time: there are fewer than two samples."
              : "Over time: nothing was in use at any sample.");
      return;
    }
    charts.add(new Chart(id, stacked, series));
    page.raw("<div class=\"chart\"><canvas id=\"chart-" + id + "\" role=\"img\"></canvas></div>\n");
    legend(series);
  }

  /** Returns the series that are ever above 0, those with the highest peaks first. */
  private Map<String, long[]> series(Function<MetricsTimeline.Point, Map<String, Long>> figures) {
    Map<String, long[]> all = new LinkedHashMap<>();
    for (int i = 0; i < points.size(); i++) {
      for (Map.Entry<String, Long> figure : figures.apply(points.get(i)).entrySet()) {
        all.computeIfAbsent(figure.getKey(), _ -> new long[points.size()])[i] = figure.getValue();
      }
    }
    List<Map.Entry<String, long[]>> sorted =
        all.entrySet().stream()
            .filter(it -> peak(it.getValue()) > 0)
            .sorted(Comparator.comparingLong(it -> -peak(it.getValue())))
            .toList();
    Map<String, long[]> shown = new LinkedHashMap<>();
    for (Map.Entry<String, long[]> entry : sorted) {
      if (shown.size() < MAX_SERIES || sorted.size() == MAX_SERIES + 1) {
        shown.put(entry.getKey(), entry.getValue());
      } else {
        add(shown.computeIfAbsent(OTHERS, _ -> new long[points.size()]), entry.getValue());
      }
    }
    return shown;
  }

  private static void add(long[] sums, long[] figures) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += figures[i];
    }
  }

  private static long peak(long[] figures) {
    long peak = 0;
    for (long figure : figures) {
      peak = Math.max(peak, figure);
    }
    return peak;
  }

  private void legend(Map<String, long[]> series) {
    page.raw("<ul class=\"legend\">");
    int colour = 0;
    for (Map.Entry<String, long[]> entry : series.entrySet()) {
      page.raw("<li style=\"--swatch:var(--series-" + colour++ + ")\">");
      page.raw(Html.escape(entry.getKey())).raw(" <small>peak ");
      page.raw(Html.escape(ByteSize.format(peak(entry.getValue())))).raw("</small></li>");
    }
    page.raw("</ul>\n");
  }

  /** Returns what the script draws, as JSON that can stand in an element of a script. */
  String data() {
    StringWriter text = new StringWriter();
    try (JsonWriter out = new JsonWriter(text)) {
      out.setHtmlSafe(true);
      out.beginObject();
      out.name("seconds").beginArray();
      for (MetricsTimeline.Point point : points) {
        out.value(Duration.between(points.getFirst().time(), point.time()).toNanos() / 1e9);
      }
      out.endArray();
      out.name("charts").beginArray();
      for (Chart chart : charts) {
        write(chart, out);
      }
      out.endArray().endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter throws none
    }
    return text.toString();
  }

  private static void write(Chart chart, JsonWriter out) throws IOException {
    out.beginObject();
    out.name("id").value(chart.id);
    out.name("stacked").value(chart.stacked);
    out.name("series").beginArray();
    for (Map.Entry<String, long[]> entry : chart.series.entrySet()) {
      out.beginObject().name("name").value(entry.getKey()).name("bytes").beginArray();
      for (long figure : entry.getValue()) {
        out.value(figure);
      }
      out.endArray().endObject();
    }
    out.endArray().endObject();
  }
}
