package io.caisson.stress.check.canary;

import io.caisson.alloc.internal.Memory;
import io.caisson.stress.check.SimulatedCell;
import org.jetbrains.lincheck.datastructures.Operation;

/** A counter in memory, changed by a read and a write: updates are lost. */
public class LostUpdateCounter {

  private final SimulatedCell cell = new SimulatedCell();

  /** Adds one, or does not. */
  @Operation
  public long increment() {
    long next = Memory.getLongAcquire(cell.address) + 1;
    Memory.putLongRelease(cell.address, next);
    return next;
  }

  /** Reads it. */
  @Operation
  public long get() {
    return Memory.getLongAcquire(cell.address);
  }
}
