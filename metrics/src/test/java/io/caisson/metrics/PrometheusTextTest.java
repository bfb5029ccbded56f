package io.caisson.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.hawkular.agent.prometheus.text.TextPrometheusMetricsProcessor;
import org.hawkular.agent.prometheus.types.Counter;
import org.hawkular.agent.prometheus.types.Gauge;
import org.hawkular.agent.prometheus.types.Histogram;
import org.hawkular.agent.prometheus.types.Metric;
import org.hawkular.agent.prometheus.types.MetricFamily;
import org.hawkular.agent.prometheus.types.MetricType;
import org.hawkular.agent.prometheus.walkers.CollectorPrometheusMetricsWalker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads the text as a scraper does, by Hawkular's parser; and, since that one is lenient, holds
 * each line to the grammar of the format.
 */
class PrometheusTextTest {

  private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
  private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\\\\\"\\n]|\\\\[\\\\\"n])*\"";
  private static final Pattern LINE =
      Pattern.compile(
          "# HELP (NAME) (?:[^\\\\]|\\\\[\\\\n])+|# TYPE (NAME) (counter|gauge|histogram)|"
                  .replace("NAME", NAME)
              + NAME
              + "(\\{"
              + LABEL
              + "(,"
              + LABEL
              + ")*})? -?\\d+(\\.\\d+)?(E-?\\d+)?");

  @TempDir Path directory;

  private static Map<String, MetricFamily> scrape(String text) {
    CollectorPrometheusMetricsWalker walker = new CollectorPrometheusMetricsWalker();
    new TextPrometheusMetricsProcessor(new ByteArrayInputStream(text.getBytes(UTF_8)), walker)
        .walk();
    return walker.getAllMetricFamilies().stream()
        .collect(Collectors.toMap(MetricFamily::getName, family -> family));
  }

  private static String workload() {
    try (Workload workload = new Workload()) {
      return PrometheusText.of(workload.registry.snapshot());
    }
  }

  private static double value(Metric metric) {
    return switch (metric) {
      case Gauge gauge -> gauge.getValue();
      case Counter counter -> counter.getValue();
      default -> throw new AssertionError(metric);
    };
  }

  private static double value(
      Map<String, MetricFamily> families, String name, String label, String labelValue) {
    MetricFamily family = families.get(name);
    assertNotNull(family, () -> name + " is not in " + families.keySet());
    List<Metric> found =
        family.getMetrics().stream()
            .filter(metric -> labelValue.equals(metric.getLabels().get(label)))
            .toList();
    assertEquals(1, found.size(), () -> name + ": " + family.getMetrics());
    return value(found.getFirst());
  }

  /** What breaks the grammar: a line that is none of it, a second header, or one that is late. */
  private static List<String> violations(String text) {
    Set<String> headers = new HashSet<>();
    return text.lines()
        .filter(line -> {
          String header = line.replaceFirst("# (\\S+) (\\S+).*", "$1$2");
          boolean repeated = line.startsWith("# ") && !headers.add(header);
          String name = line.replaceFirst("[{ ].*", "").replaceFirst("_(bucket|sum|count)$", "");
          boolean late = !line.startsWith("#") && !headers.contains("TYPE" + name);
          return repeated || late || !LINE.matcher(line).matches();
        })
        .toList();
  }

  @Test
  void of_everything_isReadBack() {
    Map<String, MetricFamily> families = scrape(workload());
    assertEquals(300 * 100, value(families, "caisson_tag_live_bytes", "op", "graph.node"));
    assertEquals(
        40_000, value(families, "caisson_tag_operation_peak_bytes", "op", "cache.rebuild"));
    assertEquals(300, value(families, "caisson_tag_allocations_total", "op", "graph.node"));
    assertEquals(50_000, value(families, "caisson_budget_limit_bytes", "budget", "service"));
    assertEquals(1, value(families, "caisson_budget_refusals_total", "budget", "service"));
    assertEquals(192, value(families, "caisson_domain_garbage_bytes", "domain", "map"));
    assertEquals(1, value(families, "caisson_domain_pinned_guards", "domain", "map"));
    assertEquals(0, value(families, "caisson_pool_live_blocks", "pool", "pool"));
    assertEquals(0, value(families, "caisson_tag_failures_total", "op", "graph.node"));
  }

  @Test
  void of_histogram_isCumulative() {
    MetricFamily family = scrape(workload()).get("caisson_tag_allocation_size_bytes");
    assertEquals(MetricType.HISTOGRAM, family.getType());
    Histogram nodes =
        family.getMetrics().stream()
            .filter(metric -> metric.getLabels().get("op").equals("graph.node"))
            .map(Histogram.class::cast)
            .findFirst()
            .orElseThrow();
    assertEquals(300, nodes.getSampleCount());
    assertEquals(300 * 112, nodes.getSampleSum());
    Map<Double, Long> buckets = new TreeMap<>();
    nodes.getBuckets().forEach(it -> buckets.put(it.getUpperBound(), it.getCumulativeCount()));
    assertEquals(0, buckets.get(64.0));
    assertEquals(300, buckets.get(256.0));
    assertEquals(300, buckets.get(Double.POSITIVE_INFINITY));
  }

  @Test
  void of_everything_keepsTheGrammar() {
    String text = workload();
    assertEquals(List.of(), violations(text));
    assertTrue(text.endsWith("\n"));
    assertTrue(text.contains("{allocator=\"nodes \\\"a\\\\b\\\"\\n</script><b>&\"} "), text);
  }

  @Test
  void of_everything_namesCountersAsTotals() {
    scrape(workload())
        .values()
        .forEach(family -> {
          assertTrue(family.getName().startsWith("caisson_"), family.getName());
          assertEquals(
              family.getType() == MetricType.COUNTER,
              family.getName().endsWith("_total"),
              family.getName());
          assertFalse(family.getHelp().isBlank(), family.getName());
        });
  }

  @Test
  void grammar_brokenLines_areCaught() {
    assertEquals(1, violations("# TYPE a gauge\na{b=\"c\nd\"} 1\n".replace("\nd", "\"")).size());
    assertEquals(1, violations("a 1\n").size());
    assertEquals(1, violations("# TYPE a gauge\na 1\n# TYPE a gauge\n").size());
    assertEquals(1, violations("# TYPE a gauge\na{b=\"\\x\"} 1\n").size());
    assertEquals(List.of(), violations("# TYPE a gauge\na{b=\"\\\\\"} 1.0E9\n"));
  }

  @Test
  void file_eachSnapshot_isReplaced() throws IOException {
    Path file = directory.resolve("caisson.prom");
    try (Workload workload = new Workload();
        MetricsTimeline timeline = new MetricsTimeline(workload.registry, 2)) {
      timeline.add(new PrometheusFile(file)).sample();
      workload.allocate(1);
      timeline.sample();
      assertEquals(
          301 * 100,
          value(scrape(Files.readString(file)), "caisson_tag_live_bytes", "op", "graph.node"));
    }
    try (var files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void file_noDirectory_throws() {
    MetricsSink sink = new PrometheusFile(directory.resolve("none").resolve("caisson.prom"));
    MetricsSnapshot snapshot = new MetricsRegistry().snapshot();
    assertThrows(IOException.class, () -> sink.accept(snapshot));
  }
}
