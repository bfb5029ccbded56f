package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.Libc;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.Quarantine;

/**
 * Allocates with the C library's {@code malloc}, {@code calloc}, {@code realloc} and {@code
 * aligned_alloc}.
 *
 * <p>Raw: it counts nothing and does not know its blocks, so closing it never fails and closing it
 * forcibly is unsupported. {@link Allocators#system()} returns it with an account. Thread-safe; any
 * thread may free what another allocated. As lock-free as the C library is.
 */
public final class SystemAllocator implements Allocator {

  private final String name;
  private final boolean hugePages;
  private volatile boolean closed;

  private SystemAllocator(String name, boolean hugePages) {
    Memory.requireNativeAccess();
    this.name = name;
    this.hugePages = hugePages;
  }

  /**
   * Creates an allocator of ordinary OS pages.
   *
   * @return the allocator, owned by the caller
   * @throws IllegalStateException if native access is denied; the message names the flag to add
   */
  @Owned
  public static SystemAllocator create() {
    return new SystemAllocator("system", false);
  }

  /**
   * Creates an allocator that asks the kernel for huge OS pages behind blocks of at least 2 MiB,
   * which makes random access to large tables faster.
   *
   * <p>Such a block is aligned to 2 MiB. Where the kernel has no transparent huge pages the advice
   * is void, and the allocator is an ordinary one.
   *
   * @return the allocator, owned by the caller
   * @throws IllegalStateException if native access is denied; the message names the flag to add
   */
  @Owned
  public static SystemAllocator withHugePages() {
    return new SystemAllocator("system-huge-pages", true);
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireOpen();
    long address;
    if (isHuge(byteSize)) {
      address = allocateHuge(byteSize, byteAlignment);
    } else if (byteAlignment <= Libc.MALLOC_ALIGNMENT) {
      address = Libc.malloc(byteSize);
    } else {
      address = Libc.alignedAlloc(byteSize, byteAlignment);
    }
    return register(address, byteSize, byteAlignment);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    if (byteAlignment > Libc.MALLOC_ALIGNMENT || isHuge(byteSize)) {
      return Allocations.zero(this, byteSize, byteAlignment);
    }
    BlockArguments.check(byteSize, byteAlignment);
    requireOpen();
    return register(Libc.calloc(byteSize), byteSize, byteAlignment);
  }

  private boolean isHuge(long byteSize) {
    return hugePages && byteSize >= Libc.HUGE_PAGE_SIZE;
  }

  private static long allocateHuge(long byteSize, long byteAlignment) {
    long address = Libc.alignedAlloc(byteSize, Math.max(byteAlignment, Libc.HUGE_PAGE_SIZE));
    if (address != NULL) {
      Libc.adviseHugePages(address, byteSize);
    }
    return address;
  }

  private long register(long address, long byteSize, long byteAlignment) {
    if (address != NULL) {
      BlockRegistry.allocated(this, address, byteSize, byteAlignment);
    }
    return address;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: true where the C library's own rounding covers the new size and no more than half of
   * the block would lie idle.
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    if (BlockMap.ACTIVE) {
      BlockMap.require(this, address, oldByteSize, byteAlignment, "resize");
    }
    long usable = Libc.usableSize(address);
    if (newByteSize > usable
        || newByteSize < usable >>> 1
        || isHuge(oldByteSize) != isHuge(newByteSize)) {
      return false;
    }
    BlockRegistry.resized(this, address, oldByteSize, newByteSize, byteAlignment);
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: a large block is remapped rather than copied where the C library can.
   */
  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    if (BlockMap.ACTIVE) {
      BlockMap.require(this, address, oldByteSize, byteAlignment, "reallocate");
    }
    if (BlockMap.ACTIVE
        || byteAlignment > Libc.MALLOC_ALIGNMENT
        || isHuge(oldByteSize)
        || isHuge(newByteSize)) {
      return Allocations.move(this, address, oldByteSize, newByteSize, byteAlignment);
    }
    return Libc.realloc(address, newByteSize);
  }

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address == NULL) {
      return;
    }
    if (BlockMap.ACTIVE) {
      BlockMap.freed(this, address, byteSize, byteAlignment);
      Quarantine.add(this, address, byteSize, Libc::free);
    } else {
      Libc.free(address, byteSize);
    }
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return new AllocationException(
        name, byteSize, byteAlignment, AllocationException.UNKNOWN, AllocationException.UNKNOWN);
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
      throw new IllegalStateException("allocator '" + name + "' is closed");
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: blocks that are out are known in checked memory mode only; in native mode the caller
   * answers for them. They can still be freed afterwards.
   */
  @Override
  public void close() {
    if (BlockMap.ACTIVE && !closed) {
      int live = BlockMap.liveBlocks(this).size();
      if (live > 0) {
        throw BlockMap.blocksOut(this, live + " blocks");
      }
    }
    closed = true;
  }

  @Override
  public void closeForcibly() {
    throw new UnsupportedOperationException(
        "allocator '" + name + "' does not know its blocks and cannot release them");
  }

  @Override
  public String toString() {
    return name;
  }
}
