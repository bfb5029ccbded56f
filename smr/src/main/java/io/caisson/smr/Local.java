package io.caisson.smr;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * What the holder of a slot has to itself: the bag that it fills, a spare one, a bag that it frees,
 * bytes of credit, and the counts of what it did. A guard that found no slot takes one from the
 * domain's stack.
 *
 * <p>Not thread-safe: releasing the slot (or pushing on the stack) happens before the claim (or
 * pop) of the next holder. The counts may be read by any thread.
 */
final class Local extends Numbered {

  /*
   * Invariants.
   * L1  bag is full only if it stands for none, and then spare is null.
   * L2  What is left of a reservation, and the blocks left, is 0 between operations.
   * L3  Over all locals of a domain, credit + left + what is in bags = what is charged to the domain.
   */

  /** The most blocks retired before it is time to settle. */
  static final int RETIRED_PER_SETTLING = 8;

  private static final int RETIRED_BLOCKS = 0;
  private static final int RETIRED_BYTES = 1;
  private static final int FREED_BLOCKS = 2;
  private static final int FREED_BYTES = 3;
  private static final int COUNTS = 4;

  private final Bag none;
  private Bag bag;
  private @Nullable Bag spare;
  private @Nullable Bag ripe;
  private long credit;
  private long left;
  private int blocksLeft;
  private final AtomicLongArray counts = new AtomicLongArray(COUNTS);

  Local(int number, Bag none) {
    super(number);
    this.none = none;
    this.bag = none;
  }

  // ---- an operation -----------------------------------------------------------------------------

  /** Sets aside room for an operation, or returns false if {@link #lacksBag} or credit is short. */
  boolean reserve(int blocks, long byteSize) {
    if (credit < byteSize || lacksBag(blocks)) {
      return false;
    }
    credit -= byteSize;
    left = byteSize;
    blocksLeft = blocks;
    return true;
  }

  /** Says whether a bag must be given before that many blocks can be retired. */
  boolean lacksBag(int blocks) {
    return bag.room() < blocks && spare == null;
  }

  /** Says whether a block of a size may be retired in the operation that has reserved. */
  boolean admits(long byteSize) {
    return blocksLeft > 0 && byteSize <= left;
  }

  /**
   * Takes over a block that is unlinked, and says whether it is time to settle. That is seldom
   * enough for the compiler not to inline the settling, so that retiring is small and the guard
   * needs no object.
   */
  boolean retire(long address, long byteSize, long byteAlignment, int allocator) {
    left -= byteSize;
    blocksLeft--;
    bag.add(address, byteSize, byteAlignment, allocator);
    add(RETIRED_BLOCKS, 1);
    add(RETIRED_BYTES, byteSize);
    return bag.count() % RETIRED_PER_SETTLING == 0 || bag.isFull();
  }

  /** Says whether the bag that is being filled must be sealed. */
  boolean isFull() {
    return bag != none && bag.isFull();
  }

  /** Turns what is left of a reservation into credit. */
  void endOperation() {
    credit += left;
    left = 0;
    blocksLeft = 0;
  }

  // ---- bags -------------------------------------------------------------------------------------

  /** Takes an empty bag, or returns false if this has all that it needs. */
  boolean offer(Bag empty) {
    if (bag == none) {
      bag = empty;
    } else if (spare == null) {
      spare = empty;
    } else {
      return false;
    }
    return true;
  }

  /** Takes over the blocks of another's bag, or returns false if it has no room for them all. */
  boolean take(Bag other) {
    if (bag.room() < other.count()) {
      return false;
    }
    while (!other.isEmpty()) {
      bag.add(
          other.lastAddress(),
          other.lastByteSize(),
          other.lastByteAlignment(),
          other.lastAllocator());
      other.removeLast();
    }
    return true;
  }

  /** Fills another's bag from now on; this has none. */
  void fillWith(Bag other) {
    assert bag == none;
    bag = other;
  }

  /** Says whether anything would wait in here if nobody came any more. */
  boolean isIdle() {
    return bag.isEmpty() && ripe == null && credit == 0;
  }

  /** Says whether the bag may be sealed: nothing more will be retired, or there is a spare one. */
  boolean mayGiveUpBag() {
    return blocksLeft == 0 || spare != null;
  }

  /** Returns the bytes in the bag that is being filled. */
  long bagByteSize() {
    return bag.byteSize();
  }

  /** Gives up the bag that is being filled, if anything is in it. */
  @Nullable Bag takeFilled() {
    Bag filled = bag;
    if (filled.isEmpty()) {
      return null;
    }
    bag = spare != null ? spare : none;
    spare = null;
    return filled;
  }

  /** Returns the bag that is being freed; it is never empty. */
  @Nullable Bag ripe() {
    return ripe;
  }

  void setRipe(@Nullable Bag ripe) {
    this.ripe = ripe;
  }

  /** Gives up the bag that is being freed. */
  @Nullable Bag takeRipe() {
    Bag taken = ripe;
    ripe = null;
    return taken;
  }

  // ---- credit -----------------------------------------------------------------------------------

  long credit() {
    return credit;
  }

  void addCredit(long byteSize) {
    credit += byteSize;
  }

  /** Gives up the credit above what is kept, and returns how much that is. */
  long takeCreditAbove(long kept) {
    long taken = Math.max(0, credit - kept);
    credit -= taken;
    return taken;
  }

  // ---- counts -----------------------------------------------------------------------------------

  private void add(int count, long delta) {
    counts.setRelease(count, counts.getPlain(count) + delta); // release: pairs with the readers
  }

  /** Counts a block as freed; its bytes become credit. */
  void freed(long byteSize) {
    add(FREED_BLOCKS, 1);
    add(FREED_BYTES, byteSize);
    credit += byteSize;
  }

  long retiredBlocks() {
    return counts.getAcquire(RETIRED_BLOCKS);
  }

  long retiredBytes() {
    return counts.getAcquire(RETIRED_BYTES);
  }

  long freedBlocks() {
    return counts.getAcquire(FREED_BLOCKS);
  }

  long freedBytes() {
    return counts.getAcquire(FREED_BYTES);
  }
}
