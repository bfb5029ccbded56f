package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A hash table from byte strings to {@code long}s in native memory for many threads; what counts
 * strings from several threads.
 *
 * <p>A key is any range of bytes, of 0 to {@link Integer#MAX_VALUE}, of which the table keeps a
 * copy. Takes 16 bytes and the key an entry, which is what its allocator makes of that, and 8 bytes
 * a slot, of which 1/5 to 3/4 are used; it grows and shrinks a few slots at a time on the way of
 * its writers, never all at once. Expected O(key size).
 *
 * <p>Thread-safe, for platform and virtual threads alike, and linearizable but for iteration and
 * size. Reading is lock-free and never waits; so is {@link #addTo(StringView, long) adding} to a
 * key that is there, in place, by one CAS. A key that is new takes a block from the allocator. Who
 * changes a key that another thread is just removing waits for that thread; one that removes a key,
 * also for who is just moving it to a table of another size. Removing may wait, or be refused, when
 * the garbage of the domain is at the limit. No operation makes a Java object that outlives it, but
 * for one a size of the table.
 *
 * <p>Actions before a change happen-before those after an operation that sees it.
 *
 * <p>Each operation pins its domain. Those that take a {@link Guard} use one of the caller's, who
 * spares that for many operations in a row, and {@linkplain Guard#refresh refreshes} it now and
 * then. Keys that are on the Java heap are first copied to scratch memory of the table.
 *
 * <p>It owns its blocks and frees them on {@link #close()}; after that every operation throws
 * {@link IllegalStateException}. Removed entries are freed by the domain. So the table is closed
 * first, then the domain, then the allocator.
 */
public final class ConcurrentBytesLongTable implements AutoCloseable {

  /*
   * Purpose. The values of an EntryTable, which has the essay on everything else: words of the
   * entries that are changed in place, so that counting a string that is known is a search and a
   * CAS.
   *
   * Layout. The word of an entry is the code of its value: value ^ mask, where the mask follows
   * from the address of the entry. Two codes are no value's: DEAD, and MOVING. A value whose code
   * they would be goes to another entry, whose address makes another code of it; so a value may be
   * any long.
   *
   * Invariants.
   * V1  An entry whose code is a value's is the one of its key; it is linked.
   * V2  DEAD is for ever. The entry is still linked then, and unlinked by who killed it, and nobody
   *     else. Until then nobody inserts the key.
   * V3  MOVING is for ever. Who wrote it links another entry with the value in the place of this
   *     one.
   *
   * Linearization points. A change of a value: the CAS on the word. Removal: the CAS to DEAD. So of
   * an addition and a removal one comes first, and none is lost, which would be if the slot
   * decided: an addition could go to an entry that is unlinked already. Insertion: the CAS on the
   * slot. A search that finds a DEAD entry: the moment when it died, or, if that was before, the
   * read of the slot.
   *
   * Progress. Reading waits only for who writes MOVING, which one value in 2^63 needs.
   *
   * Length. Each operation stands here for segments, views and arrays, and most lines are the
   * contract of one.
   */

  /** Takes the entries of a table, one by one. */
  @FunctionalInterface
  public interface EntryConsumer {
    /**
     * Takes one entry.
     *
     * @param key its key, a view that is valid until this method returns, or for as long as the
     *     guard that the caller passed
     * @param value its value
     */
    void accept(@View StringView key, long value);
  }

  private static final String TYPE = "ConcurrentBytesLongTable";
  private static final long DEAD = 0;
  private static final long MOVING = 1;
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final EntryTable core;

  /**
   * Creates an empty table, which allocates when it gets its first entry.
   *
   * @param allocator where its memory comes from; thread-safe, gives addresses below
   *     2<sup>48</sup>, and outlives the domain
   * @param domain where what is removed is retired to; outlives the table
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public ConcurrentBytesLongTable(
      @Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    this(allocator, domain, TableShape.ofCells((int) EntrySlot.SIZE));
  }

  ConcurrentBytesLongTable(Allocator allocator, ReclamationDomain domain, TableShape shape) {
    core = new EntryTable(TYPE, allocator, domain, shape, false);
  }

  private static long entryByteSize(long keyByteSize) {
    return BytesEntry.SIZE + keyByteSize;
  }

  /** Returns what codes and values of an entry differ by. */
  static long mask(long entry) {
    return entry * MULTIPLIER;
  }

  private static boolean isValue(long code) {
    return (code & ~MOVING) != DEAD;
  }

  private static long value(long entry, long code) {
    return code ^ mask(entry);
  }

  // ---- searching --------------------------------------------------------------------------------

  /** Reads the value of a key in a segment, or, if that is null, at an address. */
  private long get(
      Generation root, @Nullable MemorySegment source, long at, long byteSize, long absent) {
    KeyScratch scratch = core.scratchFor(source);
    try {
      return get(root, EntryTable.locate(scratch, source, at, byteSize), byteSize, absent);
    } finally {
      core.give(scratch);
      Reference.reachabilityFence(source);
    }
  }

  private long get(Generation root, long key, long byteSize, long absent) {
    long fingerprint = core.fingerprint(key, byteSize);
    for (int n = 0; ; n++) {
      long entry = EntryTable.findEntry(root, fingerprint, key);
      if (entry == Memory.NULL) {
        return absent;
      }
      long code = BytesEntry.wordAcquire(entry);
      if (isValue(code)) {
        return value(entry, code);
      }
      if (code == DEAD) {
        return absent;
      }
      Spin.once(n); // V3
    }
  }

  private boolean containsKey(
      Generation root, @Nullable MemorySegment source, long at, long byteSize) {
    long entry = core.findEntry(root, source, at, byteSize);
    return entry != Memory.NULL && BytesEntry.wordAcquire(entry) != DEAD;
  }

  /**
   * Returns the value of a key.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public long get(@Borrowed MemorySegment source, long offset, long byteSize, long absent) {
    try (Guard guard = core.pin()) {
      return get(core.root(guard), source, offset, byteSize, absent);
    }
  }

  /**
   * Returns the value of a key.
   *
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long get(@Borrowed StringView key, long absent) {
    try (Guard guard = core.pin()) {
      return get(core.root(guard), key.address(), key.byteSize(), absent);
    }
  }

  /**
   * Returns the value of a key.
   *
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long get(byte[] key, long absent) {
    return get(MemorySegment.ofArray(key), 0, key.length, absent);
  }

  /**
   * Returns the value of a key under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public long get(
      @Borrowed Guard guard,
      @Borrowed MemorySegment source,
      long offset,
      long byteSize,
      long absent) {
    core.requireOwn(guard);
    return get(core.root(guard), source, offset, byteSize, absent);
  }

  /**
   * Returns the value of a key under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long get(@Borrowed Guard guard, @Borrowed StringView key, long absent) {
    core.requireOwn(guard);
    return get(core.root(guard), key.address(), key.byteSize(), absent);
  }

  /**
   * Returns the value of a key under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long get(@Borrowed Guard guard, byte[] key, long absent) {
    return get(guard, MemorySegment.ofArray(key), 0, key.length, absent);
  }

  /**
   * Says whether a key is there.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @return whether it has a value
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public boolean containsKey(@Borrowed MemorySegment source, long offset, long byteSize) {
    try (Guard guard = core.pin()) {
      return containsKey(core.root(guard), source, offset, byteSize);
    }
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean containsKey(@Borrowed StringView key) {
    try (Guard guard = core.pin()) {
      return containsKey(core.root(guard), null, key.address(), key.byteSize());
    }
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean containsKey(byte[] key) {
    return containsKey(MemorySegment.ofArray(key), 0, key.length);
  }

  /**
   * Says whether a key is there under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @return whether it has a value
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public boolean containsKey(
      @Borrowed Guard guard, @Borrowed MemorySegment source, long offset, long byteSize) {
    core.requireOwn(guard);
    return containsKey(core.root(guard), source, offset, byteSize);
  }

  /**
   * Says whether a key is there under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return whether it has a value
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean containsKey(@Borrowed Guard guard, @Borrowed StringView key) {
    core.requireOwn(guard);
    return containsKey(core.root(guard), null, key.address(), key.byteSize());
  }

  /**
   * Says whether a key is there under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return whether it has a value
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean containsKey(@Borrowed Guard guard, byte[] key) {
    return containsKey(guard, MemorySegment.ofArray(key), 0, key.length);
  }

  // ---- changing ---------------------------------------------------------------------------------

  private long addTo(Generation root, long key, long byteSize, long delta) {
    long entry = EntryTable.findEntry(root, core.fingerprint(key, byteSize), key);
    if (entry != Memory.NULL) {
      long mask = mask(entry);
      long code = BytesEntry.wordAcquire(entry);
      while (isValue(code)) {
        long sum = (code ^ mask) + delta;
        if (!isValue(sum ^ mask)) {
          break;
        }
        if (BytesEntry.compareAndSetWord(entry, code, sum ^ mask)) {
          core.help(root);
          return sum;
        }
        code = BytesEntry.wordAcquire(entry);
      }
    }
    return change(root, key, byteSize, delta, Long::sum, null, true, 0);
  }

  private long addTo(
      Generation root, @Nullable MemorySegment source, long at, long byteSize, long delta) {
    KeyScratch scratch = core.scratchFor(source);
    try {
      return addTo(root, EntryTable.locate(scratch, source, at, byteSize), byteSize, delta);
    } finally {
      core.give(scratch);
      Reference.reachabilityFence(source);
    }
  }

  /** Changes the value of a key in a segment, or, if that is null, at an address. */
  private long changeKey(
      @Nullable MemorySegment source,
      long at,
      long byteSize,
      long operand,
      LongBinaryOperator function,
      @Nullable LongUnaryOperator then,
      boolean wantsAfter,
      long absent) {
    for (; ; ) {
      try (Guard guard = core.pin()) {
        KeyScratch scratch = core.scratchFor(source);
        try {
          long key = EntryTable.locate(scratch, source, at, byteSize);
          Generation root = core.root(guard);
          return change(root, key, byteSize, operand, function, then, wantsAfter, absent);
        } finally {
          core.give(scratch);
          Reference.reachabilityFence(source);
        }
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    }
  }

  /**
   * Changes the value of a key to what the functions make of it, the second of what the first
   * returns; a key that is not there gets the operand, or what the second makes of it.
   *
   * @param root where the search begins
   * @param wantsAfter whether to return the value after that, and not the one before, or {@code
   *     absent}
   */
  private long change(
      Generation root,
      long key,
      long byteSize,
      long operand,
      LongBinaryOperator function,
      @Nullable LongUnaryOperator then,
      boolean wantsAfter,
      long absent) {
    long fingerprint = core.fingerprint(key, byteSize);
    long fresh = Memory.NULL;
    try {
      for (int n = 0; ; ) {
        long slot = core.locate(root, fingerprint, key);
        if (slot < 0) {
          long value = then == null ? operand : then.applyAsLong(operand);
          fresh = entryFor(fresh, fingerprint, key, value);
          if (core.insert(-slot, fingerprint, fresh)) {
            fresh = Memory.NULL;
            core.inserted(root, fingerprint);
            core.help(root);
            return wantsAfter ? value : absent;
          }
          continue;
        }
        long word = EntrySlot.getAcquire(slot);
        if (!EntrySlot.isEntry(word)) {
          continue; // it was moved or removed
        }
        long entry = EntrySlot.entry(word);
        long code = BytesEntry.wordAcquire(entry);
        if (!isValue(code)) {
          Spin.once(n++); // V2, V3
          continue;
        }
        long old = value(entry, code);
        long made = function.applyAsLong(old, operand);
        long value = then == null ? made : then.applyAsLong(made);
        if (set(root, entry, code, value)) {
          core.help(root);
          return wantsAfter ? value : old;
        }
      }
    } finally {
      if (fresh != Memory.NULL) {
        core.freeEntry(fresh, entryByteSize(byteSize));
      }
    }
  }

  /** Gives an entry a value if it still has a code; V1. */
  private boolean set(Generation root, long entry, long code, long value) {
    long changed = value ^ mask(entry);
    if (!isValue(changed)) {
      return move(root, entry, code, value);
    }
    return code == changed || BytesEntry.compareAndSetWord(entry, code, changed);
  }

  /** Puts an entry with a value in the place of one that has no code for it; V3. */
  private boolean move(Generation root, long entry, long code, long value) {
    long fingerprint = BytesEntry.fingerprint(entry);
    long key = BytesEntry.key(entry);
    long byteSize = core.byteSizeOf(entry);
    try (Guard room = core.pin(byteSize)) {
      long other = entryFor(Memory.NULL, fingerprint, key, value);
      if (!BytesEntry.compareAndSetWord(entry, code, MOVING)) {
        core.freeEntry(other, byteSize);
        return false;
      }
      for (int n = 0; ; n++) {
        long slot = EntryTable.find(root, fingerprint, key);
        if (EntryTable.replace(slot, entry, EntrySlot.word(fingerprint, other))) {
          break;
        }
        Spin.once(n); // somebody moves it
      }
      core.retire(room, entry, byteSize);
      return true;
    }
  }

  /**
   * Returns an entry with a value, the caller's; the one given, or a new one if that is NULL or has
   * no code for the value, and then it is freed.
   */
  private long entryFor(long given, long fingerprint, long key, long value) {
    long byteSize = entryByteSize(fingerprint & BytesSlot.SIZE_MASK);
    long entry = given == Memory.NULL ? core.newEntry(fingerprint, key, 0) : given;
    long code = value ^ mask(entry);
    if (isValue(code)) {
      BytesEntry.setWord(entry, code);
      return entry;
    }
    try {
      return entryFor(Memory.NULL, fingerprint, key, value); // at another address
    } finally {
      core.freeEntry(entry, byteSize);
    }
  }

  /**
   * Adds to the value of a key, or gives it the number if it has none; one atomic step.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param delta what to add; the sum wraps around
   * @return the value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public long addTo(@Borrowed MemorySegment source, long offset, long byteSize, long delta) {
    for (; ; ) {
      try (Guard guard = core.pin()) {
        return addTo(core.root(guard), source, offset, byteSize, delta);
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    }
  }

  /**
   * Adds to the value of a key, or gives it the number if it has none; one atomic step.
   *
   * @param key the key
   * @param delta what to add; the sum wraps around
   * @return the value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long addTo(@Borrowed StringView key, long delta) {
    for (; ; ) {
      try (Guard guard = core.pin()) {
        return addTo(core.root(guard), key.address(), key.byteSize(), delta);
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    }
  }

  /**
   * Adds to the value of a key, or gives it the number if it has none; one atomic step.
   *
   * @param key the key
   * @param delta what to add; the sum wraps around
   * @return the value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long addTo(byte[] key, long delta) {
    return addTo(MemorySegment.ofArray(key), 0, key.length, delta);
  }

  /**
   * Adds to the value of a key, or gives it the number if it has none; one atomic step under a
   * guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param delta what to add; the sum wraps around
   * @return the value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public long addTo(
      @Borrowed Guard guard,
      @Borrowed MemorySegment source,
      long offset,
      long byteSize,
      long delta) {
    core.requireOwn(guard);
    for (; ; ) {
      try {
        return addTo(core.root(guard), source, offset, byteSize, delta);
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    }
  }

  /**
   * Adds to the value of a key, or gives it the number if it has none; one atomic step under a
   * guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @param delta what to add; the sum wraps around
   * @return the value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long addTo(@Borrowed Guard guard, @Borrowed StringView key, long delta) {
    core.requireOwn(guard);
    for (; ; ) {
      try {
        return addTo(core.root(guard), key.address(), key.byteSize(), delta);
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    }
  }

  /**
   * Adds to the value of a key, or gives it the number if it has none; one atomic step under a
   * guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @param delta what to add; the sum wraps around
   * @return the value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long addTo(@Borrowed Guard guard, byte[] key, long delta) {
    return addTo(guard, MemorySegment.ofArray(key), 0, key.length, delta);
  }

  /**
   * Gives a key a value.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param value its value
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public long put(
      @Borrowed MemorySegment source, long offset, long byteSize, long value, long absent) {
    return changeKey(source, offset, byteSize, value, (old, wanted) -> wanted, null, false, absent);
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long put(@Borrowed StringView key, long value, long absent) {
    return changeKey(
        null, key.address(), key.byteSize(), value, (old, wanted) -> wanted, null, false, absent);
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long put(byte[] key, long value, long absent) {
    return put(MemorySegment.ofArray(key), 0, key.length, value, absent);
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param value its value
   * @param absent what to return if the key was not there
   * @return the value it has, which it keeps, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public long putIfAbsent(
      @Borrowed MemorySegment source, long offset, long byteSize, long value, long absent) {
    return changeKey(source, offset, byteSize, value, (old, wanted) -> old, null, false, absent);
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value
   * @param absent what to return if the key was not there
   * @return the value it has, which it keeps, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long putIfAbsent(@Borrowed StringView key, long value, long absent) {
    return changeKey(
        null, key.address(), key.byteSize(), value, (old, wanted) -> old, null, false, absent);
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value
   * @param absent what to return if the key was not there
   * @return the value it has, which it keeps, or {@code absent}
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long putIfAbsent(byte[] key, long value, long absent) {
    return putIfAbsent(MemorySegment.ofArray(key), 0, key.length, value, absent);
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both; one atomic step.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param value the value
   * @param function what gets the old value and the new one; it may be called several times, and
   *     under a guard
   * @return the value that the key has after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public long merge(
      @Borrowed MemorySegment source,
      long offset,
      long byteSize,
      long value,
      LongBinaryOperator function) {
    return changeKey(source, offset, byteSize, value, function, null, true, 0);
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both; one atomic step.
   *
   * @param key the key
   * @param value the value
   * @param function what gets the old value and the new one; it may be called several times, and
   *     under a guard
   * @return the value that the key has after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long merge(@Borrowed StringView key, long value, LongBinaryOperator function) {
    return changeKey(null, key.address(), key.byteSize(), value, function, null, true, 0);
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both; one atomic step.
   *
   * @param key the key
   * @param value the value
   * @param function what gets the old value and the new one; it may be called several times, and
   *     under a guard
   * @return the value that the key has after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long merge(byte[] key, long value, LongBinaryOperator function) {
    return merge(MemorySegment.ofArray(key), 0, key.length, value, function);
  }

  /**
   * Computes the value of a key from the value it has; one atomic step.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param initial what the function gets if the key is not there
   * @param function what computes the new value; it may be called several times, and under a guard
   * @return the new value
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public long compute(
      @Borrowed MemorySegment source,
      long offset,
      long byteSize,
      long initial,
      LongUnaryOperator function) {
    return changeKey(source, offset, byteSize, initial, (old, first) -> old, function, true, 0);
  }

  /**
   * Computes the value of a key from the value it has; one atomic step.
   *
   * @param key the key
   * @param initial what the function gets if the key is not there
   * @param function what computes the new value; it may be called several times, and under a guard
   * @return the new value
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long compute(@Borrowed StringView key, long initial, LongUnaryOperator function) {
    return changeKey(
        null, key.address(), key.byteSize(), initial, (old, first) -> old, function, true, 0);
  }

  /**
   * Computes the value of a key from the value it has; one atomic step.
   *
   * @param key the key
   * @param initial what the function gets if the key is not there
   * @param function what computes the new value; it may be called several times, and under a guard
   * @return the new value
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long compute(byte[] key, long initial, LongUnaryOperator function) {
    return compute(MemorySegment.ofArray(key), 0, key.length, initial, function);
  }

  // ---- removing ---------------------------------------------------------------------------------

  /** Removes a key in a segment, or, if that is null, at an address. */
  private long removeKey(@Nullable MemorySegment source, long at, long byteSize, long absent) {
    long value = absent;
    try (Guard guard = core.pin(entryByteSize(byteSize))) {
      KeyScratch scratch = core.scratchFor(source);
      try {
        long key = EntryTable.locate(scratch, source, at, byteSize);
        long fingerprint = core.fingerprint(key, byteSize);
        Generation root = core.root(guard);
        for (int n = 0; ; ) {
          long entry = EntryTable.findEntry(root, fingerprint, key);
          long code = entry == Memory.NULL ? DEAD : BytesEntry.wordAcquire(entry);
          if (code == DEAD) {
            break;
          }
          if (code == MOVING) {
            Spin.once(n++); // V3
          } else if (BytesEntry.compareAndSetWord(entry, code, DEAD)) {
            unlink(root, fingerprint, BytesEntry.key(entry), entry);
            core.retire(guard, entry, entryByteSize(byteSize));
            core.removed(root, fingerprint);
            core.help(root);
            value = value(entry, code);
            break;
          }
        }
      } finally {
        core.give(scratch);
        Reference.reachabilityFence(source);
      }
    }
    return value;
  }

  /** Unlinks an entry that the caller killed; V2. */
  private void unlink(Generation root, long fingerprint, long key, long entry) {
    for (int n = 0; ; n++) {
      long slot = EntryTable.find(root, fingerprint, key);
      if (EntryTable.replace(slot, entry, EntrySlot.TOMBSTONE)) {
        return;
      }
      Spin.once(n); // somebody moves it
    }
  }

  /**
   * Removes a key; the copy of it is freed when nobody can read it.
   *
   * @param source a segment that holds the key
   * @param offset where in it the key starts
   * @param byteSize the size of the key in bytes
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws ReclamationLimitException if the domain has no room for the entry; the table is
   *     unchanged
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IndexOutOfBoundsException if the key is not inside the segment
   * @throws IllegalStateException if the table, its domain or the segment is closed
   */
  public long remove(@Borrowed MemorySegment source, long offset, long byteSize, long absent) {
    return removeKey(source, offset, byteSize, absent);
  }

  /**
   * Removes a key; the copy of it is freed when nobody can read it.
   *
   * @param key the key
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws ReclamationLimitException if the domain has no room for the entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long remove(@Borrowed StringView key, long absent) {
    return removeKey(null, key.address(), key.byteSize(), absent);
  }

  /**
   * Removes a key; the copy of it is freed when nobody can read it.
   *
   * @param key the key
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws ReclamationLimitException if the domain has no room for the entry; the table is
   *     unchanged
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long remove(byte[] key, long absent) {
    return remove(MemorySegment.ofArray(key), 0, key.length, absent);
  }

  /**
   * Removes the entries that are there, one by one; what others insert meanwhile may be removed
   * too.
   *
   * @throws ReclamationLimitException if the domain has no room for more of them; the rest is still
   *     there
   * @throws IllegalStateException if the table or its domain is closed
   */
  public void clear() {
    core.forEachKey(key -> remove(key, 0));
  }

  // ---- all entries ------------------------------------------------------------------------------

  private void accept(Generation root, long entry, EntryConsumer consumer) {
    long key = BytesEntry.key(entry);
    long keyByteSize = BytesEntry.keyByteSize(entry);
    long code = BytesEntry.wordAcquire(entry);
    if (isValue(code)) {
      consumer.accept(new StringView(key, keyByteSize), value(entry, code));
    } else if (code == MOVING) {
      long current = EntryTable.findEntry(root, BytesEntry.fingerprint(entry), key);
      if (current != Memory.NULL && current != entry) {
        accept(root, current, consumer);
      }
    }
  }

  /**
   * Passes entries on, in no order: each that is there throughout once, others perhaps; one that is
   * removed and put back meanwhile may come twice. A guard of the domain is open meanwhile, and
   * refreshed now and then.
   *
   * @param consumer what takes them; it may change the table
   * @throws IllegalStateException if the table or its domain is closed
   */
  public void forEach(EntryConsumer consumer) {
    try (Guard guard = core.pin()) {
      core.forEach(guard, true, entry -> accept(core.root(guard), entry, consumer));
    }
  }

  /**
   * Passes entries on as {@link #forEach(EntryConsumer)}, under a guard of the caller's, who may
   * keep the views until he refreshes or closes it.
   *
   * @param guard an open guard of the table's domain
   * @param consumer what takes them; it may change the table
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table is closed
   */
  public void forEach(@Borrowed Guard guard, EntryConsumer consumer) {
    core.requireOwn(guard);
    core.forEach(guard, false, entry -> accept(core.root(guard), entry, consumer));
  }

  // ---- the whole table --------------------------------------------------------------------------

  /**
   * Returns the number of entries.
   *
   * @return their number, exact if nobody changes the table meanwhile
   * @throws IllegalStateException if the table is closed
   */
  public long size() {
    return core.size();
  }

  /**
   * Says whether there are no entries.
   *
   * @return whether the size is 0
   * @throws IllegalStateException if the table is closed
   */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Ends the table, waits as long as {@link ReclamationDomain#closeTimeout} for guards that are
   * open, and frees its memory. Operations of other threads that are under way end as if they had
   * been before it, or throw. Closing again does nothing once it has succeeded. Not under a guard
   * of one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the table is
   *     closed, its memory is not freed, and closing it again tries again
   */
  @Override
  public void close() {
    core.close();
  }

  /** Returns what is under it, for tests. */
  EntryTable core() {
    return core;
  }

  void checkInvariants() {
    core.checkInvariants();
  }

  /** Returns how many slots it has, for tests. */
  long slots() {
    return core.slots();
  }

  /** Returns the address of the entry of a key, for tests, under a guard of theirs. */
  long entry(Guard guard, byte[] key) {
    KeyScratch scratch = core.scratchFor(MemorySegment.ofArray(key));
    try {
      long address = EntryTable.locate(scratch, MemorySegment.ofArray(key), 0, key.length);
      return EntryTable.findEntry(core.root(guard), core.fingerprint(address, key.length), address);
    } finally {
      core.give(scratch);
    }
  }

  /** Returns whether it is open or closed; the entries are not counted. */
  @Override
  public String toString() {
    return core.toString();
  }
}
