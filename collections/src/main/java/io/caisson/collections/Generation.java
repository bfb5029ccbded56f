package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A generation of a concurrent table: a number of cells, in banks that are allocated when they are
 * first written to, and how far its contents have been moved on to the next generation.
 *
 * <p>It does not know what a cell is. A key's bank is said by the high bits of its hash and its
 * search ends in that bank, so that each bank is a table of its own; the low bits say where in it
 * the search begins. Thread-safe; {@link Generations} does what changes it, and has the essay.
 */
final class Generation {

  /** In the place of a bank's address: none is allocated yet, and nothing is in it. */
  static final long MISSING = Memory.NULL;

  /** In the place of a bank's address: it was moved on, and is freed or will be. */
  static final long GONE = -1;

  /** In the place of a bank's address: none was allocated, and none will be. */
  static final long NEVER = -2;

  /** No chunk, no bank. */
  static final int NONE = -1;

  private static final int MOST_CHUNKS = Long.SIZE;
  private static final int LEAST_CHUNK = 64;
  private static final int MOST_BANK_BITS = 24;

  /** The cursor is an index of a bank under a count of the times that it was put back. */
  private static final long CURSOR_MASK = 0xFFFF_FFFFL;

  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final VarHandle CURSOR;
  private static final VarHandle GONE_BANKS;
  private static final VarHandle UNBURIED;
  private static final VarHandle NEXT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      CURSOR = lookup.findVarHandle(Generation.class, "cursor", long.class);
      GONE_BANKS = lookup.findVarHandle(Generation.class, "goneBanks", int.class);
      UNBURIED = lookup.findVarHandle(Generation.class, "unburied", int.class);
      NEXT = lookup.findVarHandle(Generation.class, "next", Generation.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** A random word, for the table's use. */
  final long salt = Memory.SIMULATED ? -1 : ThreadLocalRandom.current().nextLong();

  /** The number of cells of a bank less one. */
  final int cellMask;

  final int banks;
  private final int bankShift;
  private final int chunkCells;
  private final long allChunks;

  private final long[] directory;

  /** For each bank how many of its cells have been claimed for a key, as the table counts it. */
  private final int[] used;

  /** For each bank a bit for each chunk that somebody moves or has moved. */
  private final long[] claimed;

  /** For each bank a bit for each chunk that has been moved. */
  private final long[] moved;

  private volatile long cursor;
  private volatile int goneBanks;
  private volatile int unburied;
  private volatile @Nullable Generation next;

  /** Creates a generation of so many cells, a power of two, none of them allocated. */
  Generation(TableShape shape, long capacity) {
    int cells = (int) Math.min(capacity, shape.bankCells());
    long count = capacity / cells;
    if (count > 1L << MOST_BANK_BITS) {
      throw new IllegalArgumentException(capacity + " cells; expected fewer in a table");
    }
    cellMask = cells - 1;
    banks = (int) count;
    bankShift = Long.SIZE - 1 - Integer.numberOfTrailingZeros(banks);
    chunkCells = Math.max(Math.min(cells, LEAST_CHUNK), cells / MOST_CHUNKS);
    allChunks = -1L >>> -(cells / chunkCells);
    directory = new long[banks];
    used = new int[banks];
    claimed = new long[banks];
    moved = new long[banks];
  }

  long capacity() {
    return (long) banks * (cellMask + 1);
  }

  // ---- banks ------------------------------------------------------------------------------------

  /** Returns the index of the bank of a hash. */
  int bankOf(long hash) {
    return (int) ((hash >>> 1) >>> bankShift); // twice: one bank takes no bit of it
  }

  /** Returns the hash after the last of a bank's; 0 after the last bank. */
  long endOfBank(int bank) {
    return bank + 1 == banks ? 0 : (bank + 1L) << (bankShift + 1);
  }

  /** Returns the address of a bank, under a guard, or a negative number, or MISSING. */
  long bank(int index) {
    return (long) LONGS.getAcquire(directory, index); // acquire: pairs with setBank
  }

  /** Replaces what says where a bank is. */
  boolean setBank(int index, long expected, long value) {
    return LONGS.compareAndSet(directory, index, expected, value);
  }

  /** Returns how many cells of a bank are used. */
  int used(int bank) {
    return (int) INTS.getOpaque(used, bank);
  }

  /** Counts a cell of a bank as used. */
  void use(int bank) {
    INTS.getAndAdd(used, bank, 1);
  }

  /** Returns how many cells are used. O(banks). */
  long used() {
    long sum = 0;
    for (int bank = 0; bank < banks; bank++) {
      sum += used(bank);
    }
    return sum;
  }

  // ---- the next generation ----------------------------------------------------------------------

  /** Returns the generation that this one is being moved to, or null if it is not. */
  @Nullable Generation next() {
    return next;
  }

  /** Sets the next one, if there is none; returns the one there is. */
  Generation follow(Generation made) {
    return NEXT.compareAndSet(this, null, made) ? made : following();
  }

  /** Returns the next one, for who knows that there is one. */
  Generation following() {
    Generation following = next;
    if (following == null) {
      throw new IllegalStateException("this generation is the last");
    }
    return following;
  }

  /** Leaves out generations after this one that have been moved on themselves. */
  void skipMoved() {
    Generation following = next;
    while (following != null && following.isMoved()) {
      NEXT.compareAndSet(this, following, following.next);
      following = next;
    }
  }

  // ---- chunks -----------------------------------------------------------------------------------

  /**
   * Claims a chunk that nobody has claimed yet, or returns NONE; the caller alone moves it, and
   * then calls {@link #complete} or {@link #giveBack}.
   */
  int claimChunk() {
    for (; ; ) {
      long at = cursor;
      int bank = (int) (at & CURSOR_MASK);
      if (bank == banks) {
        return NONE;
      }
      long taken = (long) LONGS.getVolatile(claimed, bank);
      long free = allChunks & ~taken;
      if (free == 0) {
        CURSOR.compareAndSet(this, at, at + 1);
      } else if (claim(bank, Long.lowestOneBit(free), taken)) {
        return bank * MOST_CHUNKS + Long.numberOfTrailingZeros(free);
      }
    }
  }

  private boolean claim(int bank, long bit, long taken) {
    return LONGS.compareAndSet(claimed, bank, taken, taken | bit);
  }

  /** Claims the chunk with a cell, or returns NONE if it is claimed. */
  int claimChunkOf(int bank, int cell) {
    long bit = 1L << (cell / chunkCells);
    long before = (long) LONGS.getAndBitwiseOr(claimed, bank, bit);
    return (before & bit) == 0 ? bank * MOST_CHUNKS + cell / chunkCells : NONE;
  }

  static int bankOfChunk(int chunk) {
    return chunk / MOST_CHUNKS;
  }

  /** Returns the index in its bank of the first cell of a chunk. */
  int firstOf(int chunk) {
    return chunk % MOST_CHUNKS * chunkCells;
  }

  /** Returns the index after the last. */
  int endOf(int chunk) {
    return firstOf(chunk) + chunkCells;
  }

  /** Gives a chunk back that the caller claimed and has not moved, or not all of it. */
  void giveBack(int chunk) {
    long bit = 1L << (chunk % MOST_CHUNKS);
    LONGS.getAndBitwiseAnd(claimed, bankOfChunk(chunk), ~bit);
    long at;
    long back;
    do {
      at = cursor;
      back = Math.min(at & CURSOR_MASK, bankOfChunk(chunk));
    } while (!CURSOR.compareAndSet(this, at, ((at | CURSOR_MASK) + 1) | back));
  }

  /** Says that a chunk has been moved; returns whether it was the last of its bank. */
  boolean complete(int chunk) {
    long bit = 1L << (chunk % MOST_CHUNKS);
    long before = (long) LONGS.getAndBitwiseOr(moved, bankOfChunk(chunk), bit);
    return (before | bit) == allChunks;
  }

  /** Says whether all chunks of a bank have been moved. */
  boolean isComplete(int bank) {
    return (long) LONGS.getVolatile(moved, bank) == allChunks;
  }

  // ---- what is left -----------------------------------------------------------------------------

  /** Counts a bank as gone. */
  void bankIsGone() {
    GONE_BANKS.getAndAdd(this, 1);
  }

  /** Says whether all banks are gone: nothing is decided here any more. */
  boolean isMoved() {
    return goneBanks == banks;
  }

  /** Returns how many banks have been moved, but wait to be handed over. */
  int unburied() {
    return unburied;
  }

  void addUnburied(int delta) {
    UNBURIED.getAndAdd(this, delta);
  }
}
