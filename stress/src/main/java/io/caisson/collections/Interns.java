package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import org.jspecify.annotations.NullMarked;

/** Looks into a concurrent intern table, and bytes for it wherever memory is. */
@NullMarked
public final class Interns {

  private Interns() {}

  /** Nobody is in an operation: throws AssertionError if an invariant does not hold. */
  public static void check(ConcurrentInternTable table) {
    table.checkInvariants();
  }

  /** Allocates bytes that are all the same. */
  public static StringView bytes(Allocator allocator, long byteSize, byte value) {
    long address = allocator.allocate(byteSize, Long.BYTES);
    Memory.fill(address, byteSize, value);
    return new StringView(address, byteSize);
  }
}
