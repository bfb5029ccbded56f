package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.Memory;

/**
 * Wipes every block before it is given back, so that keys and secrets do not stay in free memory.
 *
 * <p>A block is overwritten with zeros when it is freed, when it moves, and, for the part given up,
 * when it shrinks in place. A free then costs O(bytes), a shrink in place a temporary block of the
 * part given up. What an arena or a fixed buffer releases at once was not freed and is not wiped:
 * free each block first; the same holds for {@link #closeForcibly}.
 *
 * <p>As thread-safe as the other allocator.
 */
public final class ZeroOnFreeAllocator implements Allocator {

  final Allocator delegate;

  /**
   * Creates an allocator that wipes what another takes back.
   *
   * @param delegate the other, closed with this one
   */
  public ZeroOnFreeAllocator(@Owned Allocator delegate) {
    this.delegate = delegate;
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    return delegate.allocate(byteSize, byteAlignment);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    return delegate.allocateZeroed(byteSize, byteAlignment);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: what the other allocator says, but no if there is no room to save what a shrink wipes.
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    return newByteSize < oldByteSize
        ? shrink(address, oldByteSize, newByteSize, byteAlignment)
        : delegate.resize(address, oldByteSize, newByteSize, byteAlignment);
  }

  /**
   * Wipes the tail while it is still the caller's, and puts it back if the block must stay as it
   * is: afterwards it may be another thread's already.
   */
  private boolean shrink(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    long tailByteSize = oldByteSize - newByteSize;
    long saved = delegate.allocate(tailByteSize, 1);
    if (saved == NULL) {
      return false;
    }
    try {
      Memory.copy(address + newByteSize, saved, tailByteSize);
      return shrinkSaved(saved, address, oldByteSize, newByteSize, byteAlignment);
    } finally {
      free(saved, tailByteSize, 1);
    }
  }

  private boolean shrinkSaved(
      long saved, long address, long oldByteSize, long newByteSize, long byteAlignment) {
    long tail = address + newByteSize;
    long tailByteSize = oldByteSize - newByteSize;
    boolean resized = false;
    try {
      Memory.fill(tail, tailByteSize, (byte) 0);
      resized = delegate.resize(address, oldByteSize, newByteSize, byteAlignment);
      return resized;
    } finally {
      if (!resized) {
        Memory.copy(saved, tail, tailByteSize);
      }
    }
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    return resize(address, oldByteSize, newByteSize, byteAlignment)
        ? address
        : Allocations.move(this, address, oldByteSize, newByteSize, byteAlignment);
  }

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address != NULL) {
      Memory.fill(address, byteSize, (byte) 0);
      delegate.free(address, byteSize, byteAlignment);
    }
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return delegate.failure(byteSize, byteAlignment);
  }

  @Override
  public String name() {
    return delegate.name();
  }

  @Override
  public boolean isThreadSafe() {
    return delegate.isThreadSafe();
  }

  @Override
  public boolean freesIndividually() {
    return delegate.freesIndividually();
  }

  @Override
  public void close() {
    delegate.close();
  }

  @Override
  public void closeForcibly() {
    delegate.closeForcibly();
  }

  @Override
  public String toString() {
    return "zero-on-free(" + delegate + ")";
  }
}
