package io.caisson.alloc;

import io.caisson.alloc.SlabLayout.FreeBlock;
import io.caisson.alloc.SlabLayout.Superblock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The blocks of one size that no stripe of a slab holds: what magazines are filled from. */
final class SlabDepot {

  /*
   * Purpose. Move blocks between magazines and superblocks in batches, without a thread ever waiting
   * for another.
   *
   * Layout. transfer is a stack of addresses: what one magazine gives another takes, and neither the
   * blocks nor their superblocks are touched. Past its bound, blocks go back to the free lists of
   * their superblocks. partial lists the superblocks that have a free block; a full one is in no
   * list and comes back when one of its blocks does.
   *
   * Locking. Everything but pending and adopted belongs to who holds the lock, which is only ever
   * tried. Who fails to get it leaves blocks on pending, a chain through the blocks, takes blocks
   * from there, or cuts a superblock of its own and leaves what remains of it on adopted. Both are
   * Treiber stacks that are only pushed to and taken as a whole, so that no ABA can occur.
   *
   * Invariants.
   * D1  A block on pending, or given back, is in a superblock that was pushed on adopted before the
   *     block was ever handed out. Hence settle() takes pending first and adopted second: then it
   *     knows the superblock of every block that it took.
   * D2  A superblock is in partial if and only if 0 < freeCount < blocksPerSuperblock, or it is the
   *     spare and all are free.
   *
   * Hysteresis. One wholly free superblock is kept as the spare; others go back at once.
   */

