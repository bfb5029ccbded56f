package io.caisson.metrics;

import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.SizeHistogram;
import io.caisson.metrics.MetricsSnapshot.AllocatorEntry;
import io.caisson.metrics.MetricsSnapshot.BudgetEntry;
import io.caisson.metrics.MetricsSnapshot.DomainEntry;
import io.caisson.metrics.MetricsSnapshot.PoolEntry;
import io.caisson.metrics.MetricsSnapshot.TagEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Writes snapshots as Prometheus scrapes them: the text exposition format, version 0.0.4.
 *
 * <p>Names begin with {@code caisson_}; bytes and seconds are the units; what only grows ends in
 * {@code _total}. A tag is shown by the labels {@code tree} and {@code op}, its path.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">the format</a>
 */
public final class PrometheusText {

  /** What a server should call the text. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** A histogram has a bucket up to 16 bytes, and one for every so many doublings. */
  private static final int FIRST_BUCKET_SHIFT = 4;

  private static final int LAST_BUCKET_SHIFT = 32;
  private static final int BUCKET_STEP = 2;

  private static final double NANOS_PER_SECOND = 1e9;

  private final Appendable out;

  private PrometheusText(Appendable out) {
    this.out = out;
  }

  /**
   * Returns a snapshot as text.
   *
   * @param snapshot the figures
   * @return the text, empty if nothing is registered and the resident set is not known
   */
  public static String of(MetricsSnapshot snapshot) {
    StringBuilder text = new StringBuilder(4096);
    try {
      write(snapshot, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringBuilder throws none
    }
    return text.toString();
  }

  /**
   * Writes a snapshot.
   *
   * @param snapshot the figures
   * @param out where to; encode it in UTF-8
   * @throws IOException if it cannot be written
   */
  public static void write(MetricsSnapshot snapshot, Appendable out) throws IOException {
    PrometheusText text = new PrometheusText(out);
    if (snapshot.residentBytes() > 0) {
      text.header("caisson_process_resident_bytes", "gauge", "Resident memory of the process.");
      text.sample("caisson_process_resident_bytes", "", Long.toString(snapshot.residentBytes()));
    }
    text.allocators(snapshot.allocators());
    text.pools(snapshot.pools());
    text.tags(snapshot.tags());
    text.budgets(snapshot.budgets());
    text.domains(snapshot.domains());
  }

  // ---- what is shown --------------------------------------------------------------------------

  private void allocators(List<AllocatorEntry> entries) throws IOException {
    Family<AllocatorEntry> family =
        new Family<>("caisson_allocator_", entries, it -> label("allocator", it.name()));
    account(family, AllocatorEntry::stats);
  }

  private void tags(List<TagEntry> entries) throws IOException {
    Family<TagEntry> family =
        new Family<>(
            "caisson_tag_",
            entries,
            it -> label("tree", it.tree()) + ',' + label("op", it.stats().path()));
    account(family, it -> it.stats().memory());
    family.counter("operations_total", "Operations ended.", it -> it.stats().operations());
    family.gauge(
        "operation_peak_bytes",
        "Highest peak of any operation ended.",
        it -> it.stats().highestOperationPeak());
    family.gauge(
        "last_operation_peak_bytes",
        "Peak of the last operation ended.",
        it -> it.stats().lastOperationPeak());
    family.histogram(
        "allocation_size_bytes",
        "Sizes of blocks handed out; the sum takes each for the largest of its class.",
        it -> it.stats().sizes());
    family.histogram(
        "arena_growth_bytes",
        "Blocks that arenas grew by, sampled; the sum takes each for the largest of its class.",
        it -> it.stats().growths());
  }

  private <T> void account(Family<T> family, Function<T, AllocatorStats> stats) throws IOException {
    family.gauge("live_bytes", "Bytes out now.", it -> stats.apply(it).liveBytes());
    family.gauge("live_blocks", "Blocks out now.", it -> stats.apply(it).liveBlocks());
    family.gauge("peak_bytes", "Most bytes out at any time.", it -> stats.apply(it).peakBytes());
    family.counter("allocations_total", "Blocks handed out.", it -> stats.apply(it).allocations());
    family.counter("frees_total", "Blocks taken back.", it -> stats.apply(it).frees());
    family.counter(
        "allocated_bytes_total",
        "Bytes handed out, growth of blocks included.",
        it -> stats.apply(it).allocatedBytes());
    family.counter(
        "freed_bytes_total",
        "Bytes taken back, shrinking of blocks included.",
        it -> stats.apply(it).freedBytes());
    family.counter("failures_total", "Requests refused.", it -> stats.apply(it).failures());
  }

  private void pools(List<PoolEntry> entries) throws IOException {
    Family<PoolEntry> family =
        new Family<>("caisson_pool_", entries, it -> label("pool", it.name()));
    family.gauge("blocks", "Blocks of all chunks.", it -> it.stats().totalBlocks());
    family.gauge("free_blocks", "Blocks at hand.", it -> it.stats().freeBlocks());
    family.gauge("live_blocks", "Blocks out now.", it -> it.stats().liveBlocks());
    family.gauge("chunks", "Chunks taken from the parent.", it -> it.stats().chunks());
    family.gauge(
        "passed_on_blocks", "Blocks out that are the parent's.", it -> it.stats().passedOn());
  }

  private void budgets(List<BudgetEntry> entries) throws IOException {
    Family<BudgetEntry> family =
        new Family<>("caisson_budget_", entries, it -> label("budget", it.name()));
    family.gauge("limit_bytes", "Most that may be reserved.", BudgetEntry::limit);
    family.gauge("used_bytes", "Bytes reserved now.", BudgetEntry::used);
    family.gauge("peak_bytes", "Most bytes reserved at any time.", BudgetEntry::peak);
    family.counter("refusals_total", "Requests refused.", BudgetEntry::refusals);
  }

  private void domains(List<DomainEntry> entries) throws IOException {
    Family<DomainEntry> family =
        new Family<>("caisson_domain_", entries, it -> label("domain", it.name()));
    family.gauge("closed", "1 if the domain is closed, else 0.", it -> it.stats().closed() ? 1 : 0);
    family.counter("epochs_total", "Epochs begun.", it -> it.stats().epoch());
    family.gauge(
        "pinned_guards",
        "Guards pinned now.",
        it -> it.stats().pinnedSlots() + it.stats().pinnedInCounters());
    family.seconds(
        "oldest_pin_seconds",
        "For how long a pin has held the epoch back.",
        it -> it.stats().oldestPinNanos());
    family.gauge(
        "garbage_blocks", "Blocks retired and not yet freed.", it -> it.stats().garbageBlocks());
    family.gauge(
        "garbage_bytes", "Bytes retired and not yet freed.", it -> it.stats().garbageBytes());
    family.gauge("charged_bytes", "Bytes that the limits count.", it -> it.stats().chargedBytes());
    family.counter("retired_blocks_total", "Blocks retired.", it -> it.stats().retiredBlocks());
    family.counter("retired_bytes_total", "Bytes retired.", it -> it.stats().retiredBytes());
    family.counter("freed_blocks_total", "Blocks freed.", it -> it.stats().freedBlocks());
    family.counter("freed_bytes_total", "Bytes freed.", it -> it.stats().freedBytes());
    family.counter("failed_frees_total", "Frees that threw.", it -> it.stats().failedFrees());
    family.counter(
        "refusals_total", "Operations refused for want of room.", it -> it.stats().refused());
    family.counter(
        "beyond_hard_limit_total",
        "Operations that went beyond the hard limit.",
        it -> it.stats().beyondHardLimit());
    family.counter(
        "leaked_guards_total",
        "Guards that nobody closed, found in checked mode.",
        it -> it.stats().leakedGuards());
  }

  // ---- how it is written ----------------------------------------------------------------------

  /** The metrics of things of one kind: each has a header, and a line for each thing. */
  private final class Family<T> {
    private final String prefix;
    private final List<T> entries;
    private final Function<T, String> labels;

    Family(String prefix, List<T> entries, Function<T, String> labels) {
      this.prefix = prefix;
      this.entries = entries;
      this.labels = labels;
    }

    void gauge(String name, String help, ToLongFunction<T> value) throws IOException {
      lines(name, "gauge", help, it -> Long.toString(value.applyAsLong(it)));
    }

    void counter(String name, String help, ToLongFunction<T> value) throws IOException {
      lines(name, "counter", help, it -> Long.toString(value.applyAsLong(it)));
    }

    void seconds(String name, String help, ToLongFunction<T> nanos) throws IOException {
      lines(name, "gauge", help, it -> Double.toString(nanos.applyAsLong(it) / NANOS_PER_SECOND));
    }

    private void lines(String name, String type, String help, Function<T, String> value)
        throws IOException {
      if (!entries.isEmpty()) {
        header(prefix + name, type, help);
      }
      for (T entry : entries) {
        sample(prefix + name, labels.apply(entry), value.apply(entry));
      }
    }

    void histogram(String name, String help, Function<T, SizeHistogram> sizes) throws IOException {
      if (!entries.isEmpty()) {
        header(prefix + name, "histogram", help);
      }
      for (T entry : entries) {
        buckets(prefix + name, labels.apply(entry), sizes.apply(entry));
      }
    }
  }

  /** Writes a histogram; its bounds are the same whatever has been counted, for rates to be. */
  private void buckets(String name, String labels, SizeHistogram sizes) throws IOException {
    for (int shift = FIRST_BUCKET_SHIFT; shift <= LAST_BUCKET_SHIFT; shift += BUCKET_STEP) {
      long bound = 1L << shift;
      long count =
          sizes.buckets().stream()
              .filter(bucket -> bucket.byteSizeUpTo() <= bound)
              .mapToLong(SizeHistogram.Bucket::count)
              .sum();
      bucket(name, labels, Long.toString(bound), count);
    }
    bucket(name, labels, "+Inf", sizes.count());
    double sum = 0;
    for (SizeHistogram.Bucket bucket : sizes.buckets()) {
      sum += (double) bucket.byteSizeUpTo() * bucket.count();
    }
    sample(name + "_sum", labels, Double.toString(sum));
    sample(name + "_count", labels, Long.toString(sizes.count()));
  }

  private void bucket(String name, String labels, String bound, long count) throws IOException {
    sample(name + "_bucket", labels + ',' + label("le", bound), Long.toString(count));
  }

  private void header(String name, String type, String help) throws IOException {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private void sample(String name, String labels, String value) throws IOException {
    out.append(name);
    if (!labels.isEmpty()) {
      out.append('{').append(labels).append('}');
    }
    out.append(' ').append(value).append('\n');
  }

  private static String label(String name, String value) {
    String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return name + "=\"" + escaped + '"';
  }
}
