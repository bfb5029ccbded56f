package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * A hash table from {@code long} to {@code long} in native memory for many threads.
 *
 * <p>Any long is a key, and any a value. Takes 16 bytes a cell, and a third to three quarters of
 * the cells are used while it grows, 21 to 46 bytes an entry; a tenth at least when entries are
 * removed. It grows and shrinks by itself, little by little: while it does, each write moves some
 * 64 cells, and allocates two banks of 64 KiB at most; none waits for another that does.
 *
 * <p>Thread-safe, for platform and virtual threads alike; each operation on one key is
 * linearizable. All are expected O(1). Reading is lock-free, and never waits. Writing is lock-free,
 * in so far as the allocator is; only a write that needs more memory, while what was moved waits
 * for a reader and the garbage of the domain is at its limit, waits for room or is refused. No
 * operation makes a Java object, but for a few when the table starts to grow or shrink.
 *
 * <p>Actions before a write happen-before those after an operation that returns what it wrote.
 *
 * <p>It owns its memory and frees it on {@link #close()}; after that every operation throws {@link
 * IllegalStateException}. What was moved is freed by the domain. So the table is closed first, then
 * the domain, then the allocator.
 */
public final class ConcurrentLongLongTable implements AutoCloseable {

  private final LongLongCells cells;

  /**
   * Creates an empty table, which allocates when it gets its first entry.
   *
   * @param allocator where its memory comes from; thread-safe, and outlives the domain
   * @param domain where memory is retired to when it grows or shrinks; outlives the table
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public ConcurrentLongLongTable(
      @Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    this(allocator, domain, TableShape.ofCells(LongLongCell.SIZE), LongLongCell.RESERVED);
  }

  /**
   * Creates one to be tested.
   *
   * @param reserved how many codes are left out, so that some are met
   */
  ConcurrentLongLongTable(
      Allocator allocator, ReclamationDomain domain, TableShape shape, long reserved) {
    cells = new LongLongCells("ConcurrentLongLongTable", allocator, domain, shape, reserved);
  }

  // ---- reading ----------------------------------------------------------------------------------

  /**
   * Returns the value of a key. Lock-free.
   *
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long get(long key, long absent) {
    return cells.get(key, absent);
  }

  /**
   * Returns the value of a key, under a guard that is open already: many reads share one pin, which
   * holds garbage back meanwhile. Lock-free.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IllegalStateException if the table is closed
   */
  public long get(@Borrowed Guard guard, long key, long absent) {
    return cells.get(guard, key, absent);
  }

  /**
   * Says whether a key is there. Lock-free.
   *
   * @param key the key
   * @return whether it has a value
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean containsKey(long key) {
    return cells.contains(key);
  }

  // ---- writing ----------------------------------------------------------------------------------

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value from now on
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room for the key; the table is unchanged
   * @throws ReclamationLimitException if the table must grow, and the domain has no room for what
   *     it has moved; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long put(long key, long value, long absent) {
    return cells.put(key, value, absent);
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value if it has none
   * @param absent what to return if the key was not there
   * @return the value it has and keeps, or {@code absent}
   * @throws AllocationException as {@link #put}
   * @throws ReclamationLimitException as {@link #put}
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long putIfAbsent(long key, long value, long absent) {
    return cells.putIfAbsent(key, value, absent);
  }

  /**
   * Adds to the value of a key, which is 0 if the key is not there.
   *
   * @param key the key
   * @param delta what to add
   * @return the sum, which wraps around on overflow
   * @throws AllocationException as {@link #put}
   * @throws ReclamationLimitException as {@link #put}
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long addTo(long key, long delta) {
    return cells.addTo(key, delta);
  }

  /**
   * Gives a key another value if it has one.
   *
   * @param key the key
   * @param value its value from now on
   * @param absent what to return if the key is not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException as {@link #put}, for one value in 2^63
   * @throws ReclamationLimitException likewise
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long replace(long key, long value, long absent) {
    return cells.replace(key, value, absent);
  }

  /**
   * Gives a key another value if it has the expected one.
   *
   * @param key the key
   * @param expected the value that it must have
   * @param value its value from now on
   * @return whether it had that, and has this
   * @throws AllocationException as {@link #put}, for one value in 2^63
   * @throws ReclamationLimitException likewise
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean compareAndReplace(long key, long expected, long value) {
    return cells.compareAndReplace(key, expected, value);
  }

  /**
   * Computes the value of a key from the value it has. The function is called without a guard or a
   * lock, and again if another thread changes the value meanwhile.
   *
   * @param key the key
   * @param initial what the function gets if the key is not there
   * @param function what computes the new value
   * @return the new value
   * @throws AllocationException as {@link #put}
   * @throws ReclamationLimitException as {@link #put}
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long compute(long key, long initial, LongUnaryOperator function) {
    for (; ; ) {
      long old = get(key, initial);
      long value = function.applyAsLong(old);
      if (compareAndReplace(key, old, value) || (old == initial && cells.insert(key, value))) {
        return value;
      }
    }
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both. The function is called
   * without a guard or a lock, and again if another thread changes the value meanwhile.
   *
   * @param key the key
   * @param value the value
   * @param function what gets the old value and the new one
   * @return the value that the key has from now on
   * @throws AllocationException as {@link #put}
   * @throws ReclamationLimitException as {@link #put}
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long merge(long key, long value, LongBinaryOperator function) {
    for (; ; ) {
      long old = get(key, 0);
      if (old == 0 && cells.insert(key, value)) {
        return value;
      }
      long merged = function.applyAsLong(old, value);
      if (compareAndReplace(key, old, merged)) {
        return merged;
      }
    }
  }

  /**
   * Removes a key.
   *
   * @param key the key
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long remove(long key, long absent) {
    return cells.remove(key, absent);
  }

  /**
   * Removes a key if it has the expected value.
   *
   * @param key the key
   * @param expected the value that it must have
   * @return whether it had that, and is gone
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean compareAndRemove(long key, long expected) {
    return cells.compareAndRemove(key, expected);
  }

  /**
   * Removes every key that is there from the beginning to the end of the call. O(capacity).
   *
   * @throws IllegalStateException if the table or its domain is closed
   */
  public void clear() {
    for (Cursor cursor = cursor(); cursor.next(); ) {
      cursor.remove();
    }
  }

