package io.caisson.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Budget;
import io.caisson.alloc.BudgetProfile;
import io.caisson.alloc.TaggedAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {

  private static final String TITLE = "A \"title\" & </script>";

  @TempDir Path directory;

  /** A page of a workload over a minute, in which other tags come and go. */
  static String page() {
    try (Workload workload = new Workload();
        MetricsTimeline timeline = new MetricsTimeline(workload.registry, 100)) {
      for (int i = 0; i < 60; i++) {
        Allocator other =
            new TaggedAllocator(workload.allocator, workload.tags.tag("tag" + i % 12));
        long byteSize = 20L << (i % 14);
        long block = Allocations.allocate(other, byteSize, 8);
        workload.allocate(i % 7 * 10);
        timeline.sample();
        other.free(block, byteSize, 8);
        workload.clock.advance(Duration.ofSeconds(1));
      }
      return HtmlReport.of(TITLE, workload.registry, timeline);
    }
  }

  private static void assertShows(String html, String... texts) {
    for (String text : texts) {
      assertTrue(html.contains(text), () -> "'" + text + "' is not in\n" + withoutLibrary(html));
    }
  }

  private static String withoutLibrary(String html) {
    return html.replaceAll("(?s)<script>.*?</script>", "");
  }

  /** What the page must show, with scripts and without. */
  private static void assertShowsEverything(String html) {
    assertShows(html, "Live off the heap", "Garbage waiting", "Refusals");
    assertShows(html, "nodes \"a\\b\"".replace("\"", html.contains("&quot;a") ? "&quot;" : "\""));
    assertShows(html, ">graph.node<", ">cache.rebuild<", "39.1 KiB"); // its peak
    assertShows(html, ">service</strong>", "within service", "1 refusal");
    assertShows(html, "class=\"heat\"", "blocks of up to 128 B", "59.0 s");
    assertShows(html, "<td>map</td>", "192 B", "Failed frees");
    assertShows(html, "1 block of 777 B", "at io.caisson.metrics", "Workload.");
  }

  @Test
  void of_everything_showsIt() {
    String html = page();
    assertShowsEverything(html);
    assertShows(html, "<h1>A &quot;title&quot; &amp; &lt;/script&gt;</h1>", "all others");
    assertFalse(html.contains("</script><b>"), "a name is not escaped");
  }

  @Test
  void of_everything_needsNoNetwork() {
    String html = page();
    assertEquals(
        List.of(),
        Pattern.compile("(src|href|action)=|@import|url\\(|sourceMappingURL")
            .matcher(withoutLibrary(html))
            .results()
            .map(match -> match.group())
            .toList());
    assertTrue(html.contains("default-src 'none'"));
    assertFalse(html.contains("sourceMappingURL"));
  }

  @Test
  void of_budgets_areNestedAsTheyAreWithinEachOther() {
    String budgets = page().replaceAll("(?s).*<section id=\"budgets\">(.*?)</section>.*", "$1");
    assertTrue(
        budgets.matches(
            "(?s).*<li[^>]*>\\s*<strong>service<.*<ul.*<strong>request<.*</ul>\\s*</li>.*"),
        budgets);
    assertEquals(1, Pattern.compile("<strong>request<").matcher(budgets).results().count());
  }

  @Test
  void of_budgetsThatNameEachOther_showsEachOnce() {
    MetricsRegistry registry = new MetricsRegistry(new TestClock());
    try (Budget a = new Budget(new BudgetProfile("a", 1));
        Budget b = a.child(new BudgetProfile("b", 2));
        Budget c = b.child(new BudgetProfile("a", 3))) {
      registry.register("b", b).register("a", c);
      String html = HtmlReport.of("circle", registry, new MetricsTimeline(registry, 1));
      assertEquals(1, Pattern.compile("<strong>a<").matcher(html).results().count());
      assertEquals(1, Pattern.compile("<strong>b<").matcher(html).results().count());
    }
  }

  @Test
  void of_nothing_saysSo() {
    MetricsRegistry registry = new MetricsRegistry(new TestClock());
    String html = HtmlReport.of("empty", registry, new MetricsTimeline(registry, 1));
    assertShows(
        html,
        "No tags are registered",
        "No budget is registered",
        "No allocator is registered",
        "No reclamation domain is registered",
        "No leak detector is registered",
        "fewer than two samples");
    assertFalse(html.contains("<dt>Leaked</dt>"), "nobody has looked for leaks");
  }

  @Test
  void write_file_isReplaced() throws IOException {
    Path file = Files.writeString(directory.resolve("report.html"), "before");
    MetricsRegistry registry = new MetricsRegistry();
    HtmlReport.write("empty", registry, new MetricsTimeline(registry, 1), file);
    assertTrue(Files.readString(file).startsWith("<!DOCTYPE html>"));
  }

  @Test
  void page_inABrowser_isDrawnWithoutAnError() throws Exception {
    Browser browser = new Browser(directory);
    Path file = Files.writeString(directory.resolve("report.html"), page());
    Browser.Page page = browser.load(file);
    assertShowsEverything(page.dom());
    assertShows(page.dom(), "data-charts=\"3\"");
    assertFalse(page.dom().contains("id=\"script-error\""), page::dom);
    assertEquals("", page.log());
    assertEquals(
        3, Pattern.compile("<canvas [^>]*width=\"\\d{3,}\"").matcher(page.dom()).results().count());
  }

  @Test
  void page_brokenScript_isSeen() throws Exception {
    Browser browser = new Browser(directory);
    String broken = page().replace("new Chart(", "new Chrat(");
    Browser.Page page = browser.load(Files.writeString(directory.resolve("broken.html"), broken));
    assertTrue(page.dom().contains("id=\"script-error\""));
    assertTrue(page.log().contains("Chrat"), page::log);
  }
}
