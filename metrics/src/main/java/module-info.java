import org.jspecify.annotations.NullMarked;

/**
 * What operators look at: allocators, tags, budgets and reclamation domains as Prometheus text,
 * JSON, JMX attributes, and a page of HTML.
 *
 * <p>An application registers what it has with a {@link io.caisson.metrics.MetricsRegistry}.
 */
@NullMarked
module io.caisson.metrics {
  requires transitive io.caisson.alloc;
  requires transitive io.caisson.smr;
  requires transitive java.management;
  requires com.google.gson;
  requires static transitive org.jspecify;

  exports io.caisson.metrics;
}
