package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import io.caisson.collections.EntryValues.Mode;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A hash table from records to records in native memory for many threads.
 *
 * <p>{@link RecordCodec}s say how they lie there. Keys are hashed and compared by their bytes, and
 * so are values where one is expected; so records are equal if the {@code equals} that they have by
 * themselves says so, and arrays in them if their bytes are equal. Key and value lie side by side
 * in one block for each entry, which never changes: a value that is read is whole, whatever others
 * do.
 *
 * <pre>{@code
 * ConcurrentTable<Account, Balance> balances = new ConcurrentTable<>(allocator, domain, key, value);
 * balances.merge(account, deposit, (old, more) -> new Balance(old.cents() + more.cents()));
 *
 * LongField<Balance> cents = value.longField("cents");
 * try (Guard guard = domain.pin()) {
 *   ConcurrentTable<Account, Balance>.Cursor at = balances.cursor(guard);
 *   long now = at.moveTo(account) ? cents.get(at.value()) : 0;
 * }
 * }</pre>
 *
 * <p>Takes 16 bytes and the key and value an entry, which is what its allocator makes of that, and
 * 8 bytes a slot, of which 1/5 to 3/4 are used; it grows and shrinks a few slots at a time on the
 * way of its writers, never all at once. Operations are expected O(size of an entry).
 *
 * <p>Thread-safe, for platform and virtual threads alike, and linearizable but for iteration and
 * size. Reading never waits, and is lock-free but for the memory that a key is encoded in, which
 * the table keeps for the next one. Who replaces or removes a value that another thread is just
 * moving to a table of another size waits for that thread; and he may wait, or be refused, when the
 * garbage of the domain is at the limit. No operation makes a Java object that outlives it, but for
 * those that return one, and one a size of the table; only what returns a record, or passes one on,
 * makes one.
 *
 * <p>Actions before a change happen-before those after an operation that sees it.
 *
 * <p>Each operation pins its domain; those that take a {@link Guard} use one of the caller's, who
 * spares that for many operations in a row, and {@linkplain Guard#refresh refreshes} it now and
 * then. Constructors and accessors of records are called under a guard.
 *
 * <p>It owns its blocks and frees them on {@link #close()}; after that every operation throws
 * {@link IllegalStateException}. What was removed or replaced is freed by the domain. So the table
 * is closed first, then the domain, then the allocator.
 *
 * @param <K> the record class of the keys
 * @param <V> the record class of the values
 */
public final class ConcurrentTable<K extends Record, V extends Record> implements AutoCloseable {

  /*
   * A face of an EntryTable, which has the essay, and of EntryValues, which change it.
   *
   * A key is encoded in scratch memory of the table's, right behind it the value, and right behind
   * that the one that is expected, before anything else is done: what does not fit fails there. The
   * sizes of an entry are known, so a guard has room for one from the beginning.
   *
   * Length. Most lines are the contracts of its operations.
   */

  private static final String TYPE = "ConcurrentTable";

  private final RecordCodec<K> keyCodec;
  private final RecordCodec<V> valueCodec;
  private final long keyByteSize;
  private final long valueByteSize;
  private final long entryByteSize;
  private final EntryTable core;
  private final EntryValues values;

  /** Where the value that was there comes back. */
  private static final class Found<V> {
    @Nullable V value;
  }

  /**
   * Creates an empty table, which allocates when it is first asked for a key.
   *
   * @param allocator where its memory comes from; thread-safe, gives addresses below
   *     2<sup>48</sup>, and outlives the domain
   * @param domain where what is removed is retired to; outlives the table
   * @param keyCodec how keys lie in memory
   * @param valueCodec how values lie in memory
   * @throws IllegalArgumentException if the allocator is not thread-safe, or an entry would be more
   *     than the domain lets an operation retire
   */
  public ConcurrentTable(
      @Borrowed Allocator allocator,
      @Borrowed ReclamationDomain domain,
      RecordCodec<K> keyCodec,
      RecordCodec<V> valueCodec) {
    this(allocator, domain, keyCodec, valueCodec, TableShape.ofCells((int) EntrySlot.SIZE));
  }

  ConcurrentTable(
      Allocator allocator,
      ReclamationDomain domain,
      RecordCodec<K> keyCodec,
      RecordCodec<V> valueCodec,
      TableShape shape) {
    this.keyCodec = keyCodec;
    this.valueCodec = valueCodec;
    keyByteSize = keyCodec.byteSize();
    valueByteSize = valueCodec.byteSize();
    entryByteSize = BytesEntry.SIZE + keyByteSize + valueByteSize;
    core = new EntryTable(TYPE, allocator, domain, shape, true);
    core.requireRetirable(entryByteSize);
    values = new EntryValues(core);
  }

  // ---- records ----------------------------------------------------------------------------------

  /** Encodes a key, and returns its address, until the next one. */
  private long encode(KeyScratch scratch, K key) {
    long address = scratch.room(keyByteSize + 2 * valueByteSize);
    keyCodec.write(key, address);
    return address;
  }

  private K readKey(long entry) {
    return keyCodec.read(BytesEntry.key(entry));
  }

  private V readValue(long entry) {
    return valueCodec.read(BytesEntry.key(entry) + keyByteSize);
  }

  // ---- searching --------------------------------------------------------------------------------

  /** Under a guard that was open before the root was read. */
  private long find(Generation root, K key) {
    KeyScratch scratch = core.scratch();
    try {
      long encoded = encode(scratch, key);
      return EntryTable.findEntry(root, core.fingerprint(encoded, keyByteSize), encoded);
    } finally {
      core.give(scratch);
    }
  }

  /**
   * Returns the value of a key.
   *
   * @param key the key
   * @return a new record, or null if the key is not there
   * @throws IllegalArgumentException if a component of the key does not fit, see {@link
   *     RecordCodec#encode}
   * @throws AllocationException if there is no room for the encoded key
   * @throws IllegalStateException if the table or its domain is closed
   */
  public @Nullable V get(K key) {
    try (Guard guard = core.pin()) {
      long entry = find(core.root(guard), key);
      return entry == Memory.NULL ? null : readValue(entry);
    }
  }

  /**
   * Returns the value of a key under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return a new record, or null if the key is not there
   * @throws IllegalArgumentException if a component of the key does not fit, see {@link
   *     RecordCodec#encode}, or the guard is of another domain
   * @throws AllocationException if there is no room for the encoded key
   * @throws IllegalStateException if the table is closed
   */
  public @Nullable V get(@Borrowed Guard guard, K key) {
    core.requireOwn(guard);
    long entry = find(core.root(guard), key);
    return entry == Memory.NULL ? null : readValue(entry);
  }

  /**
   * Returns the value of a key, or another.
   *
   * @param key the key
   * @param absent what to return if the key is not there
   * @return a new record, or {@code absent}
   * @throws IllegalArgumentException if a component of the key does not fit, see {@link
   *     RecordCodec#encode}
   * @throws AllocationException if there is no room for the encoded key
   * @throws IllegalStateException if the table or its domain is closed
   */
  public V getOrDefault(K key, V absent) {
    V value = get(key);
    return value == null ? absent : value;
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws IllegalArgumentException if a component of the key does not fit, see {@link
   *     RecordCodec#encode}
   * @throws AllocationException if there is no room for the encoded key
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean containsKey(K key) {
    try (Guard guard = core.pin()) {
      return find(core.root(guard), key) != Memory.NULL;
    }
  }

  /**
   * Says whether a key is there under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return whether it has a value
   * @throws IllegalArgumentException if a component of the key does not fit, see {@link
   *     RecordCodec#encode}, or the guard is of another domain
   * @throws AllocationException if there is no room for the encoded key
   * @throws IllegalStateException if the table is closed
   */
  public boolean containsKey(@Borrowed Guard guard, K key) {
    core.requireOwn(guard);
    return find(core.root(guard), key) != Memory.NULL;
  }

  // ---- changing ---------------------------------------------------------------------------------

  /** Encodes a key and what is given of its value and the one that is expected. */
  private long encode(KeyScratch scratch, K key, @Nullable V value, @Nullable V expected) {
    long encoded = encode(scratch, key);
    if (value != null) {
      valueCodec.write(value, encoded + keyByteSize);
    }
    if (expected != null) {
      valueCodec.write(expected, encoded + keyByteSize + valueByteSize);
    }
    return encoded;
  }

  /** Does a change to a key that is encoded, and returns what that of the values does. */
  private long write(Generation root, long encoded, Mode mode) {
    long fingerprint = core.fingerprint(encoded, keyByteSize);
    long value = encoded + keyByteSize;
    return values.write(
        root, entryByteSize, fingerprint, encoded, null, value, valueByteSize, mode);
  }

  /**
   * Does a change that may unlink an entry; says whether the key was there, with the value that is
   * expected if one is.
   */
  private boolean write(
      K key, @Nullable V value, @Nullable V expected, Mode mode, @Nullable Found<V> previous) {
    long found = -1;
    do {
      try (Guard guard = core.pin(entryByteSize)) {
        KeyScratch scratch = core.scratch();
        try {
          long encoded = encode(scratch, key, value, expected);
          Generation root = core.root(guard);
          found = write(root, encoded, mode);
          if (found > 0) {
            values.retire(guard, root, found, mode);
            read(found, previous);
          }
        } finally {
          core.give(scratch);
        }
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    } while (found < 0);
    return found != Memory.NULL;
  }

  /** Gives a key a value unless it has one; says whether it has one. */
  private boolean insert(K key, V value, @Nullable Found<V> present) {
    long found = -1;
    do {
      try (Guard guard = core.pin()) {
        KeyScratch scratch = core.scratch();
        try {
          long encoded = encode(scratch, key, value, null);
          found = write(core.root(guard), encoded, Mode.IF_ABSENT);
          if (found > 0) {
            read(found, present);
          }
        } finally {
          core.give(scratch);
        }
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    } while (found < 0);
    return found != Memory.NULL;
  }

  private void read(long entry, @Nullable Found<V> found) {
    if (found != null) {
      found.value = readValue(entry);
    }
  }

  // What follows is for the map.

  /** Does a change, and returns the value that was there. */
  @Nullable V exchange(K key, @Nullable V value, Mode mode) {
    Found<V> previous = new Found<>();
    write(key, value, null, mode, previous);
    return previous.value;
  }

  /** Gives a key a value unless it has one, and returns that. */
  @Nullable V insert(K key, V value) {
    Found<V> present = new Found<>();
    insert(key, value, present);
    return present.value;
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value from now on
   * @return whether the key was not there
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     the table is unchanged
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean put(K key, V value) {
    return !write(key, Objects.requireNonNull(value, "value"), null, Mode.PUT, null);
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value if it has none
   * @return whether the key was not there
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     the table is unchanged
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for what is left behind as the
   *     table grows; the table is unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean putIfAbsent(K key, V value) {
    return !insert(key, Objects.requireNonNull(value, "value"), null);
  }

  /**
   * Gives a key a value if it has one.
   *
   * @param key the key
   * @param value its value from now on, if it has one
   * @return whether the key was there
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     the table is unchanged
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean replace(K key, V value) {
    return write(key, Objects.requireNonNull(value, "value"), null, Mode.IF_PRESENT, null);
  }

  /**
   * Gives a key a value if it has the one that is expected; one atomic step.
   *
   * @param key the key
   * @param expected the value that it must have, by its bytes
   * @param value its value from now on, if so
   * @return whether it was so
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     the table is unchanged
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean replace(K key, V expected, V value) {
    return write(
        key,
        Objects.requireNonNull(value, "value"),
        Objects.requireNonNull(expected, "expected"),
        Mode.IF_EXPECTED,
        null);
  }

  /**
   * Computes the value of a key from the value it has; one atomic step.
   *
   * @param key the key
   * @param function what gets the key, and a new record of the value or null if there is none, and
   *     returns the new value, or null to remove the key; it may be called several times, and under
   *     a guard
   * @return what the function returned at last
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     the table is unchanged
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public @Nullable V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    Found<V> made = new Found<>();
    EntryValues.Maker maker =
        (fingerprint, encoded, entry) -> {
          V old = entry == Memory.NULL ? null : readValue(entry);
          made.value = function.apply(key, old);
          return newEntry(fingerprint, encoded, made.value);
        };
    long fresh = -1;
    do {
      try (Guard guard = core.pin(entryByteSize)) {
        KeyScratch scratch = core.scratch();
        try {
          long encoded = encode(scratch, key);
          long fingerprint = core.fingerprint(encoded, keyByteSize);
          fresh = values.compute(guard, entryByteSize, fingerprint, encoded, maker);
        } finally {
          core.give(scratch);
        }
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    } while (fresh < 0);
    return made.value;
  }

  /** Makes an entry of a key that is encoded and a value; none if that is null. */
  private long newEntry(long fingerprint, long encoded, @Nullable V value) {
    if (value == null) {
      return Memory.NULL;
    }
    valueCodec.write(value, encoded + keyByteSize);
    return values.newEntry(fingerprint, encoded, null, encoded + keyByteSize, valueByteSize);
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both; one atomic step.
   *
   * @param key the key
   * @param value the value
   * @param function what gets a new record of the old value and the new one, and returns what is to
   *     be the value, or null to remove the key; it may be called several times, and under a guard
   * @return the value that the key has then, or null for none
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     the table is unchanged
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public @Nullable V merge(
      K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(function, "function");
    return compute(key, (same, old) -> old == null ? value : function.apply(old, value));
  }

  // ---- removing ---------------------------------------------------------------------------------

  /**
   * Removes a key and its value.
   *
   * @param key the key
   * @return whether it was there
   * @throws IllegalArgumentException if a component of the key does not fit, see {@link
   *     RecordCodec#encode}
   * @throws AllocationException if there is no room for the encoded key
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean remove(K key) {
    return write(key, null, null, Mode.REMOVE, null);
  }

  /**
   * Removes a key if it has the value that is expected; one atomic step.
   *
   * @param key the key
   * @param expected the value that it must have, by its bytes
   * @return whether it was so
   * @throws IllegalArgumentException if a component does not fit, see {@link RecordCodec#encode};
   *     the table is unchanged
   * @throws AllocationException if there is no room for the encoded key
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean remove(K key, V expected) {
    Objects.requireNonNull(expected, "expected");
    return write(key, null, expected, Mode.REMOVE_EXPECTED, null);
  }

  /**
   * Removes the entries that are there, one by one; what others insert meanwhile may be removed
   * too.
   *
   * @throws AllocationException if there is no room for an encoded key; the rest is still there
   * @throws ReclamationLimitException if the domain has no room for more of them; the rest is still
   *     there
   * @throws IllegalStateException if the table or its domain is closed
   */
  public void clear() {
    values.clear();
  }

  // ---- in place ---------------------------------------------------------------------------------

  /**
   * Shows entries where they lie under a guard of the caller's: one after the other, or those that
   * are asked for. It is at none at first. What it shows is an entry as it was when the cursor
   * moved there, whole and unchanged, though it may be replaced or removed since. Makes no object
   * on the way.
   *
   * <p>Used by one thread at a time. Valid until its guard is refreshed or closed; nobody checks
   * that but checked memory mode.
   */
  @View
  public final class Cursor {
    private final Guard guard;
    private final EntryPart<K> key = new EntryPart<>(keyCodec);
    private final EntryPart<V> value = new EntryPart<>(valueCodec);

    /** What is gone through, once it is. */
    private @Nullable EntryBatch batch;

    private int next;

    private Cursor(Guard guard) {
      this.guard = guard;
    }

    private boolean show(long entry) {
      boolean isThere = entry != Memory.NULL;
      key.moveTo(isThere ? BytesEntry.key(entry) : Memory.NULL);
      value.moveTo(isThere ? BytesEntry.key(entry) + keyByteSize : Memory.NULL);
      return isThere;
    }

    /**
     * Moves to the entry of a key.
     *
     * @param key the key
     * @return whether it is there; if not, the cursor is at no entry
     * @throws IllegalArgumentException if a component of the key does not fit, see {@link
     *     RecordCodec#encode}; the cursor has not moved
     * @throws AllocationException if there is no room for the encoded key; the cursor has not moved
     * @throws IllegalStateException if the table is closed
     */
    public boolean moveTo(K key) {
      return show(find(core.root(guard), key));
    }

    /**
     * Moves on to the next entry, in no order, whatever keys it was moved to: each that is there
     * throughout comes once, others perhaps, and no key comes twice.
     *
     * @return whether there is one; if not, the cursor is at no entry
     * @throws IllegalStateException if the table is closed
     */
    public boolean next() {
      EntryBatch entries = batch;
      if (entries == null) {
        entries = new EntryBatch(core, true);
        batch = entries;
      }
      while (next == entries.count()) {
        next = 0;
        if (!entries.gatherNext(guard)) {
          return show(Memory.NULL);
        }
      }
      return show(entries.entry(next++));
    }

    /**
     * Shows the key of the entry, which cannot be written.
     *
     * @return a view, the same for every entry, valid as long as the cursor
     */
    @View
    public RecordView<K> key() {
      return key;
    }

    /**
     * Shows the value of the entry, which cannot be written: others read it.
     *
     * @return a view, the same for every entry, valid as long as the cursor
     */
    @View
    public RecordView<V> value() {
      return value;
    }
  }

  /**
   * Returns a cursor that is at no entry, to read fields where they are.
   *
   * @param guard an open guard of the table's domain
   * @return the cursor, valid until the guard is refreshed or closed
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table is closed
   */
  @View
  public Cursor cursor(@Borrowed Guard guard) {
    core.requireOwn(guard);
    core.requireOpen();
    return new Cursor(guard);
  }

  // ---- all entries ------------------------------------------------------------------------------

  /** Goes through copies of the entries, a bank's at a time, and holds no guard in between. */
  private final class Walk implements ConcurrentViews.Walk<K, V> {
    private final EntryBatch batch = new EntryBatch(core, true);
    private final List<Map.Entry<K, V>> copies = new ArrayList<>();
    private int next;

    @Override
    public Map.@Nullable Entry<K, V> next() {
      while (next == copies.size()) {
        next = 0;
        copies.clear();
        try (Guard guard = core.pin()) {
          if (!batch.gatherNext(guard)) {
            return null;
          }
          batch.forEach(entry -> copies.add(Map.entry(readKey(entry), readValue(entry))));
        }
      }
      return copies.get(next++);
    }
  }

  ConcurrentViews.Walk<K, V> walk() {
    return new Walk();
  }

  /**
   * Passes entries on, in no order, as new records: each that is there throughout once, others
   * perhaps, and no key twice. They are copied a few thousand at a time, so that no guard is open
   * meanwhile.
   *
   * @param consumer what takes them; it may change the table
   * @throws IllegalStateException if the table or its domain is closed
   */
  public void forEach(BiConsumer<? super K, ? super V> consumer) {
    Walk walk = new Walk();
    for (Map.Entry<K, V> entry = walk.next(); entry != null; entry = walk.next()) {
      consumer.accept(entry.getKey(), entry.getValue());
    }
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
   * Shows the table as a map, which copies the records it returns: for users of {@code java.util}.
   * It can be changed as the table can, and each shows what the other does. Values are compared by
   * their bytes. Functions that are passed to it are called without a lock, and again if another
   * thread changes the value meanwhile.
   *
   * @return a live view, valid until the table is closed; its size ends at {@link
   *     Integer#MAX_VALUE}, and its iterators are weakly consistent
   * @throws IllegalStateException if the table is closed
   */
  @View
  public ConcurrentMap<K, V> asMap() {
    core.requireOpen();
    return new ConcurrentTableMap<>(this, keyCodec.type(), valueCodec.type());
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

  void checkInvariants() {
    core.checkInvariants();
  }

  /** Returns whether it is open or closed; the entries are not counted. */
  @Override
  public String toString() {
    return core.toString();
  }
}
