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
 * @param stuck the guards that were still open
 */
public record CloseReport(
    boolean clean, long leakedBlocks, long leakedBytes, List<StuckGuard> stuck) {

  /**
   * A guard that was open at the deadline.
   *
   * @param slot the slot it is pinned in, or -1 if it has none
   * @param epochsBehind by how many steps it was behind the last epoch; -1 if it has no slot
   * @param stack where it was pinned; null outside checked memory mode
   */
  public record StuckGuard(int slot, long epochsBehind, @Nullable Throwable stack) {}

  /** Copies the list. */
  public CloseReport {
    stuck = List.copyOf(stuck);
  }
}
