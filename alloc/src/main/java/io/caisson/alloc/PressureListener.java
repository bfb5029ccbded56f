package io.caisson.alloc;

/** Is told when memory becomes scarce, and when it no longer is. */
@FunctionalInterface
public interface PressureListener {

  /**
   * Takes note of a change.
   *
   * <p>Called by the thread that polls, for one change at a time. What it throws is logged and goes
   * no further.
   *
   * @param change what changed
   */
  void changed(PressureChange change);
}
