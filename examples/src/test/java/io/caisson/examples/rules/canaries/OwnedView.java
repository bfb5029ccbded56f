package io.caisson.examples.rules.canaries;

import io.caisson.alloc.Owned;
import io.caisson.collections.Slice;

/** Would have its callers free a view. */
public interface OwnedView {

  /** Returns a view. */
  @Owned
  Slice slice();
}
