package io.caisson.collections;

/** Waits a moment for another thread that is in the middle of an operation. */
final class Spin {

  private static final int BEFORE_YIELD = 64;

  private Spin() {}

  /**
   * Waits, for the n-th time: first on the processor, then, since the other may have lost its own,
   * by giving it up.
   */
  @SuppressWarnings("ThreadPriorityCheck") // the other thread may need this processor
  static void once(int n) {
    if (n < BEFORE_YIELD) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }
}
