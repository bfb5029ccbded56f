package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.BlockMap;
import java.lang.foreign.MemoryLayout;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Allocates blocks of one size for many threads, without a lock: {@link PoolAllocator} for blocks
 * that one thread allocates and another frees.
 *
 * <p>Thread-safe, for platform and virtual threads alike: it keeps nothing per thread. Lock-free in
 * so far as the parent is: of the threads that contend one always gets on. The block freed last is
 * handed out first. Allocating is O(1), but for the parent's time when a chunk is needed and the
 * linking of its blocks; freeing is O(log chunks). Freeing a block happens-before the allocation
 * that hands it out again.
 *
 * <p>A block that is freed twice, or is none, is an {@link IllegalStateException} in native memory
 * mode too, unless two threads do it at the same time.
 */
public final class ConcurrentPoolAllocator implements Allocator {

  /*
   * Purpose. One free list for all threads, safe without SMR.
   *
   * Source. R. K. Treiber, "Systems Programming: Coping with Parallelism", IBM RJ 5118 (1986), with
   * the counted head of IBM System/370 Principles of Operation, appendix A. Deviations: the list
   * links indices, not addresses, so that index and tag share one long and one CAS; and the links
   * stand outside the blocks.
   *
   * Layout. Blocks are numbered in the order of their chunks. head = tag << 32 | index of the top,
   * or -1. Each chunk has an array with a link for each of its blocks: the index below it in the
   * list, END, or OUT if the block is handed out. Chunks are found by number for an index, and by
   * bisection for an address, in a snapshot that is replaced as a whole.
   *
   * Invariants.
   * I1  Every block is in the list, out (its link is OUT), or in the hands of one thread that is
   *     between the two.
   * I2  An index is reachable from head only after the snapshot with its chunk was published.
   * I3  Every CAS of head that removes raises the tag. So while head is unchanged nothing was
   *     removed, hence the top was in the list all the time and its link is the one that was read.
   * I4  A closed snapshot never changes again, and the list under it is empty.
   *
   * A stalled popper may read the link of a block that was handed out meanwhile. The link is not
   * in the block, so it reads an int of the pool's, some index or OUT, never what a user wrote
   * and never unmapped memory; by I3 its CAS fails and the int is dropped. It fails unless exactly
   * a multiple of 2^32 blocks were handed out while it stalled, and the same block is on top.
   *
   * Linearization points. allocate: the CAS in replaceTop; free: the CAS in pushAll.
   *
   * Growth. Who finds the list empty takes a chunk from the parent and publishes a snapshot with
   * it. Only one of several succeeds; the others give theirs back and use its blocks. The others
   * are not stopped meanwhile: what they free goes to the list and is found there.
   *
   * Close. It takes the whole list; if that is every block, no thread has one and none can get
   * one, and the closed snapshot replaces the one that was counted. Else it puts the list back.
   *
   * Ordering. CAS of head is volatile: the push by free happens before the pop that takes the
   * block over. Links are written before the push that makes them reachable.
   */

  private static final int END = -1;
  private static final int OUT = -2;
  private static final long INDEX_MASK = 0xFFFF_FFFFL;
  private static final long ONE_TAG = 1L << 32;
  private static final int MAX_BLOCKS = Integer.MAX_VALUE - 8;

  /** One chunk and the links of its blocks. */
  private record Chunk(long address, int firstIndex, AtomicIntegerArray links) {}

  /** All chunks, in the order taken and in the order of their addresses. */
  private static final class Chunks {
    final Chunk[] inOrder;
    final Chunk[] byAddress;
    final boolean closed;

    Chunks(Chunk[] inOrder, Chunk[] byAddress, boolean closed) {
      this.inOrder = inOrder;
      this.byAddress = byAddress;
      this.closed = closed;
    }

