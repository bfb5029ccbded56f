package io.caisson.stress.torture;

import io.caisson.stress.PooledBlocks;
import io.caisson.stress.UntaggedBlocks;
import java.util.List;

/** Every torture program; one more is a line here. */
final class Programs {

  /**
   * One of them.
   *
   * @param name what it is called on the command line
   * @param canary whether it is broken, and must fail
   * @param torture what it does
   */
  record Program(String name, boolean canary, Torture torture) {}

  static final List<Program> ALL =
      List.of(
          new Program("pool", false, new PoolTorture(PooledBlocks::new)),
          new Program("untagged-pool", true, new PoolTorture(UntaggedBlocks::new)));

  private Programs() {}
}
