package io.caisson.alloc;

/** Is told of leaks, for a test to fail or a program to log them. */
@FunctionalInterface
public interface LeakListener {

  /**
   * Takes note of a leak.
   *
   * <p>Called by the thread that closes the allocator or asks it for a report, once for each block.
   * What it throws reaches that thread, and an allocator that was being closed stays open.
   *
   * @param leak a block that was not freed
   */
  void leaked(Leak leak);
}
