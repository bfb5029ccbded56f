package io.caisson.testkit;

/** The contract for an allocator that takes a stack at each call, with fewer rounds. */
interface StackTakingContract extends AllocatorContract {

  /** 80 MiB in all: more than every quarantine holds back, here and in checked mode. */
  @Override
  default int timesToReuse() {
    return 20_000;
  }
}
