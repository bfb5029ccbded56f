package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import org.jspecify.annotations.Nullable;

/**
 * The cells of a concurrent table of longs: how a key finds its own, how values change, and how
 * both move on.
 *
 * <p>Thread-safe. Its methods pin, but for those that take a guard.
 */
final class LongLongCells implements Generations.Cells {

  /*
   * Purpose. A hash table with open addressing for many threads, whose reads are lock-free and whose keys and
   * values may be any long. Generations has the memory, and the proof that cells may be moved.
   *
   * Source. C. Click, "A Lock-Free Hash Table" (2007), for cells whose key is claimed once and whose
   * value says that it was moved. Deviations: linear probing that ends in the key's bank; no boxes around values, since each
   * cell masks its codes; one mover for each chunk, where Click's copiers race and need a box.
   *
   * Layout. LongLongCell. Key: EMPTY, then for ever SEALED or the code of a key. Value: ABSENT and
   * codes of values, by turns, then for ever MOVED. A cell is sealed when its key is SEALED or its value MOVED.
   *
   * Invariants.
   * C1  A cell's key changes once. So a key is in the first cell of its search that was EMPTY when it came,
   *     and whoever finds an EMPTY one on the way knows that the key has no cell behind it, now.
   * C2  The value of a cell that is EMPTY or SEALED is ABSENT.
   * C3  A key's code in a cell and a value's is never a reserved one: a key leaves out cells in which it would
   *     be, always the same ones. A value for which that is so makes the table move on, to cells with other masks.
   * C4  Once a generation has a next one, nobody claims a cell in it, but those who looked before. Who
   *     would, seals it.
   *
   * Linearization points. Writes: the CAS of the value. Reads, and writes that change nothing: the read of a value that is not
   * MOVED; or of an EMPTY key, or of a MISSING bank, which says by C1 that the key is in no cell of this generation, and by
   * I2 of Generations in no later one.
   *
   * Why it does not matter that a look at several cells is no snapshot. All cells before the one that decides have keys of
   * others, for ever. If the search ends in SEALED, the key has no cell and cannot get one: a later generation decides, for ever.
   *
   * Ordering. R1, the CAS that claims a key, and R2, that of a value, pair with A1 and A2, the acquiring reads of
   * both. Values of a cell are read after its key, so they are the key's.
   *
   * Progress. get, and what does not find its key, is lock-free: a search is bounded by its bank, and
   * each generation further was added by another's progress. Writes are lock-free, in so far as the
   * allocator is, if they need a bank: a CAS fails only since another's succeeded. A write that meets a
   * move moves one chunk. Exceptions: a write that needs a generation while the domain refuses what
   * was moved waits, or is refused, as the domain's policy says; and one whose value has a reserved code in its key's
   * cell (one in 2^63) waits until this cell's chunk is moved, which another may have begun.
   * Nothing is allocated on the Java heap but generations.
   *
   * Reclamation. See Generations: cells are borrowed under the guard that was there before the generation was read.
   */

  /** What a write does. */
  private enum Change {
    PUT,
    PUT_IF_ABSENT,
    INSERT,
    ADD,
    COPY,
    REPLACE,
    COMPARE_AND_REPLACE,
    REMOVE,
    COMPARE_AND_REMOVE,
    ERASE
  }

  /** A value that was found. */
  static final class Found {
    long value;
  }

  /** Instead of a cell: the key has none, and no later generation decides. */
  private static final long NOT_THERE = 0;

  /** Instead of a cell: a later generation decides. */
  private static final long NEXT = -1;

  /** A removal in so many, at most, looks whether the table is too large. */
  private static final int MOST_REMOVALS_BETWEEN_LOOKS = 64;

  private final ReclamationDomain domain;
  private final Generations generations;
  private final LongKeys keys = new LongKeys();
  private final StripedCount size = new StripedCount();

  /** How many codes, from 0 on, are left out; a test reserves many. */
  private final long reserved;

