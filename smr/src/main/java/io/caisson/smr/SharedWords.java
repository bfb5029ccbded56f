package io.caisson.smr;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The words of a domain that every thread may touch: the epoch, the bytes charged, a word for each
 * slot, and counters of the guards that found no slot.
 */
final class SharedWords {

  /*
   * Layout. An array on the Java heap, so that the words live as long as anybody can reach the
   * domain: a thread that read the epoch while it was open, and stalled, still touches them after a
   * close. In lines of 128 bytes, two cache lines that are fetched together:
   *
   *   line 0            padding, towards the array's header and its neighbour
   *   line 1            the epoch
   *   line 2            the bytes charged; and when the overflow counters were first seen to lag
   *   lines 3 .. 3+S-1  one slot each: its word; half a line on, the word that was seen to lag and
   *                     the time when that was
   *   then              one stripe of four overflow counters each
   *   the last          padding
   *
   * Ordering is said by each accessor in VarHandle's words; the pairs are in ReclamationDomain.
   */

  /** The epoch of a closed domain: above every other, with room for + 2. */
  static final long CLOSED = 1L << 62;

  /** The epoch of a new domain; so that none is ever negative when 3 is taken off. */
  static final long FIRST_EPOCH = 4;

  /** The counters of a stripe; one for each epoch modulo this. */
  static final int COUNTERS = 4;

  private static final int LINE = 16;
  private static final int EPOCH = LINE;
  private static final int CHARGED = 2 * LINE;
  private static final int COUNTERS_LAG = CHARGED + LINE / 2;
  private static final int FIRST_SLOT = 3 * LINE;
  private static final int SLOT_LAG = LINE / 2;
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

  private final int slots;
  private final int stripes;
  private final long[] words;

  /** Creates the words of a domain at its first epoch, with all slots free. */
  SharedWords(int slots, int stripes) {
    this.slots = slots;
    this.stripes = stripes;
    words = new long[FIRST_SLOT + (slots + stripes + 1) * LINE];
    words[EPOCH] = FIRST_EPOCH;
  }

  int slots() {
    return slots;
  }

  int stripes() {
    return stripes;
  }

  // ---- the epoch --------------------------------------------------------------------------------

  long epochOpaque() {
    return (long) WORDS.getOpaque(words, EPOCH);
  }

  long epochAcquire() {
    return (long) WORDS.getAcquire(words, EPOCH);
  }

  long epochVolatile() {
    return (long) WORDS.getVolatile(words, EPOCH);
  }

  boolean compareAndSetEpoch(long expected, long epoch) {
    return WORDS.compareAndSet(words, EPOCH, expected, epoch);
  }

  // ---- the bytes charged ------------------------------------------------------------------------

  long charged() {
    return (long) WORDS.getVolatile(words, CHARGED);
  }

  boolean compareAndSetCharged(long expected, long byteSize) {
    return WORDS.compareAndSet(words, CHARGED, expected, byteSize);
  }

  void addCharged(long byteSize) {
    WORDS.getAndAdd(words, CHARGED, byteSize);
  }

  // ---- slots ------------------------------------------------------------------------------------

  private static int slot(int index) {
    return FIRST_SLOT + index * LINE;
  }

  long slotPlain(int index) {
    return words[slot(index)];
  }

  long slotOpaque(int index) {
    return (long) WORDS.getOpaque(words, slot(index));
  }

  boolean compareAndSetSlot(int index, long expected, long word) {
    return WORDS.compareAndSet(words, slot(index), expected, word);
  }

  void setSlotRelease(int index, long word) {
    WORDS.setRelease(words, slot(index), word);
  }

  // ---- overflow counters ------------------------------------------------------------------------

  private int counter(int stripe, int counter) {
    return FIRST_SLOT + (slots + stripe) * LINE + counter;
  }

  long counterOpaque(int stripe, int counter) {
    return (long) WORDS.getOpaque(words, counter(stripe, counter));
  }

  void addToCounter(int stripe, int counter, long delta) {
    WORDS.getAndAdd(words, counter(stripe, counter), delta);
  }

  // ---- who was seen to hold the epoch back ------------------------------------------------------

  private static int lag(int slot) {
    return slot(slot) + SLOT_LAG;
  }

  /** Notes that a slot lags, and since when, unless that is known. */
  void noteSlotLag(int slot, long word) {
    noteLag(lag(slot), word);
  }

  /** Notes that counters lag behind an epoch, and since when, unless that is known. */
  void noteCountersLag(long epoch) {
    noteLag(COUNTERS_LAG, epoch);
  }

  private void noteLag(int at, long what) {
    if ((long) WORDS.getAcquire(words, at) != what) {
      WORDS.setOpaque(words, at + 1, System.nanoTime());
      WORDS.setRelease(words, at, what); // release: pairs with lagNanos
    }
  }

  /** Returns for how long a slot was seen to lag with this word, in nanoseconds; 0 if not. */
  long slotLagNanos(int slot, long word) {
    return lagNanos(lag(slot), word);
  }

  /** Returns for how long counters were seen to lag behind an epoch, in nanoseconds; 0 if not. */
  long countersLagNanos(long epoch) {
    return lagNanos(COUNTERS_LAG, epoch);
  }

  private long lagNanos(int at, long what) {
    if ((long) WORDS.getAcquire(words, at) != what) {
      return 0;
    }
    return Math.max(0, System.nanoTime() - (long) WORDS.getOpaque(words, at + 1));
  }
}
