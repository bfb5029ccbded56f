package io.caisson.stress.check;

import io.caisson.stress.PooledBlocks;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;

/** The pool of many threads: no block has two tenants. */
public class SharedPool {

  private final PoolTenants tenants =
      new PoolTenants(new PooledBlocks(SimulatedAllocator.inFreshWorld(), 8));

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
