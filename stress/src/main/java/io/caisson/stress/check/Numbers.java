package io.caisson.stress.check;

import io.caisson.smr.NumberedBlocks;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;

/** The stack of bags and of spare locals: nothing on it has two holders. */
public class Numbers {

  private final PoolTenants tenants =
      new PoolTenants(new NumberedBlocks(SimulatedAllocator.inFreshWorld(), 8));

  /** Takes one and keeps it. */
  @Operation
  public boolean keep() {
    return tenants.keep();
  }

  /** Takes two and gives them back. */
  @Operation
  public boolean takeTwo() {
    return tenants.takeTwo();
  }
}
