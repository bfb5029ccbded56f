package io.caisson.testkit;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import java.util.function.Consumer;

/**
 * Fails a test that does not give back all memory it took.
 *
 * <pre>{@code
 * try (LeakCheck check = new LeakCheck()) {
 *   LongVector vector = new LongVector(check.allocator());
 *   ...
 *   vector.close();
 * }
 * }</pre>
 *
 * <p>In checked memory mode the failure carries the stacks that allocated the blocks. As
 * thread-safe as the allocator under it.
 */
public final class LeakCheck implements AutoCloseable {

  private final AccountedAllocator allocator;

  /** Creates a check over the system's allocator. */
  public LeakCheck() {
    this(Allocators.system());
  }

  /**
   * Creates a check over an allocator that has nothing out.
   *
   * @param allocator the allocator to watch, closed with the check
   */
  public LeakCheck(@Owned AccountedAllocator allocator) {
    this.allocator = allocator;
  }

  /**
   * Runs a test with an allocator and fails it if it leaks.
   *
   * @param test the test
   * @throws AssertionError if blocks are out when it has returned
   */
  public static void run(Consumer<Allocator> test) {
    try (LeakCheck check = new LeakCheck()) {
      test.accept(check.allocator());
    }
  }

  /**
   * Returns the allocator that is watched.
   *
   * @return the allocator to pass to what is tested, closed with the check
   */
  @Borrowed
  public Allocator allocator() {
    return allocator;
  }

  /**
   * Ends the check.
   *
   * @throws AssertionError if blocks are out
   */
  @Override
  public void close() {
    AllocatorStats stats = allocator.stats();
    if (stats.liveBlocks() == 0 && stats.liveBytes() == 0) {
      allocator.close();
      return;
    }
    AssertionError leak =
        new AssertionError(
            "leaked " + stats.liveBlocks() + " blocks of " + stats.liveBytes() + " bytes");
    try {
      allocator.close();
    } catch (IllegalStateException blocksOut) {
      leak.initCause(blocksOut);
    }
    throw leak;
  }
}
