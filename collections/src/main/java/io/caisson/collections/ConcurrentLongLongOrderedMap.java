package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.function.IntSupplier;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A map from {@code long} to {@code long} in native memory for many threads, in the order of keys:
 * a skip list.
 *
 * <p>Takes 32 bytes an entry for three entries in four, 8 more for each further level of the
 * others: 34.7 on average, which is what its allocator makes of that. Values whose upper 16 bits
 * are 0xF5C1 take a cell of 8 bytes besides.
 *
 * <p>Thread-safe, for platform and virtual threads alike. Operations on one key are linearizable,
 * and so are those that find a neighbour of a key. Polling removes an entry atomically that was the
 * first or last at one moment of the call; another may have come before it by then. Iteration is
 * weakly consistent: it meets each entry that is there all the time once, in order, with a value
 * that it had, and others or not.
 *
 * <p>Everything is expected O(log n), steps of iterations O(1). Reading is lock-free, never waits,
 * and makes no Java object, nor does changing a value. Inserting and removing are lock-free in so
 * far as the allocator is, may wait, or be refused, when the garbage of the domain is at the limit,
 * and may make two small Java objects, as the compiler likes. Each of the main reads has a form
 * that takes an open guard, so that many of them share one pin.
 *
 * <p>Actions before a change happen-before those after an operation that sees it.
 *
 * <p>It owns its nodes and frees them on {@link #close()}; after that every operation throws {@link
 * IllegalStateException}. Nodes of removed entries are freed by the domain. So the map is closed
 * first, then the domain, then the allocator.
 */
public final class ConcurrentLongLongOrderedMap implements AutoCloseable {

  /*
   * The algorithm is in SkipListCore, values are in ValueWord.
   *
   * Length. Operations are many, most with a guard and without; two in three lines are their contracts.
   */

  /** Entries that are met under one guard. */
  private static final int STRIDE = 256;

  private final SkipListCore core;

  /**
   * Creates an empty map, which allocates a head of 128 bytes.
   *
   * @param allocator where its nodes come from; thread-safe, and outlives the domain
   * @param domain where removed nodes are retired to; outlives the map
   * @throws AllocationException if there is no room for the head
   * @throws IllegalArgumentException if the allocator is not thread-safe, or the hard limit of the
   *     domain is below 128 bytes
   */
  public ConcurrentLongLongOrderedMap(
      @Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    this(allocator, domain, SkipListCore.randomHeights());
  }

  /** Creates a map whose nodes have as many levels as is said. */
  ConcurrentLongLongOrderedMap(Allocator allocator, ReclamationDomain domain, IntSupplier heights) {
    core =
        new SkipListCore(
            "ConcurrentLongLongOrderedMap",
            allocator,
            domain,
            heights,
            value -> ValueWord.free(value, allocator));
  }

  private static long keyOf(long node, long absent) {
    return node == Memory.NULL ? absent : SkipNode.word(node);
  }

  private static long valueOf(long node, long absent) {
    if (node == Memory.NULL) {
      return absent;
    }
    long value = SkipNode.value(node); // A2
    return value == ValueWord.DEAD ? absent : ValueWord.value(value);
  }

  // ---- reading ----------------------------------------------------------------------------------

