package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;

/**
 * Scratch memory for the bytes that threads have on the Java heap, in stripes with a lock each: so
 * who closes it waits for who uses it, which needs no guard of a domain. Thread-safe.
 *
 * <p>Who holds a stripe may take the lock of a shard, and never the other way round.
 */
final class InternScratch {

  /** A larger one is not kept. */
  private static final long KEPT_BYTE_SIZE = 64 << 10;

  private final Stripe[] stripes;

  InternScratch(Allocator allocator, int count) {
    stripes = new Stripe[count];
    for (int i = 0; i < count; i++) {
      stripes[i] = new Stripe(allocator);
    }
  }

  /** Takes the stripe of this thread, the caller's until he gives it back; throws if closed. */
  Stripe take() {
    int home = Memory.SIMULATED ? 0 : (int) Thread.currentThread().threadId();
    Stripe stripe = stripes[home & (stripes.length - 1)];
    stripe.take();
    return stripe;
  }

  /** Lets nobody in, waits for who is in, and frees all. */
  void close() {
    for (Stripe stripe : stripes) {
      stripe.close();
    }
  }

  /** One of them; but for its lock used by who has taken it. */
  static final class Stripe {
    private final BriefLock lock = new BriefLock();
    private boolean closed;

    /** Found set by who has the lock only if he has it twice. */
    private boolean taken;

    /** The memory. */
    final KeyScratch memory;

    private Stripe(Allocator allocator) {
      memory = new KeyScratch(allocator);
    }

    private void take() {
      lock.lock();
      if (closed || taken) {
        lock.unlock();
        throw closed
            ? InternIndex.closedTable()
            : new IllegalStateException(
                "characters use the table that they are encoded for; expected them to be there");
      }
      taken = true;
    }

    void giveBack() {
      if (memory.capacity() > KEPT_BYTE_SIZE) {
        memory.free();
      }
      taken = false;
      lock.unlock();
    }

    private void close() {
      lock.lock();
      closed = true;
      memory.free();
      lock.unlock();
    }
  }
}