    Chunks with(Chunk chunk) {
      Chunk[] more = Arrays.copyOf(inOrder, inOrder.length + 1);
      more[inOrder.length] = chunk;
      Chunk[] sorted = more.clone();
      Arrays.sort(sorted, Comparator.comparingLong(Chunk::address));
      return new Chunks(more, sorted, false);
    }

    Chunks close() {
      return new Chunks(inOrder, byAddress, true);
    }

    /** Returns the last chunk that starts at or before an address, or null. */
    @Nullable Chunk atOrBefore(long address) {
      int low = 0;
      int high = byAddress.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (byAddress[middle].address <= address) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low == 0 ? null : byAddress[low - 1];
    }
  }

  private final Allocator parent;
  private final PoolProfile profile;
  private final PoolSource source;
  private final long stride;
  private final int blocksPerChunk;
  private final AtomicLong head = new AtomicLong(END & INDEX_MASK);
  private final AtomicReference<Chunks> chunks =
      new AtomicReference<>(new Chunks(new Chunk[0], new Chunk[0], false));

  /**
   * Creates a pool.
   *
   * @param parent where its chunks come from, and what is larger than a block; thread-safe, not
   *     closed with it
   * @param profile its name and blocks, at most 2<sup>31</sup> - 9 of them
   * @throws AllocationException if the pool is {@link PoolPolicy#FIXED} and the parent has no room
   * @throws IllegalArgumentException if the parent is not thread-safe, or a chunk has too many
   *     blocks
   */
  public ConcurrentPoolAllocator(@Borrowed Allocator parent, PoolProfile profile) {
    Owner.requireThreadSafe(parent);
    if (profile.blocksPerChunk() > MAX_BLOCKS) {
      throw new IllegalArgumentException(
          "pool '"
              + profile.name()
              + "': "
              + profile.blocksPerChunk()
              + " blocks in a chunk; expected at most "
              + MAX_BLOCKS);
    }
    this.parent = parent;
    this.profile = profile;
    this.source = new PoolSource(this, parent, profile);
    this.stride = profile.stride();
    this.blocksPerChunk = (int) profile.blocksPerChunk();
    if (profile.policy() == PoolPolicy.FIXED && !addChunk(chunks.get())) {
      throw source.chunkFailure();
    }
  }

