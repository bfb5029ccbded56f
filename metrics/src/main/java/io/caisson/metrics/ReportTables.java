package io.caisson.metrics;

import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.ByteSize;
import io.caisson.alloc.LeakReport;
import io.caisson.alloc.TagStats;
import io.caisson.metrics.Html.Cell;
import io.caisson.metrics.MetricsSnapshot.BudgetEntry;
import io.caisson.metrics.MetricsSnapshot.TagEntry;
import io.caisson.smr.DomainStats;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** The parts of the page that are numbers: a summary, tables, and leaks with their stacks. */
final class ReportTables {

  /** So many sites of leaks are shown with their stacks unfolded. */
  private static final int UNFOLDED_SITES = 3;

  /** From here on a budget is shown as nearly used up, as it warns its listener by default. */
  private static final double NEARLY_USED_UP = 0.8;

  private final MetricsSnapshot snapshot;
  private final List<LeakReport> leaks;
  private final Html page;

  ReportTables(MetricsSnapshot snapshot, List<LeakReport> leaks, Html page) {
    this.snapshot = snapshot;
    this.leaks = leaks;
    this.page = page;
  }

  // ---- summary --------------------------------------------------------------------------------

  void summary() {
    List<AllocatorStats> accounts = snapshot.allocators().stream().map(it -> it.stats()).toList();
    long live = accounts.stream().mapToLong(AllocatorStats::liveBytes).sum();
    long peak = accounts.stream().mapToLong(AllocatorStats::peakBytes).sum();
    long allocations = accounts.stream().mapToLong(AllocatorStats::allocations).sum();
    long failures = accounts.stream().mapToLong(AllocatorStats::failures).sum();
    long refusals = snapshot.budgets().stream().mapToLong(BudgetEntry::refusals).sum();
    long garbage = snapshot.domains().stream().mapToLong(it -> it.stats().garbageBytes()).sum();
    long leaked = leaks.stream().mapToLong(LeakReport::byteSize).sum();
    page.section("summary", "Summary").raw("<dl class=\"tiles\">\n");
    tile("Live off the heap", ByteSize.format(live), false);
    tile("Peak", ByteSize.format(peak), false);
    tile("Allocations", Html.count(allocations), false);
    tile("Failures", Html.count(failures), failures > 0);
    tile("Refusals", Html.count(refusals), refusals > 0);
    tile("Garbage waiting", ByteSize.format(garbage), false);
    if (!leaks.isEmpty()) {
      tile("Leaked", ByteSize.format(leaked), leaked > 0);
    }
    if (snapshot.residentBytes() > 0) {
      tile("Resident in all", ByteSize.format(snapshot.residentBytes()), false);
    }
    page.raw("</dl>\n").end();
  }

  private void tile(String name, String figure, boolean isBad) {
    page.raw(isBad ? "<div class=\"bad\">" : "<div>");
    page.raw("<dt>").raw(Html.escape(name)).raw("</dt><dd>").raw(Html.escape(figure));
    page.raw("</dd></div>\n");
  }

  // ---- accounts -------------------------------------------------------------------------------

  void allocators() {
    page.section("allocators", "Allocators");
    if (snapshot.allocators().isEmpty()) {
      page.note("No allocator is registered.").end();
      return;
    }
    long most =
        snapshot.allocators().stream().mapToLong(it -> it.stats().peakBytes()).max().orElse(0);
    page.table(
            List.of("Allocator", "Live", "Blocks", "Peak", "Allocations", "Frees", "Failures"),
            snapshot.allocators().stream()
                .map(it ->
                    List.of(
                        Cell.text(it.name()),
                        Cell.bytes(it.stats().liveBytes()),
                        Cell.count(it.stats().liveBlocks()),
                        peak(it.stats().peakBytes(), most),
                        Cell.count(it.stats().allocations()),
                        Cell.count(it.stats().frees()),
                        Cell.count(it.stats().failures())))
                .toList())
        .end();
  }

  void pools() {
    if (snapshot.pools().isEmpty()) {
      return;
    }
    page.section("pools", "Pools")
        .table(
            List.of("Pool", "Blocks", "Live", "Free", "Chunks", "Passed on"),
            snapshot.pools().stream()
                .map(it ->
                    List.of(
                        Cell.text(it.name()),
                        Cell.count(it.stats().totalBlocks()),
                        Cell.count(it.stats().liveBlocks()),
                        Cell.count(it.stats().freeBlocks()),
                        Cell.count(it.stats().chunks()),
                        Cell.count(it.stats().passedOn())))
                .toList())
        .end();
  }

  void tags() {
    page.section("tags", "Tags and their peaks");
    if (snapshot.tags().isEmpty()) {
      page.note("No tags are registered, or none is in use.").end();
      return;
    }
    long most = snapshot.tags().stream().mapToLong(ReportTables::peakOf).max().orElse(0);
    page.table(
        List.of(
            "Tag",
            "Live",
            "Blocks",
            "Peak",
            "Peak of an operation",
            "Operations",
            "Allocations",
            "Failures",
            "Median size",
            "99 % up to"),
        snapshot.tags().stream().map(it -> row(it, most)).toList());
    page.note("Figures of a tag leave out the tags below it. Sizes are those of a class.").end();
  }

  private static long peakOf(TagEntry tag) {
    return tag.stats().memory().peakBytes();
  }

