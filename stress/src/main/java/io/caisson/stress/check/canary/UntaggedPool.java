package io.caisson.stress.check.canary;

import io.caisson.stress.UntaggedBlocks;
import io.caisson.stress.check.PoolTenants;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;

/** The same on a free list without a tag. */
public class UntaggedPool {

  private final PoolTenants tenants =
      new PoolTenants(new UntaggedBlocks(SimulatedAllocator.inFreshWorld(), 8));

  /** Takes a block and keeps it. */
  @Operation
  public boolean keep() {
    return tenants.keep();
  }

  /** Takes two blocks and gives them back. */
  @Operation
  public boolean takeTwo() {
    return tenants.takeTwo();
  }
}
