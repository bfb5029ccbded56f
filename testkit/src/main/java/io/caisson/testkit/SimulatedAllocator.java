package io.caisson.testkit;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.SimulatedMemory;
import java.lang.foreign.SegmentAllocator;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Allocates simulated memory, for model checkers: memory that they see, at addresses that are the
 * same in every run.
 *
 * <p>It works in a JVM that was started with {@code -Dcaisson.memory=simulated} only. There a block
 * that is freed is handed out again by the very next request that it fits; an access to one that is
 * free, and a block freed twice, throw {@link io.caisson.alloc.CheckedMemoryException}. There are
 * no segments over simulated memory.
 *
 * <p>Thread-safe. Tell a model checker to treat this class as atomic, and {@code
 * io.caisson.alloc.internal.SimulatedMemory}, which it stands on. Allocating is O(blocks freed).
 */
public final class SimulatedAllocator implements Allocator {

  private static final String NAME = "simulated";

  private final AtomicLong requests = new AtomicLong();
  private volatile long failNth;
  private volatile long limit = Long.MAX_VALUE;
  private volatile boolean closed;

  /**
   * Creates an allocator in the world that there is, beside others.
   *
   * @throws IllegalStateException if memory is not simulated
   */
  public SimulatedAllocator() {
    if (!Memory.SIMULATED) {
      throw new IllegalStateException(
          "memory mode is '"
              + Memory.MODE
              + "'; a simulated allocator needs -Dcaisson.memory=simulated");
    }
  }

  /**
   * Creates an allocator in a world of its own, in which nothing is allocated: every other
   * allocator's blocks are gone without being freed.
   *
   * @return the allocator, owned by the caller
   * @throws IllegalStateException if memory is not simulated
   */
  @Owned
  public static SimulatedAllocator inFreshWorld() {
    SimulatedAllocator allocator = new SimulatedAllocator();
    SimulatedMemory.reset();
    return allocator;
  }

  /**
   * Fails one request, once.
   *
   * @param n the number of the request, counted from the first that this allocator got, or 0 for
   *     none
   * @return this allocator, which stays its owner's
   * @throws IllegalArgumentException if the number is negative
   */
  @Borrowed
  public SimulatedAllocator failNth(long n) {
    if (n < 0) {
      throw new IllegalArgumentException("request " + n + "; expected at least 1, or 0 for none");
    }
    failNth = n;
    return this;
  }

  /**
   * Fails every request that would take it above a limit.
   *
   * @param byteSize the most bytes that may be out
   * @return this allocator, which stays its owner's
   */
  @Borrowed
  public SimulatedAllocator limit(long byteSize) {
    limit = byteSize;
    return this;
  }

  /**
   * Returns how many blocks are out.
   *
   * @return their number, retired ones included
   */
  public long liveBlocks() {
    return SimulatedMemory.liveBlocks(this);
  }

  /**
   * Returns how much is out.
   *
   * @return the bytes in the blocks that are out
   */
  public long liveBytes() {
    return SimulatedMemory.liveBytes(this);
  }

  private boolean passes(long additionalByteSize) {
    if (closed) {
      throw new IllegalStateException("allocator '" + NAME + "' is closed");
    }
    return requests.incrementAndGet() != failNth
        && (limit == Long.MAX_VALUE || additionalByteSize <= limit - liveBytes());
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    return allocate(byteSize, byteAlignment, false);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    return allocate(byteSize, byteAlignment, true);
  }

  private long allocate(long byteSize, long byteAlignment, boolean zeroed) {
    BlockArguments.check(byteSize, byteAlignment);
    return passes(byteSize)
        ? SimulatedMemory.allocate(this, byteSize, byteAlignment, zeroed)
        : NULL;
  }

  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    return SimulatedMemory.resize(this, address, oldByteSize, newByteSize, byteAlignment);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: always moves the block, unless it shrinks, so that whoever keeps the old address is
   * found out.
   */
  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    if (!passes(newByteSize - oldByteSize)) {
      return NULL;
    }
    if (newByteSize <= oldByteSize) {
      SimulatedMemory.resize(this, address, oldByteSize, newByteSize, byteAlignment);
      return address;
    }
    long moved = SimulatedMemory.allocate(this, newByteSize, byteAlignment, false);
    if (moved != NULL) {
      Memory.copy(address, moved, oldByteSize);
      SimulatedMemory.free(this, address, oldByteSize, byteAlignment);
    }
    return moved;
  }

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address != NULL) {
      SimulatedMemory.free(this, address, byteSize, byteAlignment);
    }
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return new AllocationException(
        NAME,
        byteSize,
        byteAlignment,
        liveBytes(),
        limit == Long.MAX_VALUE ? AllocationException.UNKNOWN : limit);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean isThreadSafe() {
    return true;
  }

  @Override
  public boolean freesIndividually() {
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException always; there are no segments over simulated memory, so
   *     no view
   */
  @Override
  @View
  public SegmentAllocator asSegmentAllocator() {
    throw SimulatedMemory.unsupported("an allocator of segments");
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (liveBlocks() != 0) {
      throw new IllegalStateException(
          "allocator '"
              + NAME
              + "' has blocks out:\n"
              + String.join("\n", SimulatedMemory.describeLive(this)));
    }
    closed = true;
  }

  @Override
  public void closeForcibly() {
    closed = true;
    SimulatedMemory.freeAll(this);
  }

  @Override
  public String toString() {
    return NAME;
  }
}
