package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.util.NavigableSet;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;

/**
 * A set of {@code long}s in native memory for many threads, in their order: a skip list.
 *
 * <p>Takes 34.7 bytes an element on average, which is what its allocator makes of that. All that
 * {@link ConcurrentLongLongOrderedMap} says of progress, atomicity, cost, guards, and of who is
 * closed when, is so here.
 *
 * <p>Thread-safe, for platform and virtual threads alike. Actions before a change happen-before
 * those after an operation that sees it.
 */
public final class ConcurrentLongOrderedSet implements AutoCloseable {

  /** The value of every element that is there. */
  private static final long THERE = 0;

  /** Elements that are met under one guard. */
  private static final int STRIDE = 256;

  private final SkipListCore core;

  /**
   * Creates an empty set, which allocates a head of 128 bytes.
   *
   * @param allocator where its nodes come from; thread-safe, and outlives the domain
   * @param domain where removed nodes are retired to; outlives the set
   * @throws AllocationException if there is no room for the head
   * @throws IllegalArgumentException if the allocator is not thread-safe, or the hard limit of the
   *     domain is below 128 bytes
   */
  public ConcurrentLongOrderedSet(
      @Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    this(allocator, domain, SkipListCore.randomHeights());
  }

  /** Creates a set whose nodes have as many levels as is said. */
  ConcurrentLongOrderedSet(Allocator allocator, ReclamationDomain domain, IntSupplier heights) {
    core = new SkipListCore("ConcurrentLongOrderedSet", allocator, domain, heights, value -> {});
  }

  private static long keyOf(long node, long absent) {
    return node == Memory.NULL ? absent : SkipNode.word(node);
  }

  /**
   * Says whether a number is there.
   *
   * @param key the number
   * @return whether it is
   * @throws IllegalStateException if the set or its domain is closed
   */
  public boolean contains(long key) {
    try (Guard guard = core.pin()) {
      return SkipListCore.find(core.head(guard), key, null) != Memory.NULL;
    }
  }

  /**
   * Says whether a number is there, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the number
   * @return whether it is
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set or its domain is closed
   */
  public boolean contains(@Borrowed Guard guard, long key) {
    return SkipListCore.find(core.head(core.mine(guard)), key, null) != Memory.NULL;
  }

  /**
   * Returns the greatest number that is not above another.
   *
   * @param key the other number, which need not be there
   * @param absent what to return if there is none
   * @return the greatest such number, or {@code absent}
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long floor(long key, long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(SkipListCore.previous(core.head(guard), key, null, SkipListCore.UP_TO), absent);
    }
  }

  /**
   * Returns the greatest number that is not above another, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the other number, which need not be there
   * @param absent what to return if there is none
   * @return the greatest such number, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long floor(@Borrowed Guard guard, long key, long absent) {
    return keyOf(
        SkipListCore.previous(core.head(core.mine(guard)), key, null, SkipListCore.UP_TO), absent);
  }

  /**
   * Returns the greatest number below another.
   *
   * @param key the other number, which need not be there
   * @param absent what to return if there is none
   * @return the greatest such number, or {@code absent}
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long lower(long key, long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(SkipListCore.previous(core.head(guard), key, null, SkipListCore.BEFORE), absent);
    }
  }

  /**
   * Returns the greatest number below another, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the other number, which need not be there
   * @param absent what to return if there is none
   * @return the greatest such number, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long lower(@Borrowed Guard guard, long key, long absent) {
    return keyOf(
        SkipListCore.previous(core.head(core.mine(guard)), key, null, SkipListCore.BEFORE), absent);
  }

  /**
   * Returns the least number that is not below another.
   *
   * @param key the other number, which need not be there
   * @param absent what to return if there is none
   * @return the least such number, or {@code absent}
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long ceiling(long key, long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(SkipListCore.next(core.head(guard), key, null, SkipListCore.BEFORE), absent);
    }
  }

  /**
   * Returns the least number that is not below another, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the other number, which need not be there
   * @param absent what to return if there is none
   * @return the least such number, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long ceiling(@Borrowed Guard guard, long key, long absent) {
    return keyOf(
        SkipListCore.next(core.head(core.mine(guard)), key, null, SkipListCore.BEFORE), absent);
  }

  /**
   * Returns the least number above another.
   *
   * @param key the other number, which need not be there
   * @param absent what to return if there is none
   * @return the least such number, or {@code absent}
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long higher(long key, long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(SkipListCore.next(core.head(guard), key, null, SkipListCore.UP_TO), absent);
    }
  }

  /**
   * Returns the least number above another, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the other number, which need not be there
   * @param absent what to return if there is none
   * @return the least such number, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long higher(@Borrowed Guard guard, long key, long absent) {
    return keyOf(
        SkipListCore.next(core.head(core.mine(guard)), key, null, SkipListCore.UP_TO), absent);
  }

  /**
   * Returns the least number.
   *
   * @param absent what to return if the set is empty
   * @return the least number, or {@code absent}
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long first(long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(
          SkipListCore.next(core.head(guard), Long.MIN_VALUE, null, SkipListCore.BEFORE), absent);
    }
  }

  /**
   * Returns the least number, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param absent what to return if the set is empty
   * @return the least number, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long first(@Borrowed Guard guard, long absent) {
    return keyOf(
        SkipListCore.next(core.head(core.mine(guard)), Long.MIN_VALUE, null, SkipListCore.BEFORE),
        absent);
  }

  /**
   * Returns the greatest number.
   *
   * @param absent what to return if the set is empty
   * @return the greatest number, or {@code absent}
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long last(long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(
          SkipListCore.previous(core.head(guard), Long.MAX_VALUE, null, SkipListCore.UP_TO),
          absent);
    }
  }

  /**
   * Returns the greatest number, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param absent what to return if the set is empty
   * @return the greatest number, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long last(@Borrowed Guard guard, long absent) {
    return keyOf(
        SkipListCore.previous(
            core.head(core.mine(guard)), Long.MAX_VALUE, null, SkipListCore.UP_TO),
        absent);
  }

  /**
   * Adds a number.
   *
   * @param key the number
   * @return whether it was not there
   * @throws AllocationException if there is no room; the set is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     set is unchanged
   * @throws IllegalStateException if the set or its domain is closed
   */
  public boolean add(long key) {
    do {
      if (contains(key)) {
        return false;
      }
    } while (!core.insert(key, THERE));
    return true;
  }

