package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.Mimalloc;
import io.caisson.alloc.internal.MimallocHeaps;
import io.caisson.alloc.internal.MimallocLibrary;
import io.caisson.alloc.internal.Quarantine;

/**
 * A heap of mimalloc's: allocates as {@link MimallocAllocator} does, from OS pages that hold
 * nothing else, and can {@linkplain #closeForcibly() release} every block at once.
 *
 * <p>Needs mimalloc 3. It keeps an account, so {@link #close()} is strict. Thread-safe, save that
 * closing it is for one thread, once no other uses it or any block of it. As lock-free as {@link
 * MimallocAllocator}, but some times slower for small blocks: it is for what is released at once.
 */
public final class MimallocHeap implements Allocator {

  private final String name;
  private final Account account = new Account();
  private final long heap;

  /** Set before the heap is destroyed, under the lock. */
  private volatile boolean closed;

  /** Keeps checked mode from giving up a block of a heap that is being destroyed. */
  private final Object lock = new Object();

  private MimallocHeap(String name, long heap) {
    this.name = name;
    this.heap = heap;
  }

  /**
   * Creates a heap.
   *
   * @param name its name, as messages and reports show it
   * @return the heap, owned by the caller
   * @throws UnsupportedOperationException if the library is of version 2, naming the version
   * @throws IllegalStateException if no library is found or native access is denied, as from {@link
   *     MimallocAllocator#load()}
   * @throws AllocationException if there is no memory for it
   */
  public static @Owned MimallocHeap create(String name) {
    MimallocLibrary.require();
    Mimalloc.requireHeaps();
    long heap = MimallocHeaps.create();
    if (heap == NULL) {
      throw new AllocationException(
          name, 1, 1, AllocationException.UNKNOWN, AllocationException.UNKNOWN);
    }
    return new MimallocHeap(name, heap);
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
    BlockArguments.check(byteSize, byteAlignment);
    requireOpen();
    return note(MimallocHeaps.allocate(heap, byteSize, byteAlignment), byteSize, byteAlignment);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireOpen();
    return note(
        MimallocHeaps.allocateZeroed(heap, byteSize, byteAlignment), byteSize, byteAlignment);
  }

  private long note(long address, long byteSize, long byteAlignment) {
    if (address == NULL) {
      account.failed();
    } else {
      BlockRegistry.allocated(this, address, byteSize, byteAlignment);
      account.allocated(byteSize);
    }
    return address;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: true where mimalloc's own rounding covers the new size and no more than half of the
   * block would lie idle.
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    if (BlockMap.ACTIVE) {
      BlockMap.require(this, address, oldByteSize, byteAlignment, "resize");
    }
    long usable = Mimalloc.usableSize(address);
    if (newByteSize > usable || newByteSize < usable >>> 1) {
      return false;
    }
    BlockRegistry.resized(this, address, oldByteSize, newByteSize, byteAlignment);
    account.resized(oldByteSize, newByteSize);
    return true;
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    long moved =
        BlockMap.ACTIVE
            ? move(address, oldByteSize, newByteSize, byteAlignment)
            : MimallocHeaps.reallocate(heap, address, newByteSize, byteAlignment);
    if (moved == NULL) {
      account.failed();
    } else {
      account.resized(oldByteSize, newByteSize);
    }
    return moved;
  }

  /** Moves a block as checked mode does, to an address that cannot be the old one. */
  private long move(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockMap.require(this, address, oldByteSize, byteAlignment, "reallocate");
    long moved = MimallocHeaps.allocate(heap, newByteSize, byteAlignment);
    if (moved != NULL) {
      BlockRegistry.allocated(this, moved, newByteSize, byteAlignment);
      Memory.copy(address, moved, Math.min(oldByteSize, newByteSize));
      takeBack(address, oldByteSize, byteAlignment);
    }
    return moved;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the heap is closed, and its blocks are gone with it
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address == NULL) {
      return;
    }
    requireOpen();
    takeBack(address, byteSize, byteAlignment);
    account.freed(byteSize);
  }

  private void takeBack(long address, long byteSize, long byteAlignment) {
    if (BlockMap.ACTIVE) {
      BlockMap.freed(this, address, byteSize, byteAlignment);
      Quarantine.add(this, address, byteSize, this::giveUp);
    } else {
      Mimalloc.free(address, byteSize);
    }
  }

  /** Gives up a block that was in quarantine, unless that is done with all the others. */
  private void giveUp(long address, long byteSize) {
    synchronized (lock) {
      if (!closed) {
        Mimalloc.free(address, byteSize);
      }
    }
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return new AllocationException(
        name, byteSize, byteAlignment, account.stats().liveBytes(), AllocationException.UNKNOWN);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isThreadSafe() {
    return true;
  }

  @Override
  public boolean freesIndividually() {
    return true;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("heap '" + name + "' is closed");
    }
  }

  @Override
  public void close() {
    AllocatorStats stats = account.stats();
    if (!closed && stats.liveBlocks() != 0) {
      throw BlockMap.blocksOut(
          this, stats.liveBlocks() + " blocks of " + stats.liveBytes() + " bytes");
    }
    destroy();
  }

  /** Closes this heap and releases every block of it at once. Closing it again does nothing. */
  @Override
  public void closeForcibly() {
    destroy();
  }

  private void destroy() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      if (BlockMap.ACTIVE) {
        BlockMap.freedAll(this);
      }
      MimallocHeaps.destroy(heap);
      account.releasedAll();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
