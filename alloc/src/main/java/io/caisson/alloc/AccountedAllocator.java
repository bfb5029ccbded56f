package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.events.MemoryEvents;

/**
 * Keeps an account of another allocator: what is out, the peak, totals and failures.
 *
 * <p>As thread-safe as the other, and no less lock-free: threads count in stripes of their own. The
 * peak is exact while one thread allocates; with several it can be off by 64 KiB for each. What an
 * arena or a fixed buffer releases by {@code reset} or {@code rewind} is not seen from here:
 * account for its parent instead.
 */
public final class AccountedAllocator implements Allocator {

  private final Allocator raw;
  private final Account account = new Account();

  /** From how many bytes on a block is told of to the Flight Recorder. */
  private final long large = MemoryEvents.largeByteSize();

  AccountedAllocator(Allocator raw) {
    this.raw = raw;
  }

  /**
   * Returns the allocator under this one, which counts nothing.
   *
   * <p>A block may be allocated by the one and freed by the other; the account is then wrong.
   *
   * @return the other allocator, closed with this one
   */
  @Borrowed
  public Allocator raw() {
    return raw;
  }

  /**
   * Returns the account.
   *
   * @return the figures now
   */
  public AllocatorStats stats() {
    return account.stats();
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    return note(raw.allocate(byteSize, byteAlignment), byteSize);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    return note(raw.allocateZeroed(byteSize, byteAlignment), byteSize);
  }

  private long note(long address, long byteSize) {
    if (address == NULL) {
      account.failed();
    } else {
      account.allocated(byteSize);
      if (byteSize >= large) {
        MemoryEvents.allocated(name(), address, byteSize);
      }
    }
    return address;
  }

  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    boolean resized = raw.resize(address, oldByteSize, newByteSize, byteAlignment);
    if (resized) {
      account.resized(oldByteSize, newByteSize);
      noteMove(address, oldByteSize, address, newByteSize);
    }
    return resized;
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    long moved = raw.reallocate(address, oldByteSize, newByteSize, byteAlignment);
    if (moved == NULL) {
      account.failed();
    } else {
      account.resized(oldByteSize, newByteSize);
      noteMove(address, oldByteSize, moved, newByteSize);
    }
    return moved;
  }

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    if (address == NULL) {
      BlockArguments.check(byteSize, byteAlignment);
      return;
    }
    raw.free(address, byteSize, byteAlignment);
    account.freed(byteSize);
    if (byteSize >= large) {
      MemoryEvents.freed(name(), address, byteSize);
    }
  }

  private void noteMove(long address, long oldByteSize, long moved, long newByteSize) {
    if (oldByteSize >= large) {
      MemoryEvents.freed(name(), address, oldByteSize);
    }
    if (newByteSize >= large) {
      MemoryEvents.allocated(name(), moved, newByteSize);
    }
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return raw.failure(byteSize, byteAlignment).withInUse(() -> account.stats().liveBytes());
  }

  @Override
  public String name() {
    return raw.name();
  }

  @Override
  public boolean isThreadSafe() {
    return raw.isThreadSafe();
  }

  @Override
  public boolean freesIndividually() {
    return raw.freesIndividually();
  }

  @Override
  public void close() {
    AllocatorStats stats = account.stats();
    if (raw.freesIndividually() && stats.liveBlocks() != 0) {
      throw BlockMap.blocksOut(
          raw, stats.liveBlocks() + " blocks of " + stats.liveBytes() + " bytes");
    }
    raw.close();
    account.releasedAll();
  }

  @Override
  public void closeForcibly() {
    raw.closeForcibly();
    account.releasedAll();
  }

  @Override
  public String toString() {
    return "accounted(" + raw + ")";
  }
}
