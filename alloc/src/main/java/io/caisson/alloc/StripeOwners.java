package io.caisson.alloc;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Says which thread owns which stripe of a structure whose stripes are written by their owners
 * only.
 *
 * <p>A stripe is found by thread id, claimed when it is free, and changes hands when its owner is
 * dead; no ThreadLocal, so that virtual threads are like any other. Thread-safe and lock-free. A
 * dead thread is not kept alive.
 */
final class StripeOwners {

  /*
   * Ordering. What an owner wrote happens before what the next owner does: the next one saw
   * isAlive() answer false, or took the reference from the queue. A reference that is merely found
   * cleared orders nothing, and is left alone until the queue has it.
   */

  /** No stripe. */
  static final int NONE = -1;

  private static final class Owner extends WeakReference<Thread> {
    final long id;
    final int stripe;

    Owner(Thread thread, int stripe, ReferenceQueue<Thread> collected) {
      super(thread, collected);
      this.id = thread.threadId();
      this.stripe = stripe;
    }

    boolean isDead() {
      Thread thread = get();
      return thread != null && !thread.isAlive();
    }
  }

  private final AtomicReferenceArray<Owner> owners;
  private final ReferenceQueue<Thread> collected = new ReferenceQueue<>();
  private final int probes;

  /**
   * Creates owners of none.
   *
   * @param stripes the number of stripes, a power of two
   * @param probes how many stripes a thread looks at before it does without
   */
  StripeOwners(int stripes, int probes) {
    owners = new AtomicReferenceArray<>(stripes);
    this.probes = probes;
  }

  /** Returns the stripe that a thread looks at first. */
  static int home(long threadId, int stripes) {
    return (int) threadId & (stripes - 1);
  }

  /** Returns the stripe of the calling thread, claiming one if it has none, or NONE. */
  int find(Thread self) {
    releaseCollected();
    long id = self.threadId();
    for (int probe = 0; probe < probes; probe++) {
      int stripe = home(id + probe, owners.length());
      Owner owner = owners.getAcquire(stripe); // acquire: pairs with the CAS below
      if (owner != null && owner.id == id) {
        return stripe;
      }
      if ((owner == null || owner.isDead())
          && owners.compareAndSet(stripe, owner, new Owner(self, stripe, collected))) {
        return stripe;
      }
    }
    return NONE;
  }

  private void releaseCollected() {
    for (Reference<? extends Thread> reference = collected.poll();
        reference != null;
        reference = collected.poll()) {
      Owner owner = (Owner) reference;
      owners.compareAndSet(owner.stripe, owner, null);
    }
  }
}
