package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.Setting;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Passes calls on to another allocator, records them, and fails those that a test wants to fail.
 *
 * <p>The calls that can be failed are {@link #allocate}, {@link #allocateZeroed} and {@link
 * #reallocate}; they are numbered from 1. {@link #free} always passes. The rules given combine: a
 * call fails if any of them says so. Thread-safe if the other allocator is.
 */
public final class MockAllocator implements Allocator {

  private static final Setting FAIL_NTH =
      new Setting("caisson.test.oom-n", "CAISSON_TEST_OOM_N", "GM_TEST_OOM_N");

  /** What was called. */
  public enum Operation {
    /** {@link Allocator#allocate}. */
    ALLOCATE,
    /** {@link Allocator#allocateZeroed}. */
    ALLOCATE_ZEROED,
    /** {@link Allocator#resize}. */
    RESIZE,
    /** {@link Allocator#reallocate}. */
    REALLOCATE,
    /** {@link Allocator#free}. */
    FREE
  }

  /**
   * One call that was made.
   *
   * @param operation what was called
   * @param byteSize the size asked for, or freed, in bytes
   * @param byteAlignment the alignment in bytes
   * @param address the address returned or freed, borrowed at the time of the call; {@code NULL} if
   *     the call failed
   */
  public record Call(
      Operation operation, long byteSize, long byteAlignment, @Borrowed long address) {}

  final Allocator delegate;
  private final List<Call> calls = new ArrayList<>();
  private final Deque<Boolean> script = new ArrayDeque<>();
  private long attempts;
  private long failures;
  private boolean paused;
  private long failNth;
  private long failFrom = Long.MAX_VALUE;
  private long failAbove = Long.MAX_VALUE;
  private boolean refuseResize;

  /**
   * Creates a mock that fails nothing yet.
   *
   * @param delegate where memory comes from; closed with this one
   */
  public MockAllocator(@Owned Allocator delegate) {
    this.delegate = delegate;
  }

  /**
   * Creates a mock that fails the n-th call if the environment says so: by the property {@code
   * caisson.test.oom-n}, or the variable {@code CAISSON_TEST_OOM_N} or {@code GM_TEST_OOM_N}.
   *
   * @param delegate where memory comes from; closed with this one
   * @return the mock, owned by the caller
   * @throws IllegalArgumentException if the setting is no number that is not negative
   */
  @Owned
  public static MockAllocator fromEnvironment(@Owned Allocator delegate) {
    return new MockAllocator(delegate).failNth(FAIL_NTH.count(0));
  }

  /**
   * Fails one call, counted from the first, once.
   *
   * @param n the number of the call, or 0 for none
   * @return this mock, which stays its owner's
   * @throws IllegalArgumentException if the number is negative
   */
  @Borrowed
  public synchronized MockAllocator failNth(long n) {
    failNth = requireNumber(n);
    return this;
  }

  /**
   * Fails one call, counted from the first, and every call after it.
   *
   * @param n the number of the call, or 0 for none
   * @return this mock, which stays its owner's
   * @throws IllegalArgumentException if the number is negative
   */
  @Borrowed
  public synchronized MockAllocator failAfter(long n) {
    failFrom = requireNumber(n) == 0 ? Long.MAX_VALUE : n;
    return this;
  }

  /**
   * Fails every request above a size.
   *
   * @param byteSize the largest request that passes, in bytes
   * @return this mock, which stays its owner's
   */
  @Borrowed
  public synchronized MockAllocator failAbove(long byteSize) {
    failAbove = byteSize;
    return this;
  }

  /**
   * Decides the next calls one by one; those after them pass.
   *
   * @param passes for each call, whether it passes
   * @return this mock, which stays its owner's
   */
  @Borrowed
  public synchronized MockAllocator script(boolean... passes) {
    for (boolean pass : passes) {
      script.add(pass);
    }
    return this;
  }

  /**
   * Makes {@link #resize} answer no to whatever is asked, so that callers must move.
   *
   * @return this mock, which stays its owner's
   */
  @Borrowed
  public synchronized MockAllocator refuseResize() {
    refuseResize = true;
    return this;
  }

  private static long requireNumber(long n) {
    if (n < 0) {
      throw new IllegalArgumentException("call " + n + "; expected at least 1, or 0 for none");
    }
    return n;
  }

  /**
   * Returns how many calls could have been failed so far.
   *
   * @return the number of the last of them
   */
  public synchronized long attempts() {
    return attempts;
  }

  /**
   * Returns the calls made so far, in order.
   *
   * @return a copy
   */
  public synchronized List<Call> calls() {
    return List.copyOf(calls);
  }

  /**
   * Returns how many calls were failed so far.
   *
   * @return their number
   */
  public synchronized long failures() {
    return failures;
  }

  /**
   * Lets every call pass, uncounted and unrecorded, until {@link #resume}: for what a test itself
   * needs to look at its subject.
   */
  public synchronized void pause() {
    paused = true;
  }

  /** Goes on where {@link #pause} left off. */
  public synchronized void resume() {
    paused = false;
  }

  private boolean passes(long byteSize) {
    if (paused) {
      return true;
    }
    attempts++;
    boolean scripted = script.isEmpty() || script.remove();
    boolean passes =
        scripted && attempts != failNth && attempts < failFrom && byteSize <= failAbove;
    failures += passes ? 0 : 1;
    return passes;
  }

  private long record(Operation operation, long byteSize, long byteAlignment, long address) {
    if (!paused) {
      calls.add(new Call(operation, byteSize, byteAlignment, address));
    }
    return address;
  }

  @Override
  public synchronized long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    long address = passes(byteSize) ? delegate.allocate(byteSize, byteAlignment) : NULL;
    return record(Operation.ALLOCATE, byteSize, byteAlignment, address);
  }

  @Override
  public synchronized long allocateZeroed(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    long address = passes(byteSize) ? delegate.allocateZeroed(byteSize, byteAlignment) : NULL;
    return record(Operation.ALLOCATE_ZEROED, byteSize, byteAlignment, address);
  }

  @Override
  public synchronized boolean resize(
      long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    boolean resized =
        !refuseResize && delegate.resize(address, oldByteSize, newByteSize, byteAlignment);
    record(Operation.RESIZE, newByteSize, byteAlignment, resized ? address : NULL);
    return resized;
  }

  @Override
  public synchronized long reallocate(
      long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    long moved =
        passes(newByteSize)
            ? delegate.reallocate(address, oldByteSize, newByteSize, byteAlignment)
            : NULL;
    return record(Operation.REALLOCATE, newByteSize, byteAlignment, moved);
  }

  @Override
  public synchronized void free(long address, long byteSize, long byteAlignment) {
    delegate.free(address, byteSize, byteAlignment);
    record(Operation.FREE, byteSize, byteAlignment, address);
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
    return "mock(" + delegate + ")";
  }
}
