package io.caisson.alloc;

import org.jspecify.annotations.Nullable;

/** Something that has a limit of bytes, and says how much of it is used. */
@FunctionalInterface
public interface PressureSource {

  /**
   * What was used at one time.
   *
   * @param used the bytes in use
   * @param limit the most that may be, {@link Long#MAX_VALUE} if there is no limit
   */
  record Reading(long used, long limit) {}

  /**
   * Reads it.
   *
   * @return what is used now, or null if that cannot be known here
   */
  @Nullable Reading read();

  /**
   * Returns the bytes that an allocator has out, against a limit of one's own.
   *
   * @param allocator the allocator; it must outlive the source
   * @param limit the most that should be out, in bytes
   * @return a source that sums up the account at each reading
   */
  static PressureSource of(@Borrowed AccountedAllocator allocator, long limit) {
    return () -> new Reading(allocator.stats().liveBytes(), limit);
  }

  /**
   * Returns what is reserved of a budget, against its limit.
   *
   * @param budget the budget; it must outlive the source
   * @return a source
   */
  static PressureSource of(@Borrowed Budget budget) {
    return () -> new Reading(budget.used(), budget.limit());
  }
}
