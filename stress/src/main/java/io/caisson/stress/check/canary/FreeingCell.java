package io.caisson.stress.check.canary;

import io.caisson.alloc.internal.Memory;
import io.caisson.stress.check.SimulatedCell;
import org.jetbrains.lincheck.datastructures.Operation;

/** A value in a block of its own, which is freed while others may be reading it. */
public class FreeingCell {

  private final SimulatedCell root = new SimulatedCell();

  /** Creates a cell that holds 0. */
  public FreeingCell() {
    Memory.putLongRelease(root.address, root.allocate(0));
  }

  /** Puts a value in the place of the one before. */
  @Operation
  public void set() {
    long fresh = root.allocate(7);
    while (true) {
      long old = Memory.getLongAcquire(root.address);
      if (Memory.compareAndSetLong(root.address, old, fresh)) {
        root.free(old);
        return;
      }
    }
  }

  /** Reads the value. */
  @Operation
  public long get() {
    return Memory.getLong(Memory.getLongAcquire(root.address));
  }
}