  LongLongCells(
      String type, Allocator allocator, ReclamationDomain domain, TableShape shape, long reserved) {
    this.domain = domain;
    this.reserved = reserved;
    generations = new Generations(type, allocator, domain, shape, this);
  }

  private boolean isReserved(long code) {
    return Long.compareUnsigned(code, reserved) < 0;
  }

  // ---- reading ----------------------------------------------------------------------------------

  long get(long key, long absent) {
    try (Guard guard = domain.pin()) {
      return get(generations.current(guard), key, absent);
    }
  }

  /** Returns the value of a key, or absent. */
  long get(Guard guard, long key, long absent) {
    return get(generations.current(guard), key, absent);
  }

  /** The guard is not passed on, which would make an object of it; so below. */
  private long get(Generation first, long key, long absent) {
    long hash = keys.hash(key);
    for (Generation at = first; at != null; at = at.next()) {
      long cell = find(at, key, hash);
      if (cell == NOT_THERE) {
        return absent;
      }
      if (cell != NEXT) {
        long code = LongLongCell.value(cell); // A2: pairs with R2
        if (code == LongLongCell.ABSENT) {
          return absent;
        }
        if (code != LongLongCell.MOVED) {
          return LongLongCell.code(code, at, cell);
        }
      }
    }
    return absent;
  }

  /** Says whether a key is there. */
  boolean contains(long key) {
    try (Guard guard = domain.pin()) {
      return read(generations.current(guard), key, null);
    }
  }

  /** Says whether a key is there, and leaves its value. */
  boolean read(long key, Found found) {
    try (Guard guard = domain.pin()) {
      return read(generations.current(guard), key, found);
    }
  }

  private boolean read(Generation first, long key, @Nullable Found found) {
    long hash = keys.hash(key);
    for (Generation at = first; at != null; at = at.next()) {
      long cell = find(at, key, hash);
      if (cell == NOT_THERE) {
        return false;
      }
      long code = cell == NEXT ? LongLongCell.MOVED : LongLongCell.value(cell); // A2
      if (code != LongLongCell.MOVED) {
        if (found != null) {
          found.value = LongLongCell.code(code, at, cell);
        }
        return code != LongLongCell.ABSENT;
      }
    }
    return false;
  }

  /** Returns the cell of a key, or NOT_THERE, or NEXT. */
  private long find(Generation at, long key, long hash) {
    long bank = at.bank(at.bankOf(hash));
    if (bank <= 0) {
      return bank == Generation.MISSING ? NOT_THERE : NEXT;
    }
    int mask = at.cellMask;
    int index = (int) hash & mask;
    for (int left = mask; left >= 0; left--) {
      long cell = LongLongCell.at(bank, index);
      long code = LongLongCell.code(key, at, cell);
      long word = LongLongCell.key(cell); // A1: pairs with R1
      if (word == code && !isReserved(code)) {
        return cell;
      }
      if (Long.compareUnsigned(word, LongLongCell.RESERVED) < 0 && !isReserved(code)) {
        return word == LongLongCell.EMPTY ? NOT_THERE : NEXT; // C1
      }
      index = (index + 1) & mask;
    }
    return NEXT; // all cells are others'
  }

  // ---- writing to any key -----------------------------------------------------------------------

  /** Gives a key a value; returns the one it had, or absent. */
  long put(long key, long value, long absent) {
    return upsert(Change.PUT, key, value, absent);
  }

  /** Gives a key a value unless it has one, which is returned; else absent is. */
  long putIfAbsent(long key, long value, long absent) {
    return upsert(Change.PUT_IF_ABSENT, key, value, absent);
  }

  /** Gives a key a value and returns true, or returns false if it has one. */
  boolean insert(long key, long value) {
    return upsert(Change.INSERT, key, value, 1) != 0;
  }

  /** Adds to the value of a key, or to 0; returns the sum. */
  long addTo(long key, long delta) {
    return upsert(Change.ADD, key, delta, 0);
  }

