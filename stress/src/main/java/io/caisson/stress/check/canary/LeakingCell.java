package io.caisson.stress.check.canary;

import io.caisson.alloc.internal.Memory;
import io.caisson.stress.check.SimulatedCell;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** A value in a block of its own; who is overtaken forgets the block that he made for his. */
public class LeakingCell {

  private final SimulatedCell root = new SimulatedCell();

  /** Creates a cell that holds 0. */
  public LeakingCell() {
    Memory.putLongRelease(root.address, root.allocate(0));
  }

  /** Puts a value in the place of the one before, or gives up. */
  @Operation
  public void trySet() {
    long old = Memory.getLongAcquire(root.address);
    long fresh = root.allocate(7);
    if (Memory.compareAndSetLong(root.address, old, fresh)) {
      root.free(old);
    }
  }

  /** Nothing is out but the value. */
  @Validate
  public void requireNoLeak() {
    root.requireOut(1);
  }
}