  /**
   * Removes a number.
   *
   * @param key the number
   * @return whether it was there
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     set is unchanged
   * @throws IllegalStateException if the set or its domain is closed
   */
  public boolean remove(long key) {
    try (SkipChange change = core.change()) {
      long head = core.head(change.guard());
      long node = SkipListCore.find(head, key, null);
      return node != Memory.NULL && remove(change, head, node);
    }
  }

  private boolean remove(SkipChange change, long head, long node) {
    boolean removed = SkipNode.compareAndSetValue(node, THERE, ValueWord.DEAD); // R2
    if (removed) {
      core.bury(change, head, SkipNode.word(node), null, node);
    }
    return removed;
  }

  /**
   * Removes the least number.
   *
   * @param absent what to return if there is none
   * @return the number, or {@code absent}
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     set is unchanged
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long pollFirst(long absent) {
    for (; ; ) {
      try (SkipChange change = core.change()) {
        long head = core.head(change.guard());
        long node = SkipListCore.next(head, Long.MIN_VALUE, null, SkipListCore.BEFORE);
        if (node == Memory.NULL) {
          return absent;
        }
        long key = SkipNode.word(node);
        if (remove(change, head, node)) {
          return key;
        }
      }
    }
  }

  /**
   * Removes the greatest number.
   *
   * @param absent what to return if there is none
   * @return the number, or {@code absent}
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     set is unchanged
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long pollLast(long absent) {
    for (; ; ) {
      try (SkipChange change = core.change()) {
        long head = core.head(change.guard());
        long node = SkipListCore.previous(head, Long.MAX_VALUE, null, SkipListCore.UP_TO);
        if (node == Memory.NULL) {
          return absent;
        }
        long key = SkipNode.word(node);
        if (remove(change, head, node)) {
          return key;
        }
      }
    }
  }

  /**
   * Removes one number after the other until there is none; what others add meanwhile is removed
   * too.
   *
   * @throws ReclamationLimitException if the domain has no room for more; the rest is still there
   * @throws IllegalStateException if the set or its domain is closed
   */
  public void clear() {
    while (!isEmpty()) {
      pollFirst(0);
    }
  }

  /**
   * Shows the set as a set of the JDK's, which boxes numbers. Its iterators are weakly consistent.
   *
   * @return the set, valid until this is closed
   */
  @View
  public NavigableSet<Long> asSet() {
    return new LongNavigableSet(
        new LongLongNavigableMap(new ConcurrentLongLongOrderedMap(core)), true);
  }