  private long upsert(Change change, long key, long operand, long absent) {
    long hash = keys.hash(key);
    for (; ; ) {
      try (Guard guard = domain.pin()) {
        Generation first = generations.current(guard);
        long result = upsert(first, change, key, hash, operand, absent);
        if (first.next() != null) {
          generations.help();
        }
        return result;
      } catch (Generations.NoRoom e) {
        generations.makeRoom(); // the guard is closed by now
      }
    }
  }

  private long upsert(
      Generation first, Change change, long key, long hash, long operand, long absent) {
    Generation at = first;
    for (; ; ) {
      long cell = claim(at, key, hash);
      long code = cell == NEXT ? LongLongCell.MOVED : LongLongCell.value(cell); // A2
      if (code == LongLongCell.MOVED) {
        at = at.following();
        continue;
      }
      boolean isThere = code != LongLongCell.ABSENT;
      long old = isThere ? LongLongCell.code(code, at, cell) : absent;
      if (isThere && (change == Change.INSERT || change == Change.PUT_IF_ABSENT)) {
        return change == Change.INSERT ? 0 : old;
      }
      long value = change == Change.ADD && isThere ? old + operand : operand;
      if (set(at, cell, hash, code, value)) { // R2
        if (!isThere && change != Change.COPY) {
          size.add(1);
        }
        return change == Change.ADD ? value : old;
      }
    }
  }

  /** Sets the value of a cell by CAS; returns false if it failed, for whatever reason. */
  private boolean set(Generation at, long cell, long hash, long expected, long value) {
    long code = LongLongCell.code(value, at, cell);
    if (isReserved(code)) {
      moveOn(at, cell, hash); // C3
      return false;
    }
    if (LongLongCell.compareAndSetValue(cell, expected, code)) {
      return true;
    }
    Thread.onSpinWait();
    return false;
  }

  /** Returns the cell of a key, which it makes one's if it has none, or NEXT. */
  private long claim(Generation at, long key, long hash) {
    int index = at.bankOf(hash);
    long bank = generations.bankToInsert(at, index);
    if (bank < 0) {
      return NEXT;
    }
    int mask = at.cellMask;
    int position = (int) hash & mask;
    for (int left = mask; left >= 0; left--) {
      long cell = LongLongCell.at(bank, position);
      long code = LongLongCell.code(key, at, cell);
      if (!isReserved(code)) { // C3
        long word = LongLongCell.key(cell); // A1
        if (word == LongLongCell.EMPTY) {
          word = take(at, index, cell, code);
        }
        if (word == code) {
          return cell;
        }
        if (word == LongLongCell.SEALED) {
          return NEXT;
        }
      }
      position = (position + 1) & mask;
    }
    generations.grow(at, size.sum());
    return NEXT;
  }

  /** Makes an empty cell a key's, or seals it, C4; returns what it says, which may be another's. */
  private long take(Generation at, int bank, long cell, long code) {
    if (at.next() == null && Generations.isFull(at, bank)) {
      generations.grow(at, size.sum());
    }
    boolean isLast = at.next() == null;
    long word = isLast ? code : LongLongCell.SEALED;
    if (!LongLongCell.compareAndSetKey(cell, LongLongCell.EMPTY, word)) { // R1
      return LongLongCell.key(cell);
    }
    if (isLast) {
      at.use(bank);
    }
    return word;
  }

  // ---- writing to a key that is there -----------------------------------------------------------

  /** Replaces the value of a key that has one; returns it, or absent. */
  long replace(long key, long value, long absent) {
    return update(Change.REPLACE, key, 0, value, absent);
  }

  /** Replaces the value of a key if it is the expected one. */
  boolean compareAndReplace(long key, long expected, long value) {
    return update(Change.COMPARE_AND_REPLACE, key, expected, value, 0) != 0;
  }

  /** Removes a key; returns its value, or absent. */
  long remove(long key, long absent) {
    return update(Change.REMOVE, key, 0, 0, absent);
  }

