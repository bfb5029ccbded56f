package io.caisson.metrics;

import java.io.IOException;

/**
 * Takes snapshots out of the process, for {@link MetricsTimeline} to call at each sample.
 *
 * <p>{@link JsonLines} and {@link PrometheusFile} are two; another is a lambda.
 */
@FunctionalInterface
public interface MetricsSink {

  /**
   * Takes a snapshot.
   *
   * <p>Called by one thread at a time. What it throws is logged, and the next sample is offered to
   * it again.
   *
   * @param snapshot the figures
   * @throws IOException if it cannot be written
   */
  void accept(MetricsSnapshot snapshot) throws IOException;
}
