package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.Quarantine;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Allocates small blocks of a few sizes, its bins, out of superblocks of 64 KiB that it takes from
 * a parent; larger requests go to the parent.
 *
 * <p>A request is served by the least bin that holds it, at the bin's natural alignment.
 * Thread-safe, for platform and virtual threads alike: each thread has a stripe of free blocks to
 * itself, found by its id and given on when it dies. Allocating and freeing there is wait-free and
 * needs no atomic operation; a thread without a stripe, because many live ones hold them, shares
 * some. A stripe that is empty or full exchanges blocks with a depot without waiting for another
 * thread; only taking a superblock from the parent may wait. Any thread may free what another
 * allocated.
 *
 * <p>A superblock that is wholly free goes back to the parent, in regions of several, save one for
 * each bin. What stripes cache is bounded, by 16 KiB a bin; {@link #trim()} gives up what the
 * calling thread's holds. On the Java heap a slab takes some 300 KiB, and 2 KiB at most for each
 * bin that a thread uses.
 */
public final class SlabAllocator implements Allocator {

  /*
   * Purpose. The cost of a bump allocation for blocks that are freed one by one.
   *
   * Source and deviations. Superblocks and per-thread caches are Hoard's and Bonwick's; magazines
   * exchanged with a depot are those of Bonwick and Adams, "Magazines and Vmem" (2001). Stripes that
   * threads own by id, in place of per-CPU or thread-local caches, are ours: a ThreadLocal costs more
   * than the rest, and virtual threads would each fill one.
   *
   * Length. Past 600 lines with its builder, which is a quarter; superblocks, depots, regions and
   * the owners of stripes are files of their own.
   *
   * Layout. A stripe has a magazine for each bin, made when it is first used, and finds it by the
   * size in units of 16 bytes, so that the fast path need not know the bin. The stripes lie one
   * behind the other in one array. SlabLayout has the superblocks, SlabDepot the blocks of one size
   * that are in no magazine.
   *
   * Invariants.
   * S1  A stripe is read and written by its owner only, the thread that StripeOwners says, which
   *     puts its id in each magazine that it uses. Others read that id, to find that it is not
   *     theirs. A shared magazine belongs to who locked it, for one operation.
   * S2  A block is in one place: in use, in one magazine, or at its depot.
   * S3  The bin of a block is a function of the size and alignment it is allocated and freed with.
   *
   * Speed. Allocating and freeing are some 25 instructions each, and their number is what counts:
   * so one comparison answers for zero, negative and large sizes, and all that is rare is behind one
   * call.
   */

  private static final int OWNED_STRIPES = 64;
  private static final int SHARED_STRIPES = 8;
  private static final int PROBES = 3;
  private static final long MAGAZINE_BYTES = 16 << 10;
  private static final int MIN_MAGAZINE = 4;
  private static final int SIZE_SHIFT = 4;
  private static final int NO_BIN = -1;
  private static final int MAX_MAGAZINE = 256;

  /** No bin is larger. */
  private static final int MAX_BIN_SHIFT = SlabLayout.Superblock.SHIFT - 2;

  private static final long MAX_BIN = 1L << MAX_BIN_SHIFT;

  /** How many sizes in units a stripe has, whatever its bins: C2 is to know it. */
  private static final int UNITS_SHIFT = MAX_BIN_SHIFT - SIZE_SHIFT;

  /** Says how a slab is made. */
  public static final class Builder {
    private static final int BINS_PER_DOUBLING = 4;

    private final Allocator parent;
    private String name = "slab";
    private long[] bins = {32, 64, 128, 256};
    private int superblocksPerRegion = 16;

    private Builder(Allocator parent) {
      this.parent = parent;
    }

    /**
     * Names the slab; "slab" if it is not named.
     *
     * @param name its name in messages and reports
     * @return this builder
     */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /**
     * Gives the slab bins other than 32, 64, 128 and 256 bytes.
     *
     * @param byteSizes the sizes of its blocks, ascending multiples of 16, at most 16 KiB
     * @return this builder
     * @throws IllegalArgumentException if there are none, or they are not so
     */
    public Builder bins(long... byteSizes) {
      long previous = 0;
      for (long byteSize : byteSizes) {
        if (byteSize <= previous || byteSize % 16 != 0 || byteSize > MAX_BIN) {
          throw new IllegalArgumentException(
              "bins are "
                  + Arrays.toString(byteSizes)
                  + "; expected ascending multiples of 16, at most "
                  + MAX_BIN);
        }
        previous = byteSize;
      }
      if (byteSizes.length == 0) {
        throw new IllegalArgumentException("no bins; expected at least one");
      }
      this.bins = byteSizes.clone();
      return this;
    }

    /**
     * Gives the slab bins for any size up to a limit: multiples of 16 to 128 bytes, then four to
     * each doubling, so that at most a fifth of a block is unused.
     *
     * @param limit the largest size served, in bytes, at least 128 and at most 16 KiB
     * @return this builder
     * @throws IllegalArgumentException if the limit is not so
     */
    public Builder binsUpTo(long limit) {
      if (limit < 128 || limit > MAX_BIN) {
        throw new IllegalArgumentException(
            "bins up to " + limit + "; expected at least 128 and at most " + MAX_BIN);
      }
      long[] sizes = new long[64];
      int count = 0;
      long size = 0;
      while (size < limit) {
        long step = size < 128 ? 16 : Long.highestOneBit(size) / BINS_PER_DOUBLING;
        size += step;
        sizes[count++] = size;
      }
      return bins(Arrays.copyOf(sizes, count));
    }

    /**
     * Says how many superblocks are taken from the parent at a time, and given back together; 16 if
     * it is not said.
     *
     * @param superblocks their number, from 1 to 32
     * @return this builder
     * @throws IllegalArgumentException if the number is not so
     */
    public Builder superblocksPerRegion(int superblocks) {
      if (superblocks < 1 || superblocks > 32) {
        throw new IllegalArgumentException(
            superblocks + " superblocks in a region; expected 1 to 32");
      }
      this.superblocksPerRegion = superblocks;
      return this;
    }

    /**
     * Makes the slab.
     *
     * @return the slab, owned by the caller, who closes it
     */
    public @Owned SlabAllocator build() {
      return new SlabAllocator(this);
    }
  }

  private final Allocator parent;
  private final String name;
  private final long[] bins;
  private final long largestBin;

  /** The bin of a size in units of 16 bytes, rounded up, less one. */
  private final byte[] binOfUnit;

  private final int[] magazineCapacity;
  private final SlabDepot[] depots;
  private final SlabRegions regions;
  private final StripeOwners owners = new StripeOwners(OWNED_STRIPES, PROBES);
  private final SlabMagazine noMagazine = new SlabMagazine(0);

  /** For each stripe, for each size in units, less one, the magazine of its bin. */
  private final SlabMagazine[] magazines = new SlabMagazine[OWNED_STRIPES << UNITS_SHIFT];

  private final AtomicReferenceArray<@Nullable SlabMagazine> shared;
  private final LongAdder blocksAtParent = new LongAdder();
  private volatile boolean closed;

  private SlabAllocator(Builder builder) {
    parent = builder.parent;
    name = builder.name;
    bins = builder.bins;
    largestBin = bins[bins.length - 1];
    binOfUnit = binsOfUnits(bins);
    regions = new SlabRegions(parent, this, builder.superblocksPerRegion);
    magazineCapacity = new int[bins.length];
    depots = new SlabDepot[bins.length];
    for (int bin = 0; bin < bins.length; bin++) {
      int fitting = (int) Math.min(MAX_MAGAZINE, MAGAZINE_BYTES / bins[bin]);
      magazineCapacity[bin] = Math.max(MIN_MAGAZINE, fitting);
      depots[bin] = new SlabDepot(regions, bins[bin], magazineCapacity[bin] / 2);
    }
    Arrays.fill(magazines, noMagazine);
    shared = new AtomicReferenceArray<>(bins.length * SHARED_STRIPES);
  }

  /**
   * Creates a slab with bins of 32, 64, 128 and 256 bytes.
   *
   * @param parent where superblocks and larger blocks come from; thread-safe, and outlives the slab
   * @throws IllegalArgumentException if the parent is not thread-safe
   */
  public SlabAllocator(@Borrowed Allocator parent) {
    this(builder(parent));
  }

  /**
   * Starts a slab of other bins.
   *
   * @param parent where superblocks and larger blocks come from; thread-safe, and outlives the slab
   * @return a builder
   * @throws IllegalArgumentException if the parent is not thread-safe
   */
  public static Builder builder(@Borrowed Allocator parent) {
    if (!parent.isThreadSafe()) {
      throw new IllegalArgumentException(
          "the parent '" + parent.name() + "' is not thread-safe; a slab needs one that is");
    }
    return new Builder(parent);
  }

  private static byte[] binsOfUnits(long[] bins) {
    byte[] binOf = new byte[(int) (bins[bins.length - 1] >>> SIZE_SHIFT)];
    int bin = 0;
    for (int unit = 0; unit < binOf.length; unit++) {
      while (bins[bin] < (unit + 1L) << SIZE_SHIFT) {
        bin++;
      }
      binOf[unit] = (byte) bin;
    }
    return binOf;
  }

  /**
   * Says whether a request is one that a magazine may serve: legal, small, and of no alignment to
   * speak of.
   */
  private static boolean isPlain(long byteSize, long byteAlignment) {
    return Long.compareUnsigned(byteSize - 1, MAX_BIN) < 0
        && Long.compareUnsigned(byteAlignment - 1, DEFAULT_ALIGNMENT) < 0
        && (byteAlignment & (byteAlignment - 1)) == 0;
  }

  /** Returns the bin that serves a legal request, or NO_BIN if the parent does. S3 */
  private int bin(long byteSize, long byteAlignment) {
    long needed =
        byteAlignment <= DEFAULT_ALIGNMENT
            ? byteSize
            : BlockArguments.alignUp(byteSize, byteAlignment); // negative if that overflows
    if (Long.compareUnsigned(needed, largestBin) > 0) {
      return NO_BIN;
    }
    int bin = binOfUnit[unit(needed)];
    return byteAlignment <= DEFAULT_ALIGNMENT
            || SlabDepot.naturalAlignment(bins[bin]) >= byteAlignment
        ? bin
        : NO_BIN;
  }

  private static int unit(long byteSize) {
    return (int) ((byteSize - 1) >>> SIZE_SHIFT);
  }

  // ---- magazines --------------------------------------------------------------------------------

  /** Returns where in the array a stripe has its magazine for a size that a bin serves. */
  private static int slot(int stripe, long byteSize) {
    return (stripe << UNITS_SHIFT) | unit(byteSize);
  }

  /** Returns what is where the calling thread's magazine for a size would be: perhaps another's. */
  private SlabMagazine magazineAtHome(long threadId, long byteSize) {
    return magazines[slot(StripeOwners.home(threadId, OWNED_STRIPES), byteSize)];
  }

  /** Returns this thread's magazine of a bin, or null if this thread has no stripe. */
  private @Nullable SlabMagazine ownMagazine(int bin) {
    requireOpen();
    Thread self = Thread.currentThread();
    SlabMagazine home = magazineAtHome(self.threadId(), bins[bin]);
    if (home.owner == self.threadId()) {
      return home;
    }
    int stripe = owners.find(self);
    if (stripe == StripeOwners.NONE) {
      return null;
    }
    int last = slot(stripe, bins[bin]);
    SlabMagazine magazine = magazines[last];
    if (magazine == noMagazine) {
      magazine = new SlabMagazine(magazineCapacity[bin]);
      int first = bin == 0 ? slot(stripe, 1) : slot(stripe, bins[bin - 1]) + 1;
      Arrays.fill(magazines, first, last + 1, magazine);
    }
    magazine.owner = self.threadId();
    return magazine;
  }

  /** Locks a shared magazine for one operation, and returns it, or null if all are locked. */
  private @Nullable SlabMagazine lockSharedMagazine(int bin) {
    long id = Thread.currentThread().threadId();
    for (int i = 0; i < SHARED_STRIPES; i++) {
      int stripe = StripeOwners.home(id + i, SHARED_STRIPES);
      SlabMagazine magazine = sharedMagazine(bin * SHARED_STRIPES + stripe, bin);
      if (magazine.tryLock()) {
        return magazine;
      }
    }
    return null;
  }

  private SlabMagazine sharedMagazine(int index, int bin) {
    SlabMagazine magazine = shared.get(index);
    if (magazine == null) {
      SlabMagazine created = new SlabMagazine(magazineCapacity[bin]);
      magazine = shared.compareAndExchange(index, null, created);
      if (magazine == null) {
        return created;
      }
    }
    return magazine;
  }

  /** Pops a block, refilling the magazine if it is empty; NULL if there are no blocks. */
  private long pop(SlabMagazine magazine, int bin) {
    long address = magazine.pop();
    if (address == NULL) {
      requireOpen();
      magazine.top = depots[bin].take(magazine.blocks, magazine.nextRefill());
      address = magazine.pop();
    }
    return address;
  }

  /** Pushes a block; of a full magazine the half not used for longest goes to the depot before. */
  private void push(SlabMagazine magazine, int bin, long address) {
    if (!magazine.push(address)) {
      int half = (magazine.blocks.length + 1) / 2;
      depots[bin].give(magazine.blocks, half);
      magazine.removeBottom(half);
      magazine.push(address);
    }
  }

  // ---- allocation -------------------------------------------------------------------------------

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    if (!BlockMap.ACTIVE && isPlain(byteSize, byteAlignment)) {
      long id = Thread.currentThread().threadId();
      SlabMagazine magazine = magazineAtHome(id, byteSize);
      if (magazine.owner == id) {
        long address = magazine.pop();
        if (address != NULL) {
          return address;
        }
      }
    }
    return allocateSlowly(byteSize, byteAlignment);
  }

  private long allocateSlowly(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    int bin = bin(byteSize, byteAlignment);
    if (bin == NO_BIN) {
      return allocateAtParent(byteSize, byteAlignment);
    }
    SlabMagazine magazine = ownMagazine(bin);
    long address = magazine != null ? pop(magazine, bin) : allocateShared(bin);
    if (BlockMap.ACTIVE && address != NULL) {
      BlockMap.allocated(this, address, byteSize, byteAlignment);
    }
    return address;
  }

  private long allocateShared(int bin) {
    SlabMagazine magazine = lockSharedMagazine(bin);
    if (magazine == null) {
      return pop(new SlabMagazine(1), bin);
    }
    try {
      return pop(magazine, bin);
    } finally {
      magazine.unlock();
    }
  }

  private long allocateAtParent(long byteSize, long byteAlignment) {
    requireOpen();
    long address = parent.allocate(byteSize, byteAlignment);
    if (address != NULL) {
      blocksAtParent.increment();
    }
    return address;
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (bin(byteSize, byteAlignment) != NO_BIN) {
      return Allocations.zero(this, byteSize, byteAlignment);
    }
    requireOpen();
    long address = parent.allocateZeroed(byteSize, byteAlignment);
    if (address != NULL) {
      blocksAtParent.increment();
    }
    return address;
  }

  // ---- freeing ----------------------------------------------------------------------------------

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    if (!BlockMap.ACTIVE && isPlain(byteSize, byteAlignment) && address != NULL) {
      long id = Thread.currentThread().threadId();
      SlabMagazine magazine = magazineAtHome(id, byteSize);
      if (magazine.owner == id && magazine.push(address)) {
        return;
      }
    }
    freeSlowly(address, byteSize, byteAlignment);
  }

  private void freeSlowly(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address == NULL) {
      return;
    }
    int bin = bin(byteSize, byteAlignment);
    if (bin == NO_BIN) {
      parent.free(address, byteSize, byteAlignment);
      blocksAtParent.decrement();
    } else if (BlockMap.ACTIVE) {
      BlockMap.freed(this, address, byteSize, byteAlignment);
      Quarantine.add(this, address, bins[bin], (block, binByteSize) -> recycle(block, bin));
    } else {
      recycle(address, bin);
    }
  }

  private void recycle(long address, int bin) {
    SlabMagazine magazine = ownMagazine(bin);
    if (magazine != null) {
      push(magazine, bin, address);
    } else {
      recycleShared(address, bin);
    }
  }

  private void recycleShared(long address, int bin) {
    SlabMagazine magazine = lockSharedMagazine(bin);
    if (magazine == null) {
      depots[bin].give(new long[] {address}, 1);
      return;
    }
    try {
      push(magazine, bin, address);
    } finally {
      magazine.unlock();
    }
  }

  // ---- resizing ---------------------------------------------------------------------------------

  /**
   * {@inheritDoc}
   *
   * <p>Here: true where the new size falls into the same bin.
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    int bin = bin(oldByteSize, byteAlignment);
    if (bin != bin(newByteSize, byteAlignment)) {
      return false;
    }
    if (bin == NO_BIN) {
      return parent.resize(address, oldByteSize, newByteSize, byteAlignment);
    }
    BlockRegistry.resized(this, address, oldByteSize, newByteSize, byteAlignment);
    return true;
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOpen();
    int bin = bin(oldByteSize, byteAlignment);
    if (bin == NO_BIN && bin(newByteSize, byteAlignment) == NO_BIN) {
      return parent.reallocate(address, oldByteSize, newByteSize, byteAlignment);
    }
    return resize(address, oldByteSize, newByteSize, byteAlignment)
        ? address
        : Allocations.move(this, address, oldByteSize, newByteSize, byteAlignment);
  }

  // ---- release ----------------------------------------------------------------------------------

  /**
   * Gives back what the calling thread's stripe and the depots hold, and superblocks that are then
   * wholly free to the parent. What other threads' stripes hold stays there.
   */
  public void trim() {
    requireOpen();
    for (int bin = 0; bin < bins.length; bin++) {
      SlabMagazine magazine = ownMagazine(bin);
      if (magazine != null && magazine.top > 0) {
        depots[bin].give(magazine.blocks, (int) magazine.top);
        magazine.top = 0;
      }
      depots[bin].trim();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: no other thread may use the slab meanwhile or afterwards, and what each did before
   * must have happened before.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    Quarantine.giveUpAll(this);
    long live = liveBlocks();
    if (live != 0) {
      throw BlockMap.blocksOut(this, live + " blocks");
    }
    closeForcibly();
  }

  /**
   * Closes this slab and releases every superblock. Blocks larger than its bins are the parent's
   * and stay out.
   */
  @Override
  public void closeForcibly() {
    if (closed) {
      return;
    }
    closed = true;
    Quarantine.drop(this);
    Arrays.fill(magazines, noMagazine);
    regions.releaseAll();
  }

  // ---- what it is -------------------------------------------------------------------------------

  /**
   * Returns the blocks that are in use, those at the parent included. Exact while no thread uses
   * the slab.
   *
   * @return their number
   */
  public long liveBlocks() {
    long live = blocksAtParent.sum() - Quarantine.size(this);
    if (closed) {
      return live;
    }
    for (int bin = 0; bin < bins.length; bin++) {
      live += depots[bin].blocksOut() - cached(bin);
    }
    return live;
  }

  private long cached(int bin) {
    long cached = 0;
    for (int stripe = 0; stripe < OWNED_STRIPES; stripe++) {
      cached += magazines[slot(stripe, bins[bin])].top;
    }
    for (int stripe = 0; stripe < SHARED_STRIPES; stripe++) {
      SlabMagazine magazine = shared.get(bin * SHARED_STRIPES + stripe);
      cached += magazine == null ? 0 : magazine.top;
    }
    return cached;
  }

  /**
   * Returns how many superblocks are in use, be it for blocks that are cached.
   *
   * @return their number
   */
  public long superblocks() {
    return regions.superblocksOut();
  }

  /**
   * Returns what the slab holds from its parent, blocks larger than its bins apart.
   *
   * @return the bytes of its regions
   */
  public long heldBytes() {
    return regions.heldBytes();
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return parent.failure(byteSize, byteAlignment).at(name);
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

  @Override
  public String toString() {
    return name + "(" + parent + ")";
  }
}
