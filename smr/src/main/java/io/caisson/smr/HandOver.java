package io.caisson.smr;

import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sealed bags on their way from those who retire to the reclaimer. Many consumers, so that draining
 * and closing can take what the reclaimer has not got to. Thread-safe; nothing is allocated.
 */
final class HandOver {

  private static final int CAPACITY = 1024;

  private final MpmcVarHandleArrayQueue<Bag> bags = new MpmcVarHandleArrayQueue<>(CAPACITY);
  private volatile @Nullable Thread consumer;

  /** Takes a bag and wakes the reclaimer, or returns false if this is full. */
  boolean offer(Bag bag) {
    boolean taken = bags.relaxedOffer(bag); // waits for nobody
    wake();
    return taken;
  }

  /** Returns a bag, or null if none is there, or one is just being put in. */
  @Nullable Bag poll() {
    return bags.relaxedPoll(); // waits for nobody
  }

  /** Says whom to wake; null for nobody. */
  void setConsumer(@Nullable Thread thread) {
    consumer = thread;
  }

  /** Wakes the reclaimer if it sleeps. */
  void wake() {
    Thread sleeping = consumer;
    if (sleeping != null) {
      LockSupport.unpark(sleeping);
    }
  }
}
