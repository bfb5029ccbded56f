package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.CacheLine;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.Mimalloc;
import io.caisson.alloc.internal.MimallocLibrary;
import io.caisson.alloc.internal.Quarantine;
import org.jspecify.annotations.Nullable;

/**
 * Allocates with mimalloc.
 *
 * <p>The library is the file that {@code -Dcaisson.mimalloc.path} names (or the environment
 * variable {@code CAISSON_MIMALLOC_PATH}), else the one in the artifact {@code caisson-mimalloc},
 * else the system's {@code libmimalloc}, version 2 or 3. One JVM uses one.
 *
 * <p>Raw: it does not know its blocks, so closing it never fails and closing it forcibly is
 * unsupported; it counts only if told to. {@link Allocators#mimalloc()} returns it with an account;
 * a {@link MimallocHeap} knows its blocks. {@code NULL} is also the answer to an alignment that is
 * past the library's limit: 128 MiB in version 3.5.
 *
 * <p>Thread-safe; any thread, platform or virtual, may free what another allocated. A thread
 * allocates from memory of its own (a virtual thread from its carrier's) and waits for no other,
 * save in the kernel. Allocating and freeing take constant time on average, linear in what other
 * threads have freed meanwhile at worst. A block is visible to the thread that allocated it; to
 * show it to another is to publish it safely, for neither call orders anything between threads.
 */
public final class MimallocAllocator implements Allocator {

  private volatile boolean closed;

  /** What counts calls, or null while nothing does: all that a call pays for is to look here. */
  private volatile @Nullable Account counting;

  /** What counted last, for its figures; guarded by this. */
  private @Nullable Account account;

  private MimallocAllocator() {}

  /**
   * Creates an allocator.
   *
   * @return the allocator, owned by the caller
   * @throws IllegalStateException if no library is found, saying where it was looked for; if the
   *     one that was named is unusable, naming it; or if native access is denied, naming the flag
   *     to add
   */
  public static @Owned MimallocAllocator load() {
    MimallocLibrary.require();
    return new MimallocAllocator();
  }

  /**
   * Says whether a library is found.
   *
   * @return whether {@link #load()} succeeds
   * @throws IllegalStateException if native access is denied; the message names the flag to add
   */
  public static boolean isAvailable() {
    return MimallocLibrary.isAvailable();
  }

  /**
   * Returns the version of the library.
   *
   * @return the version, such as 3.5.0
   * @throws IllegalStateException if no library is found or native access is denied
   */
  public static String version() {
    MimallocLibrary.require();
    return Mimalloc.versionText();
  }

  /**
   * Returns the version of the library as a number, to compare with.
   *
   * @return what {@code mi_version} returns: 209 is 2.0.9, 30500 is 3.5.0
   * @throws IllegalStateException if no library is found or native access is denied
   */
  public static int versionNumber() {
    MimallocLibrary.require();
    return Mimalloc.VERSION;
  }

  /**
   * Returns where the library is from.
   *
   * @return the path that was set, {@code caisson-mimalloc}, or the name of the system's library
   * @throws IllegalStateException if no library is found or native access is denied
   */
  public static String origin() {
    return MimallocLibrary.require().origin();
  }