  /**
   * Creates a pool.
   *
   * @param parent where its chunks come from, and what is larger than a block; thread-safe, not
   *     closed with it
   * @param name its name in messages and reports
   * @param blockByteSize the size of a block in bytes, at least 1
   * @param blockByteAlignment the alignment of a block in bytes, a power of two
   * @param blocksPerChunk how many blocks it takes from the parent at once, at least 1
   * @param policy what it does when all are out
   * @throws AllocationException if the pool is {@link PoolPolicy#FIXED} and the parent has no room
   * @throws IllegalArgumentException if the parent is not thread-safe, a size or number is not
   *     positive, the alignment no power of two, or a chunk too large
   */
  public ConcurrentPoolAllocator(
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
   * @param parent where its memory comes from; thread-safe, not closed with it
   * @param layout the layout of an object, of at least 1 byte
   * @return the pool, owned by the caller
   * @throws AllocationException if the parent has no room
   * @throws IllegalArgumentException if the layout has no size or the parent is not thread-safe
   */
  @Owned
  public static ConcurrentPoolAllocator forLayout(@Borrowed Allocator parent, MemoryLayout layout) {
    return new ConcurrentPoolAllocator(parent, PoolProfile.forLayout(layout, PoolPolicy.FIXED));
  }

  // ---- the free list --------------------------------------------------------------------------

  /** Returns the top of the list with its tag: the first step of taking a block. */
  long top() {
    return head.get();
  }

  /** Returns the index below a top, or something arbitrary if it is no longer the top. */
  int below(long top) {
    return link((int) top);
  }

  /** Replaces a top by what was below it, unless a block was taken since it was read; I3. */
  boolean replaceTop(long top, int below) {
    return head.compareAndSet(top, ((top & ~INDEX_MASK) + ONE_TAG) | (below & INDEX_MASK));
  }

  private int link(int index) {
    Chunk chunk = chunkOf(index);
    return chunk.links.get(index - chunk.firstIndex);
  }

  private void link(int index, int below) {
    Chunk chunk = chunkOf(index);
    chunk.links.setRelease(index - chunk.firstIndex, below);
  }

  private Chunk chunkOf(int index) {
    return chunks.get().inOrder[index / blocksPerChunk];
  }

  /** Takes the top off the list and returns its index, or END. */
  private int pop() {
    while (true) {
      long top = top();
      int index = (int) top;
      if (index == END) {
        return END;
      }
      if (replaceTop(top, below(top))) {
        link(index, OUT);
        return index;
      }
    }
  }

  /** Puts blocks that are linked from the first to the last on the list. */
  private void pushAll(int first, int last) {
    long top;
    do {
      top = top();
      link(last, (int) top);
    } while (!head.compareAndSet(top, (top & ~INDEX_MASK) | first));
  }

  /** Takes the whole list and returns the index of its first block, or END. */
  private int takeList() {
    long top = top();
    while (!replaceTop(top, END)) {
      top = top();
    }
    return (int) top;
  }

  // ---- allocation -----------------------------------------------------------------------------

  /**
   * Allocates a block of the pool's own size and alignment.
   *
   * @return the address, owned by the caller, or {@link #NULL} if the pool is exhausted
   * @throws IllegalStateException if the pool is closed
   */
  @Owned
  public long allocate() {
    return allocate(profile.blockByteSize(), profile.blockByteAlignment());
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (!source.isPooled(byteSize, byteAlignment)) {
      requireOpen();
      return source.allocate(byteSize, byteAlignment);
    }
    int index = take();
    if (index == END) {
      return NULL;
    }
    Chunk chunk = chunkOf(index);
    long address = chunk.address + (index - chunk.firstIndex) * stride;
    BlockRegistry.allocated(this, address, byteSize, byteAlignment);
    return address;
  }

  private int take() {
    while (true) {
      Chunks before = chunks.get(); // before the list is found empty: see addChunk
      int index = pop();
      if (index != END) {
        return index;
      }
      requireOpen();
      if (profile.policy() == PoolPolicy.FIXED || !addChunk(before)) {
        return pop();
      }
    }
  }

  /**
   * Takes a chunk, and puts its blocks on the list unless another thread has done so with one since
   * the snapshot was read.
   *
   * @return false if there is no room
   */
  private boolean addChunk(Chunks before) {
    int firstIndex = before.inOrder.length * blocksPerChunk;
    if (firstIndex > MAX_BLOCKS - blocksPerChunk) {
      return false;
    }
    AtomicIntegerArray links = new AtomicIntegerArray(blocksPerChunk);
    for (int i = 0; i < blocksPerChunk; i++) {
      links.setPlain(i, firstIndex + i + 1);
    }
    long address = source.takeChunk();
    if (address == NULL) {
      return false;
    }
    if (chunks.compareAndSet(before, before.with(new Chunk(address, firstIndex, links)))) {
      pushAll(firstIndex, firstIndex + blocksPerChunk - 1);
    } else {
      source.giveBackChunk(address);
    }
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
    requireOpen();
    return source.resize(address, oldByteSize, newByteSize, byteAlignment);
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    return source.reallocate(address, oldByteSize, newByteSize, byteAlignment);
  }

  /**
   * Gives a block of the pool's own size and alignment back.
   *
   * @param address the address of a live block from {@link #allocate()}, which is taken over, or
   *     {@link #NULL}
   * @throws IllegalStateException if the address is no live block of this pool
   */
  public void free(@Owned long address) {
    free(address, profile.blockByteSize(), profile.blockByteAlignment());
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the address is no live block of this pool
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address == NULL) {
      return;
    }
    if (!source.isPooled(byteSize, byteAlignment)) {
      source.free(address, byteSize, byteAlignment);
      return;
    }
    BlockRegistry.freed(this, address, byteSize, byteAlignment);
    int index = indexOf(address);
    if (index == END || link(index) != OUT) {
      throw new IllegalStateException(
          "0x" + Long.toHexString(address) + " is no live block of pool '" + name() + "'");
    }
    pushAll(index, index);
  }