  // ---- all entries ------------------------------------------------------------------------------

  /**
   * Walks over the entries of a table, in no order. Weakly consistent: it meets each key at most
   * once, and each that is there from the beginning to the end; with the value that it has at that
   * moment. Holds no guard between its steps, and keeps the keys of some 64 KiB on the Java heap.
   * Belongs to one thread.
   */
  @View
  public final class Cursor {
    private final LongKeyBuffer buffer = new LongKeyBuffer();
    private final LongLongCells.Found found = new LongLongCells.Found();
    private long from;
    private boolean isLast;
    private boolean isAtEntry;
    private long key;

    private Cursor() {}

    /**
     * Moves on to the next entry.
     *
     * @return whether there is one
     * @throws IllegalStateException if the table or its domain is closed
     */
    public boolean next() {
      for (; ; ) {
        while (!buffer.isEmpty()) {
          key = buffer.next();
          if (cells.read(key, found)) {
            isAtEntry = true;
            return true;
          }
        }
        isAtEntry = false;
        if (isLast) {
          return false;
        }
        buffer.clear();
        from = cells.collect(from, buffer);
        isLast = from == 0;
      }
    }

    /**
     * Returns the key of the entry.
     *
     * @return its key
     * @throws IllegalStateException if the cursor is at no entry
     */
    public long key() {
      requireEntry();
      return key;
    }

    /**
     * Returns the value of the entry.
     *
     * @return the value that it had when the cursor came to it
     * @throws IllegalStateException if the cursor is at no entry
     */
    public long value() {
      requireEntry();
      return found.value;
    }

    /**
     * Removes the key of the entry, whatever its value is now; the cursor is then at none until it
     * moves on.
     *
     * @throws IllegalStateException if the cursor is at no entry, or the table or its domain is
     *     closed
     */
    public void remove() {
      requireEntry();
      ConcurrentLongLongTable.this.remove(key, 0);
      isAtEntry = false;
    }

    private void requireEntry() {
      if (!isAtEntry) {
        throw new IllegalStateException("the cursor is at no entry; call next() first");
      }
    }
  }

  /**
   * Returns a cursor before the first entry.
   *
   * @return the cursor, valid until the table is closed
   * @throws IllegalStateException if the table is closed
   */
  @View
  public Cursor cursor() {
    cells.requireOpen();
    return new Cursor();
  }

  /**
   * Passes entries on, in no order, as a {@link Cursor} meets them.
   *
   * @param consumer what takes them; called without a guard, it may change the table
   * @throws IllegalStateException if the table or its domain is closed
   */
  public void forEach(LongLongTable.EntryConsumer consumer) {
    for (Cursor cursor = cursor(); cursor.next(); ) {
      consumer.accept(cursor.key(), cursor.value());
    }
  }

  /**
   * Returns the number of entries. O(1).
   *
   * @return their number, those included that others put or remove meanwhile, or not
   * @throws IllegalStateException if the table is closed
   */
  public long size() {
    return cells.size();
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
   * Shows the table as a map, which boxes what it touches: for users of {@code java.util}. It can
   * be changed as the table can, and each shows what the other does. Functions that are passed to
   * it are called without a lock, and again if another thread changes the value meanwhile.
   *
   * @return a live view, valid until the table is closed; its size ends at {@link
   *     Integer#MAX_VALUE}, and its iterators are weakly consistent
   * @throws IllegalStateException if the table is closed
   */
  @View
  public ConcurrentMap<Long, Long> asMap() {
    cells.requireOpen();
    return new ConcurrentLongLongMap(this, cells);
  }

  /**
   * Ends the table, waits as long as {@link ReclamationDomain#closeTimeout} for guards that are
   * open, and frees all memory. Operations of other threads that are under way end as if they had
   * been before it, or throw. Closing again does nothing once it has succeeded. Not under a guard
   * of one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the table is
   *     closed, its memory is not freed, and closing it again tries again
   */
  @Override
  public void close() {
    cells.close();
  }

  void checkInvariants() {
    cells.checkInvariants();
  }

  LongLongCells cells() {
    return cells;
  }

  /** Returns whether it is open or closed; the entries are not counted. */
  @Override
  public String toString() {
    return cells.toString();
  }
}
