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
import java.lang.foreign.ValueLayout;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A map from bytes to bytes in native memory for many threads, in the order of keys: a skip list.
 * Keys are compared byte by byte as unsigned numbers, and a key comes before those that it begins.
 *
 * <p>Takes 34.7 bytes an entry on average and its key in one block, 8 bytes and the value in
 * another, which is what its allocator makes of that. The first eight bytes of a key are compared
 * at once.
 *
 * <p>Thread-safe, for platform and virtual threads alike. Operations on one key are linearizable,
 * and so are those that find a neighbour of a key, as far as the key is concerned. Polling and
 * iteration are as in {@link ConcurrentLongLongOrderedMap}, and so are cost and progress. A change
 * reserves room in its domain for what it may retire: twice the largest key or value that there
 * ever was.
 *
 * <p>Views of keys and values are valid under a guard: one that the caller has open, or the map's
 * own while a consumer runs. A value is never changed, only replaced by another.
 *
 * <p>Actions before a change happen-before those after an operation that sees it.
 *
 * <p>It owns its blocks and frees them on {@link #close()}; after that every operation throws
 * {@link IllegalStateException}. Those of removed entries are freed by the domain. So the map is
 * closed first, then the domain, then the allocator.
 */
public final class ConcurrentBytesOrderedMap implements AutoCloseable {

  /*
   * The algorithm is in SkipListCore.
   *
   * Length. Operations take keys as segments and as arrays; two in three lines are their contracts.
   */

  /** Takes the entries of a map, one by one. */
  @FunctionalInterface
  public interface EntryConsumer {
    /**
     * Takes one entry.
     *
     * @param key its key, a view that is valid until this method returns
     * @param value its value, a view that is valid until this method returns
     */
    void accept(@View Slice key, @View Slice value);
  }

  /** Entries that are met under one guard. */
  private static final int STRIDE = 256;

  private final ReclamationDomain domain;
  private final SkipListCore core;

  /**
   * Creates an empty map, which allocates a head of 128 bytes.
   *
   * @param allocator where its blocks come from; thread-safe, and outlives the domain
   * @param domain where blocks of removed entries are retired to; outlives the map
   * @throws AllocationException if there is no room for the head
   * @throws IllegalArgumentException if the allocator is not thread-safe, or the hard limit of the
   *     domain is below 128 bytes
   */
  public ConcurrentBytesOrderedMap(
      @Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    this(allocator, domain, SkipListCore.randomHeights());
  }

  /** Creates a map whose nodes have as many levels as is said. */
  ConcurrentBytesOrderedMap(Allocator allocator, ReclamationDomain domain, IntSupplier heights) {
    this.domain = domain;
    core =
        new SkipListCore(
            "ConcurrentBytesOrderedMap",
            allocator,
            domain,
            heights,
            value -> SkipValue.free(value, allocator));
  }

  private static BytesKey keyOf(MemorySegment key) {
    return BytesKey.of(key, 0, key.byteSize());
  }

  private static long find(long head, BytesKey key) {
    return SkipListCore.find(head, key.word, key);
  }

  @View
  private static Slice keyView(long node) {
    return new Slice(SkipNode.keyBytes(node), SkipNode.keyByteSize(node), 1);
  }

  /** Returns the value block of a node, or DEAD if there is no node or it is dead. */
  private static long valueOf(long node) {
    return node == Memory.NULL ? ValueWord.DEAD : SkipNode.value(node); // A2
  }

  // ---- reading ----------------------------------------------------------------------------------

  /**
   * Shows the value of a key without copying it.
   *
   * @param guard an open guard of the domain, which stays the caller's
   * @param key the key, all bytes of the segment
   * @return a view of it, valid under the guard; null if the key is not there
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the map, its domain or the segment is closed
   */
  @View
  public @Nullable Slice get(@Borrowed Guard guard, @Borrowed MemorySegment key) {
    long value = valueOf(find(core.head(core.mine(guard)), keyOf(key)));
    return value == ValueWord.DEAD ? null : SkipValue.view(value);
  }

  /**
   * Shows the value of a key to a consumer. A guard of the domain is open meanwhile.
   *
   * @param key the key, all bytes of the segment
   * @param consumer what takes the value
   * @return whether the key is there
   * @throws IllegalStateException if the map, its domain or the segment is closed
   */
  public boolean get(@Borrowed MemorySegment key, SliceConsumer consumer) {
    try (Guard guard = core.pin()) {
      Slice value = get(guard, key);
      if (value == null) {
        return false;
      }
      consumer.accept(value);
      return true;
    }
  }

  /**
   * Copies the value of a key.
   *
   * @param key the key
   * @return the value, or null if the key is not there
   * @throws IllegalStateException if the map or its domain is closed
   */
  public byte @Nullable [] get(byte[] key) {
    try (Guard guard = core.pin()) {
      Slice value = get(guard, MemorySegment.ofArray(key));
      return value == null ? null : value.segment().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key, all bytes of the segment
   * @return whether it has a value
   * @throws IllegalStateException if the map, its domain or the segment is closed
   */
  public boolean containsKey(@Borrowed MemorySegment key) {
    try (Guard guard = core.pin()) {
      return find(core.head(guard), keyOf(key)) != Memory.NULL;
    }
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean containsKey(byte[] key) {
    return containsKey(MemorySegment.ofArray(key));
  }

  /** Shows the entry that is next to a bound, upwards or downwards, if there is one. */
  private boolean neighbour(BytesKey key, int bound, boolean up, EntryConsumer consumer) {
    for (; ; ) {
      try (Guard guard = core.pin()) {
        long head = core.head(guard);
        long node =
            up
                ? SkipListCore.next(head, key.word, key, bound)
                : SkipListCore.previous(head, key.word, key, bound);
        if (node == Memory.NULL) {
          return false;
        }
        long value = valueOf(node);
        if (value != ValueWord.DEAD) {
          consumer.accept(keyView(node), SkipValue.view(value));
          return true;
        }
      }
    }
  }

  /**
   * Shows the entry of the greatest key that is not above another to a consumer. A guard of the
   * domain is open meanwhile.
   *
   * @param key the other key, which need not be there, all bytes of the segment
   * @param consumer what takes the entry
   * @return whether there is one
   * @throws IllegalStateException if the map, its domain or the segment is closed
   */
  public boolean floor(@Borrowed MemorySegment key, EntryConsumer consumer) {
    return neighbour(keyOf(key), SkipListCore.UP_TO, false, consumer);
  }

  /**
   * Shows the entry of the greatest key below another to a consumer. A guard of the domain is open
   * meanwhile.
   *
   * @param key the other key, which need not be there, all bytes of the segment
   * @param consumer what takes the entry
   * @return whether there is one
   * @throws IllegalStateException if the map, its domain or the segment is closed
   */
  public boolean lower(@Borrowed MemorySegment key, EntryConsumer consumer) {
    return neighbour(keyOf(key), SkipListCore.BEFORE, false, consumer);
  }

  /**
   * Shows the entry of the least key that is not below another to a consumer. A guard of the domain
   * is open meanwhile.
   *
   * @param key the other key, which need not be there, all bytes of the segment
   * @param consumer what takes the entry
   * @return whether there is one
   * @throws IllegalStateException if the map, its domain or the segment is closed
   */
  public boolean ceiling(@Borrowed MemorySegment key, EntryConsumer consumer) {
    return neighbour(keyOf(key), SkipListCore.BEFORE, true, consumer);
  }

  /**
   * Shows the entry of the least key above another to a consumer. A guard of the domain is open
   * meanwhile.
   *
   * @param key the other key, which need not be there, all bytes of the segment
   * @param consumer what takes the entry
   * @return whether there is one
   * @throws IllegalStateException if the map, its domain or the segment is closed
   */
  public boolean higher(@Borrowed MemorySegment key, EntryConsumer consumer) {
    return neighbour(keyOf(key), SkipListCore.UP_TO, true, consumer);
  }

  /**
   * Shows the entry of the least key to a consumer. A guard of the domain is open meanwhile.
   *
   * @param consumer what takes the entry
   * @return whether there is one
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean first(EntryConsumer consumer) {
    return neighbour(BytesKey.start(), SkipListCore.BEFORE, true, consumer);
  }

  /**
   * Shows the entry of the greatest key to a consumer. A guard of the domain is open meanwhile.
   *
   * @param consumer what takes the entry
   * @return whether there is one
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean last(EntryConsumer consumer) {
    return neighbour(BytesKey.end(), SkipListCore.UP_TO, false, consumer);
  }

  // ---- changing ---------------------------------------------------------------------------------

  private static final int IF_ABSENT = 1;
  private static final int IF_PRESENT = 2;

  /** Gives a key a value, on conditions; returns whether the key was there. */
  private boolean put(MemorySegment keyBytes, MemorySegment value, int condition) {
    announce(keyBytes.byteSize(), value.byteSize());
    BytesKey key = keyOf(keyBytes);
    for (; ; ) {
      try (SkipChange change = core.change()) {
        long head = core.head(change.guard());
        long node = find(head, key);
        if (node == Memory.NULL) {
          if (condition == IF_PRESENT || insert(change, head, key, value)) {
            return false;
          }
          continue;
        }
        long old = SkipNode.value(node); // A2
        if (old != ValueWord.DEAD && (condition == IF_ABSENT || update(change, node, old, value))) {
          return true;
        }
      }
    }
  }

  private void announce(long keyByteSize, long valueByteSize) {
    long most = domain.maxByteSize() / 2;
    if (keyByteSize > most - SkipNode.MOST_BYTE_SIZE || valueByteSize > most - Long.BYTES) {
      throw new IllegalArgumentException(
          "a key of "
              + keyByteSize
              + " bytes with a value of "
              + valueByteSize
              + "; the domain lets an operation retire "
              + domain.maxByteSize()
              + " bytes at most");
    }
    long node = SkipNode.byteSize(SkipNode.MOST_LEVELS, keyByteSize);
    core.announce(Math.max(node, SkipValue.byteSize(valueByteSize)));
  }

  private boolean insert(SkipChange change, long head, BytesKey key, MemorySegment value) {
    long block = SkipValue.of(value, core.allocator());
    boolean inserted = false;
    try {
      long node = core.newNode(head, key.word, block, core.newLevels(), key.byteSize);
      inserted = insert(change, head, key, node);
    } finally {
      if (!inserted) {
        SkipValue.free(block, core.allocator());
      }
    }
    return inserted;
  }

  /** Links a node; by its own copy of the key, which no other thread can close. */
  private boolean insert(SkipChange change, long head, BytesKey key, long node) {
    try {
      key.copyTo(node);
    } catch (RuntimeException | Error e) {
      core.freeNode(node); // the segment is closed
      throw e;
    }
    return core.insert(change, head, key.word, BytesKey.ofNode(node), node);
  }

  private boolean update(SkipChange change, long node, long old, MemorySegment value) {
    long block = SkipValue.of(value, core.allocator());
    if (SkipNode.compareAndSetValue(node, old, block)) { // R2
      SkipValue.retire(old, change);
      return true;
    }
    SkipValue.free(block, core.allocator());
    Thread.onSpinWait();
    return false;
  }

  /**
   * Gives a key a value.
   *
   * @param key the key, all bytes of the segment
   * @param value its value, copied
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalArgumentException if key or value are so large that the domain would not let an
   *     operation retire both
   * @throws IllegalStateException if the map, its domain or a segment is closed
   */
  public boolean put(@Borrowed MemorySegment key, @Borrowed MemorySegment value) {
    return !put(key, value, 0);
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value, copied
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalArgumentException if key or value are so large that the domain would not let an
   *     operation retire both
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean put(byte[] key, byte[] value) {
    return put(MemorySegment.ofArray(key), MemorySegment.ofArray(value));
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key, all bytes of the segment
   * @param value its value, copied
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalArgumentException if key or value are so large that the domain would not let an
   *     operation retire both
   * @throws IllegalStateException if the map, its domain or a segment is closed
   */
  public boolean putIfAbsent(@Borrowed MemorySegment key, @Borrowed MemorySegment value) {
    return !put(key, value, IF_ABSENT);
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value, copied
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalArgumentException if key or value are so large that the domain would not let an
   *     operation retire both
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean putIfAbsent(byte[] key, byte[] value) {
    return putIfAbsent(MemorySegment.ofArray(key), MemorySegment.ofArray(value));
  }

  /**
   * Gives a key a value if it has one.
   *
   * @param key the key, all bytes of the segment
   * @param value its value, copied
   * @return whether the key was there
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalArgumentException if key or value are so large that the domain would not let an
   *     operation retire both
   * @throws IllegalStateException if the map, its domain or a segment is closed
   */
  public boolean replace(@Borrowed MemorySegment key, @Borrowed MemorySegment value) {
    return put(key, value, IF_PRESENT);
  }

  /**
   * Gives a key a value if it has one.
   *
   * @param key the key
   * @param value its value, copied
   * @return whether the key was there
   * @throws AllocationException if there is no room; the map is unchanged
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalArgumentException if key or value are so large that the domain would not let an
   *     operation retire both
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean replace(byte[] key, byte[] value) {
    return replace(MemorySegment.ofArray(key), MemorySegment.ofArray(value));
  }

  /**
   * Removes a key.
   *
   * @param key the key, all bytes of the segment
   * @return whether it was there
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map, its domain or the segment is closed
   */
  public boolean remove(@Borrowed MemorySegment key) {
    BytesKey wanted = keyOf(key);
    for (; ; ) {
      try (SkipChange change = core.change()) {
        long head = core.head(change.guard());
        long node = find(head, wanted);
        long value = valueOf(node);
        if (value == ValueWord.DEAD) {
          return false;
        }
        if (removeWithValue(change, head, node, value)) {
          return true;
        }
      }
    }
  }

  private boolean removeWithValue(SkipChange change, long head, long node, long value) {
    if (!SkipNode.compareAndSetValue(node, value, ValueWord.DEAD)) { // R2
      Thread.onSpinWait();
      return false;
    }
    SkipValue.retire(value, change);
    core.bury(change, head, SkipNode.word(node), BytesKey.ofNode(node), node);
    return true;
  }

  /**
   * Removes a key.
   *
   * @param key the key
   * @return whether it was there
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean remove(byte[] key) {
    return remove(MemorySegment.ofArray(key));
  }

  /**
   * Removes the entry of the least key, and shows it to a consumer. A guard of the domain is open
   * meanwhile. If the consumer throws, the entry is gone.
   *
   * @param consumer what takes the entry
   * @return whether there was one
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean pollFirst(EntryConsumer consumer) {
    return poll(consumer, true);
  }

  /**
   * Removes the entry of the greatest key, and shows it to a consumer. A guard of the domain is
   * open meanwhile. If the consumer throws, the entry is gone.
   *
   * @param consumer what takes the entry
   * @return whether there was one
   * @throws ReclamationLimitException if the domain has no room for what the change may retire; the
   *     map is unchanged
   * @throws IllegalStateException if the map or its domain is closed
   */
  public boolean pollLast(EntryConsumer consumer) {
    return poll(consumer, false);
  }

  private boolean poll(EntryConsumer consumer, boolean first) {
    for (; ; ) {
      try (SkipChange change = core.change()) {
        long head = core.head(change.guard());
        BytesKey end = first ? BytesKey.start() : BytesKey.end();
        long node =
            first
                ? SkipListCore.next(head, end.word, end, SkipListCore.BEFORE)
                : SkipListCore.previous(head, end.word, end, SkipListCore.UP_TO);
        if (node == Memory.NULL) {
          return false;
        }
        long value = valueOf(node);
        if (value != ValueWord.DEAD && removeWithValue(change, head, node, value)) {
          consumer.accept(keyView(node), SkipValue.view(value)); // the guard holds them back
          return true;
        }
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

  // ---- ranges -----------------------------------------------------------------------------------

  /**
   * Passes on every entry, from the least key up. A guard of the domain is open meanwhile, which
   * moves on every 256 entries: a consumer that changes the map may be refused or wait in vain.
   *
   * @param consumer what takes them
   * @throws IllegalStateException if the map or its domain is closed
   */
  public void forEach(EntryConsumer consumer) {
    ascend(BytesKey.start(), BytesKey.end(), consumer);
  }

  /**
   * Passes on every entry of a range, from the least key up. A guard of the domain is open
   * meanwhile, which moves on every 256 entries: a consumer that changes the map may be refused or
   * wait in vain.
   *
   * @param from the least key that may be in the range, all bytes of the segment
   * @param to the least key that is beyond it, all bytes of the segment
   * @param consumer what takes them
   * @throws IllegalStateException if the map, its domain or a segment is closed
   */
  public void forEach(
      @Borrowed MemorySegment from, @Borrowed MemorySegment to, EntryConsumer consumer) {
    ascend(keyOf(from), keyOf(to), consumer);
  }

  private static boolean isBefore(long node, BytesKey end) {
    return node != Memory.NULL && SkipListCore.compare(node, end.word, end) < 0;
  }

  private void ascend(BytesKey from, BytesKey to, EntryConsumer consumer) {
    BytesKey position = from;
    int bound = SkipListCore.BEFORE;
    try (Guard guard = core.pin()) {
      for (boolean more = true; more; ) {
        long node = SkipListCore.next(core.head(guard), position.word, position, bound);
        long last = Memory.NULL;
        for (int i = 0; i < STRIDE && isBefore(node, to); i++) {
          accept(node, consumer);
          last = node;
          node = SkipListCore.behind(node);
        }
        more = last != Memory.NULL && isBefore(node, to);
        if (more) {
          position = BytesKey.copyOf(last);
          bound = SkipListCore.UP_TO;
          guard.refresh();
        }
      }
    }
  }

  private static void accept(long node, EntryConsumer consumer) {
    long value = SkipNode.value(node); // A2
    if (value != ValueWord.DEAD) {
      consumer.accept(keyView(node), SkipValue.view(value));
    }
  }

  /**
   * Passes on every entry, from the greatest key down, O(log n) each. A guard of the domain is open
   * meanwhile, another for each entry.
   *
   * @param consumer what takes them
   * @throws IllegalStateException if the map or its domain is closed
   */
  public void forEachDescending(EntryConsumer consumer) {
    descend(BytesKey.end(), SkipListCore.UP_TO, BytesKey.start(), consumer);
  }

  /**
   * Passes on every entry of a range, from the greatest key down, O(log n) each. A guard of the
   * domain is open meanwhile, another for each entry.
   *
   * @param from the least key that may be in the range, all bytes of the segment
   * @param to the least key that is beyond it, all bytes of the segment
   * @param consumer what takes them
   * @throws IllegalStateException if the map, its domain or a segment is closed
   */
  public void forEachDescending(
      @Borrowed MemorySegment from, @Borrowed MemorySegment to, EntryConsumer consumer) {
    descend(keyOf(to), SkipListCore.BEFORE, keyOf(from), consumer);
  }

  private void descend(BytesKey end, int bound, BytesKey least, EntryConsumer consumer) {
    BytesKey position = end;
    for (int within = bound; ; within = SkipListCore.BEFORE) {
      try (Guard guard = core.pin()) {
        long node = SkipListCore.previous(core.head(guard), position.word, position, within);
        if (node == Memory.NULL || isBefore(node, least)) {
          return;
        }
        accept(node, consumer);
        position = BytesKey.copyOf(node);
      }
    }
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
    return !first((key, value) -> {});
  }

  /**
   * Ends the map, waits as long as {@link ReclamationDomain#closeTimeout} for guards that are open,
   * and frees all blocks. Operations of other threads that are under way end as if they had been
   * before it, or throw. Closing again does nothing once it has succeeded. Not under a guard of
   * one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the map is
   *     closed, its blocks are not freed, and closing it again tries again
   */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }

  /** Returns whether it is open or closed; the entries are not counted. */
  @Override
  public String toString() {
    return core.toString();
  }
}
