package io.caisson.metrics;

import java.io.IOException;
import java.io.Writer;

/** Writes each snapshot as a line of JSON, the form of {@link MetricsJson}. Not thread-safe. */
public final class JsonLines implements MetricsSink {

  private final Writer out;

  /**
   * Creates a sink.
   *
   * @param out where lines go, each flushed; not closed by this
   */
  public JsonLines(Writer out) {
    this.out = out;
  }

  @Override
  public void accept(MetricsSnapshot snapshot) throws IOException {
    MetricsJson.write(snapshot, out);
    out.write('\n');
    out.flush();
  }
}
