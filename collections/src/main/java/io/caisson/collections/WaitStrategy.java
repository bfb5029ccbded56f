package io.caisson.collections;

/** What a thread does while it waits for a {@link BlockingLongQueue}. */
public enum WaitStrategy {
  /** It keeps its processor: the shortest delay, for threads that have one each. */
  SPIN,

  /** It spins for a moment, then gives its processor up again and again. */
  YIELD,

  /**
   * It spins for a moment, then sleeps until it is woken up: no load, and of use to virtual
   * threads; those that it waits for pay a fence for each operation.
   */
  PARK
}