  // ---- ranges -----------------------------------------------------------------------------------

  /**
   * Walks over numbers in order, each once. It is before the first one until {@link #next()} is
   * called, and shows what was there shortly before, since it copies up to 64 ahead: no guard is
   * open between its steps. Not thread-safe; valid until the set is closed. Makes no object on the
   * way.
   */
  @View
  public static final class Cursor {
    private final LongScan scan;

    private Cursor(LongScan scan) {
      this.scan = scan;
    }

    /**
     * Moves on to the next number.
     *
     * @return whether there is one
     * @throws IllegalStateException if the set or its domain is closed
     */
    public boolean next() {
      return scan.next();
    }

    /**
     * Returns the number.
     *
     * @return the number
     * @throws IllegalStateException if the cursor is at none
     */
    public long key() {
      return scan.key();
    }

    /** Goes back before the first number, to walk anew. */
    public void restart() {
      scan.restart();
    }
  }

  /**
   * Returns a cursor that moves up over the numbers of a range.
   *
   * @param least the least number that may be met
   * @param most the greatest; if it is less than the least there is none
   * @return the cursor, valid until the set is closed
   * @throws IllegalStateException if the set is closed
   */
  @View
  public Cursor cursor(long least, long most) {
    return new Cursor(new LongScan(core, least, most, false));
  }

  /**
   * Returns a cursor that moves down over the numbers of a range.
   *
   * @param most the greatest number that may be met
   * @param least the least; if it is more than the greatest there is none
   * @return the cursor, valid until the set is closed
   * @throws IllegalStateException if the set is closed
   */
  @View
  public Cursor descendingCursor(long most, long least) {
    return new Cursor(new LongScan(core, least, most, true));
  }

  /**
   * Passes on every number of a range, from the least up. A guard of the domain is open meanwhile,
   * which moves on every 256 numbers: a consumer that changes the set may be refused or wait in
   * vain.
   *
   * @param least the least number that may be met
   * @param most the greatest; if it is less than the least there is none
   * @param consumer what takes them
   * @throws IllegalStateException if the set or its domain is closed
   */
  public void forEach(long least, long most, LongConsumer consumer) {
    long from = least;
    boolean more = least <= most;
    try (Guard guard = core.pin()) {
      while (more) {
        long node = SkipListCore.next(core.head(guard), from, null, SkipListCore.BEFORE);
        for (int i = 0; i < STRIDE && node != Memory.NULL && SkipNode.word(node) <= most; i++) {
          from = SkipNode.word(node);
          if (!SkipNode.isDead(node)) {
            consumer.accept(from);
          }
          node = SkipListCore.behind(node);
        }
        more = node != Memory.NULL && SkipNode.word(node) <= most;
        if (more) {
          from++;
          guard.refresh();
        }
      }
    }
  }

  /**
   * Passes on every number, from the least up; see {@link #forEach(long, long, LongConsumer)}.
   *
   * @param consumer what takes them
   * @throws IllegalStateException if the set or its domain is closed
   */
  public void forEach(LongConsumer consumer) {
    forEach(Long.MIN_VALUE, Long.MAX_VALUE, consumer);
  }

  /**
   * Returns how many numbers there are, as it is kept by the way: right when nobody changes the
   * set. O(1).
   *
   * @return their number
   * @throws IllegalStateException if the set is closed
   */
  public long size() {
    return core.size();
  }

  /**
   * Says whether the set is empty.
   *
   * @return whether there was no number at one moment of the call
   * @throws IllegalStateException if the set or its domain is closed
   */
  public boolean isEmpty() {
    try (Guard guard = core.pin()) {
      return SkipListCore.next(core.head(guard), Long.MIN_VALUE, null, SkipListCore.BEFORE)
          == Memory.NULL;
    }
  }

  /**
   * Ends the set, waits as long as {@link ReclamationDomain#closeTimeout} for guards that are open,
   * and frees all nodes. Operations of other threads that are under way end as if they had been
   * before it, or throw. Closing again does nothing once it has succeeded. Not under a guard of
   * one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the set is
   *     closed, its nodes are not freed, and closing it again tries again
   */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }

  /** Returns whether it is open or closed; the numbers are not counted. */
  @Override
  public String toString() {
    return core.toString();
  }
}
