package io.caisson.examples.index;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonIOException;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --json} prints, names and all; each figure is the median of the rounds.
 *
 * @param allocator what the table was put on
 * @param memory the memory mode
 * @param threads how many threads counted
 * @param files the files read
 * @param bytes their bytes
 * @param strings the strings counted
 * @param distinct the different ones among them
 * @param top the most frequent ones
 * @param readMillis the time that reading took, of several threads that of the slowest
 * @param elapsedMillis the time that parsing and counting took, of several threads that of the
 *     slowest
 * @param offHeapBytes what the table held of the system's memory
 * @param peakOffHeapBytes the most that it held
 * @param heapBytes what the table held of the Java heap
 * @param gcMillis the time that collections took
 * @param baseline the same on a {@code HashMap}, or, of several threads, on a {@code
 *     ConcurrentHashMap}, if that was asked for
 */
record IndexReport(
    String allocator,
    String memory,
    int threads,
    long files,
    long bytes,
    long strings,
    long distinct,
    List<TopString> top,
    double readMillis,
    double elapsedMillis,
    long offHeapBytes,
    long peakOffHeapBytes,
    long heapBytes,
    long gcMillis,
    @Nullable Baseline baseline) {

  /** The figures of the baseline, named and measured as those of the table. */
  record Baseline(long distinct, double elapsedMillis, long heapBytes, long gcMillis) {}

  /** Writes a string only when its turn comes, so that a long list needs no room for the text. */
  private static final class TopStringAdapter extends TypeAdapter<TopString> {

    @Override
    public void write(JsonWriter out, TopString top) throws IOException {
      out.beginObject();
      out.name("text").value(top.text());
      out.name("count").value(top.count());
      out.endObject();
    }

    @Override
    public TopString read(JsonReader in) {
      throw new UnsupportedOperationException("a report is only written");
    }
  }

  private static final Gson GSON =
      new GsonBuilder()
          .disableHtmlEscaping()
          .registerTypeAdapter(TopString.class, new TopStringAdapter())
          .create();

  /** Writes the report as one JSON object on one line. */
  void writeJson(Appendable out) throws IOException {
    try {
      GSON.toJson(this, out);
    } catch (JsonIOException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e);
    }
    out.append('\n');
  }
}
