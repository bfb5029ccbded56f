package io.caisson.metrics;

import com.google.gson.stream.JsonWriter;
import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.SizeHistogram;
import io.caisson.alloc.TagStats;
import io.caisson.metrics.MetricsSnapshot.BudgetEntry;
import io.caisson.smr.DomainStats;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;

/**
 * Writes snapshots as JSON: one object without line breaks.
 *
 * <p>Its members are named as the components of {@link MetricsSnapshot} and of what that holds;
 * {@code time} is ISO 8601 in UTC. Members may be added in later versions.
 */
public final class MetricsJson {

  private final JsonWriter out;

  private MetricsJson(JsonWriter out) {
    this.out = out;
  }

  /**
   * Returns a snapshot as JSON.
   *
   * @param snapshot the figures
   * @return an object on one line
   */
  public static String of(MetricsSnapshot snapshot) {
    StringWriter text = new StringWriter();
    try {
      write(snapshot, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter throws none
    }
    return text.toString();
  }

  /**
   * Writes a snapshot.
   *
   * @param snapshot the figures
   * @param out where to; encode it in UTF-8. It is not closed.
   * @throws IOException if it cannot be written
   */
  // The writer of JSON has no resource but the caller's writer.
  @SuppressWarnings("resource")
  public static void write(MetricsSnapshot snapshot, Writer out) throws IOException {
    JsonWriter json = new JsonWriter(out);
    new MetricsJson(json).snapshot(snapshot);
    json.flush();
  }

  private void snapshot(MetricsSnapshot snapshot) throws IOException {
    out.beginObject();
    out.name("time").value(snapshot.time().toString());
    member("residentBytes", snapshot.residentBytes());
    array(
        "allocators",
        snapshot.allocators(),
        it -> {
          out.name("name").value(it.name());
          account(it.stats());
        });
    array(
        "pools",
        snapshot.pools(),
        it -> {
          out.name("name").value(it.name());
          member("totalBlocks", it.stats().totalBlocks());
          member("freeBlocks", it.stats().freeBlocks());
          member("liveBlocks", it.stats().liveBlocks());
          member("chunks", it.stats().chunks());
          member("passedOn", it.stats().passedOn());
        });
    array(
        "tags",
        snapshot.tags(),
        it -> {
          out.name("tree").value(it.tree());
          tag(it.stats());
        });
    array("budgets", snapshot.budgets(), this::budget);
    array(
        "domains",
        snapshot.domains(),
        it -> {
          out.name("name").value(it.name());
          domain(it.stats());
        });
    out.endObject();
  }

  private void account(AllocatorStats stats) throws IOException {
    member("liveBlocks", stats.liveBlocks());
    member("liveBytes", stats.liveBytes());
    member("peakBytes", stats.peakBytes());
    member("allocations", stats.allocations());
    member("frees", stats.frees());
    member("allocatedBytes", stats.allocatedBytes());
    member("freedBytes", stats.freedBytes());
    member("failures", stats.failures());
  }

  private void tag(TagStats stats) throws IOException {
    out.name("path").value(stats.path());
    account(stats.memory());
    member("operations", stats.operations());
    member("lastOperationPeak", stats.lastOperationPeak());
    member("highestOperationPeak", stats.highestOperationPeak());
    sizes("sizes", stats.sizes());
    sizes("growths", stats.growths());
  }

  private void sizes(String name, SizeHistogram sizes) throws IOException {
    out.name(name).beginObject();
    member("count", sizes.count());
    member("p50", sizes.percentile(50));
    member("p90", sizes.percentile(90));
    member("p99", sizes.percentile(99));
    array(
        "buckets",
        sizes.buckets(),
        it -> {
          member("byteSizeUpTo", it.byteSizeUpTo());
          member("count", it.count());
        });
    out.endObject();
  }

  private void budget(BudgetEntry budget) throws IOException {
    out.name("name").value(budget.name());
    out.name("parent").value(budget.parent());
    member("limit", budget.limit());
    member("used", budget.used());
    member("peak", budget.peak());
    member("refusals", budget.refusals());
  }

  private void domain(DomainStats stats) throws IOException {
    out.name("closed").value(stats.closed());
    member("epoch", stats.epoch());
    member("pinnedSlots", stats.pinnedSlots());
    member("pinnedInCounters", stats.pinnedInCounters());
    member("oldestPinLag", stats.oldestPinLag());
    member("oldestPinNanos", stats.oldestPinNanos());
    member("garbageBlocks", stats.garbageBlocks());
    member("garbageBytes", stats.garbageBytes());
    member("chargedBytes", stats.chargedBytes());
    member("retiredBlocks", stats.retiredBlocks());
    member("retiredBytes", stats.retiredBytes());
    member("freedBlocks", stats.freedBlocks());
    member("freedBytes", stats.freedBytes());
    member("failedFrees", stats.failedFrees());
    member("refused", stats.refused());
    member("beyondHardLimit", stats.beyondHardLimit());
    member("leakedGuards", stats.leakedGuards());
  }

  // ---- how it is written ----------------------------------------------------------------------

  @FunctionalInterface
  private interface Members<T> {
    void write(T entry) throws IOException;
  }

  private <T> void array(String name, Iterable<T> entries, Members<T> members) throws IOException {
    out.name(name).beginArray();
    for (T entry : entries) {
      out.beginObject();
      members.write(entry);
      out.endObject();
    }
    out.endArray();
  }

  private void member(String name, long value) throws IOException {
    out.name(name).value(value);
  }
}
