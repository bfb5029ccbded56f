package io.caisson.smr;

import io.caisson.alloc.internal.Memory;
import java.lang.invoke.VarHandle;

/**
 * Who is pinned, and at which epoch: the slots, the overflow counters, and the step to the next
 * epoch. The part of the protocol that says when nobody can still read a block.
 *
 * <p>Thread-safe. Claiming is lock-free (a bounded number of probes, then a counter whose second
 * look fails only when another thread made the epoch go on); releasing is wait-free.
 */
final class Pins {

  /*
   * Source. Fraser, "Practical lock-freedom" (2004) for epochs; slots that belong to the guard and
   * not to a thread are those of FASTER's LightEpoch, which throws when they run out; here counters
   * take over.
   *
   * Invariants.
   * P1  From when a claim at epoch e is seen, the epoch takes at most one more step while it lasts.
   *     (e may be stale by then: that only delays.)
   * P2  A step from e to e + 1 begins after the epoch was e, and finds no slot pinned at another
   *     epoch and no counter of another epoch above 0.
   * P3  A slot is written only by who holds it, but for the CAS that takes it when it is free.
   *
   * Theorem. A block unlinked before its tag is read can be freed when the epoch is tag + 2. A
   * reader that still holds it pinned before the unlink was visible, so at r <= tag. The step from
   * tag + 1 to tag + 2 looks at the reader's slot after the fence of the tag, so it sees the reader:
   * either gone, and then the release of its slot orders what it read before the free, or at r, which
   * is not tag + 1 and blocks the step. (The step from tag to tag + 1 would tolerate r = tag.)
   *
   * Ordering. F1 the fence after a claim pairs with F2 the fence before the scan and F3 the fence
   * before a tag is read: of a claim and a scan one sees the other, so does a claim and an unlink.
   * The release of a slot, or of a counter, pairs with the acquire fence after the scan; the CAS of
   * the epoch with the acquire in the free test.
   */

  private static final int PROBES = 8;
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private final SharedWords words;
  private final int slotMask;
  private final int slotShift;

  /** The epoch before CLOSED; for figures only. */
  private volatile long lastEpoch;

  /** Creates pins on fresh words, none of them taken. */
  Pins(SharedWords words) {
    this.words = words;
    slotMask = words.slots() - 1;
    slotShift = Long.SIZE - Integer.numberOfTrailingZeros(words.slots());
  }

  /** Where the calling thread starts to look; a model checker must see the same in every run. */
  private int home() {
    return Memory.SIMULATED || slotMask == 0 ? 0 : home(Thread.currentThread().threadId());
  }

  /** Consecutive thread ids, which is what pools have, get slots far from one another. */
  private int home(long threadId) {
    return (int) ((threadId * GOLDEN_RATIO) >>> slotShift);
  }

  // ---- pin and unpin ----------------------------------------------------------------------------

  /** Pins the current epoch and returns the place, or NONE if the domain is closed. */
  long pin() {
    int home = home();
    long epoch = words.epochOpaque(); // a stale one only delays
    if (epoch != SharedWords.CLOSED
        && words.compareAndSetSlot(home, SlotWord.FREE, SlotWord.pinnedAt(epoch))) {
      fenceAfterClaim();
      return home;
    }
    return pinElsewhere(home);
  }

  private long pinElsewhere(int home) {
    for (int probe = 0; probe < PROBES; probe++) {
      long epoch = words.epochOpaque();
      if (epoch == SharedWords.CLOSED) {
        return Place.NONE;
      }
      int slot = (home + probe) & slotMask;
      if (words.slotOpaque(slot) == SlotWord.FREE
          && words.compareAndSetSlot(slot, SlotWord.FREE, SlotWord.pinnedAt(epoch))) {
        fenceAfterClaim();
        return slot;
      }
    }
    return enterCounter(home & (words.stripes() - 1));
  }

  /** F1: only now may a root be read. */
  private static void fenceAfterClaim() {
    VarHandle.fullFence();
  }

