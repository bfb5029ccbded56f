package io.caisson.stress.torture;

import java.time.Duration;

/** A program that works several threads hard for a while. */
interface Torture {

  /**
   * Runs it.
   *
   * @param seed what its random choices follow from
   * @param duration for how long the threads work
   * @throws AssertionError if something is wrong
   */
  void run(long seed, Duration duration) throws Exception;
}
