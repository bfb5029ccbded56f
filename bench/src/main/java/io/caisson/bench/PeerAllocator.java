package io.caisson.bench;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;

/** A peer whose blocks are addresses, as an allocator, so that the patterns call it like ours. */
interface PeerAllocator extends Allocator {

  @Override
  default long allocateZeroed(long byteSize, long byteAlignment) {
    throw new UnsupportedOperationException();
  }

  @Override
  default boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    return false;
  }

  @Override
  default long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    throw new UnsupportedOperationException();
  }

  @Override
  default AllocationException failure(long byteSize, long byteAlignment) {
    return new AllocationException(
        name(), byteSize, byteAlignment, AllocationException.UNKNOWN, AllocationException.UNKNOWN);
  }

  @Override
  default boolean isThreadSafe() {
    return true;
  }

  @Override
  default boolean freesIndividually() {
    return true;
  }

  @Override
  default void close() {}

  @Override
  default void closeForcibly() {
    throw new UnsupportedOperationException();
  }
}