  private long enterCounter(int stripe) {
    for (; ; ) {
      long epoch = words.epochVolatile();
      if (epoch == SharedWords.CLOSED) {
        return Place.NONE;
      }
      int counter = counterOf(epoch);
      words.addToCounter(stripe, counter, 1);
      fenceAfterClaim();
      if (words.epochVolatile() == epoch) {
        return Place.overflow(stripe, counter);
      }
      words.addToCounter(stripe, counter, -1); // the epoch went on before it could see this
    }
  }

  private static int counterOf(long epoch) {
    return (int) epoch & (SharedWords.COUNTERS - 1);
  }

  /** Gives up a place; everything that was read under it is dead. */
  void unpin(long place) {
    if (Place.isSlot(place)) {
      words.setSlotRelease(Place.slot(place), SlotWord.FREE); // release: pairs with tryAdvance
    } else {
      leaveCounter(place);
    }
  }

  private void leaveCounter(long place) {
    words.addToCounter(Place.stripe(place), Place.counter(place), -1);
  }

  /** Moves a place on to the current epoch, and returns it; everything read before is dead. */
  long refresh(long place) {
    long epoch = words.epochVolatile();
    if (epoch == SharedWords.CLOSED) {
      return place;
    }
    long moved = Place.isSlot(place) ? refreshSlot(place, epoch) : refreshCounter(place, epoch);
    fenceAfterClaim();
    return moved;
  }

  private long refreshSlot(long place, long epoch) {
    words.setSlotRelease(Place.slot(place), SlotWord.pinnedAt(epoch)); // release: as unpin
    return place;
  }

  private long refreshCounter(long place, long epoch) {
    int counter = counterOf(epoch);
    if (counter == Place.counter(place)) {
      return place;
    }
    // Enter the new one first: until then the old one holds the epoch, so no second look is needed.
    words.addToCounter(Place.stripe(place), counter, 1);
    leaveCounter(place);
    return Place.withCounter(place, counter);
  }

  // ---- claims that read nothing -----------------------------------------------------------------

  /**
   * Claims a slot without pinning, or enters a counter, so that close waits for what the caller
   * holds; returns the place, or NONE if the domain is closed.
   */
  long claim() {
    int home = home();
    for (int probe = 0; probe <= slotMask; probe++) {
      if (words.epochVolatile() == SharedWords.CLOSED) {
        return Place.NONE;
      }
      int slot = (home + probe) & slotMask;
      if (tryClaim(slot)) {
        return slot;
      }
    }
    return enterCounter(home & (words.stripes() - 1));
  }

  /** Claims a slot if it is free and the domain open. */
  boolean tryClaim(int slot) {
    return words.slotOpaque(slot) == SlotWord.FREE
        && words.epochVolatile() != SharedWords.CLOSED
        && words.compareAndSetSlot(slot, SlotWord.FREE, SlotWord.CLAIMED);
  }

  // ---- the step to the next epoch ---------------------------------------------------------------

  /** Makes the epoch go on by one unless a pin holds it back; returns whether it went on. P2 */
  boolean tryAdvance() {
    long epoch = words.epochVolatile();
    if (epoch == SharedWords.CLOSED) {
      return false;
    }
    VarHandle.fullFence(); // F2
    if (!slotsAllowAdvance(epoch) || !countersAllowAdvance(epoch)) {
      return false;
    }
    VarHandle.acquireFence(); // pairs with unpin
    stepFrom(epoch);
    return true; // if not by this thread, then by another
  }

  /** A CAS, for the caller may be not pinned and stall here while the epoch goes on. */
  private void stepFrom(long epoch) {
    words.compareAndSetEpoch(epoch, epoch + 1);
  }

  private boolean slotsAllowAdvance(long epoch) {
    for (int slot = 0; slot < words.slots(); slot++) {
      long word = words.slotOpaque(slot);
      if (!SlotWord.allowsAdvance(word, epoch)) {
        words.noteSlotLag(slot, word);
        return false;
      }
    }
    return true;
  }

  private boolean countersAllowAdvance(long epoch) {
    for (int stripe = 0; stripe < words.stripes(); stripe++) {
      for (int behind = 1; behind < SharedWords.COUNTERS; behind++) {
        if (words.counterOpaque(stripe, counterOf(epoch + behind)) != 0) {
          words.noteCountersLag(epoch);
          return false;
        }
      }
    }
    return true;
  }