  /** Removes a key if its value is the expected one. */
  boolean compareAndRemove(long key, long expected) {
    return update(Change.COMPARE_AND_REMOVE, key, expected, 0, 0) != 0;
  }

  private long update(Change change, long key, long expected, long value, long absent) {
    long hash = keys.hash(key);
    for (; ; ) {
      try (Guard guard = domain.pin()) {
        Generation first = generations.current(guard);
        long result = update(first, change, key, hash, expected, value, absent);
        if (first.next() != null) {
          generations.help();
        }
        return result;
      } catch (Generations.NoRoom e) {
        generations.makeRoom(); // the guard is closed by now
      }
    }
  }

  private long update(
      Generation first,
      Change change,
      long key,
      long hash,
      long expected,
      long value,
      long absent) {
    boolean compares = change == Change.COMPARE_AND_REPLACE || change == Change.COMPARE_AND_REMOVE;
    boolean removes = change != Change.REPLACE && change != Change.COMPARE_AND_REPLACE;
    Generation at = first;
    while (at != null) {
      long cell = find(at, key, hash);
      if (cell == NOT_THERE) {
        return absent;
      }
      long code = cell == NEXT ? LongLongCell.MOVED : LongLongCell.value(cell); // A2
      if (code == LongLongCell.MOVED) {
        at = at.next();
        continue;
      }
      if (code == LongLongCell.ABSENT) {
        return absent;
      }
      long old = LongLongCell.code(code, at, cell);
      if (compares && old != expected) {
        return 0;
      }
      if (removes ? clear(at, cell, code, change) : set(at, cell, hash, code, value)) { // R2
        return compares ? 1 : old;
      }
    }
    return absent;
  }

  /** Clears a cell by CAS. */
  private boolean clear(Generation at, long cell, long expected, Change change) {
    if (!LongLongCell.compareAndSetValue(cell, expected, LongLongCell.ABSENT)) {
      Thread.onSpinWait();
      return false;
    }
    if (change != Change.ERASE) {
      long interval = Math.clamp(at.capacity() / 64, 1, MOST_REMOVALS_BETWEEN_LOOKS);
      if ((size.add(-1) & (interval - 1)) == 0) {
        generations.shrink(at, size.sum());
      }
    }
    return true;
  }

  // ---- moving -----------------------------------------------------------------------------------

  @Override
  public void move(Generation from, long bank, int first, int end) {
    for (int index = first; index < end; index++) {
      long cell = LongLongCell.at(bank, index);
      long word = LongLongCell.key(cell); // A1
      if (word == LongLongCell.EMPTY) {
        LongLongCell.compareAndSetKey(cell, LongLongCell.EMPTY, LongLongCell.SEALED);
        word = LongLongCell.key(cell);
      }
      if (word != LongLongCell.SEALED) {
        moveEntry(from, cell, LongLongCell.code(word, from, cell));
      }
    }
  }

  /** Moves an entry on: copies its value until nobody has changed it meanwhile. */
  private void moveEntry(Generation from, long cell, long key) {
    Generation next = from.following();
    long hash = keys.hash(key);
    boolean copied = false;
    boolean sealed = false;
    try {
      while (!sealed) {
        long code = LongLongCell.value(cell); // A2
        if (code == LongLongCell.MOVED) {
          copied = false; // by an earlier mover, who gave up later
        } else if (code != LongLongCell.ABSENT) {
          upsert(next, Change.COPY, key, hash, LongLongCell.code(code, from, cell), 0);
          copied = true;
        } else if (copied) {
          update(next, Change.ERASE, key, hash, 0, 0, 0);
          copied = false;
        }
        sealed =
            code == LongLongCell.MOVED
                || LongLongCell.compareAndSetValue(cell, code, LongLongCell.MOVED);
      }
    } finally {
      if (!sealed && copied) {
        update(next, Change.ERASE, key, hash, 0, 0, 0); // allocates nothing
      }
    }
  }

