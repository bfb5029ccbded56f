package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import org.jspecify.annotations.Nullable;

/**
 * Allocates within a budget: reserves first, then allocates, and undoes the one if the other fails.
 *
 * <p>What is charged is the size requested; a block that changes its size is charged the difference
 * alone. When the budget, or one that it is within, has not enough left, the request is answered
 * with {@code NULL}, and {@link #failure} names each level. While {@link #reallocate} moves a
 * block, the old one is in memory too, and uncharged.
 *
 * <p>Several may share a budget, and several budgets an allocator; what they allocate is freed
 * through the one that allocated it, or its account is wrong. An arena gives back its memory to its
 * parent: put the budget under it. As thread-safe as the other allocator; adds no locks.
 */
public final class BudgetedAllocator implements Allocator {

  /** Why the last request of a thread was refused. */
  private record LastRefusal(long threadId, long byteSize, Budget.Refusal refusal) {}

  final Allocator allocator;
  private final Budget budget;
  private volatile @Nullable LastRefusal lastRefusal;
  private volatile boolean closed;

  /**
   * Creates an allocator with a budget.
   *
   * @param allocator where memory comes from; not closed with this
   * @param budget what may be used of it; not closed with this
   * @throws IllegalArgumentException if the allocator does not free one by one
   */
  public BudgetedAllocator(@Borrowed Allocator allocator, @Borrowed Budget budget) {
    Owner.requireIndividualFrees(allocator, "a budget");
    this.allocator = allocator;
    this.budget = budget;
  }

  /**
   * Returns the budget.
   *
   * @return the budget, which stays its owner's
   */
  @Borrowed
  public Budget budget() {
    return budget;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("allocator '" + name() + "' with a budget is closed");
    }
  }

  /** Reserves what a request needs, or notes why it cannot have it. */
  private boolean reserve(long byteSize, long extraByteSize) {
    Budget.Refusal refusal = budget.reserve(extraByteSize);
    if (refusal == null) {
      return true;
    }
    lastRefusal = new LastRefusal(Thread.currentThread().threadId(), byteSize, refusal);
    return false;
  }

  /** Undoes a reservation that the other allocator could not fill. */
  private void undo(long extraByteSize) {
    lastRefusal = null; // the next failure is the other's
    budget.release(extraByteSize);
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireOpen();
    if (!reserve(byteSize, byteSize)) {
      return NULL;
    }
    long address = NULL;
    try {
      address = allocator.allocate(byteSize, byteAlignment);
    } finally {
      if (address == NULL) {
        undo(byteSize);
      }
    }
    return address;
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireOpen();
    if (!reserve(byteSize, byteSize)) {
      return NULL;
    }
    long address = NULL;
    try {
      address = allocator.allocateZeroed(byteSize, byteAlignment);
    } finally {
      if (address == NULL) {
        undo(byteSize);
      }
    }
    return address;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: no, if the budget has not left what the block grows by.
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    long growth = newByteSize - oldByteSize;
    if (growth > 0 && !reserve(newByteSize, growth)) {
      return false;
    }
    boolean resized = false;
    try {
      resized = allocator.resize(address, oldByteSize, newByteSize, byteAlignment);
    } finally {
      settle(growth, resized);
    }
    return resized;
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    long growth = newByteSize - oldByteSize;
    if (growth > 0 && !reserve(newByteSize, growth)) {
      return NULL;
    }
    long moved = NULL;
    try {
      moved = allocator.reallocate(address, oldByteSize, newByteSize, byteAlignment);
    } finally {
      settle(growth, moved != NULL);
    }
    return moved;
  }

  /** Releases what a block has shrunk by, or what it should have grown by. */
  private void settle(long growth, boolean done) {
    if (growth > 0 && !done) {
      undo(growth);
    } else if (growth < 0 && done) {
      budget.release(-growth);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if less than that is reserved of the budget
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address != NULL) {
      allocator.free(address, byteSize, byteAlignment);
      budget.release(byteSize);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: if a budget refused, with each level of it; else what the other allocator says. When
   * threads are refused at the same time, the levels may be as they are now and not as they were.
   */
  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    Budget.Refusal refusal = refusal(byteSize);
    if (refusal == null) {
      return allocator.failure(byteSize, byteAlignment);
    }
    AllocationException exception =
        AllocationException.overBudget(
            name(),
            byteSize,
            byteAlignment,
            refusal.used(),
            refusal.by().limit(),
            budget.levels(refusal));
    Tag tag = Tag.of(allocator);
    return tag == null ? exception : exception.taggedWith(tag.path());
  }

  /** Returns how the calling thread's request was refused, or would be now, or null. */
  private Budget.@Nullable Refusal refusal(long byteSize) {
    LastRefusal last = lastRefusal;
    if (last != null
        && last.byteSize == byteSize
        && last.threadId == Thread.currentThread().threadId()) {
      return last.refusal;
    }
    return budget.wouldRefuse(byteSize);
  }

  @Override
  public String name() {
    return allocator.name();
  }

  @Override
  public boolean isThreadSafe() {
    return allocator.isThreadSafe();
  }

  @Override
  public boolean freesIndividually() {
    return true;
  }

  /**
   * Closes this allocator, and neither the other nor the budget: what is out stays reserved and can
   * still be freed.
   */
  @Override
  public void close() {
    closed = true;
  }

  /**
   * Does nothing but throw: close the other allocator instead.
   *
   * @throws UnsupportedOperationException always, for the blocks are the other's
   */
  @Override
  public void closeForcibly() {
    throw new UnsupportedOperationException(
        "allocator '" + name() + "' with a budget has no blocks of its own; close what it is over");
  }

  @Override
  public String toString() {
    return "budgeted(" + allocator + ", " + budget.name() + ")";
  }
}
