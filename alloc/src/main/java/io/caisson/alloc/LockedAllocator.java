package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes an allocator that belongs to one thread usable from all, by a lock around every call.
 *
 * <p>Thread-safe, and not lock-free: a thread may wait for another, virtual threads without pinning
 * their carrier. An allocator that checks its owner is handed to the calling thread under the lock,
 * with all that it takes memory from; so this works for the single-owner allocators of this
 * library, alone or in stacks, and for any that is thread-safe already. From construction on nobody
 * may call what is under here directly, or by another {@code LockedAllocator}: most such calls are
 * an {@link IllegalStateException}, by the owner check.
 *
 * <p>What one call does happens-before what a later one does.
 */
public final class LockedAllocator implements Allocator {

  private final Allocator delegate;
  private final Owner[] owners;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * Creates a lock around an allocator.
   *
   * @param delegate the allocator, closed with this one
   * @throws IllegalArgumentException if it, or one that it takes memory from, belongs to one thread
   *     and is none of this library's that can be handed over
   */
  public LockedAllocator(@Owned Allocator delegate) {
    List<Owner> all = Owner.allUnder(delegate);
    this.delegate = delegate;
    this.owners = all.toArray(new Owner[0]);
  }

  private void enter() {
    lock.lock();
    for (Owner owner : owners) {
      owner.adopt();
    }
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    enter();
    try {
      return delegate.allocate(byteSize, byteAlignment);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    enter();
    try {
      return delegate.allocateZeroed(byteSize, byteAlignment);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    enter();
    try {
      return delegate.resize(address, oldByteSize, newByteSize, byteAlignment);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    enter();
    try {
      return delegate.reallocate(address, oldByteSize, newByteSize, byteAlignment);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address == NULL) {
      return;
    }
    enter();
    try {
      delegate.free(address, byteSize, byteAlignment);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    enter();
    try {
      return delegate.failure(byteSize, byteAlignment);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String name() {
    return delegate.name();
  }

  @Override
  public boolean isThreadSafe() {
    return true;
  }

  @Override
  public boolean freesIndividually() {
    return delegate.freesIndividually();
  }

  @Override
  public void close() {
    enter();
    try {
      delegate.close();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void closeForcibly() {
    enter();
    try {
      delegate.closeForcibly();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "locked(" + delegate + ")";
  }
}
