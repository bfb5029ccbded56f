package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.MetadataMemory;
import java.lang.foreign.MemoryLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Allocates blocks of one size out of chunks of a parent's, and hands the block freed last out
 * first: for objects of one kind that come and go.
 *
 * <p>A request up to the size and alignment of a block gets a block. A larger one is passed on to
 * the parent, and so is its {@link #free}, for a free is sized. Allocating and freeing a block are
 * O(1), but for the parent's time when a chunk is needed. A chunk goes back to the parent when the
 * pool is closed.
 *
 * <p>Belongs to the thread that made it; every other thread gets an {@link IllegalStateException}.
 * {@link ConcurrentPoolAllocator} is the one for many threads.
 */
public final class PoolAllocator implements Allocator {

  /*
   * Purpose. No search, no headers: a free block holds the link to the next one.
   *
   * Layout. A chunk is blocksPerChunk blocks, one stride apart. Blocks of the newest chunk that
   * were never handed out are those from fresh up to freshEnd; those that were freed are linked
   * from freed, the latest first, by the long at their start.
   *
   * Invariants.
   * I1  Every block of every chunk is in exactly one place: out, in the list, or fresh.
   * I2  live = the blocks that are out; total = blocksPerChunk * chunks.
   * I3  A chunk is taken when the list is empty and nothing is fresh, so only the newest has any.
   */

  final Allocator parent;
  final Owner owner = new Owner();
  private final PoolProfile profile;
  private final PoolSource source;
  private final long stride;
  private final List<Long> chunks = new ArrayList<>();
  private long freed;
  private long fresh;
  private long freshEnd;
  private long live;
  private boolean closed;

  /**
   * Creates a pool.
   *
   * @param parent where its chunks come from, and what is larger than a block; not closed with it
   * @param profile its name and blocks
   * @throws AllocationException if the pool is {@link PoolPolicy#FIXED} and the parent has no room
   */
  public PoolAllocator(@Borrowed Allocator parent, PoolProfile profile) {
    this.parent = parent;
    this.profile = profile;
    this.source = new PoolSource(this, parent, profile);
    this.stride = profile.stride();
    if (profile.policy() == PoolPolicy.FIXED && !addChunk()) {
      throw source.chunkFailure();
    }
  }

  /**
   * Creates a pool.
   *
   * @param parent where its chunks come from, and what is larger than a block; not closed with it
   * @param name its name in messages and reports
   * @param blockByteSize the size of a block in bytes, at least 1
   * @param blockByteAlignment the alignment of a block in bytes, a power of two
   * @param blocksPerChunk how many blocks it takes from the parent at once, at least 1
   * @param policy what it does when all are out
   * @throws AllocationException if the pool is {@link PoolPolicy#FIXED} and the parent has no room
   * @throws IllegalArgumentException if a size or number is not positive, the alignment no power of
   *     two, or a chunk larger than {@link Long#MAX_VALUE} bytes
   */
  public PoolAllocator(
      @Borrowed Allocator parent,
      String name,
      long blockByteSize,
      long blockByteAlignment,
      long blocksPerChunk,
      PoolPolicy policy) {
    this(parent, new PoolProfile(name, blockByteSize, blockByteAlignment, blocksPerChunk, policy));
  }

  /**
   * Creates a pool of exactly 1024 objects of a layout, named {@code "<name>_pool"} after it.
   *
   * @param parent where its memory comes from; not closed with it
   * @param layout the layout of an object, of at least 1 byte
   * @return the pool, owned by the caller
   * @throws AllocationException if the parent has no room
   * @throws IllegalArgumentException if the layout has no size
   */
  @Owned
  public static PoolAllocator forLayout(@Borrowed Allocator parent, MemoryLayout layout) {
    return new PoolAllocator(parent, PoolProfile.forLayout(layout, PoolPolicy.FIXED));
  }

  // ---- allocation -----------------------------------------------------------------------------

  /**
   * Allocates a block of the pool's own size and alignment.
   *
   * @return the address, owned by the caller, or {@link #NULL} if the pool is exhausted
   * @throws IllegalStateException if the pool is closed or belongs to another thread
   */
  @Owned
  public long allocate() {
    return allocate(profile.blockByteSize(), profile.blockByteAlignment());
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    owner.require(this);
    if (!source.isPooled(byteSize, byteAlignment)) {
      requireOpen();
      return source.allocate(byteSize, byteAlignment);
    }
    long address = take();
    if (address != NULL) {
      live++;
      BlockRegistry.allocated(this, address, byteSize, byteAlignment);
    }
    return address;
  }

  private long take() {
    long address = freed;
    if (address != NULL) {
      freed = MetadataMemory.getLong(address);
      return address;
    }
    return fresh != freshEnd || grow() ? takeFresh() : NULL;
  }

  private long takeFresh() {
    long address = fresh;
    fresh += stride;
    return address;
  }

  private boolean grow() {
    requireOpen();
    return profile.policy() == PoolPolicy.GROW && addChunk();
  }

  private boolean addChunk() {
    long chunk = source.takeChunk();
    if (chunk == NULL) {
      return false;
    }
    chunks.add(chunk);
    fresh = chunk;
    freshEnd = chunk + profile.chunkByteSize();
    return true;
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    return Allocations.zero(this, byteSize, byteAlignment);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: true where the old and the new size fit a block of the pool; where neither does, what
   * the parent says.
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    owner.require(this);
    requireOpen();
    return source.resize(address, oldByteSize, newByteSize, byteAlignment);
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    owner.require(this);
    requireOpen();
    return source.reallocate(address, oldByteSize, newByteSize, byteAlignment);
  }

  /**
   * Gives a block of the pool's own size and alignment back.
   *
   * @param address the address of a live block from {@link #allocate()}, which is taken over, or
   *     {@link #NULL}
   * @throws IllegalStateException if the pool is closed or belongs to another thread
   */
  public void free(@Owned long address) {
    free(address, profile.blockByteSize(), profile.blockByteAlignment());
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the pool is closed or belongs to another thread
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    owner.require(this);
    if (address == NULL) {
      return;
    }
    requireOpen();
    if (!source.isPooled(byteSize, byteAlignment)) {
      source.free(address, byteSize, byteAlignment);
      return;
    }
    BlockRegistry.freed(this, address, byteSize, byteAlignment);
    MetadataMemory.putLong(address, freed);
    freed = address;
    live--;
  }

  // ---- release --------------------------------------------------------------------------------

  @Override
  public void close() {
    owner.require(this);
    long out = live + source.passedOn();
    if (!closed && out != 0) {
      throw BlockMap.blocksOut(this, out + " blocks");
    }
    release();
  }

  @Override
  public void closeForcibly() {
    owner.require(this);
    release();
  }

  private void release() {
    closed = true;
    freed = NULL;
    fresh = NULL;
    freshEnd = NULL;
    live = 0;
    chunks.forEach(source::giveBackChunk);
    chunks.clear();
    source.releasePassedOn();
  }

  // ---- what it is -----------------------------------------------------------------------------

  /**
   * Returns what the pool has in hand.
   *
   * @return the figures now; all 0 once it is closed
   */
  public PoolStats stats() {
    long total = chunks.size() * profile.blocksPerChunk();
    return new PoolStats(total, total - live, live, chunks.size(), source.passedOn());
  }

  /**
   * Returns what the pool was made with.
   *
   * @return its name and blocks
   */
  public PoolProfile profile() {
    return profile;
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return source.failure(byteSize, byteAlignment, live);
  }

  @Override
  public String name() {
    return profile.name();
  }

  @Override
  public boolean isThreadSafe() {
    return false;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: true if the parent does, for larger blocks are the parent's.
   */
  @Override
  public boolean freesIndividually() {
    return parent.freesIndividually();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("pool '" + name() + "' is closed");
    }
  }

  /** Checks I1 and I2 by walking the list. */
  void checkInvariants() {
    long listed = 0;
    for (long block = freed; block != NULL; block = MetadataMemory.getLong(block)) {
      listed++;
    }
    long free = listed + (freshEnd - fresh) / stride;
    if (free != stats().freeBlocks()) {
      throw new AssertionError(free + " blocks are free, but the figures say " + stats());
    }
  }

  @Override
  public String toString() {
    return "pool(" + name() + ")";
  }
}