  /**
   * Returns the value of a key.
   *
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long get(long key, long absent) {
    try (Guard guard = core.pin()) {
      return valueOf(SkipListCore.find(core.head(guard), key, null), absent);
    }
  }

  /**
   * Returns the value of a key, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long get(@Borrowed Guard guard, long key, long absent) {
    return valueOf(SkipListCore.find(core.head(core.mine(guard)), key, null), absent);
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean containsKey(long key) {
    try (Guard guard = core.pin()) {
      return SkipListCore.find(core.head(guard), key, null) != Memory.NULL;
    }
  }

  /**
   * Says whether a key is there, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the key
   * @return whether it has a value
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean containsKey(@Borrowed Guard guard, long key) {
    return SkipListCore.find(core.head(core.mine(guard)), key, null) != Memory.NULL;
  }

  /**
   * Returns the greatest key that is not above another.
   *
   * @param key the other key, which need not be there
   * @param absent what to return if there is none
   * @return the greatest such key, or {@code absent}
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long floorKey(long key, long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(SkipListCore.previous(core.head(guard), key, null, SkipListCore.UP_TO), absent);
    }
  }

  /**
   * Returns the greatest key that is not above another, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the other key, which need not be there
   * @param absent what to return if there is none
   * @return the greatest such key, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long floorKey(@Borrowed Guard guard, long key, long absent) {
    return keyOf(
        SkipListCore.previous(core.head(core.mine(guard)), key, null, SkipListCore.UP_TO), absent);
  }

  /**
   * Returns the greatest key below another.
   *
   * @param key the other key, which need not be there
   * @param absent what to return if there is none
   * @return the greatest such key, or {@code absent}
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long lowerKey(long key, long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(SkipListCore.previous(core.head(guard), key, null, SkipListCore.BEFORE), absent);
    }
  }

  /**
   * Returns the greatest key below another, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the other key, which need not be there
   * @param absent what to return if there is none
   * @return the greatest such key, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long lowerKey(@Borrowed Guard guard, long key, long absent) {
    return keyOf(
        SkipListCore.previous(core.head(core.mine(guard)), key, null, SkipListCore.BEFORE), absent);
  }

  /**
   * Returns the least key that is not below another.
   *
   * @param key the other key, which need not be there
   * @param absent what to return if there is none
   * @return the least such key, or {@code absent}
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long ceilingKey(long key, long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(SkipListCore.next(core.head(guard), key, null, SkipListCore.BEFORE), absent);
    }
  }

  /**
   * Returns the least key that is not below another, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the other key, which need not be there
   * @param absent what to return if there is none
   * @return the least such key, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long ceilingKey(@Borrowed Guard guard, long key, long absent) {
    return keyOf(
        SkipListCore.next(core.head(core.mine(guard)), key, null, SkipListCore.BEFORE), absent);
  }

  /**
   * Returns the least key above another.
   *
   * @param key the other key, which need not be there
   * @param absent what to return if there is none
   * @return the least such key, or {@code absent}
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long higherKey(long key, long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(SkipListCore.next(core.head(guard), key, null, SkipListCore.UP_TO), absent);
    }
  }

  /**
   * Returns the least key above another, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the other key, which need not be there
   * @param absent what to return if there is none
   * @return the least such key, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long higherKey(@Borrowed Guard guard, long key, long absent) {
    return keyOf(
        SkipListCore.next(core.head(core.mine(guard)), key, null, SkipListCore.UP_TO), absent);
  }

  /**
   * Returns the least key.
   *
   * @param absent what to return if the map is empty
   * @return the least key, or {@code absent}
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long firstKey(long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(
          SkipListCore.next(core.head(guard), Long.MIN_VALUE, null, SkipListCore.BEFORE), absent);
    }
  }

  /**
   * Returns the least key, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param absent what to return if the map is empty
   * @return the least key, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long firstKey(@Borrowed Guard guard, long absent) {
    return keyOf(
        SkipListCore.next(core.head(core.mine(guard)), Long.MIN_VALUE, null, SkipListCore.BEFORE),
        absent);
  }

  /**
   * Returns the greatest key.
   *
   * @param absent what to return if the map is empty
   * @return the greatest key, or {@code absent}
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long lastKey(long absent) {
    try (Guard guard = core.pin()) {
      return keyOf(
          SkipListCore.previous(core.head(guard), Long.MAX_VALUE, null, SkipListCore.UP_TO),
          absent);
    }
  }

  /**
   * Returns the greatest key, under a guard that the caller has open.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param absent what to return if the map is empty
   * @return the greatest key, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long lastKey(@Borrowed Guard guard, long absent) {
    return keyOf(
        SkipListCore.previous(
            core.head(core.mine(guard)), Long.MAX_VALUE, null, SkipListCore.UP_TO),
        absent);
  }

  // ---- changing ---------------------------------------------------------------------------------

  /*
   * Most operations look first, under a guard that reads only, and change a value there. What may
   * retire pins anew in a method of its own. And each guard is closed at one place: one that is
   * handed to a call that is seldom made, its close included, would be allocated, for such calls are
   * not compiled into their callers.
   */

  /** Returns what a node has for a value, DEAD if there is no node. */
  private static long wordOf(long node) {
    return node == Memory.NULL ? ValueWord.DEAD : SkipNode.value(node); // A2
  }

