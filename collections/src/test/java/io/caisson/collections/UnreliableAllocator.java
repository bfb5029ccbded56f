package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;

/**
 * Passes calls of several threads on to another allocator without a lock, which would order them,
 * and fails those whose number a rule names, from 1 on, as long as it is told to.
 */
final class UnreliableAllocator implements Allocator {

  private final Allocator delegate;
  private final LongPredicate fails;
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private volatile boolean isReliable = true;

  UnreliableAllocator(Allocator delegate, LongPredicate fails) {
    this.delegate = delegate;
    this.fails = fails;
  }

  /** Fails one call in so many, at random. */
  static UnreliableAllocator failingOneIn(int count, long seed, Allocator delegate) {
    return new UnreliableAllocator(
        delegate, call -> Long.remainderUnsigned(mix(call + seed), count) == 0);
  }

  private static long mix(long number) {
    long mixed = (number ^ (number >>> 30)) * 0xBF58476D1CE4E5B9L;
    return (mixed ^ (mixed >>> 27)) >>> 8;
  }

  /** Says whether to fail and count calls from now on. */
  void setReliable(boolean reliable) {
    isReliable = reliable;
  }

  long calls() {
    return calls.get();
  }

  long failures() {
    return failures.get();
  }

  private boolean passes() {
    if (isReliable || !fails.test(calls.incrementAndGet())) {
      return true;
    }
    failures.incrementAndGet();
    return false;
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    return passes() ? delegate.allocate(byteSize, byteAlignment) : NULL;
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    return passes() ? delegate.allocateZeroed(byteSize, byteAlignment) : NULL;
  }

  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    return delegate.resize(address, oldByteSize, newByteSize, byteAlignment);
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    return passes() ? delegate.reallocate(address, oldByteSize, newByteSize, byteAlignment) : NULL;
  }

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    delegate.free(address, byteSize, byteAlignment);
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
}
