package io.caisson.smr;

/** What the word of a slot says: free, claimed for housekeeping, closed, or pinned at an epoch. */
final class SlotWord {

  /** Nobody holds the slot. */
  static final long FREE = 0;

  /** Somebody holds the slot and reads nothing: advancing ignores it. */
  static final long CLAIMED = 2;

  /** The slot belongs to who closed the domain, for ever. */
  static final long CLOSED = 4;

  private SlotWord() {}

  /** Returns the word of a slot that is pinned at an epoch. */
  static long pinnedAt(long epoch) {
    return (epoch << 1) | 1;
  }

  static boolean isPinned(long word) {
    return (word & 1) != 0;
  }

  /** Returns the epoch of a word that is pinned. */
  static long epoch(long word) {
    return word >>> 1;
  }

  /** Says whether a slot lets the epoch go on from {@code epoch}. */
  static boolean allowsAdvance(long word, long epoch) {
    return !isPinned(word) || word == pinnedAt(epoch);
  }
}
