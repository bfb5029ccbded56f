package io.caisson.alloc;

import io.caisson.alloc.SlabLayout.Stripe;
import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MetadataMemory;
import io.caisson.alloc.internal.Quarantine;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

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
 * calling thread's holds.
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
   * Layout. SlabLayout has superblocks and stripes, SlabDepot the blocks of one size.
   *
   * Invariants.
   * S1  A stripe is read and written by its owner only, the thread that StripeOwners says, whose id
   *     is in the stripe. A shared stripe belongs to who locked it, for one operation.
   * S2  A block is in one place: in use, in one magazine, or at its depot.
   * S3  The bin of a block is a function of the size and alignment it is allocated and freed with.
   */

  private static final int OWNED_STRIPES = 64;
  private static final int SHARED_STRIPES = 8;
  private static final int PROBES = 3;
  private static final long MAGAZINE_BYTES = 16 << 10;
  private static final int MIN_MAGAZINE = 4;
  private static final int SIZE_SHIFT = 4;
  private static final int NO_BIN = -1;
  private static final long STRIPE_ALIGNMENT = 128;

  /** What every closed slab has for stripes: one that no thread owns. */
  private static final class ClosedStripe {
    static final long ADDRESS = Memory.allocatePermanent(Long.BYTES, Long.BYTES);

    static {
      MetadataMemory.register(ADDRESS, Long.BYTES);
    }

    private ClosedStripe() {}
  }

  /** Says how a slab is made. */
  public static final class Builder {
    private static final long MAX_BIN = SlabLayout.Superblock.SIZE / 4;
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
     * @throws AllocationException if the parent has no room for its stripes
     */
    public @Owned SlabAllocator build() {
      return new SlabAllocator(this);
    }
  }

  private final Allocator parent;
  private final String name;
  private final long[] bins;
  private final long largestBin;

  /** The bin of a size in units of 16 bytes, rounded up. */
  private final byte[] binOfSize;

  private final int[] magazineCapacity;
  private final SlabDepot[] depots;
  private final SlabRegions regions;
  private final StripeOwners owners = new StripeOwners(OWNED_STRIPES, PROBES);
  private long stripes;
  private long stripeByteSize;
  private final LongAdder blocksAtParent = new LongAdder();
  private volatile boolean closed;

  private SlabAllocator(Builder builder) {
    parent = builder.parent;
    name = builder.name;
    bins = builder.bins;
    largestBin = bins[bins.length - 1];
    binOfSize = binsOfSizes(bins);
    regions = new SlabRegions(parent, this, builder.superblocksPerRegion);
    magazineCapacity = new int[bins.length];
    depots = new SlabDepot[bins.length];
    for (int bin = 0; bin < bins.length; bin++) {
      int fitting = (int) Math.min(Stripe.MAGAZINE_CAPACITY, MAGAZINE_BYTES / bins[bin]);
      magazineCapacity[bin] = Math.max(MIN_MAGAZINE, fitting);
      depots[bin] = new SlabDepot(regions, bins[bin], magazineCapacity[bin] / 2);
    }
    stripeByteSize = Stripe.byteSize(bins.length);
    stripes = Allocations.allocateZeroed(parent, stripesByteSize(), STRIPE_ALIGNMENT);
    BlockRegistry.carved(stripes, stripesByteSize());
    MetadataMemory.register(stripes, stripesByteSize());
  }

  /**
   * Creates a slab with bins of 32, 64, 128 and 256 bytes.
   *
   * @param parent where superblocks and larger blocks come from; thread-safe, and outlives the slab
   * @throws AllocationException if the parent has no room for its stripes
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

  private long stripesByteSize() {
    return (OWNED_STRIPES + SHARED_STRIPES) * stripeByteSize;
  }

  private static byte[] binsOfSizes(long[] bins) {
    byte[] binOf = new byte[(int) (bins[bins.length - 1] >>> SIZE_SHIFT) + 1];
    int bin = 0;
    for (int units = 0; units < binOf.length; units++) {
      while (bins[bin] < (long) units << SIZE_SHIFT) {
        bin++;
      }
      binOf[units] = (byte) bin;
    }
    return binOf;
  }

  /** Returns the bin that serves a request, or NO_BIN if the parent does. S3 */
  private int bin(long byteSize, long byteAlignment) {
    long needed = Math.max(byteSize, byteAlignment);
    if (needed > largestBin) {
      return NO_BIN;
    }
    int bin = binOfSize[(int) ((needed + 15) >>> SIZE_SHIFT)];
    return byteAlignment <= DEFAULT_ALIGNMENT
            || SlabDepot.naturalAlignment(bins[bin]) >= byteAlignment
        ? bin
        : NO_BIN;
  }

  // ---- stripes ----------------------------------------------------------------------------------

  /** Returns the address of this thread's stripe, or NULL if it has none. */
  private long ownStripe() {
    Thread self = Thread.currentThread();
    long id = self.threadId();
    long home = stripes + StripeOwners.home(id, OWNED_STRIPES) * stripeByteSize;
    return Stripe.owner(home) == id ? home : findStripe(self, id); // only this thread writes its id
  }

  private long findStripe(Thread self, long id) {
    requireOpen();
    int index = owners.find(self);
    if (index == StripeOwners.NONE) {
      return NULL;
    }
    long stripe = stripes + index * stripeByteSize;
    Stripe.setOwner(stripe, id);
    return stripe;
  }

  /**
   * Locks a shared stripe for one operation, and returns its address, or NULL if all are locked.
   */
  private long lockSharedStripe() {
    long id = Thread.currentThread().threadId();
    for (int i = 0; i < SHARED_STRIPES; i++) {
      long index = OWNED_STRIPES + ((id + i) & (SHARED_STRIPES - 1));
      long stripe = stripes + index * stripeByteSize;
      if (Stripe.tryLock(stripe, id)) {
        return stripe;
      }
    }
    return NULL;
  }

  // ---- allocation -------------------------------------------------------------------------------

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    int bin = bin(byteSize, byteAlignment);
    if (bin == NO_BIN) {
      return allocateAtParent(byteSize, byteAlignment);
    }
    long stripe = ownStripe();
    long address = stripe != NULL ? pop(stripe, bin) : allocateShared(bin);
    if (BlockMap.ACTIVE && address != NULL) {
      BlockMap.allocated(this, address, byteSize, byteAlignment);
    }
    return address;
  }

  private long pop(long stripe, int bin) {
    long count = Stripe.count(stripe, bin) - 1;
    if (count < 0) {
      return refill(stripe, bin);
    }
    Stripe.setCount(stripe, bin, count);
    return MetadataMemory.getLong(Stripe.magazine(stripe, bin, bins.length) + count * Long.BYTES);
  }

  private long refill(long stripe, int bin) {
    requireOpen();
    long magazine = Stripe.magazine(stripe, bin, bins.length);
    int taken = depots[bin].take(magazine, Math.max(1, magazineCapacity[bin] / 2));
    if (taken == 0) {
      return NULL;
    }
    Stripe.setCount(stripe, bin, taken - 1L);
    return MetadataMemory.getLong(magazine + (taken - 1L) * Long.BYTES);
  }

  private long allocateShared(int bin) {
    long stripe = lockSharedStripe();
    if (stripe == NULL) {
      return depots[bin].takeOne();
    }
    try {
      return pop(stripe, bin);
    } finally {
      Stripe.unlock(stripe);
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
    long stripe = ownStripe();
    if (stripe != NULL) {
      push(stripe, bin, address);
    } else {
      recycleShared(address, bin);
    }
  }

  private void push(long stripe, int bin, long address) {
    long count = Stripe.count(stripe, bin);
    if (count == magazineCapacity[bin]) {
      count = flush(stripe, bin);
    }
    long magazine = Stripe.magazine(stripe, bin, bins.length);
    MetadataMemory.putLong(magazine + count * Long.BYTES, address);
    Stripe.setCount(stripe, bin, count + 1);
  }

  /** Gives the half of a magazine that was not used for longest to the depot. */
  private long flush(long stripe, int bin) {
    long magazine = Stripe.magazine(stripe, bin, bins.length);
    int half = magazineCapacity[bin] / 2;
    depots[bin].give(magazine, 0, half);
    int kept = magazineCapacity[bin] - half;
    for (int i = 0; i < kept; i++) {
      long block = MetadataMemory.getLong(magazine + (long) (half + i) * Long.BYTES);
      MetadataMemory.putLong(magazine + (long) i * Long.BYTES, block);
    }
    return kept;
  }

  private void recycleShared(long address, int bin) {
    long stripe = lockSharedStripe();
    if (stripe == NULL) {
      depots[bin].giveOne(address);
      return;
    }
    try {
      push(stripe, bin, address);
    } finally {
      Stripe.unlock(stripe);
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
    long stripe = ownStripe();
    if (stripe != NULL) {
      drain(stripe);
    }
    for (SlabDepot depot : depots) {
      depot.trim();
    }
  }

  private void drain(long stripe) {
    for (int bin = 0; bin < bins.length; bin++) {
      int count = (int) Stripe.count(stripe, bin);
      if (count > 0) {
        depots[bin].give(Stripe.magazine(stripe, bin, bins.length), 0, count);
        Stripe.setCount(stripe, bin, 0);
      }
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
    regions.releaseAll();
    long released = stripes;
    long releasedByteSize = stripesByteSize();
    stripes = ClosedStripe.ADDRESS;
    stripeByteSize = 0;
    MetadataMemory.unregister(released);
    parent.free(released, releasedByteSize, STRIPE_ALIGNMENT);
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
      live += depots[bin].blocksOut();
      for (int i = 0; i < OWNED_STRIPES + SHARED_STRIPES; i++) {
        live -= Stripe.count(stripes + i * stripeByteSize, bin);
      }
    }
    return live;
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
   * @return the bytes of its regions and stripes
   */
  public long heldBytes() {
    return regions.heldBytes() + (closed ? 0 : stripesByteSize());
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
