package io.caisson.smr;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.MimallocAllocator;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread that keeps house for a domain, so that those who retire need not free. */
final class Reclaimer implements Runnable {

  private static final int FREED_AT_A_TIME = 1024;
  private static final long FIRST_PAUSE_NANOS = 20_000;
  private static final long LONGEST_PAUSE_NANOS = 10_000_000;

  private final ReclamationDomain domain;
  private final HandOver handOver;
  private final Thread thread;
  private volatile boolean stopped;
  private int prepared;

  Reclaimer(ReclamationDomain domain, HandOver handOver) {
    this.domain = domain;
    this.handOver = handOver;
    thread = Thread.ofPlatform().daemon().name("reclaimer of " + domain.name()).unstarted(this);
  }

  void start() {
    thread.start();
  }

  /** Tells the thread to end; what it holds then it has given back. */
  void stop() {
    stopped = true;
    LockSupport.unpark(thread);
  }

  @Override
  public void run() {
    handOver.setConsumer(thread);
    long pause = FIRST_PAUSE_NANOS;
    while (!stopped) {
      if (work()) {
        pause = FIRST_PAUSE_NANOS;
      } else {
        // With garbage whose time has not come nobody wakes us when it has.
        LockSupport.parkNanos(this, domain.hasGarbage() ? pause : LONGEST_PAUSE_NANOS);
        pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
      }
    }
    handOver.setConsumer(null);
  }

  /** Does what is to be done; if that fails the thread goes on, for nobody else would free. */
  private boolean work() {
    try {
      Thread.interrupted(); // else it would not park
      prepareForAllocators();
      return domain.hasGarbage() && domain.keepHouse(FREED_AT_A_TIME);
    } catch (RuntimeException | Error e) {
      System.getLogger("io.caisson.smr")
          .log(
              Level.ERROR, "the reclaimer of domain '" + domain.name() + "' failed; it goes on", e);
      return false;
    }
  }

  /** A thread that frees and never allocated makes mimalloc 3 hold back what it frees. */
  private void prepareForAllocators() {
    for (; domain.allocator(prepared) != null; prepared++) {
      prepareFor(domain.allocator(prepared));
    }
  }

  /** Mimalloc's own call where it is known; else an allocation, which does it under decorators. */
  private static void prepareFor(@Nullable Allocator allocator) {
    switch (allocator) {
      case null -> {}
      case AccountedAllocator accounted -> prepareFor(accounted.raw());
      case MimallocAllocator mimalloc -> mimalloc.threadInit();
      default -> {
        long block = allocator.allocate(1, 1);
        allocator.free(block, 1, 1);
      }
    }
  }
}