  /** Links a new entry; returns false if the caller is to begin anew. */
  private boolean insert(long key, long value) {
    long word = ValueWord.of(value, core.allocator());
    boolean inserted = false;
    try {
      inserted = core.insert(key, word);
    } finally {
      if (!inserted) {
        ValueWord.free(word, core.allocator());
      }
    }
    return inserted;
  }

  /**
   * Gives a node another value if it still has one; returns false if the caller is to begin anew.
   */
  private boolean update(long node, long expected, long value) {
    long word = ValueWord.of(value, core.allocator());
    boolean updated = false;
    try {
      updated =
          ValueWord.hasCell(expected)
              ? replaceCell(node, expected, word)
              : SkipNode.compareAndSetValue(node, expected, word); // R2
    } finally {
      if (!updated) {
        ValueWord.free(word, core.allocator());
        Thread.onSpinWait();
      }
    }
    return updated;
  }

  /** The same for a value with a cell, which is to be retired; under the caller's guard, too. */
  private boolean replaceCell(long node, long expected, long word) {
    try (SkipChange change = core.change()) {
      boolean replaced = SkipNode.compareAndSetValue(node, expected, word); // R2
      if (replaced) {
        retireCell(change, expected);
      }
      return replaced;
    }
  }

  /** Removes a node if it still has a value; returns false if the caller is to begin anew. */
  private boolean remove(SkipChange change, long head, long node, long expected) {
    if (SkipNode.compareAndSetValue(node, expected, ValueWord.DEAD)) { // R2
      long key = SkipNode.word(node);
      retireCell(change, expected);
      core.bury(change, head, key, null, node);
      return true;
    }
    Thread.onSpinWait();
    return false;
  }