  /** Returns the index of the block at an address, or END. */
  private int indexOf(long address) {
    Chunks now = chunks.get();
    Chunk chunk = now.atOrBefore(address);
    if (chunk == null || now.closed) {
      return END;
    }
    long byteOffset = address - chunk.address;
    return byteOffset >= profile.chunkByteSize() || byteOffset % stride != 0
        ? END
        : chunk.firstIndex + (int) (byteOffset / stride);
  }

  // ---- release --------------------------------------------------------------------------------

  /**
   * {@inheritDoc}
   *
   * <p>A call of another thread's that meets a close of a pool with nothing out does its work or is
   * refused, as if the pool were exhausted or closed.
   */
  @Override
  public void close() {
    while (!chunks.get().closed) {
      long out = stats().liveBlocks() + source.passedOn();
      if (out != 0) {
        throw BlockMap.blocksOut(this, out + " blocks");
      }
      tryClose();
    }
  }

  /** Closes the pool if it can take every block that there is. */
  private void tryClose() {
    Chunks counted = chunks.get();
    int first = takeList();
    int last = END;
    long taken = 0;
    for (int index = first; index != END; index = link(index)) {
      last = index;
      taken++;
    }
    long total = (long) counted.inOrder.length * blocksPerChunk;
    if (taken == total && !counted.closed && chunks.compareAndSet(counted, counted.close())) {
      giveBack(counted);
    } else if (first != END) {
      pushAll(first, last);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Nobody may be using the pool or its blocks.
   */
  @Override
  public void closeForcibly() {
    Chunks before = chunks.getAndUpdate(Chunks::close);
    takeList();
    if (!before.closed) {
      giveBack(before);
      source.releasePassedOn();
    }
  }

  private void giveBack(Chunks all) {
    for (Chunk chunk : all.inOrder) {
      source.giveBackChunk(chunk.address);
    }
  }

  // ---- what it is -----------------------------------------------------------------------------

  /**
   * Returns what the pool has in hand, counted block by block, for no other call counts: O(blocks).
   *
   * @return the figures now, each close while other threads use the pool; all 0 once it is closed
   */
  public PoolStats stats() {
    Chunks now = chunks.get();
    if (now.closed) {
      return new PoolStats(0, 0, 0, 0, source.passedOn());
    }
    long live = 0;
    for (Chunk chunk : now.inOrder) {
      for (int i = 0; i < blocksPerChunk; i++) {
        live += chunk.links.getOpaque(i) == OUT ? 1 : 0;
      }
    }
    long total = (long) now.inOrder.length * blocksPerChunk;
    return new PoolStats(total, total - live, live, now.inOrder.length, source.passedOn());
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
    return source.failure(byteSize, byteAlignment, stats().liveBlocks());
  }

  @Override
  public String name() {
    return profile.name();
  }

  @Override
  public boolean isThreadSafe() {
    return true;
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
    if (chunks.get().closed) {
      throw new IllegalStateException("pool '" + name() + "' is closed");
    }
  }

  /** Checks I1 while no other thread uses the pool. */
  void checkInvariants() {
    long listed = 0;
    for (int index = (int) top(); index != END; index = link(index)) {
      listed++;
    }
    if (listed != stats().freeBlocks()) {
      throw new AssertionError(listed + " blocks are listed, but the figures say " + stats());
    }
  }

  @Override
  public String toString() {
    return "concurrent-pool(" + name() + ")";
  }
}
