package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A queue of {@code long}s whose threads may wait for room and for elements, over one that never
 * waits.
 *
 * <p>Which threads may put and which may take is as with the other queue. It may be closed by any
 * thread at any time: those who wait are woken up and get {@link IllegalStateException}. That is
 * what it takes a {@link ReclamationDomain} for: operations pin it, which costs each some
 * nanoseconds, and close waits for them. Waiting is not lock-free; nor is {@link
 * WaitStrategy#PARK}, under which whoever finds others asleep takes a lock to wake them. An
 * operation that waits, and a take, make a small Java object.
 */
public final class BlockingLongQueue implements AutoCloseable {

  /*
   * An operation tries under a guard, and between tries holds none. Close writes closed, wakes all,
   * and synchronizes: who pins later reads closed, since the pin's fence comes before that read; who
   * pinned before is waited for. So nobody is in the other queue when that is closed. (The unbounded
   * queue waits for them itself; so there the guard is left out.)
   *
   * Who sleeps tries under the lock of his Waiters. An attempt that succeeds there wakes the other
   * side, whose lock is another one; nobody takes the two in the other order and holds both, since
   * an attempt of the other side, under its lock, would wake this side under it: so waking is left
   * until the lock is given up.
   */

  private static final int SPINS_BEFORE_PARK = 100;

  private final ConcurrentLongQueue queue;
  private final ReclamationDomain domain;
  private final WaitStrategy strategy;
  private final boolean guarded;
  private final Waiters takers = new Waiters();
  private final Waiters putters = new Waiters();
  private volatile boolean closed;

  /**
   * Creates a blocking queue.
   *
   * @param queue the other queue, taken over: closed with this one, and used through it only
   * @param domain what its operations pin; outlives it
   * @param strategy how to wait
   */
  public BlockingLongQueue(
      @Owned ConcurrentLongQueue queue, @Borrowed ReclamationDomain domain, WaitStrategy strategy) {
    this.queue = queue;
    this.domain = domain;
    this.strategy = strategy;
    guarded = !(queue instanceof MpmcUnboundedLongQueue);
  }

  private @Nullable Guard enter() {
    Guard guard = guarded ? domain.pin() : null;
    if (closed) {
      if (guard != null) {
        guard.close();
      }
      throw new IllegalStateException("this BlockingLongQueue is closed");
    }
    return guard;
  }

  private static void leave(@Nullable Guard guard) {
    if (guard != null) {
      guard.close();
    }
  }

  // ---- putting ----------------------------------------------------------------------------------

  private boolean tryPut(long value) {
    Guard guard = enter();
    try {
      return queue.offer(value);
    } finally {
      leave(guard);
    }
  }

  /**
   * Puts a value at the end, if there is room.
   *
   * @param value the value
   * @return whether there was room
   * @throws AllocationException if the queue is unbounded and its allocator exhausted
   * @throws IllegalStateException if the queue is closed
   */
  public boolean offer(long value) {
    boolean put = tryPut(value);
    if (put) {
      wake(takers);
    }
    return put;
  }

  /**
   * Puts a value at the end, and waits for room.
   *
   * @param value the value
   * @param timeout the longest wait
   * @return whether there was room in time
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws AllocationException if the queue is unbounded and its allocator exhausted
   * @throws IllegalStateException if the queue is closed, before or while it waits
   */
  public boolean offer(long value, Duration timeout) throws InterruptedException {
    return offer(value, TimeUnit.NANOSECONDS.convert(timeout)); // saturates
  }

  private boolean offer(long value, long nanos) throws InterruptedException {
    boolean put = tryPut(value) || await(putters, () -> tryPut(value), nanos);
    if (put) {
      wake(takers);
    }
    return put;
  }

  /**
   * Puts a value at the end, and waits for room as long as it takes.
   *
   * @param value the value
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws AllocationException if the queue is unbounded and its allocator exhausted
   * @throws IllegalStateException if the queue is closed, before or while it waits
   */
  public void put(long value) throws InterruptedException {
    while (!offer(value, Long.MAX_VALUE)) {
      Thread.onSpinWait(); // once in 292 years
    }
  }

  // ---- taking -----------------------------------------------------------------------------------

  private boolean tryTake(long[] target) {
    Guard guard = enter();
    try {
      return queue.poll(target, 0, 1) == 1;
    } finally {
      leave(guard);
    }
  }

  /**
   * Takes the first value.
   *
   * @param absent what to return if the queue is empty
   * @return the value that was first, or {@code absent}
   * @throws IllegalStateException if the queue is closed
   */
  public long poll(long absent) {
    long[] one = {absent};
    if (tryTake(one)) {
      wake(putters);
    }
    return one[0];
  }

  /**
   * Takes the first value, and waits for one.
   *
   * @param absent what to return if there is none in time
   * @param timeout the longest wait
   * @return the value that was first, or {@code absent}
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException if the queue is closed, before or while it waits
   */
  public long poll(long absent, Duration timeout) throws InterruptedException {
    long[] one = {absent};
    poll(one, TimeUnit.NANOSECONDS.convert(timeout)); // saturates
    return one[0];
  }

  private boolean poll(long[] target, long nanos) throws InterruptedException {
    boolean taken = tryTake(target) || await(takers, () -> tryTake(target), nanos);
    if (taken) {
      wake(putters);
    }
    return taken;
  }

  /**
   * Takes the first value, and waits for one as long as it takes.
   *
   * @return the value that was first
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException if the queue is closed, before or while it waits
   */
  public long take() throws InterruptedException {
    long[] one = new long[1];
    while (!poll(one, Long.MAX_VALUE)) {
      Thread.onSpinWait(); // once in 292 years
    }
    return one[0];
  }

  // ---- waiting ----------------------------------------------------------------------------------

  private boolean await(Waiters waiters, Waiters.Attempt attempt, long nanos)
      throws InterruptedException {
    long start = System.nanoTime();
    for (int n = 0; ; n++) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      long left = nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      if (strategy == WaitStrategy.PARK && n >= SPINS_BEFORE_PARK) {
        return waiters.await(attempt, left);
      }
      Spin.once(strategy == WaitStrategy.YIELD ? n : 0);
      if (attempt.run()) {
        return true;
      }
    }
  }

  private void wake(Waiters waiters) {
    if (strategy == WaitStrategy.PARK) {
      waiters.wake();
    }
  }

  // ---- the rest ---------------------------------------------------------------------------------

  /**
   * Counts the values; an estimate while others put and take.
   *
   * @return their number
   * @throws IllegalStateException if the queue is closed
   */
  public long size() {
    Guard guard = enter();
    try {
      return queue.size();
    } finally {
      leave(guard);
    }
  }

  /**
   * Returns how many values there is room for.
   *
   * @return the number; {@link Long#MAX_VALUE} if there is no limit
   */
  public long capacity() {
    return queue.capacity();
  }

  /**
   * Ends the queue: wakes all who wait, waits as long as {@link ReclamationDomain#closeTimeout} for
   * operations that are under way, and closes the other queue. Closing again does nothing once it
   * has succeeded. Not under a guard of one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the queue is
   *     closed, its memory is not freed, and closing it again tries again
   */
  @Override
  public void close() {
    closed = true;
    takers.wake();
    putters.wake();
    if (guarded) {
      Readers.await(domain, "BlockingLongQueue");
    }
    queue.close();
  }

  /** Returns whether it is open or closed, and over what. */
  @Override
  public String toString() {
    return "BlockingLongQueue(" + queue + ")";
  }
}
