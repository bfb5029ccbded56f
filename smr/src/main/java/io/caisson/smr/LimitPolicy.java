package io.caisson.smr;

import java.time.Duration;

/**
 * What a domain does with an operation that may retire blocks when its garbage is at the hard
 * limit: wait, refuse, or go beyond.
 *
 * <p>Immutable.
 */
public final class LimitPolicy {

  private enum Kind {
    BLOCK,
    FAIL,
    GROW
  }

  private static final LimitPolicy FAILING = new LimitPolicy(Kind.FAIL, Duration.ZERO);
  private static final LimitPolicy GROWING = new LimitPolicy(Kind.GROW, Duration.ZERO);

  private final Kind kind;
  private final Duration timeout;

  private LimitPolicy(Kind kind, Duration timeout) {
    this.kind = kind;
    this.timeout = timeout;
  }

  /**
   * Waits for room, and refuses when there is none in time. The thread that waits helps to free;
   * under a guard of its own it can only time out, and when it is interrupted it does so at once.
   *
   * @param timeout the longest wait, not negative
   * @return the policy
   * @throws IllegalArgumentException if the timeout is negative
   */
  public static LimitPolicy block(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout is " + timeout + "; expected one not negative");
    }
    return new LimitPolicy(Kind.BLOCK, timeout);
  }

  /**
   * Refuses at once.
   *
   * @return the policy
   */
  public static LimitPolicy fail() {
    return FAILING;
  }

  /**
   * Goes beyond the limit, which then only counts in {@link DomainStats#beyondHardLimit()}.
   *
   * @return the policy
   */
  public static LimitPolicy grow() {
    return GROWING;
  }

  boolean grows() {
    return kind == Kind.GROW;
  }

  /** Returns the longest wait in nanoseconds; 0 if there is none. */
  long timeoutNanos() {
    try {
      return timeout.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE; // 292 years
    }
  }

  /** Returns the policy in words. */
  @Override
  public String toString() {
    return kind == Kind.BLOCK ? "BLOCK(" + timeout + ")" : kind.toString();
  }
}
