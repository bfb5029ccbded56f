package io.caisson.stress.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Threads that do the same for a while, or until one of them fails. */
final class Crew {

  /** What a thread does again and again. */
  interface Work {

    /** One piece of it. */
    void step(SplittableRandom random) throws Exception;
  }

  private static final int STEPS_BETWEEN_LOOKS = 50;
  private static final Duration MOMENT = Duration.ofMillis(100);

  private final Work work;
  private final long end;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private boolean virtual;

  private Crew(Work work, Duration duration) {
    this.work = work;
    this.end = System.nanoTime() + duration.toNanos();
  }

  /** Runs some threads to the end. */
  static void run(int threads, long seed, Duration duration, Work work) throws Exception {
    Crew crew = new Crew(work, duration);
    crew.run(threads, seed, random -> crew.live(random, Integer.MAX_VALUE));
  }

  /** The same, with virtual threads. */
  static void runVirtual(int threads, long seed, Duration duration, Work work) throws Exception {
    Crew crew = new Crew(work, duration);
    crew.virtual = true;
    crew.run(threads, seed, random -> crew.live(random, Integer.MAX_VALUE));
  }

  /** The same, but each thread dies after a few steps, and another takes its place. */
  static void runMortals(int threads, long seed, Duration duration, Work work) throws Exception {
    Crew crew = new Crew(work, duration);
    crew.run(
        threads,
        seed,
        random -> {
          while (crew.goesOn()) {
            SplittableRandom own = random.split();
            Thread mortal = crew.start(() -> crew.live(own, 1 + own.nextInt(20)));
            mortal.join();
          }
        });
  }

  private void run(int threads, long seed, Work life) throws Exception {
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      all.add(
          start(() -> {
            try {
              life.step(random);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }));
    }
    for (Thread thread : all) {
      awaitEnd(thread);
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new AssertionError("a thread failed", first);
    }
  }

  /** Waits for a thread; once another has failed, only for a moment, for it may hang by that. */
  private void awaitEnd(Thread thread) throws InterruptedException {
    while (!thread.join(MOMENT) && failure.get() == null) {}
    thread.join(MOMENT);
  }

  private Thread start(Runnable action) {
    Thread.Builder kind = virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
    return kind.uncaughtExceptionHandler((thread, e) -> failure.compareAndSet(null, e))
        .start(action);
  }

  private boolean goesOn() {
    return System.nanoTime() - end < 0 && failure.get() == null;
  }

  private void live(SplittableRandom random, int steps) {
    try {
      for (int i = 0; i < steps; i++) {
        if (i % STEPS_BETWEEN_LOOKS == 0 && !goesOn()) {
          return;
        }
        work.step(random);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