  // ---- the end ----------------------------------------------------------------------------------

  /** Closes: from now on nobody pins. */
  void close() {
    long epoch;
    do {
      epoch = words.epochVolatile();
      if (epoch != SharedWords.CLOSED) {
        lastEpoch = epoch;
      }
    } while (epoch != SharedWords.CLOSED && !words.compareAndSetEpoch(epoch, SharedWords.CLOSED));
    VarHandle.fullFence(); // pairs with the second look of enterCounter
  }

  /** Returns the epoch, or the last one if the domain is closed. */
  long lastEpoch() {
    long epoch = words.epochVolatile();
    return epoch == SharedWords.CLOSED ? lastEpoch : epoch;
  }

  /**
   * After close, waits until nobody is pinned or holds a slot. It claims each slot for good, so
   * that a late pin, which read the epoch before close, fails; then it reads the counters, which a
   * late guard leaves when its second look sees CLOSED.
   *
   * @return whether all are gone; false when the deadline has passed
   */
  boolean awaitNone(Deadline deadline) {
    for (int slot = 0; slot < words.slots(); slot++) {
      while (!tryCloseSlot(slot)) {
        if (!deadline.pause()) {
          return false;
        }
      }
    }
    while (!countersAreLeft()) {
      if (!deadline.pause()) {
        return false;
      }
    }
    return true;
  }

  /**
   * After close, says whether nobody is in a counter. One look is not enough: a guard that
   * refreshes may go from a counter that is not looked at yet to one that was. It read the epoch
   * before close, so it does that once at most, and a second look sees it.
   */
  private boolean countersAreLeft() {
    if (pinnedInCounters() != 0) {
      return false;
    }
    VarHandle.acquireFence(); // the second look comes after the first
    boolean left = pinnedInCounters() == 0;
    VarHandle.acquireFence(); // pairs with leaveCounter
    return left;
  }

  private boolean tryCloseSlot(int slot) {
    return words.slotOpaque(slot) == SlotWord.CLOSED
        || words.compareAndSetSlot(slot, SlotWord.FREE, SlotWord.CLOSED);
  }

  // ---- figures ----------------------------------------------------------------------------------

  /** Returns how many slots are pinned. */
  int pinnedSlots() {
    int pinned = 0;
    for (int slot = 0; slot < words.slots(); slot++) {
      pinned += SlotWord.isPinned(words.slotOpaque(slot)) ? 1 : 0;
    }
    return pinned;
  }

  /** Returns by how many steps the oldest pin in a slot is behind an epoch. */
  long lag(long epoch) {
    long lag = 0;
    for (int slot = 0; slot < words.slots(); slot++) {
      long word = words.slotOpaque(slot);
      lag = SlotWord.isPinned(word) ? Math.max(lag, epoch - SlotWord.epoch(word)) : lag;
    }
    return lag;
  }

  /** Returns for how long some pin was seen to hold an epoch back, in nanoseconds. */
  long lagNanos(long epoch) {
    long nanos = words.countersLagNanos(epoch);
    for (int slot = 0; slot < words.slots(); slot++) {
      long word = words.slotOpaque(slot);
      nanos = SlotWord.isPinned(word) ? Math.max(nanos, words.slotLagNanos(slot, word)) : nanos;
    }
    return nanos;
  }

  /** Returns a slot that holds the epoch back, or -1 if there is none. */
  int laggingSlot() {
    long epoch = words.epochVolatile();
    for (int slot = 0; slot < words.slots(); slot++) {
      if (!SlotWord.allowsAdvance(words.slotOpaque(slot), epoch)) {
        return slot;
      }
    }
    return -1;
  }

  /** Returns how many guards are pinned without a slot. */
  long pinnedInCounters() {
    long pinned = 0;
    for (int stripe = 0; stripe < words.stripes(); stripe++) {
      for (int counter = 0; counter < SharedWords.COUNTERS; counter++) {
        pinned += words.counterOpaque(stripe, counter);
      }
    }
    return pinned;
  }
}
