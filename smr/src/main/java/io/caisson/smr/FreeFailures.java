package io.caisson.smr;

import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What allocators threw when they were given back a block; the first is logged and kept. */
final class FreeFailures {

  private final LongAdder count = new LongAdder();
  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

  void add(Throwable failure) {
    count.increment();
    if (first.compareAndSet(null, failure)) {
      System.getLogger("io.caisson.smr")
          .log(Level.ERROR, "an allocator failed to free a block that was retired to it", failure);
    }
  }

  long count() {
    return count.sum();
  }

  /** Returns the first failure, once. */
  @Nullable Throwable takeFirst() {
    return first.getAndSet(null);
  }
}