  private static List<Cell> row(TagEntry tag, long most) {
    TagStats stats = tag.stats();
    return List.of(
        Cell.text(stats.path()),
        Cell.bytes(stats.memory().liveBytes()),
        Cell.count(stats.memory().liveBlocks()),
        peak(peakOf(tag), most),
        Cell.bytes(stats.highestOperationPeak()),
        Cell.count(stats.operations()),
        Cell.count(stats.memory().allocations()),
        Cell.count(stats.memory().failures()),
        Cell.bytes(stats.sizes().percentile(50)),
        Cell.bytes(stats.sizes().percentile(99)));
  }

  private static Cell peak(long byteSize, long most) {
    return Cell.bytes(byteSize, most == 0 ? 0 : (double) byteSize / most);
  }

  // ---- budgets --------------------------------------------------------------------------------

  void budgets() {
    page.section("budgets", "Budgets");
    if (snapshot.budgets().isEmpty()) {
      page.note("No budget is registered.").end();
      return;
    }
    Map<String, BudgetEntry> unshown = new LinkedHashMap<>();
    snapshot.budgets().forEach(it -> unshown.put(it.name(), it));
    // What is within none of the others first, each with what is within it.
    budgets(unshown, it -> it.parent() == null || !unshown.containsKey(it.parent()));
    budgets(unshown, it -> true); // names that lead round in a circle
    page.end();
  }

  private void budgets(Map<String, BudgetEntry> unshown, Predicate<BudgetEntry> which) {
    List<BudgetEntry> chosen = unshown.values().stream().filter(which).toList();
    if (chosen.isEmpty()) {
      return;
    }
    page.raw("<ul class=\"budgets\">\n");
    chosen.forEach(it -> unshown.remove(it.name()));
    chosen.forEach(it -> budget(it, unshown));
    page.raw("</ul>\n");
  }

  private void budget(BudgetEntry budget, Map<String, BudgetEntry> unshown) {
    double used = share(budget.used(), budget.limit());
    double peak = share(budget.peak(), budget.limit());
    boolean isBad = budget.refusals() > 0;
    page.raw("<li class=\"" + (isBad ? "bad" : peak >= NEARLY_USED_UP ? "near" : "well") + "\">");
    page.element("strong", budget.name());
    if (budget.parent() != null) {
      page.element("span", "within " + budget.parent());
    }
    page.element(
        "span",
        "%s %s, peak %s, %s"
            .formatted(
                ByteSize.format(budget.used()),
                budget.limit() == Long.MAX_VALUE
                    ? "used without a limit"
                    : "of " + ByteSize.format(budget.limit()) + " used",
                ByteSize.format(budget.peak()),
                Html.plural(budget.refusals(), "refusal")));
    if (budget.limit() != Long.MAX_VALUE) {
      page.raw(
          String.format(
              Locale.ROOT,
              "<div class=\"meter\"><i style=\"width:%.1f%%\"></i><b style=\"left:%.1f%%\"></b></div>%n",
              100 * used,
              100 * peak));
    }
    budgets(unshown, it -> budget.name().equals(it.parent()));
    page.raw("</li>\n");
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : Math.min(1, (double) part / whole);
  }

  // ---- reclamation ----------------------------------------------------------------------------

  void domains() {
    page.table(
        List.of(
            "Domain",
            "Waiting",
            "Blocks",
            "Retired",
            "Freed",
            "Pins",
            "Held back for",
            "Refused",
            "Failed frees"),
        snapshot.domains().stream().map(it -> row(it.name(), it.stats())).toList());
  }

  private static List<Cell> row(String name, DomainStats stats) {
    return List.of(
        Cell.text(stats.closed() ? name + " (closed)" : name),
        Cell.bytes(stats.garbageBytes()),
        Cell.count(stats.garbageBlocks()),
        Cell.bytes(stats.retiredBytes()),
        Cell.bytes(stats.freedBytes()),
        Cell.count(stats.pinnedSlots() + stats.pinnedInCounters()),
        new Cell(Duration.ofNanos(stats.oldestPinNanos()).toMillis() + " ms", true, 0, ""),
        Cell.count(stats.refused()),
        Cell.count(stats.failedFrees()));
  }

  // ---- leaks ----------------------------------------------------------------------------------

  void leaks() {
    page.section("leaks", "Leaks");
    if (leaks.isEmpty()) {
      page.note("No leak detector is registered.");
    }
    for (LeakReport report : leaks) {
      if (report.isEmpty()) {
        page.note("Allocator '" + report.allocator() + "': no block is out.");
        continue;
      }
      page.element(
          "h3",
          "Allocator '%s': %s of %s, looked at %s"
              .formatted(
                  report.allocator(),
                  Html.plural(report.count(), "block"),
                  ByteSize.format(report.byteSize()),
                  report.sampling() > 1 ? "one block in " + report.sampling() : "every block"));
      for (int i = 0; i < report.sites().size(); i++) {
        site(report.sites().get(i), i < UNFOLDED_SITES);
      }
    }
    page.end();
  }

  private void site(LeakReport.Site site, boolean unfolded) {
    String what = Html.plural(site.count(), "block") + " of " + ByteSize.format(site.byteSize());
    page.raw(unfolded ? "<details open>" : "<details>").element("summary", what);
    Throwable allocation = site.first().allocation();
    StringBuilder stack = new StringBuilder();
    if (allocation == null) {
      stack.append("Where it was allocated is known from leak level ADVANCED on.");
    } else {
      for (StackTraceElement frame : allocation.getStackTrace()) {
        stack.append("at ").append(frame).append('\n');
      }
    }
    page.element("pre", stack.toString()).raw("</details>\n");
  }
}
