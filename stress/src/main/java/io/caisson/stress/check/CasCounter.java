package io.caisson.stress.check;

import io.caisson.alloc.internal.Memory;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** A counter in memory, changed by CAS. */
public class CasCounter {

  private final SimulatedCell cell = new SimulatedCell();

  /** Adds one. */
  @Operation
  public long increment() {
    while (true) {
      long now = Memory.getLongAcquire(cell.address);
      if (Memory.compareAndSetLong(cell.address, now, now + 1)) {
        return now + 1;
      }
    }
  }

  /** Reads it. */
  @Operation
  public long get() {
    return Memory.getLongAcquire(cell.address);
  }

  /** Nothing but the cell is out. */
  @Validate
  public void requireNoLeak() {
    cell.requireOut(0);
  }
}