  /** Makes a generation move on, and waits until it has done so with a cell. */
  private void moveOn(Generation at, long cell, long hash) {
    generations.renew(at, size.sum());
    int index = at.bankOf(hash);
    for (int n = 0; LongLongCell.value(cell) != LongLongCell.MOVED; n++) {
      long bank = at.bank(index);
      if (bank <= 0 || !generations.moveChunkOf(at, index, LongLongCell.indexOf(cell, bank))) {
        Spin.once(n);
      }
    }
  }

  // ---- all of them ------------------------------------------------------------------------------

  long size() {
    requireOpen();
    return size.sum();
  }

  void requireOpen() {
    generations.requireOpen();
  }

  /**
   * Adds keys with hashes from a number on, each once, and returns the hash after the last that was
   * looked at, or 0 at the end: those of a bank. Whoever is there all the time is among them.
   */
  long collect(long from, LongKeyBuffer buffer) {
    try (Guard guard = domain.pin()) {
      Generation first = generations.current(guard);
      long end = first.endOfBank(first.bankOf(from));
      // In the order in which keys move. The next one is read only after that.
      for (Generation at = first; at != null; at = at.next()) {
        int last = at.bankOf(end - 1);
        for (int bank = at.bankOf(from); bank <= last; bank++) {
          collect(at, bank, from, end, buffer);
        }
      }
      if (first.next() != null) {
        buffer.sortOut();
      }
      return end;
    }
  }

  private void collect(Generation at, int index, long from, long end, LongKeyBuffer buffer) {
    long bank = at.bank(index);
    for (int i = 0; bank > 0 && i <= at.cellMask; i++) {
      long cell = LongLongCell.at(bank, i);
      long word = LongLongCell.key(cell); // A1
      if (Long.compareUnsigned(word, LongLongCell.RESERVED) >= 0
          && Long.compareUnsigned(LongLongCell.value(cell), LongLongCell.RESERVED) >= 0) {
        long key = LongLongCell.code(word, at, cell);
        if (Long.compareUnsigned(keys.hash(key) - from, end - 1 - from) <= 0) {
          buffer.add(key);
        }
      }
    }
  }

  void close() {
    generations.close();
  }

  /** When nobody is in an operation. */
  void checkInvariants() {
    try (Guard guard = domain.pin()) {
      long entries = 0;
      for (Generation at = generations.current(guard); at != null; at = at.next()) {
        for (int bank = 0; bank < at.banks; bank++) {
          entries += checkBank(guard, at, bank);
        }
      }
      if (entries != size.sum()) {
        throw new AssertionError(entries + " entries, and a size of " + size.sum());
      }
    }
    generations.checkInvariants();
  }

  private long checkBank(Guard guard, Generation at, int index) {
    long entries = 0;
    long bank = at.bank(index);
    for (int i = 0; bank > 0 && i <= at.cellMask; i++) {
      long cell = LongLongCell.at(bank, i);
      long word = LongLongCell.key(cell);
      long code = LongLongCell.value(cell);
      if (Long.compareUnsigned(word, LongLongCell.RESERVED) < 0) {
        if (code != LongLongCell.ABSENT) {
          throw new AssertionError("C2: cell " + i + " of bank " + index + " has a value");
        }
      } else if (Long.compareUnsigned(code, LongLongCell.RESERVED) >= 0) {
        long key = LongLongCell.code(word, at, cell);
        long value = LongLongCell.code(code, at, cell);
        if (isReserved(word) || isReserved(code) || get(guard, key, ~value) != value) {
          throw new AssertionError("C1, C3: key " + key + " is not found in its cell");
        }
        entries++;
      }
    }
    return entries;
  }

  /** Returns the generation that is the oldest now, to be looked at by a test. */
  Generation current() {
    try (Guard guard = domain.pin()) {
      return generations.current(guard);
    }
  }

  @Override
  public String toString() {
    return generations.toString();
  }
}
