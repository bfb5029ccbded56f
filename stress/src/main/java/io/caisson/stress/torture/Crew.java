package io.caisson.stress.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Threads that do the same for a while, or until one of them fails. */
record Crew(Kind kind, int threadsPerCore) {

  /** What a thread does again and again. */
  interface Work {

    /** One piece of it. */
    void step(SplittableRandom random) throws Exception;
  }

  /** What threads they are. */
  enum Kind {
    STEADY,
    /** Each dies after a few steps, or in the middle of one, and another takes its place. */
    MORTAL,
    VIRTUAL
  }

  /** One thread alone is in nobody's way. */
  private static final int LEAST_CORES = 2;

  private static final int STEPS_BETWEEN_LOOKS = 50;
  private static final int STEPS_OF_A_MORTAL = 20;
  private static final int CHANCES_TO_LIVE = 256;
  private static final Duration MOMENT = Duration.ofMillis(100);

  static Crew of(int threadsPerCore) {
    return new Crew(Kind.STEADY, threadsPerCore);
  }

  static Crew ofMortals(int threadsPerCore) {
    return new Crew(Kind.MORTAL, threadsPerCore);
  }

  /** More than a domain has slots for, which give way to each other under their guards, too. */
  static Crew ofVirtual(int threadsPerCore) {
    return new Crew(Kind.VIRTUAL, threadsPerCore);
  }

  /**
   * Called from inside an operation, by its callback: ends the thread there, now and then, if it is
   * a mortal one.
   */
  static void dieOrLive(SplittableRandom random) {
    if (Thread.currentThread() instanceof Mortal && random.nextInt(CHANCES_TO_LIVE) == 0) {
      throw new Death();
    }
  }

  /**
   * Runs them to the end.
   *
   * @param work what all of them do
   * @param others what one more thread each does, which does not die
   */
  void run(long seed, Duration duration, Work work, Work... others) throws Exception {
    Shift shift = new Shift(kind, System.nanoTime() + duration.toNanos());
    int threads =
        threadsPerCore * Math.max(LEAST_CORES, Runtime.getRuntime().availableProcessors());
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads + others.length; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      Work own = i < threads ? work : others[i - threads];
      boolean dies = kind == Kind.MORTAL && i < threads;
      all.add(shift.start(() -> shift.live(own, random, dies)));
    }
    shift.awaitAll(all);
  }

  /** How a mortal thread ends that ends inside an operation. */
  private static final class Death extends Error {
    private static final long serialVersionUID = 1;

    Death() {
      super("in the middle of an operation", null, false, false);
    }
  }

  /** A thread that may die. */
  private static final class Mortal extends Thread {
    Mortal(Runnable life) {
      super(life);
      setDaemon(true);
    }
  }

  /** The time for which they work. */
  private static final class Shift {
    private final Kind kind;
    private final long end;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Shift(Kind kind, long end) {
      this.kind = kind;
      this.end = end;
    }

    Thread start(Runnable action) {
      return start(
          (kind == Kind.VIRTUAL ? Thread.ofVirtual() : Thread.ofPlatform().daemon())
              .unstarted(action));
    }

    private Thread start(Thread thread) {
      thread.setUncaughtExceptionHandler((failed, e) -> {
        if (!(e instanceof Death)) {
          failure.compareAndSet(null, e);
        }
      });
      thread.start();
      return thread;
    }

    private boolean goesOn() {
      return System.nanoTime() - end < 0 && failure.get() == null;
    }

    /** Works to the end, in one life or in many. */
    void live(Work work, SplittableRandom random, boolean dies) {
      if (!dies) {
        work(work, random, Integer.MAX_VALUE);
      }
      while (dies && goesOn()) {
        SplittableRandom own = random.split();
        int steps = 1 + own.nextInt(STEPS_OF_A_MORTAL);
        join(start(new Mortal(() -> work(work, own, steps))));
      }
    }

    private static void join(Thread thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private void work(Work work, SplittableRandom random, int steps) {
      try {
        for (int i = 0; i < steps; i++) {
          if (i % STEPS_BETWEEN_LOOKS == 0) {
            if (!goesOn()) {
              return;
            }
            giveWay();
          }
          work.step(random);
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    /** Nobody takes the place of a virtual thread that does not give it up. */
    @SuppressWarnings("ThreadPriorityCheck") // not for a property of the program, but of its trial
    private void giveWay() {
      if (kind == Kind.VIRTUAL) {
        Thread.yield();
      }
    }

    void awaitAll(List<Thread> all) throws InterruptedException {
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
  }
}
