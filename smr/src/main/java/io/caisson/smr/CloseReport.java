package io.caisson.smr;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How closing a domain ended: clean, or at the deadline with guards still open, and then the blocks
 * that they might read are not freed.
 *
 * @param clean whether nobody was pinned any more and everything is freed
 * @param leakedBlocks retired blocks that were not freed
 * @param leakedBytes the bytes of these
 * @param failedFrees blocks that their allocators threw at when they were given back, ever
 * @param stuck the guards that were still open
 */
public record CloseReport(
    boolean clean, long leakedBlocks, long leakedBytes, long failedFrees, List<StuckGuard> stuck) {

  /**
   * A guard that was open at the deadline.
   *
   * @param slot the slot it is pinned in, or -1 if it has none
   * @param epochsBehind by how many steps it was behind the last epoch; -1 if it has no slot, or is
   *     no reader but somebody who frees
   * @param stack where it was pinned; null outside checked memory mode
   */
  public record StuckGuard(int slot, long epochsBehind, @Nullable Throwable stack) {}

  /** Copies the list. */
  public CloseReport {
    stuck = List.copyOf(stuck);
  }
}
