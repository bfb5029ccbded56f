package io.caisson.collections;

import io.caisson.alloc.internal.Memory;

/**
 * A slot of a concurrent table whose keys are bytes: one word.
 *
 * <pre>
 *   63      48 47              4 3  1  0
 *   tag        address of entry  kind  frozen
 * </pre>
 *
 * <p>The tag is 16 of the key's 32 bits of hash. An entry is aligned to 16 bytes and below
 * 2<sup>48</sup>, so its address leaves room for both. A word without an address is one of {@link
 * #EMPTY}, {@link #TOMBSTONE}, {@link #MOVED} and {@link #SEALED}. A slot goes through these states
 * and no others, and the entries that are in it one after the other have the same key:
 *
 * <pre>
 *   EMPTY -> entry -> entry ... -> TOMBSTONE
 *                           `----> frozen entry -> MOVED
 *   EMPTY -> SEALED
 * </pre>
 */
final class EntrySlot {
  static final long SIZE = Long.BYTES;
  static final int SIZE_SHIFT = 3;

  /** Nothing was ever here: the end of a probe run. */
  static final long EMPTY = 0;

  /** The entry that was here is removed. */
  static final long TOMBSTONE = 2;

  /** The entry that was here is in the next generation. */
  static final long MOVED = 4;

  /** Nothing was ever here nor will be: the end of a run that goes on in the next generation. */
  static final long SEALED = 6;

  /** The flag of an entry that is being moved; nobody but who froze it changes the slot. */
  static final long FROZEN = 1;

  /** No address has more bits. */
  static final long ADDRESS_LIMIT = 1L << 48;

  private static final long ADDRESS_MASK = ADDRESS_LIMIT - BytesEntry.ALIGNMENT;
  private static final int TAG_SHIFT = 48;

  /**
   * The lowest bit of hash in the tag: above those that say where in a bank, below most of which
   * one.
   */
  private static final int TAG_OF_HASH_SHIFT = 13;

  private EntrySlot() {}

  /** Makes the word of an entry. */
  static long word(long fingerprint, long entry) {
    return tag(fingerprint) | entry;
  }

  private static long tag(long fingerprint) {
    return (fingerprint >>> (Integer.SIZE + TAG_OF_HASH_SHIFT)) << TAG_SHIFT;
  }

  static boolean isEntry(long word) {
    return (word & ADDRESS_MASK) != 0;
  }

  /** Returns the address of the entry of a word that has one. */
  static long entry(long word) {
    return word & ADDRESS_MASK;
  }

  /** Says whether a probe run ends here. */
  static boolean isEnd(long word) {
    return word == EMPTY || word == SEALED;
  }

  static boolean isFrozen(long word) {
    return (word & FROZEN) != 0;
  }

  /** Says whether a word may be that of a key with a fingerprint. */
  static boolean hasTagOf(long word, long fingerprint) {
    return (word ^ tag(fingerprint)) >>> TAG_SHIFT == 0;
  }

  static long getAcquire(long slot) {
    return Memory.getLongAcquire(slot);
  }

  static void setRelease(long slot, long word) {
    Memory.putLongRelease(slot, word);
  }

  /** Seals a slot that was EMPTY, and returns what is in it then. */
  static long seal(long slot) {
    Memory.compareAndSetLong(slot, EMPTY, SEALED);
    return Memory.getLongAcquire(slot);
  }

  static boolean compareAndSet(long slot, long expected, long word) {
    return Memory.compareAndSetLong(slot, expected, word);
  }
}
