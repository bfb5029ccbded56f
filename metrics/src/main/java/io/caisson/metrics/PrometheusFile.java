package io.caisson.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Keeps a file that holds the last snapshot as {@link PrometheusText}, for the textfile collector
 * of Prometheus's node exporter, which reads files named {@code *.prom} in its directory.
 *
 * <p>The file is replaced at once: who reads it finds one snapshot or the next, never a part. Not
 * thread-safe.
 */
public final class PrometheusFile implements MetricsSink {

  private final Path file;
  private final Path next;

  /**
   * Creates a sink.
   *
   * @param file the file, in a directory that exists; beside it another with {@code .next} after
   *     the name is written first
   */
  public PrometheusFile(Path file) {
    this.file = file;
    this.next = file.resolveSibling(file.getFileName() + ".next");
  }

  @Override
  public void accept(MetricsSnapshot snapshot) throws IOException {
    try (Writer out = Files.newBufferedWriter(next, UTF_8)) {
      PrometheusText.write(snapshot, out);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