  // ---- allocating -----------------------------------------------------------------------------

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireOpen();
    return count(
        register(Mimalloc.allocate(byteSize, byteAlignment), byteSize, byteAlignment), byteSize);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireOpen();
    return count(
        register(Mimalloc.allocateZeroed(byteSize, byteAlignment), byteSize, byteAlignment),
        byteSize);
  }

  /**
   * Allocates an array of zeros.
   *
   * <p>It is freed as a block of {@code count * elementByteSize} bytes that is aligned to {@link
   * #DEFAULT_ALIGNMENT}.
   *
   * @param count the number of elements, at least 1
   * @param elementByteSize the size of each in bytes, at least 1
   * @return the address, owned by the caller, or {@link #NULL} if the allocator is exhausted
   * @throws IllegalArgumentException if a number is not positive or the product overflows
   * @throws IllegalStateException if the allocator is closed
   */
  public @Owned long calloc(long count, long elementByteSize) {
    return allocateZeroed(Allocations.product(count, elementByteSize), DEFAULT_ALIGNMENT);
  }

  /**
   * Allocates a block that shares no cache line with any other, as the nodes of concurrent
   * structures should.
   *
   * <p>A line has 64 bytes, on Apple's processors 128, and {@code -Dcaisson.cache-line} sets it (or
   * the environment variable {@code CAISSON_CACHE_LINE}).
   *
   * @param byteSize the size of the node in bytes, at least 1
   * @return the address, aligned to a line, of {@link #nodeByteSize} bytes, owned by the caller,
   *     who frees it by {@link #freeNode}; or {@link #NULL} if the allocator is exhausted
   * @throws IllegalArgumentException if the size is not positive
   * @throws IllegalStateException if the allocator is closed
   */
  public @Owned long allocateNode(long byteSize) {
    return allocate(nodeByteSize(byteSize), CacheLine.BYTE_SIZE);
  }

  /**
   * Frees a node.
   *
   * @param address its address, owned by the caller no more; or {@link #NULL}, which is ignored
   * @param byteSize the size in bytes that it was allocated with
   * @throws IllegalArgumentException if the size is not positive
   */
  public void freeNode(@Owned long address, long byteSize) {
    free(address, nodeByteSize(byteSize), CacheLine.BYTE_SIZE);
  }

  /**
   * Returns the size that a node is allocated, counted and freed with.
   *
   * @param byteSize the size asked for in bytes, at least 1
   * @return the size in whole cache lines, in bytes; {@link Long#MAX_VALUE} where that overflows
   * @throws IllegalArgumentException if the size is not positive
   */
  public static long nodeByteSize(long byteSize) {
    BlockArguments.check(byteSize, 1);
    long rounded = CacheLine.roundUp(byteSize);
    return rounded < 0 ? Long.MAX_VALUE : rounded;
  }

  private long register(long address, long byteSize, long byteAlignment) {
    if (address != NULL) {
      BlockRegistry.allocated(this, address, byteSize, byteAlignment);
    }
    return address;
  }

  private long count(long address, long byteSize) {
    Account account = counting;
    if (account != null) {
      if (address == NULL) {
        account.failed();
      } else {
        account.allocated(byteSize);
      }
    }
    return address;
  }

  // ---- resizing -------------------------------------------------------------------------------

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
    countResized(oldByteSize, newByteSize);
    return true;
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    long moved =
        BlockMap.ACTIVE
            ? move(address, oldByteSize, newByteSize, byteAlignment)
            : Mimalloc.reallocate(address, newByteSize, byteAlignment);
    if (moved == NULL) {
      count(NULL, newByteSize);
    } else {
      countResized(oldByteSize, newByteSize);
    }
    return moved;
  }

  /** Moves a block as checked mode does, to an address that cannot be the old one. */
  private long move(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockMap.require(this, address, oldByteSize, byteAlignment, "reallocate");
    long moved =
        register(Mimalloc.allocate(newByteSize, byteAlignment), newByteSize, byteAlignment);
    if (moved != NULL) {
      Memory.copy(address, moved, Math.min(oldByteSize, newByteSize));
      takeBack(address, oldByteSize, byteAlignment);
    }
    return moved;
  }

  private void countResized(long oldByteSize, long newByteSize) {
    Account account = counting;
    if (account != null) {
      account.resized(oldByteSize, newByteSize);
    }
  }

  // ---- freeing --------------------------------------------------------------------------------

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address == NULL) {
      return;
    }
    takeBack(address, byteSize, byteAlignment);
    countFreed(byteSize);
  }

  private void takeBack(long address, long byteSize, long byteAlignment) {
    if (BlockMap.ACTIVE) {
      BlockMap.freed(this, address, byteSize, byteAlignment);
      Quarantine.add(this, address, byteSize, Mimalloc::free);
    } else {
      Mimalloc.free(address, byteSize);
    }
  }

  /**
   * Frees a block whose size the caller does not know. A little slower than {@link #free}; where
   * calls are counted, this counts a block, but no bytes.
   *
   * @param address its address, owned by the caller no more; or {@link #NULL}, which is ignored
   */
  public void freeUnsized(@Owned long address) {
    if (address == NULL) {
      return;
    }
    if (BlockMap.ACTIVE) {
      Quarantine.add(this, address, BlockMap.freed(this, address), Mimalloc::free);
    } else {
      Mimalloc.free(address, Long.MAX_VALUE);
    }
    countFreed(0);
  }

  private void countFreed(long byteSize) {
    Account account = counting;
    if (account != null) {
      account.freed(byteSize);
    }
  }

  /**
   * Returns how many bytes a block really has, that is, up to what size it can be resized in place.
   *
   * @param address the address of a live block
   * @return its usable size in bytes, at least the one that it has
   * @throws IllegalArgumentException if the address is {@link #NULL}
   */
  public long usableSize(@Borrowed long address) {
    BlockArguments.checkResize(address, 1, 1, 1);
    return Mimalloc.usableSize(address);
  }

  /**
   * Gives memory that no block uses back to the system: that of the calling thread, and what
   * threads that ended have left.
   *
   * @param force whether to give back what mimalloc would keep for a while, too; this may take long
   */
  public void collect(boolean force) {
    Mimalloc.collect(force);
  }

  /**
   * Prepares the calling thread for freeing blocks of others. Call it once in a thread that frees
   * and never allocates: else version 3 holds back the memory of the blocks that it frees.
   */
  public void threadInit() {
    Mimalloc.threadInit();
  }

  // ---- statistics -----------------------------------------------------------------------------

  /**
   * Starts or stops counting the calls to this allocator; at first nothing is counted. Calls under
   * way in other threads may or may not be counted.
   *
   * @param enabled whether to count
   */
  public synchronized void enableStats(boolean enabled) {
    if (enabled && account == null) {
      account = new Account();
    }
    counting = enabled ? account : null;
  }

  /**
   * Returns what was counted since the last reset, and leaves it as it is.
   *
   * <p>As close as {@link AllocatorStats} says. Live figures are the differences of the totals:
   * they do not go below zero where blocks are freed that were allocated while nothing was counted.
   *
   * @return the figures, all zero if nothing was ever counted
   */
  public synchronized AllocatorStats stats() {
    return account == null ? new AllocatorStats(0, 0, 0, 0, 0, 0, 0, 0) : account.stats();
  }

  /** Makes all figures zero; counts on if it counted. */
  public synchronized void resetStats() {
    boolean enabled = counting != null;
    account = null;
    enableStats(enabled);
  }

  /**
   * Returns mimalloc's statistics of the whole process, whoever uses it.
   *
   * @return one JSON object, as the version of the library writes it
   * @throws UnsupportedOperationException if this version does not; 3.5 does
   */
  public String libraryStats() {
    return Mimalloc.statsJson();
  }

  // ---- the rest -------------------------------------------------------------------------------

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return new AllocationException(
        name(), byteSize, byteAlignment, AllocationException.UNKNOWN, AllocationException.UNKNOWN);
  }

  @Override
  public String name() {
    return "mimalloc";
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
      throw new IllegalStateException("allocator 'mimalloc' is closed");
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
        "allocator 'mimalloc' does not know its blocks and cannot release them; a MimallocHeap does");
  }

  @Override
  public String toString() {
    return name();
  }
}
