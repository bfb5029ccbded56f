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
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A hash table from byte strings to byte strings in native memory for many threads.
 *
 * <p>A key is any range of bytes, of 0 to {@link Integer#MAX_VALUE}, a value any range at all that
 * its domain lets an operation retire; the table keeps copies of both, side by side in one block
 * for each entry, which never changes: a value that is read is whole, whatever others do. Takes 16
 * bytes and the key and value an entry, which is what its allocator makes of that, and 8 bytes a
 * slot, of which 1/5 to 3/4 are used; it grows and shrinks a few slots at a time on the way of its
 * writers, never all at once. Searching is expected O(key size), changing O(bytes).
 *
 * <p>Thread-safe, for platform and virtual threads alike, and linearizable but for iteration and
 * size. Reading is lock-free and never waits. Who replaces or removes a value that another thread
 * is just moving to a table of another size waits for that thread; and he may wait, or be refused,
 * when the garbage of the domain is at the limit. No operation makes a Java object that outlives
 * it, but for those that return one, and one a size of the table.
 *
 * <p>Actions before a change happen-before those after an operation that sees it.
 *
 * <p>A view of a value is valid as long as the guard that it was read under. Each operation pins
 * its domain; those that take a {@link Guard} use one of the caller's, who spares that for many
 * operations in a row, and {@linkplain Guard#refresh refreshes} it now and then. Keys that are on
 * the Java heap are first copied to scratch memory of the table.
 *
 * <p>It owns its blocks and frees them on {@link #close()}; after that every operation throws
 * {@link IllegalStateException}. What was removed or replaced is freed by the domain. So the table
 * is closed first, then the domain, then the allocator.
 */
public final class ConcurrentBytesTable implements AutoCloseable {

  /*
   * The values of an EntryTable, which has the essay; they follow the key in an entry. The size of
   * an entry is in the entry, which may be read only under a guard, and the guard is made with room
   * for it. So who replaces or removes pins with an estimate, and when the entry is larger he lets
   * go and pins again with what it takes. By then another may be there, hence the loop; it goes
   * round only when others changed the value meanwhile.
   *
   * Length. Each operation stands here for segments, views and arrays, and two in three lines are
   * the contract of one.
   */

  /** Takes the entries of a table, one by one. */
  @FunctionalInterface
  public interface EntryConsumer {
    /**
     * Takes one entry.
     *
     * @param key its key, a view that is valid until this method returns, or for as long as the
     *     guard that the caller passed
     * @param value its value, a view that is valid as long
     */
    void accept(@View StringView key, @View StringView value);
  }

  /** Computes the value of a key. */
  @FunctionalInterface
  public interface ValueFunction {
    /**
     * Computes a value.
     *
     * @param value the value that there is, a view that is valid until this method returns; null if
     *     there is none
     * @return the value that is to be, valid until the table has copied it; null for none
     */
    @Borrowed
    @Nullable MemorySegment apply(@View @Nullable StringView value);
  }

  /** Makes one value of two. */
  @FunctionalInterface
  public interface MergeFunction {
    /**
     * Computes a value.
     *
     * @param old the value that there is, a view that is valid until this method returns
     * @param value the one that is to be merged into it
     * @return the value that is to be, valid until the table has copied it; null for none
     */
    @Borrowed
    @Nullable MemorySegment apply(@View StringView old, @Borrowed MemorySegment value);
  }

  /**
   * What {@link #valueByteSize(StringView)} and {@link #copyValue} return for a key that is not
   * there.
   */
  public static final long ABSENT = -1;

  private static final String TYPE = "ConcurrentBytesTable";

  private final EntryTable core;
  private final EntryValues values;

  /**
   * Creates an empty table, which allocates when it gets its first entry.
   *
   * @param allocator where its memory comes from; thread-safe, gives addresses below
   *     2<sup>48</sup>, and outlives the domain
   * @param domain where what is removed is retired to; outlives the table
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public ConcurrentBytesTable(@Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    this(allocator, domain, TableShape.ofCells((int) EntrySlot.SIZE));
  }

  ConcurrentBytesTable(Allocator allocator, ReclamationDomain domain, TableShape shape) {
    core = new EntryTable(TYPE, allocator, domain, shape, true);
    values = new EntryValues(core);
  }

  private static StringView viewOfKey(long entry) {
    return new StringView(BytesEntry.key(entry), BytesEntry.keyByteSize(entry));
  }

  private static StringView viewOfValue(long entry) {
    return new StringView(BytesEntry.value(entry), BytesEntry.word(entry));
  }

  // ---- searching
  // -----------------------------------------------------------------------------------

  private static @Nullable StringView valueOrNull(long entry) {
    return entry == Memory.NULL ? null : viewOfValue(entry);
  }

  private static boolean show(long entry, SliceConsumer consumer) {
    if (entry == Memory.NULL) {
      return false;
    }
    consumer.accept(new Slice(BytesEntry.value(entry), BytesEntry.word(entry), 1));
    return true;
  }

  private static long valueByteSizeOf(long entry) {
    return entry == Memory.NULL ? ABSENT : BytesEntry.word(entry);
  }

  /**
   * Shows the value of a key without copying it under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key, all bytes of the segment
   * @return a view of it, valid until the guard is refreshed or closed; null if the key is not
   *     there
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table or the segment is closed
   */
  @View
  public @Nullable StringView get(@Borrowed Guard guard, @Borrowed MemorySegment key) {
    core.requireOwn(guard);
    return valueOrNull(core.findEntry(core.root(guard), key, 0, key.byteSize()));
  }

  /**
   * Shows the value of a key without copying it under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return a view of it, valid until the guard is refreshed or closed; null if the key is not
   *     there
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table is closed
   */
  @View
  public @Nullable StringView get(@Borrowed Guard guard, @Borrowed StringView key) {
    core.requireOwn(guard);
    return valueOrNull(core.findEntry(core.root(guard), null, key.address(), key.byteSize()));
  }

  /**
   * Shows the value of a key without copying it under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return a view of it, valid until the guard is refreshed or closed; null if the key is not
   *     there
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table is closed
   */
  @View
  public @Nullable StringView get(@Borrowed Guard guard, byte[] key) {
    return get(guard, MemorySegment.ofArray(key));
  }

  /**
   * Shows the value of a key to a consumer without copying it; a guard of the domain is open
   * meanwhile.
   *
   * @param key the key, all bytes of the segment
   * @param consumer what takes the bytes
   * @return whether the key is there
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public boolean get(@Borrowed MemorySegment key, SliceConsumer consumer) {
    try (Guard guard = core.pin()) {
      return show(core.findEntry(core.root(guard), key, 0, key.byteSize()), consumer);
    }
  }

  /**
   * Shows the value of a key to a consumer without copying it; a guard of the domain is open
   * meanwhile.
   *
   * @param key the key
   * @param consumer what takes the bytes
   * @return whether the key is there
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean get(@Borrowed StringView key, SliceConsumer consumer) {
    try (Guard guard = core.pin()) {
      return show(core.findEntry(core.root(guard), null, key.address(), key.byteSize()), consumer);
    }
  }

  /**
   * Shows the value of a key to a consumer without copying it; a guard of the domain is open
   * meanwhile.
   *
   * @param key the key
   * @param consumer what takes the bytes
   * @return whether the key is there
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean get(byte[] key, SliceConsumer consumer) {
    return get(MemorySegment.ofArray(key), consumer);
  }

  /**
   * Copies the value of a key into an array.
   *
   * @param key the key
   * @return the bytes, or null if the key is not there
   * @throws AllocationException if there is no room for the scratch copy of the key
   * @throws IllegalStateException if the table or its domain is closed
   */
  public byte @Nullable [] get(byte[] key) {
    try (Guard guard = core.pin()) {
      StringView value = get(guard, MemorySegment.ofArray(key));
      return value == null ? null : value.toByteArray();
    }
  }

  /**
   * Copies the value of a key out.
   *
   * @param key the key, all bytes of the segment
   * @param destination where the value goes, on the heap or off it
   * @return the size of the value in bytes, or {@link #ABSENT}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IndexOutOfBoundsException if the value is larger than the destination, into which
   *     nothing is then copied
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public long copyValue(@Borrowed MemorySegment key, @Borrowed MemorySegment destination) {
    try (Guard guard = core.pin()) {
      return copyValue(guard, key, destination);
    }
  }

  /**
   * Copies the value of a key out under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key, all bytes of the segment
   * @param destination where the value goes, on the heap or off it
   * @return the size of the value in bytes, or {@link #ABSENT}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IndexOutOfBoundsException if the value is larger than the destination, into which
   *     nothing is then copied
   * @throws IllegalStateException if the table or a segment is closed
   */
  public long copyValue(
      @Borrowed Guard guard, @Borrowed MemorySegment key, @Borrowed MemorySegment destination) {
    StringView value = get(guard, key);
    if (value == null) {
      return ABSENT;
    }
    long byteSize = value.byteSize();
    if (byteSize > destination.byteSize()) {
      throw new IndexOutOfBoundsException(
          "a destination of "
              + destination.byteSize()
              + " bytes; expected room for a value of "
              + byteSize);
    }
    Memory.copyTo(value.address(), destination, 0, byteSize);
    return byteSize;
  }

  /**
   * Returns the size of the value of a key.
   *
   * @param key the key, all bytes of the segment
   * @return its size in bytes, or {@link #ABSENT}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public long valueByteSize(@Borrowed MemorySegment key) {
    try (Guard guard = core.pin()) {
      return valueByteSizeOf(core.findEntry(core.root(guard), key, 0, key.byteSize()));
    }
  }

  /**
   * Returns the size of the value of a key.
   *
   * @param key the key
   * @return its size in bytes, or {@link #ABSENT}
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long valueByteSize(@Borrowed StringView key) {
    try (Guard guard = core.pin()) {
      return valueByteSizeOf(core.findEntry(core.root(guard), null, key.address(), key.byteSize()));
    }
  }

  /**
   * Returns the size of the value of a key.
   *
   * @param key the key
   * @return its size in bytes, or {@link #ABSENT}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or its domain is closed
   */
  public long valueByteSize(byte[] key) {
    return valueByteSize(MemorySegment.ofArray(key));
  }

  /**
   * Returns the size of the value of a key under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key, all bytes of the segment
   * @return its size in bytes, or {@link #ABSENT}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table or the segment is closed
   */
  public long valueByteSize(@Borrowed Guard guard, @Borrowed MemorySegment key) {
    core.requireOwn(guard);
    return valueByteSizeOf(core.findEntry(core.root(guard), key, 0, key.byteSize()));
  }

  /**
   * Returns the size of the value of a key under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return its size in bytes, or {@link #ABSENT}
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table is closed
   */
  public long valueByteSize(@Borrowed Guard guard, @Borrowed StringView key) {
    core.requireOwn(guard);
    return valueByteSizeOf(core.findEntry(core.root(guard), null, key.address(), key.byteSize()));
  }

  /**
   * Returns the size of the value of a key under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return its size in bytes, or {@link #ABSENT}
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table is closed
   */
  public long valueByteSize(@Borrowed Guard guard, byte[] key) {
    return valueByteSize(guard, MemorySegment.ofArray(key));
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key, all bytes of the segment
   * @return whether it has a value
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public boolean containsKey(@Borrowed MemorySegment key) {
    try (Guard guard = core.pin()) {
      return core.findEntry(core.root(guard), key, 0, key.byteSize()) != Memory.NULL;
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
      return core.findEntry(core.root(guard), null, key.address(), key.byteSize()) != Memory.NULL;
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
    return containsKey(MemorySegment.ofArray(key));
  }

  /**
   * Says whether a key is there under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key, all bytes of the segment
   * @return whether it has a value
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table or the segment is closed
   */
  public boolean containsKey(@Borrowed Guard guard, @Borrowed MemorySegment key) {
    core.requireOwn(guard);
    return core.findEntry(core.root(guard), key, 0, key.byteSize()) != Memory.NULL;
  }

  /**
   * Says whether a key is there under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return whether it has a value
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table is closed
   */
  public boolean containsKey(@Borrowed Guard guard, @Borrowed StringView key) {
    core.requireOwn(guard);
    return core.findEntry(core.root(guard), null, key.address(), key.byteSize()) != Memory.NULL;
  }

  /**
   * Says whether a key is there under a guard of the caller's.
   *
   * @param guard an open guard of the table's domain
   * @param key the key
   * @return whether it has a value
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalArgumentException if the guard is of another domain
   * @throws IllegalStateException if the table is closed
   */
  public boolean containsKey(@Borrowed Guard guard, byte[] key) {
    return containsKey(guard, MemorySegment.ofArray(key));
  }

  // ---- changing
  // ------------------------------------------------------------------------------------

  private EntryValues.Maker maker(ValueFunction function) {
    return (fingerprint, key, entry) -> {
      MemorySegment value = function.apply(entry == Memory.NULL ? null : viewOfValue(entry));
      return value == null
          ? Memory.NULL
          : values.newEntry(fingerprint, key, value, 0, value.byteSize());
    };
  }

  private static ValueFunction merging(MemorySegment value, MergeFunction function) {
    return old -> old == null ? value : function.apply(old, value);
  }

  /**
   * Gives a key a value.
   *
   * @param key the key, all bytes of the segment
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public boolean put(@Borrowed MemorySegment key, @Borrowed MemorySegment value) {
    return !values.write(key, 0, key.byteSize(), value, 0, value.byteSize(), Mode.PUT);
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean put(@Borrowed StringView key, @Borrowed StringView value) {
    return !values.write(
        null, key.address(), key.byteSize(), null, value.address(), value.byteSize(), Mode.PUT);
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value, copied
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean put(byte[] key, byte[] value) {
    return put(MemorySegment.ofArray(key), MemorySegment.ofArray(value));
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key, all bytes of the segment
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public boolean putIfAbsent(@Borrowed MemorySegment key, @Borrowed MemorySegment value) {
    return !values.putIfAbsent(key, 0, key.byteSize(), value, 0, value.byteSize());
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean putIfAbsent(@Borrowed StringView key, @Borrowed StringView value) {
    return !values.putIfAbsent(
        null, key.address(), key.byteSize(), null, value.address(), value.byteSize());
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value, copied
   * @return whether the key was not there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean putIfAbsent(byte[] key, byte[] value) {
    return putIfAbsent(MemorySegment.ofArray(key), MemorySegment.ofArray(value));
  }

  /**
   * Gives a key a value if it has one.
   *
   * @param key the key, all bytes of the segment
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public boolean replace(@Borrowed MemorySegment key, @Borrowed MemorySegment value) {
    return values.write(key, 0, key.byteSize(), value, 0, value.byteSize(), Mode.IF_PRESENT);
  }

  /**
   * Gives a key a value if it has one.
   *
   * @param key the key
   * @param value its value, copied; it may be that of any entry
   * @return whether the key was there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean replace(@Borrowed StringView key, @Borrowed StringView value) {
    return values.write(
        null,
        key.address(),
        key.byteSize(),
        null,
        value.address(),
        value.byteSize(),
        Mode.IF_PRESENT);
  }

  /**
   * Gives a key a value if it has one.
   *
   * @param key the key
   * @param value its value, copied
   * @return whether the key was there
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean replace(byte[] key, byte[] value) {
    return replace(MemorySegment.ofArray(key), MemorySegment.ofArray(value));
  }

  /**
   * Computes the value of a key from the value it has; one atomic step.
   *
   * @param key the key, all bytes of the segment
   * @param function what gets the value, or null if there is none, and returns the new one, or null
   *     to remove the key; it may be called several times, and under a guard
   * @return whether the key has a value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public boolean compute(@Borrowed MemorySegment key, ValueFunction function) {
    return values.compute(key, 0, key.byteSize(), maker(function));
  }

  /**
   * Computes the value of a key from the value it has; one atomic step.
   *
   * @param key the key
   * @param function what gets the value, or null if there is none, and returns the new one, or null
   *     to remove the key; it may be called several times, and under a guard
   * @return whether the key has a value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean compute(@Borrowed StringView key, ValueFunction function) {
    return values.compute(null, key.address(), key.byteSize(), maker(function));
  }

  /**
   * Computes the value of a key from the value it has; one atomic step.
   *
   * @param key the key
   * @param function what gets the value, or null if there is none, and returns the new one, or null
   *     to remove the key; it may be called several times, and under a guard
   * @return whether the key has a value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean compute(byte[] key, ValueFunction function) {
    return compute(MemorySegment.ofArray(key), function);
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both; one atomic step.
   *
   * @param key the key, all bytes of the segment
   * @param value the value, copied
   * @param function what gets the old value and the new one, and returns what is to be the value,
   *     or null to remove the key; it may be called several times, and under a guard
   * @return whether the key has a value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public boolean merge(
      @Borrowed MemorySegment key, @Borrowed MemorySegment value, MergeFunction function) {
    return compute(key, merging(value, function));
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both; one atomic step.
   *
   * @param key the key
   * @param value the value, copied
   * @param function what gets the old value and the new one, and returns what is to be the value,
   *     or null to remove the key; it may be called several times, and under a guard
   * @return whether the key has a value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean merge(
      @Borrowed StringView key, @Borrowed MemorySegment value, MergeFunction function) {
    return compute(key, merging(value, function));
  }

  /**
   * Gives a key a value, or, if it has one, what a function makes of both; one atomic step.
   *
   * @param key the key
   * @param value the value, copied
   * @param function what gets the old value and the new one, and returns what is to be the value,
   *     or null to remove the key; it may be called several times, and under a guard
   * @return whether the key has a value after that
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the entry would be more than the domain lets an operation
   *     retire
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean merge(byte[] key, @Borrowed MemorySegment value, MergeFunction function) {
    return merge(MemorySegment.ofArray(key), value, function);
  }

  // ---- removing
  // ------------------------------------------------------------------------------------

  /**
   * Removes a key and its value; the copies of both are freed when nobody can read them.
   *
   * @param key the key, all bytes of the segment
   * @return whether it was there
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table, its domain or a segment is closed
   */
  public boolean remove(@Borrowed MemorySegment key) {
    return values.write(key, 0, key.byteSize(), null, 0, 0, Mode.REMOVE);
  }

  /**
   * Removes a key and its value; the copies of both are freed when nobody can read them.
   *
   * @param key the key
   * @return whether it was there
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean remove(@Borrowed StringView key) {
    return values.write(null, key.address(), key.byteSize(), null, 0, 0, Mode.REMOVE);
  }

  /**
   * Removes a key and its value; the copies of both are freed when nobody can read them.
   *
   * @param key the key
   * @return whether it was there
   * @throws ReclamationLimitException if the domain has no room for the old entry; the table is
   *     unchanged
   * @throws AllocationException if the key is on the heap and there is no room for its scratch copy
   * @throws IllegalStateException if the table or its domain is closed
   */
  public boolean remove(byte[] key) {
    return remove(MemorySegment.ofArray(key));
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
    values.clear();
  }

  // ---- all entries ------------------------------------------------------------------------------

  private static void accept(long entry, EntryConsumer consumer) {
    consumer.accept(viewOfKey(entry), viewOfValue(entry));
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
      core.forEach(guard, true, entry -> accept(entry, consumer));
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
    core.forEach(guard, false, entry -> accept(entry, consumer));
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

  /** Returns whether it is open or closed; the entries are not counted. */
  @Override
  public String toString() {
    return core.toString();
  }
}
