package io.caisson.examples.index;

/** Adds up stretches of time. Not thread-safe. */
final class Stopwatch {

  private long startedAt;
  private long nanos;

  void reset() {
    nanos = 0;
  }

  void start() {
    startedAt = System.nanoTime();
  }

  void stop() {
    nanos += System.nanoTime() - startedAt;
  }

  long nanos() {
    return nanos;
  }
}
