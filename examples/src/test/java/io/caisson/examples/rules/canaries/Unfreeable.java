package io.caisson.examples.rules.canaries;

import io.caisson.alloc.Owned;

/** Hands out memory that nobody can free. */
public interface Unfreeable {

  /** Returns an address. */
  @Owned
  long allocate(long byteSize);
}