  private static final VarHandle LOCKED;
  private static final VarHandle PENDING;
  private static final VarHandle ADOPTED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      LOCKED = lookup.findVarHandle(SlabDepot.class, "locked", boolean.class);
      PENDING = lookup.findVarHandle(SlabDepot.class, "pending", long.class);
      ADOPTED = lookup.findVarHandle(SlabDepot.class, "adopted", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final long TRANSFER_BYTES = 256 << 10;
  private static final long TRANSFER_BLOCKS = 1536;
  private static final int LOCK_TRIES = 8;

  private final SlabRegions regions;
  private final long blockByteSize;
  private final long firstBlockOffset;
  private final long blocksPerSuperblock;

  private final long[] transfer;
  private int transferCount;
  private long partial;
  private long spare;
  private long superblocks;
  private long freeInSuperblocks;

  private volatile boolean locked;
  private volatile long pending;
  private volatile long adopted;

  SlabDepot(SlabRegions regions, long blockByteSize, int batch) {
    this.regions = regions;
    this.blockByteSize = blockByteSize;
    firstBlockOffset = roundUp(Superblock.HEADER_SIZE, blockByteSize);
    blocksPerSuperblock = (Superblock.SIZE - firstBlockOffset) / blockByteSize;
    long bound = Math.min(TRANSFER_BYTES / blockByteSize, TRANSFER_BLOCKS);
    transfer = new long[(int) Math.max(bound, batch)];
  }

  /** Rounds up to a multiple of a size, which need not be a power of two. */
  private static long roundUp(long value, long multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /** The greatest alignment that every block of a size has. */
  static long naturalAlignment(long blockByteSize) {
    return Long.lowestOneBit(blockByteSize);
  }

  private boolean tryLock() {
    return !locked && LOCKED.compareAndSet(this, false, true);
  }

  private void unlock() {
    LOCKED.setRelease(this, false); // release: pairs with tryLock
  }

  // ---- taking -----------------------------------------------------------------------------------

  /**
   * Takes blocks for an empty magazine.
   *
   * @param blocks where their addresses go, from index 0
   * @param wanted how many at most, at least 1
   * @return how many there are; 0 only if the parent is exhausted
   */
  int take(long[] blocks, int wanted) {
    for (int i = 0; i < LOCK_TRIES; i++) {
      if (tryLock()) {
        try {
          settle();
          return takeLocked(blocks, wanted);
        } finally {
          unlock();
        }
      }
      int taken = takePending(blocks, wanted);
      if (taken > 0) {
        return taken;
      }
      Thread.onSpinWait();
    }
    return takeFromNewSuperblock(blocks, wanted);
  }

  private int takeLocked(long[] blocks, int wanted) {
    int taken = Math.min(wanted, transferCount);
    transferCount -= taken;
    System.arraycopy(transfer, transferCount, blocks, 0, taken);
    while (taken < wanted && (partial != Allocator.NULL || (taken == 0 && addSuperblock()))) {
      long superblock = partial;
      int cut = takeFree(superblock, blocks, taken, wanted);
      freeInSuperblocks -= cut;
      taken += cut;
      if (Superblock.freeCount(superblock) == 0) {
        unlink(superblock);
      }
    }
    return taken;
  }

  private boolean addSuperblock() {
    long superblock = spare;
    if (superblock != Allocator.NULL) {
      spare = Allocator.NULL;
      initialise(superblock);
    } else {
      superblock = regions.take();
      if (superblock == Allocator.NULL) {
        return false;
      }
      initialise(superblock);
      superblocks++;
      freeInSuperblocks += blocksPerSuperblock;
    }
    link(superblock);
    return true;
  }

  private void initialise(long superblock) {
    Superblock.setFreeHead(superblock, Allocator.NULL);
    Superblock.setFreeCount(superblock, blocksPerSuperblock);
    Superblock.setUntouched(superblock, superblock + firstBlockOffset);
  }

  /** Adds free blocks of a superblock to an array, until there are as many as wanted. */
  private int takeFree(long superblock, long[] blocks, int already, int wanted) {
    int free = (int) Math.min(wanted - already, Superblock.freeCount(superblock));
    int filled = 0;
    long block = Superblock.freeHead(superblock);
    while (filled < free && block != Allocator.NULL) {
      blocks[already + filled++] = block;
      block = FreeBlock.next(block);
    }
    Superblock.setFreeHead(superblock, block);
    long untouched = Superblock.untouched(superblock);
    while (filled < free) {
      blocks[already + filled++] = untouched;
      untouched += blockByteSize;
    }
    Superblock.setUntouched(superblock, untouched);
    Superblock.setFreeCount(superblock, Superblock.freeCount(superblock) - free);
    return free;
  }

  /** Takes what others left on pending, and puts back what does not fit. */
  private int takePending(long[] blocks, int wanted) {
    if (pending == Allocator.NULL) {
      return 0;
    }
    long block = (long) PENDING.getAndSet(this, Allocator.NULL);
    int taken = 0;
    while (block != Allocator.NULL && taken < wanted) {
      blocks[taken++] = block;
      block = FreeBlock.next(block);
    }
    if (block != Allocator.NULL) {
      long last = block;
      while (FreeBlock.next(last) != Allocator.NULL) {
        last = FreeBlock.next(last);
      }
      pushPending(block, last);
    }
    return taken;
  }

  private int takeFromNewSuperblock(long[] blocks, int wanted) {
    long superblock = regions.take();
    if (superblock == Allocator.NULL) {
      return 0;
    }
    initialise(superblock);
    int taken = takeFree(superblock, blocks, 0, wanted);
    pushAdopted(superblock);
    return taken;
  }

  private void pushAdopted(long superblock) {
    long head;
    do {
      head = adopted;
      Superblock.setNext(superblock, head);
    } while (!ADOPTED.compareAndSet(this, head, superblock)); // release: pairs with settle; D1
  }

  // ---- giving -----------------------------------------------------------------------------------

  /** Takes back the first blocks of an array. */
  void give(long[] blocks, int count) {
    if (tryLock()) {
      try {
        settle();
        giveLocked(blocks, count);
      } finally {
        unlock();
      }
    } else {
      givePending(blocks, count);
    }
  }

  private void giveLocked(long[] blocks, int count) {
    int fitting = Math.min(count, transfer.length - transferCount);
    System.arraycopy(blocks, 0, transfer, transferCount, fitting);
    transferCount += fitting;
    for (int i = fitting; i < count; i++) {
      giveFree(blocks[i]);
    }
  }

  private void givePending(long[] blocks, int count) {
    long first = blocks[0];
    long last = first;
    for (int i = 1; i < count; i++) {
      long block = blocks[i];
      FreeBlock.setNext(last, block);
      last = block;
    }
    pushPending(first, last);
  }

  private void pushPending(long first, long last) {
    long head;
    do {
      head = pending;
      FreeBlock.setNext(last, head);
    } while (!PENDING.compareAndSet(this, head, first)); // release: pairs with who takes them all
  }

  private void giveFree(long block) {
    long superblock = Superblock.of(block);
    FreeBlock.setNext(block, Superblock.freeHead(superblock));
    Superblock.setFreeHead(superblock, block);
    long free = Superblock.freeCount(superblock) + 1;
    Superblock.setFreeCount(superblock, free);
    freeInSuperblocks++;
    if (free == 1) {
      link(superblock);
    }
    if (free == blocksPerSuperblock) {
      unlink(superblock);
      retireSuperblock(superblock);
    }
  }

  private void retireSuperblock(long superblock) {
    if (spare == Allocator.NULL) {
      spare = superblock;
    } else {
      dropSuperblock(superblock);
    }
  }

  private void dropSuperblock(long superblock) {
    superblocks--;
    freeInSuperblocks -= blocksPerSuperblock;
    regions.give(superblock);
  }

  /** Takes in what was left by threads that did not get the lock. D1 has the order of the two. */
  private void settle() {
    if (pending == Allocator.NULL && adopted == Allocator.NULL) {
      return;
    }
    long block = (long) PENDING.getAndSet(this, Allocator.NULL); // acquire: pairs with pushPending
    adoptAll((long) ADOPTED.getAndSet(this, Allocator.NULL)); // acquire: pairs with its push
    while (block != Allocator.NULL) {
      long next = FreeBlock.next(block);
      giveFree(block);
      block = next;
    }
  }

  private void adoptAll(long first) {
    long superblock = first;
    while (superblock != Allocator.NULL) {
      long next = Superblock.next(superblock);
      superblocks++;
      freeInSuperblocks += Superblock.freeCount(superblock);
      if (Superblock.freeCount(superblock) > 0) {
        link(superblock);
      }
      superblock = next;
    }
  }

  private void link(long superblock) {
    Superblock.setNext(superblock, partial);
    Superblock.setPrevious(superblock, Allocator.NULL);
    if (partial != Allocator.NULL) {
      Superblock.setPrevious(partial, superblock);
    }
    partial = superblock;
  }

  private void unlink(long superblock) {
    long next = Superblock.next(superblock);
    long previous = Superblock.previous(superblock);
    if (previous == Allocator.NULL) {
      partial = next;
    } else {
      Superblock.setNext(previous, next);
    }
    if (next != Allocator.NULL) {
      Superblock.setPrevious(next, previous);
    }
  }

  // ---- trimming ---------------------------------------------------------------------------------

  /** Gives back to the parent what is wholly free; waits for the lock. */
  void trim() {
    while (!tryLock()) {
      Thread.onSpinWait();
    }
    try {
      settle();
      while (transferCount > 0) {
        giveFree(transfer[--transferCount]);
      }
      if (spare != Allocator.NULL) {
        dropSuperblock(spare);
        spare = Allocator.NULL;
      }
    } finally {
      unlock();
    }
  }

  /** Returns how many blocks are not here, that is, in magazines or in use; waits for the lock. */
  long blocksOut() {
    while (!tryLock()) {
      Thread.onSpinWait();
    }
    try {
      settle();
      return superblocks * blocksPerSuperblock - freeInSuperblocks - transferCount;
    } finally {
      unlock();
    }
  }
}
