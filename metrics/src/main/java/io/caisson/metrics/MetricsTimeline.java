package io.caisson.metrics;

import io.caisson.alloc.AllocationHeatmap;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.TagTree;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Samples a registry over time: what is live for which tag, what budgets use, what garbage waits,
 * and of which sizes blocks are allocated when.
 *
 * <p>Samples when it is asked to by {@link #sample}, or by itself after {@link #start}. Keeps the
 * last points, up to a number given; a point takes some 100 bytes of heap for each thing that is
 * registered, and for each tag and class of sizes in use. Thread-safe; one sample at a time.
 */
public final class MetricsTimeline implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(MetricsTimeline.class.getName());

  /**
   * What was in use at one time, in bytes.
   *
   * @param time when
   * @param residentBytes what the process had resident, or 0 if that is not known
   * @param allocators what was out of each allocator
   * @param tags what was out under each tag, by its path; with the name of its tree and a colon
   *     before it if there is more than one tree
   * @param budgets what was reserved of each budget
   * @param garbage what each reclamation domain had not freed yet
   */
  public record Point(
      Instant time,
      long residentBytes,
      Map<String, Long> allocators,
      Map<String, Long> tags,
      Map<String, Long> budgets,
      Map<String, Long> garbage) {

    /**
     * Creates a point.
     *
     * @param time when
     * @param residentBytes what the process had resident, or 0 if that is not known
     * @param allocators what was out of each allocator
     * @param tags what was out under each tag
     * @param budgets what was reserved of each budget
     * @param garbage what each reclamation domain had not freed yet
     */
    public Point {
      allocators = Collections.unmodifiableMap(new LinkedHashMap<>(allocators));
      tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
      budgets = Collections.unmodifiableMap(new LinkedHashMap<>(budgets));
      garbage = Collections.unmodifiableMap(new LinkedHashMap<>(garbage));
    }
  }

  private record Mapped(TagTree tree, AllocationHeatmap heatmap) {}

  private final MetricsRegistry registry;
  private final int maxPoints;
  private final List<MetricsSink> sinks = new CopyOnWriteArrayList<>();

  /** Held while sampling, and never by who only looks. */
  private final Object sampling = new Object();

  private final Deque<Point> points = new ArrayDeque<>(); // guarded by itself
  private final Map<String, Mapped> heatmaps = new TreeMap<>(); // guarded by itself

  /** The time of the sample under way; guarded by sampling. */
  private Instant now = Instant.EPOCH;

  private @Nullable ScheduledExecutorService sampler; // guarded by this
  private boolean closed; // guarded by this

  /**
   * Creates a timeline without points.
   *
   * @param registry what to sample
   * @param maxPoints how many points to keep, at least 1
   * @throws IllegalArgumentException if that is less than 1
   */
  public MetricsTimeline(MetricsRegistry registry, int maxPoints) {
    if (maxPoints < 1) {
      throw new IllegalArgumentException(maxPoints + " points; expected at least 1");
    }
    this.registry = registry;
    this.maxPoints = maxPoints;
  }

  /**
   * Adds a sink, which is offered every later sample.
   *
   * @param sink the sink
   * @return this timeline, which stays its owner's
   */
  @Borrowed
  public MetricsTimeline add(MetricsSink sink) {
    sinks.add(sink);
    return this;
  }

  // ---- sampling -------------------------------------------------------------------------------

  /**
   * Adds a point, drops the oldest if there are too many, and offers the snapshot to the sinks.
   *
   * @return the snapshot
   */
  public MetricsSnapshot sample() {
    synchronized (sampling) {
      MetricsSnapshot snapshot = registry.snapshot();
      now = snapshot.time();
      synchronized (heatmaps) {
        registry.trees().forEach((name, tree) -> mapped(name, tree).heatmap.sample());
      }
      synchronized (points) {
        points.addLast(point(snapshot));
        if (points.size() > maxPoints) {
          points.removeFirst();
        }
      }
      sinks.forEach(sink -> offer(sink, snapshot));
      return snapshot;
    }
  }

  /** Returns the map of a tree, a new one if its name was another tree's before. */
  private Mapped mapped(String name, TagTree tree) {
    Mapped known = heatmaps.get(name);
    if (known == null || known.tree != tree) {
      known = new Mapped(tree, new AllocationHeatmap(tree, () -> now, maxPoints));
      heatmaps.put(name, known);
    }
    return known;
  }

  private static void offer(MetricsSink sink, MetricsSnapshot snapshot) {
    try {
      sink.accept(snapshot);
    } catch (IOException | RuntimeException e) {
      LOGGER.log(System.Logger.Level.WARNING, "A sink of metrics failed", e);
    }
  }

  private Point point(MetricsSnapshot snapshot) {
    Map<String, Long> allocators = new LinkedHashMap<>();
    snapshot.allocators().forEach(it -> allocators.put(it.name(), it.stats().liveBytes()));
    boolean qualified = registry.trees().size() > 1;
    Map<String, Long> tags = new LinkedHashMap<>();
    snapshot
        .tags()
        .forEach(it -> {
          String path = it.stats().path();
          tags.put(qualified ? it.tree() + ':' + path : path, it.stats().memory().liveBytes());
        });
    Map<String, Long> budgets = new LinkedHashMap<>();
    snapshot.budgets().forEach(it -> budgets.put(it.name(), it.used()));
    Map<String, Long> garbage = new LinkedHashMap<>();
    snapshot.domains().forEach(it -> garbage.put(it.name(), it.stats().garbageBytes()));
    return new Point(snapshot.time(), snapshot.residentBytes(), allocators, tags, budgets, garbage);
  }

  // ---- looking --------------------------------------------------------------------------------

  /**
   * Returns the points.
   *
   * @return those that are kept, oldest first
   */
  public List<Point> points() {
    synchronized (points) {
      return List.copyOf(points);
    }
  }

  /**
   * Returns how many blocks of which size were allocated under which tag between two samples.
   *
   * @return the cells of each tree of tags, by its name
   */
  public Map<String, List<AllocationHeatmap.Cell>> heatmap() {
    synchronized (heatmaps) {
      Map<String, List<AllocationHeatmap.Cell>> cells = new TreeMap<>();
      heatmaps.forEach((name, mapped) -> cells.put(name, mapped.heatmap.cells()));
      return cells;
    }
  }

  // ---- a thread of its own --------------------------------------------------------------------

  /**
   * Starts to sample by itself, at once and then again and again, in a daemon thread, until this is
   * closed.
   *
   * @param period how long to wait after each sample
   * @throws IllegalArgumentException if the period is not positive
   * @throws IllegalStateException if it was started before, or is closed
   */
  public synchronized void start(Duration period) {
    if (!period.isPositive()) {
      throw new IllegalArgumentException("period " + period + "; expected a positive one");
    }
    if (sampler != null || closed) {
      throw new IllegalStateException(
          "the timeline " + (closed ? "is closed" : "was started before"));
    }
    sampler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("caisson-metrics").daemon().factory());
    var _ =
        sampler.scheduleWithFixedDelay(
            this::sampleOrLog, 0, period.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Samples, and does not let one failure end the thread. */
  private void sampleOrLog() {
    try {
      sample();
    } catch (RuntimeException e) {
      LOGGER.log(System.Logger.Level.WARNING, "A sample of metrics failed", e);
    }
  }

  /**
   * Stops sampling by itself, after the sample under way; the points stay. Not to be called by a
   * sink. Closing it again does nothing.
   */
  @Override
  public synchronized void close() {
    closed = true;
    if (sampler != null) {
      sampler.close();
    }
  }
}