  private static void retireCell(SkipChange change, long word) {
    if (ValueWord.hasCell(word)) {
      change.retire(ValueWord.cell(word), ValueWord.CELL_SIZE, ValueWord.CELL_ALIGNMENT);
    }
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value from now on
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long put(long key, long value, long absent) {
    for (; ; ) {
      long word;
      long previous = absent;
      boolean done = false;
      try (Guard guard = core.pin()) {
        long node = SkipListCore.find(core.head(guard), key, null);
        word = wordOf(node);
        if (word != ValueWord.DEAD) {
          previous = ValueWord.value(word);
          done = update(node, word, value);
        }
      }
      if (done || (word == ValueWord.DEAD && insert(key, value))) {
        return previous;
      }
    }
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value if it has none
   * @param absent what to return if the key was not there
   * @return the value it has and keeps, or {@code absent}
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long putIfAbsent(long key, long value, long absent) {
    for (; ; ) {
      long word;
      long present = absent;
      try (Guard guard = core.pin()) {
        word = wordOf(SkipListCore.find(core.head(guard), key, null));
        if (word != ValueWord.DEAD) {
          present = ValueWord.value(word);
        }
      }
      if (word != ValueWord.DEAD || insert(key, value)) {
        return present;
      }
    }
  }

  /**
   * Gives a key a value if it has one.
   *
   * @param key the key
   * @param value its value from now on, if it is there
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long replace(long key, long value, long absent) {
    for (; ; ) {
      long previous = absent;
      boolean done = true;
      try (Guard guard = core.pin()) {
        long node = SkipListCore.find(core.head(guard), key, null);
        long word = wordOf(node);
        if (word != ValueWord.DEAD) {
          previous = ValueWord.value(word);
          done = update(node, word, value);
        }
      }
      if (done) {
        return previous;
      }
    }
  }

  /**
   * Gives a key a value if it has a certain one.
   *
   * @param key the key
   * @param expected the value that it must have
   * @param value its value from now on, if it had that one
   * @return whether it had
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean compareAndReplace(long key, long expected, long value) {
    for (; ; ) {
      boolean equal;
      boolean done = true;
      try (Guard guard = core.pin()) {
        long node = SkipListCore.find(core.head(guard), key, null);
        long word = wordOf(node);
        equal = word != ValueWord.DEAD && ValueWord.value(word) == expected;
        if (equal) {
          done = update(node, word, value);
        }
      }
      if (done) {
        return equal;
      }
    }
  }

  /**
   * Adds to the value of a key, which is 0 if the key is not there.
   *
   * @param key the key
   * @param delta what to add
   * @return the sum, which wraps around on overflow
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long addTo(long key, long delta) {
    return merge(key, delta, Long::sum);
  }

  /**
   * Computes the value of a key from the value it has.
   *
   * @param key the key
   * @param initial what the function gets if the key is not there
   * @param function what computes it; it may be called several times, while a guard of the domain
   *     is open
   * @return the new value
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long compute(long key, long initial, LongUnaryOperator function) {
    for (; ; ) {
      long word;
      long value = 0;
      boolean done = false;
      try (Guard guard = core.pin()) {
        long node = SkipListCore.find(core.head(guard), key, null);
        word = wordOf(node);
        if (word != ValueWord.DEAD) {
          value = function.applyAsLong(ValueWord.value(word));
          done = update(node, word, value);
        }
      }
      if (word == ValueWord.DEAD) {
        value = function.applyAsLong(initial);
        done = insert(key, value);
      }
      if (done) {
        return value;
      }
    }
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both.
   *
   * @param key the key
   * @param value the value
   * @param function what gets the old value and the new one; it may be called several times, while
   *     a guard of the domain is open
   * @return the value that the key has from now on
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long merge(long key, long value, LongBinaryOperator function) {
    for (; ; ) {
      long word;
      long merged = value;
      boolean done = false;
      try (Guard guard = core.pin()) {
        long node = SkipListCore.find(core.head(guard), key, null);
        word = wordOf(node);
        if (word != ValueWord.DEAD) {
          merged = function.applyAsLong(ValueWord.value(word), value);
          done = update(node, word, merged);
        }
      }
      if (done || (word == ValueWord.DEAD && insert(key, value))) {
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
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public long remove(long key, long absent) {
    for (; ; ) {
      long previous = absent;
      boolean done = true;
      try (SkipChange change = core.change()) {
        long head = core.head(change.guard());
        long node = SkipListCore.find(head, key, null);
        long word = wordOf(node);
        if (word != ValueWord.DEAD) {
          previous = ValueWord.value(word);
          done = remove(change, head, node, word);
        }
      }
      if (done) {
        return previous;
      }
    }
  }

  /**
   * Removes a key if it has a certain value.
   *
   * @param key the key
   * @param expected the value that it must have
   * @return whether it had
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean compareAndRemove(long key, long expected) {
    for (; ; ) {
      boolean equal;
      boolean done = true;
      try (SkipChange change = core.change()) {
        long head = core.head(change.guard());
        long node = SkipListCore.find(head, key, null);
        long word = wordOf(node);
        equal = word != ValueWord.DEAD && ValueWord.value(word) == expected;
        if (equal) {
          done = remove(change, head, node, word);
        }
      }
      if (done) {
        return equal;
      }
    }
  }

  /**
   * Removes the entry of the least key, and passes it on when no guard is open any more.
   *
   * @param consumer what takes it
   * @return whether there was one
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean pollFirst(LongLongTable.EntryConsumer consumer) {
    return poll(consumer, true);
  }

  /**
   * Removes the entry of the greatest key, and passes it on when no guard is open any more.
   *
   * @param consumer what takes it
   * @return whether there was one
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean pollLast(LongLongTable.EntryConsumer consumer) {
    return poll(consumer, false);
  }

  private boolean poll(LongLongTable.EntryConsumer consumer, boolean first) {
    for (; ; ) {
      long key = 0;
      long value = 0;
      boolean polled = false;
      boolean none;
      try (SkipChange change = core.change()) {
        long head = core.head(change.guard());
        long node =
            first
                ? SkipListCore.next(head, Long.MIN_VALUE, null, SkipListCore.BEFORE)
                : SkipListCore.previous(head, Long.MAX_VALUE, null, SkipListCore.UP_TO);
        none = node == Memory.NULL;
        long word = wordOf(node);
        if (word != ValueWord.DEAD) {
          key = SkipNode.word(node);
          value = ValueWord.value(word);
          polled = remove(change, head, node, word);
        }
      }
      if (polled) {
        consumer.accept(key, value);
      }
      if (polled || none) {
        return polled;
      }
    }
  }

  /**
   * Removes one entry after the other until there is none; what others put meanwhile is removed
   * too.
   *
   * @throws ReclamationLimitException if the domain has no room for more; the rest is still there
   * @throws IllegalStateException if the map or its domain is closed
   */
  public void clear() {
    while (poll((key, value) -> {}, true)) {}
  }

  // ---- boxed ------------------------------------------------------------------------------------

  /** Shows the entries of a core, of a set for example. */
  ConcurrentLongLongOrderedMap(SkipListCore core) {
    this.core = core;
  }

  /** Returns the value of a key, or null. */
  @Nullable Long boxed(long key) {
    try (Guard guard = core.pin()) {
      long word = wordOf(SkipListCore.find(core.head(guard), key, null));
      return word == ValueWord.DEAD ? null : (Long) ValueWord.value(word);
    }
  }

  /** Gives a key a value unless it has one; returns whether it had none. */
  boolean addIfAbsent(long key, long value) {
    do {
      if (containsKey(key)) {
        return false;
      }
    } while (!insert(key, value));
    return true;
  }

  /** Returns the first entry from a key on, upwards or downwards, or null. */
  Map.@Nullable Entry<Long, Long> neighbour(long key, boolean up) {
    for (; ; ) {
      try (Guard guard = core.pin()) {
        long head = core.head(guard);
        long node =
            up
                ? SkipListCore.next(head, key, null, SkipListCore.BEFORE)
                : SkipListCore.previous(head, key, null, SkipListCore.UP_TO);
        if (node == Memory.NULL) {
          return null;
        }
        long word = SkipNode.value(node); // A2
        if (word != ValueWord.DEAD) {
          return new SimpleImmutableEntry<>(SkipNode.word(node), ValueWord.value(word));
        }
      }
    }
  }

  /**
   * Shows the map as a map of the JDK's, which boxes keys and values. Its entries are snapshots,
   * and its iterators weakly consistent.
   *
   * @return the map, valid until this is closed
   */
  @View
  public ConcurrentNavigableMap<Long, Long> asMap() {
    return new LongLongNavigableMap(this);
  }

  // ---- ranges -----------------------------------------------------------------------------------

  /**
   * Shows the entries of a map from one key to another, as they are from time to time, without
   * copying them; valid until the map is closed. Thread-safe.
   */
  @View
  public final class Range {
    private final long least;
    private final long most;

    private Range(long least, long most) {
      this.least = least;
      this.most = most;
    }

    /**
     * Returns a cursor before the entry of the least key, which moves up.
     *
     * @return the cursor, valid until the map is closed
     * @throws IllegalStateException if the map is closed
     */
    @View
    public Cursor cursor() {
      return new Cursor(new LongScan(core, least, most, false));
    }

    /**
     * Returns a cursor behind the entry of the greatest key, which moves down.
     *
     * @return the cursor, valid until the map is closed
     * @throws IllegalStateException if the map is closed
     */
    @View
    public Cursor descendingCursor() {
      return new Cursor(new LongScan(core, least, most, true));
    }

    /**
     * Passes on every entry, from the least key up. A guard of the domain is open meanwhile, which
     * moves on every 256 entries: a consumer that changes the map may be refused or wait in vain.
     *
     * @param consumer what takes them
     * @throws IllegalStateException if the map or its domain is closed
     */
    public void forEach(LongLongTable.EntryConsumer consumer) {
      long from = least;
      boolean more = least <= most;
      try (Guard guard = core.pin()) {
        while (more) {
          long node = SkipListCore.next(core.head(guard), from, null, SkipListCore.BEFORE);
          for (int i = 0; i < STRIDE && contains(node); i++) {
            from = SkipNode.word(node);
            long word = SkipNode.value(node); // A2
            if (word != ValueWord.DEAD) {
              consumer.accept(from, ValueWord.value(word));
            }
            node = SkipListCore.behind(node);
          }
          more = contains(node);
          if (more) {
            from++;
            guard.refresh();
          }
        }
      }
    }

    private boolean contains(long node) {
      return node != Memory.NULL && SkipNode.word(node) <= most;
    }

    /**
     * Passes on every entry, from the greatest key down. No guard is open meanwhile.
     *
     * @param consumer what takes them
     * @throws IllegalStateException if the map or its domain is closed
     */
    public void forEachDescending(LongLongTable.EntryConsumer consumer) {
      for (Cursor cursor = descendingCursor(); cursor.next(); ) {
        consumer.accept(cursor.key(), cursor.value());
      }
    }

    /**
     * Returns the least key in the range.
     *
     * @param absent what to return if there is none
     * @return the key, or {@code absent}
     * @throws IllegalStateException if the map or its domain is closed
     */
    public long firstKey(long absent) {
      try (Guard guard = core.pin()) {
        long node = SkipListCore.next(core.head(guard), least, null, SkipListCore.BEFORE);
        return contains(node) ? SkipNode.word(node) : absent;
      }
    }

    /**
     * Returns the greatest key in the range.
     *
     * @param absent what to return if there is none
     * @return the key, or {@code absent}
     * @throws IllegalStateException if the map or its domain is closed
     */
    public long lastKey(long absent) {
      try (Guard guard = core.pin()) {
        long node = SkipListCore.previous(core.head(guard), most, null, SkipListCore.UP_TO);
        return node != Memory.NULL && SkipNode.word(node) >= least && least <= most
            ? SkipNode.word(node)
            : absent;
      }
    }

    /**
     * Counts the entries. O(n).
     *
     * @return how many were met
     * @throws IllegalStateException if the map or its domain is closed
     */
    public long size() {
      long[] size = {0};
      forEach((key, value) -> size[0]++);
      return size[0];
    }

    /**
     * Says whether there is no entry in the range.
     *
     * @return whether there was none at one moment of the call
     * @throws IllegalStateException if the map or its domain is closed
     */
    public boolean isEmpty() {
      try (Guard guard = core.pin()) {
        return !contains(SkipListCore.next(core.head(guard), least, null, SkipListCore.BEFORE));
      }
    }
  }

  /**
   * Walks over entries in order, each once. It is before the first one until {@link #next()} is
   * called, and shows entries as they were shortly before, since it copies up to 64 ahead: no guard
   * is open between its steps. Not thread-safe; valid until the map is closed. Makes no object on
   * the way.
   */
  @View
  public static final class Cursor {
    private final LongScan scan;

    private Cursor(LongScan scan) {
      this.scan = scan;
    }

    /**
     * Moves on to the next entry.
     *
     * @return whether there is one
     * @throws IllegalStateException if the map or its domain is closed
     */
    public boolean next() {
      return scan.next();
    }

    /**
     * Returns the key of the entry.
     *
     * @return its key
     * @throws IllegalStateException if the cursor is at no entry
     */
    public long key() {
      return scan.key();
    }

    /**
     * Returns the value of the entry.
     *
     * @return the value that it had when it was copied
     * @throws IllegalStateException if the cursor is at no entry
     */
    public long value() {
      return scan.value();
    }

    /** Goes back before the first entry, to walk anew. */
    public void restart() {
      scan.restart();
    }
  }

  /**
   * Shows the entries from one key to another.
   *
   * @param least the least key that may be in the range
   * @param most the greatest; if it is less than the least the range is empty
   * @return the range, valid until the map is closed
   */
  @View
  public Range range(long least, long most) {
    return new Range(least, most);
  }

  /**
   * Shows all entries.
   *
   * @return the range of all keys, valid until the map is closed
   */
  @View
  public Range all() {
    return new Range(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Passes on every entry, from the least key up; see {@link Range#forEach}.
   *
   * @param consumer what takes them
   * @throws IllegalStateException if the map or its domain is closed
   */
  public void forEach(LongLongTable.EntryConsumer consumer) {
    all().forEach(consumer);
  }

  /**
   * Returns the number of entries, as it is kept by the way: right when nobody changes the map.
   * O(1).
   *
   * @return their number
   * @throws IllegalStateException if the map is closed
   */
  public long size() {
    return core.size();
  }

  /**
   * Says whether there are no entries.
   *
   * @return whether there was none at one moment of the call
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean isEmpty() {
    return all().isEmpty();
  }

  /**
   * Ends the map, waits as long as {@link ReclamationDomain#closeTimeout} for guards that are open,
   * and frees all nodes. Operations of other threads that are under way end as if they had been
   * before it, or throw. Closing again does nothing once it has succeeded. Not under a guard of
   * one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the map is
   *     closed, its nodes are not freed, and closing it again tries again
   */
  @Override
  public void close() {
    core.close();
  }

  SkipListCore core() {
    return core;
  }

  void checkInvariants() {
    core.checkInvariants();
  }

  /**
   * Counts the blocks that are the map's, the head and dead nodes included; when nobody changes it.
   */
  long blocks() {
    long[] cells = {0};
    forEach((key, value) -> cells[0] += ValueWord.hasCell(value) ? 1 : 0);
    return 1 + core.nodes() + cells[0];
  }

  /** Returns whether it is open or closed; the entries are not counted. */
  @Override
  public String toString() {
    return core.toString();
  }
}
