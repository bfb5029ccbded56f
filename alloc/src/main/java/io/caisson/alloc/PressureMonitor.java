package io.caisson.alloc;

import io.caisson.alloc.internal.Setting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Watches how near memory is to its limits, and tells listeners when that changes.
 *
 * <p>A level rises as soon as its threshold is reached, and falls only once what is used is well
 * below it again, so that a source at its threshold is not reported for ever. The thresholds are 80
 * and 95 %, and a level falls 5 % below its own, unless said otherwise.
 *
 * <p>Looks when it is asked to by {@link #poll}, or by itself after {@link #start}. Thread-safe;
 * one poll at a time.
 */
public final class PressureMonitor implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(PressureMonitor.class.getName());
  private static final Setting MODERATE =
      new Setting("caisson.pressure.moderate-percent", "CAISSON_PRESSURE_MODERATE_PERCENT");
  private static final Setting CRITICAL =
      new Setting("caisson.pressure.critical-percent", "CAISSON_PRESSURE_CRITICAL_PERCENT");
  private static final Setting HYSTERESIS =
      new Setting("caisson.pressure.hysteresis-percent", "CAISSON_PRESSURE_HYSTERESIS_PERCENT");
  private static final int DEFAULT_MODERATE = 80;
  private static final int DEFAULT_CRITICAL = 95;
  private static final int DEFAULT_HYSTERESIS = 5;

  /** A source, and how near it was when it was last looked at. */
  private static final class Watched {
    final String name;
    final PressureSource source;
    PressureLevel level = PressureLevel.NORMAL;

    Watched(String name, PressureSource source) {
      this.name = name;
      this.source = source;
    }
  }

  /** Says what a monitor watches and whom it tells. Not thread-safe. */
  public static final class Builder {
    private final List<Watched> sources = new ArrayList<>();
    private final List<PressureListener> listeners = new ArrayList<>();
    private int moderate = MODERATE.percent(DEFAULT_MODERATE);
    private int critical = CRITICAL.percent(DEFAULT_CRITICAL);
    private int hysteresis = HYSTERESIS.percent(DEFAULT_HYSTERESIS);

    private Builder() {}

    /**
     * Adds something to watch.
     *
     * @param name its name in changes
     * @param source what is read at each poll
     * @return this builder
     */
    public Builder watch(String name, PressureSource source) {
      sources.add(new Watched(name, source));
      return this;
    }

    /**
     * Adds somebody to tell.
     *
     * @param listener who is told
     * @return this builder
     */
    public Builder listener(PressureListener listener) {
      listeners.add(listener);
      return this;
    }

    /**
     * Says from which part of a limit on pressure is moderate and critical, whatever the settings
     * {@code caisson.pressure.moderate-percent} and {@code caisson.pressure.critical-percent} say.
     *
     * @param moderatePercent where moderate pressure begins, at least 1
     * @param criticalPercent where critical pressure begins, above that and at most 100
     * @return this builder
     */
    public Builder thresholds(int moderatePercent, int criticalPercent) {
      moderate = moderatePercent;
      critical = criticalPercent;
      return this;
    }

    /**
     * Says how far below its threshold a level falls, whatever the setting {@code
     * caisson.pressure.hysteresis-percent} says.
     *
     * @param percent how far, in per cent of the limit, at least 1 and below the lower threshold
     * @return this builder
     */
    public Builder hysteresis(int percent) {
      hysteresis = percent;
      return this;
    }

    /**
     * Builds the monitor.
     *
     * @return a monitor that has not looked yet, owned by the caller
     * @throws IllegalArgumentException if the percentages are not in order
     */
    @Owned
    public PressureMonitor build() {
      if (hysteresis < 1 || moderate <= hysteresis || critical <= moderate || critical > 100) {
        throw new IllegalArgumentException(
            "pressure thresholds "
                + moderate
                + " % and "
                + critical
                + " % with hysteresis "
                + hysteresis
                + " %; expected 1 <= hysteresis < moderate < critical <= 100");
      }
      return new PressureMonitor(this);
    }
  }

  private final List<Watched> sources;
  private final List<PressureListener> listeners;
  private final int moderate;
  private final int critical;
  private final int hysteresis;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private @Nullable Thread poller;
  private boolean closed;

  private PressureMonitor(Builder builder) {
    sources = List.copyOf(builder.sources);
    listeners = List.copyOf(builder.listeners);
    moderate = builder.moderate;
    critical = builder.critical;
    hysteresis = builder.hysteresis;
  }

  /**
   * Starts to build a monitor.
   *
   * @return a builder with the thresholds of the settings
   * @throws IllegalArgumentException if a setting is malformed; the message names it
   */
  public static Builder builder() {
    return new Builder();
  }

  // ---- looking --------------------------------------------------------------------------------

  /**
   * Reads every source once, and tells the listeners of each whose level has changed.
   *
   * @return the highest level of all
   * @throws IllegalStateException if this is closed
   */
  public PressureLevel poll() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the pressure monitor is closed");
      }
      PressureLevel highest = PressureLevel.NORMAL;
      for (Watched watched : sources) {
        look(watched);
        highest = watched.level.compareTo(highest) > 0 ? watched.level : highest;
      }
      return highest;
    } finally {
      lock.unlock();
    }
  }

  private void look(Watched watched) {
    PressureSource.Reading reading = watched.source.read();
    if (reading == null) {
      return;
    }
    PressureLevel before = watched.level;
    PressureLevel now = level(reading, before);
    if (now != before) {
      watched.level = now;
      PressureChange change =
          new PressureChange(watched.name, before, now, reading.used(), reading.limit());
      listeners.forEach(listener -> tell(listener, change));
    }
  }

  private PressureLevel level(PressureSource.Reading reading, PressureLevel before) {
    if (isAt(reading, critical, before == PressureLevel.CRITICAL)) {
      return PressureLevel.CRITICAL;
    }
    return isAt(reading, moderate, before != PressureLevel.NORMAL)
        ? PressureLevel.MODERATE
        : PressureLevel.NORMAL;
  }

  /** Says whether a threshold is reached, or was and is still near. */
  private boolean isAt(PressureSource.Reading reading, int percent, boolean was) {
    int effective = was ? percent - hysteresis : percent;
    return reading.limit() != Long.MAX_VALUE
        && reading.used() >= Budget.threshold(reading.limit(), effective);
  }

  private static void tell(PressureListener listener, PressureChange change) {
    try {
      listener.changed(change);
    } catch (RuntimeException e) {
      LOGGER.log(System.Logger.Level.WARNING, "A listener of memory pressure failed", e);
    }
  }

  // ---- a thread of its own --------------------------------------------------------------------

  /**
   * Starts to poll by itself, in a daemon thread, until this is closed.
   *
   * @param period how long to wait after each poll
   * @throws IllegalArgumentException if the period is not positive
   * @throws IllegalStateException if it was started before, or is closed
   */
  public void start(Duration period) {
    if (!period.isPositive()) {
      throw new IllegalArgumentException("period " + period + "; expected a positive one");
    }
    lock.lock();
    try {
      if (poller != null || closed) {
        throw new IllegalStateException(
            "the pressure monitor " + (closed ? "is closed" : "was started before"));
      }
      poller =
          Thread.ofPlatform()
              .name("caisson-pressure")
              .daemon()
              .start(() -> pollUntilClosed(period.toNanos()));
    } finally {
      lock.unlock();
    }
  }

  private void pollUntilClosed(long nanos) {
    lock.lock();
    try {
      while (!closed) {
        poll();
        if (!closed && closing.await(nanos, TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      // Nobody else knows this thread: whoever interrupts it wants it to end.
    } finally {
      lock.unlock();
    }
  }

  /** Stops polling. Closing it again does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
