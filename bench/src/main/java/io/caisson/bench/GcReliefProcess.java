package io.caisson.bench;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps entries in a map and makes garbage beside them; prints "FILLED DELAY FILL": when it had
 * filled the map, in seconds since the JVM started, the worst delay of a thread that wants to run
 * every millisecond, in milliseconds, and how long filling took, in seconds.
 *
 * <p>Arguments: MAP ENTRIES SECONDS.
 */
final class GcReliefProcess {

  private static final long NANOS = 1_000_000_000L;
  private static final int GARBAGE_BYTES_PER_SECOND = 200_000_000;
  private static final int PIECE = 400;
  private static final int REPLACED_PER_SECOND = 100_000;
  private static final long STEP_NANOS = NANOS / 1000;

  private final AtomicLong worstDelay = new AtomicLong();
  private volatile boolean measuring = true;

  /** Where garbage goes on its way, so that it is not optimised away. */
  private final Object[] young = new Object[1024];

  private GcReliefProcess() {}

  public static void main(String[] arguments) throws InterruptedException {
    new GcReliefProcess()
        .run(arguments[0], Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
  }

  private void run(String name, int entries, int seconds) throws InterruptedException {
    LongLongMap map = name.equals("none") ? null : LongLongMap.of(name);
    long started = System.nanoTime();
    for (int i = 0; map != null && i < entries; i++) {
      map.put(key(i), i);
    }
    double fill = (double) (System.nanoTime() - started) / NANOS;
    System.gc();
    double filled = ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
    Thread watch = new Thread(this::watch, "watch");
    watch.start();
    work(map, entries, seconds);
    measuring = false;
    watch.join();
    System.out.printf(Locale.ROOT, "%.3f %.1f %.1f%n", filled, worstDelay.get() / 1e6, fill);
    if (map != null) {
      map.close();
    }
  }

  private static long key(int i) {
    return i * 0x9E3779B97F4A7C15L;
  }

  /** Makes garbage and replaces values, a millisecond's worth at a time. */
  private void work(LongLongMap map, int entries, int seconds) {
    SplittableRandom random = new SplittableRandom(42);
    long started = System.nanoTime();
    long steps = seconds * 1000L;
    for (long step = 0; step < steps; step++) {
      for (int i = 0; i < GARBAGE_BYTES_PER_SECOND / 1000 / PIECE; i++) {
        young[random.nextInt(young.length)] = new byte[PIECE];
      }
      for (int i = 0; map != null && i < REPLACED_PER_SECOND / 1000; i++) {
        map.put(key(random.nextInt(entries)), step + 1000);
      }
      long ahead = started + (step + 1) * STEP_NANOS - System.nanoTime();
      if (ahead > 0) {
        LockSupport.parkNanos(ahead);
      }
    }
  }

  private void watch() {
    while (measuring) {
      long before = System.nanoTime();
      LockSupport.parkNanos(STEP_NANOS);
      long delay = System.nanoTime() - before - STEP_NANOS;
      worstDelay.accumulateAndGet(delay, Math::max);
    }
  }
}
