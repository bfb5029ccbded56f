package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.ConcurrentModificationException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A hash table from {@code long} to {@code long} in native memory, with open addressing.
 *
 * <p>Takes 17 bytes a slot, at most 7/8 of the slots are used, and their number is a power of two:
 * 19 to 39 bytes an entry while it grows. It shrinks by itself when entries are removed, if its
 * allocator frees blocks one by one. Searching, inserting and removing are expected O(1), growth
 * amortised; a table never degrades under removal and insertion. No operation makes a Java object.
 *
 * <p>Belongs to one thread at a time. It owns its block and frees it on {@link #close()}; after
 * that every operation throws {@link IllegalStateException}.
 */
public final class LongLongTable implements AutoCloseable {

  /** A slot of the table: a key and its value. */
  static final class Slot {
    static final StructLayout LAYOUT =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("key"), ValueLayout.JAVA_LONG.withName("value"));

    static final long SIZE = LAYOUT.byteSize();
    static final long KEY = LAYOUT.byteOffset(PathElement.groupElement("key"));
    static final long VALUE = LAYOUT.byteOffset(PathElement.groupElement("value"));

    private Slot() {}

    static long key(long slot) {
      return Memory.getLong(slot + KEY);
    }

    static long value(long slot) {
      return Memory.getLong(slot + VALUE);
    }

    static void setKey(long slot, long key) {
      Memory.putLong(slot + KEY, key);
    }

    static void setValue(long slot, long value) {
      Memory.putLong(slot + VALUE, value);
    }
  }

  /** Takes the entries of a table, one by one. */
  @FunctionalInterface
  public interface EntryConsumer {
    /**
     * Takes one entry.
     *
     * @param key its key
     * @param value its value
     */
    void accept(long key, long value);
  }

  /** 2^64 divided by the golden ratio, made odd: Knuth's multiplier. */
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final TableCore core;

  /**
   * Differs from table to table, so that filling one in the order of another does not crowd its
   * entries together.
   */
  private final long seed = ThreadLocalRandom.current().nextLong();

  /**
   * Creates an empty table, which allocates when it gets its first entry.
   *
   * @param allocator where its memory comes from; must outlive it
   */
  public LongLongTable(@Borrowed Allocator allocator) {
    core = new TableCore(allocator, Slot.SIZE, slot -> hash(Slot.key(slot)));
  }

  private long hash(long key) {
    long mixed = key ^ seed;
    return (mixed * MULTIPLIER)
        ^ Math.multiplyHigh(mixed, MULTIPLIER); // every bit reaches every one
  }

  /** Returns the index of the slot of a key, or -1. */
  private long find(long key, long hash) {
    TableCore table = core;
    long position = hash & table.mask;
    long tag = Group.tag(hash);
    if (Memory.getByte(table.control + position) == tag
        && Slot.key(table.slots + position * Slot.SIZE) == key) {
      return position;
    }
    return findBeyondHome(table, key, tag, position);
  }

  private static long findBeyondHome(TableCore table, long key, long tag, long home) {
    long position = home;
    while (true) {
      long group = Group.load(table.control + position);
      for (long found = Group.matching(group, tag); found != 0; found = Group.withoutFirst(found)) {
        long index = (position + Group.first(found)) & table.mask;
        if (Slot.key(table.slots + index * Slot.SIZE) == key) {
          return index;
        }
      }
      if (Group.empty(group) != 0) {
        return -1;
      }
      position = (position + Group.SIZE) & table.mask;
    }
  }

  /**
   * Returns the value of a key.
   *
   * @param key the key
   * @param absent what to return if the key is not there
   * @return its value, or {@code absent}
   * @throws IllegalStateException if the table is closed
   */
  public long get(long key, long absent) {
    long index = find(key, hash(key));
    if (index < 0) {
      core.requireOpen();
      return absent;
    }
    return Slot.value(core.slots + index * Slot.SIZE);
  }

  /**
   * Says whether a key is there.
   *
   * @param key the key
   * @return whether it has a value
   * @throws IllegalStateException if the table is closed
   */
  public boolean containsKey(long key) {
    if (find(key, hash(key)) >= 0) {
      return true;
    }
    core.requireOpen();
    return false;
  }

  /**
   * Gives a key a value.
   *
   * @param key the key
   * @param value its value from now on
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long put(long key, long value, long absent) {
    long hash = hash(key);
    long index = find(key, hash);
    if (index < 0) {
      insert(key, hash, value);
      return absent;
    }
    long slot = core.slot(index);
    long previous = Slot.value(slot);
    Slot.setValue(slot, value);
    return previous;
  }

  /**
   * Gives a key a value unless it has one.
   *
   * @param key the key
   * @param value its value if it has none
   * @param absent what to return if the key was not there
   * @return the value it has and keeps, or {@code absent}
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long putIfAbsent(long key, long value, long absent) {
    long hash = hash(key);
    long index = find(key, hash);
    if (index < 0) {
      insert(key, hash, value);
      return absent;
    }
    return Slot.value(core.slot(index));
  }

  /**
   * Adds to the value of a key, which is 0 if the key is not there.
   *
   * @param key the key
   * @param delta what to add
   * @return the sum, which wraps around on overflow
   * @throws AllocationException if the table must grow and cannot; it is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public long addTo(long key, long delta) {
    long hash = hash(key);
    long index = find(key, hash);
    if (index < 0) {
      insert(key, hash, delta);
      return delta;
    }
    long slot = core.slot(index);
    long sum = Slot.value(slot) + delta;
    Slot.setValue(slot, sum);
    return sum;
  }

  private void insert(long key, long hash, long value) {
    long slot = core.insert(hash);
    Slot.setKey(slot, key);
    Slot.setValue(slot, value);
  }

  /**
   * Removes a key.
   *
   * @param key the key
   * @param absent what to return if the key was not there
   * @return the value it had, or {@code absent}
   * @throws IllegalStateException if the table is closed
   */
  public long remove(long key, long absent) {
    long index = find(key, hash(key));
    if (index < 0) {
      core.requireOpen();
      return absent;
    }
    long previous = Slot.value(core.slot(index));
    core.removeAt(index);
    return previous;
  }

  /**
   * Passes every entry on, in no order.
   *
   * @param consumer what takes them; it must not change the table
   * @throws ConcurrentModificationException if it did
   * @throws IllegalStateException if the table is closed
   */
  public void forEach(EntryConsumer consumer) {
    core.requireOpen();
    int modifications = core.modifications;
    for (long index = core.nextFull(0); index >= 0; index = core.nextFull(index + 1)) {
      long slot = core.slot(index);
      consumer.accept(Slot.key(slot), Slot.value(slot));
      if (core.modifications != modifications) {
        throw new ConcurrentModificationException("the consumer changed the table");
      }
    }
  }

  /**
   * Returns the number of entries.
   *
   * @return their number
   * @throws IllegalStateException if the table is closed
   */
  public long size() {
    if (core.size == 0) {
      core.requireOpen();
    }
    return core.size;
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
   * Returns how many entries fit before the table must grow.
   *
   * @return their number, those that are there included
   * @throws IllegalStateException if the table is closed
   */
  public long capacity() {
    core.requireOpen();
    return core.capacity();
  }

  /**
   * Removes every entry and keeps the capacity. O(capacity).
   *
   * @throws IllegalStateException if the table is closed
   */
  public void clear() {
    core.clear();
  }

  /**
   * Makes room for a number of entries, so that inserting up to it does not allocate.
   *
   * @param entries their number, those that are there included, at least 0
   * @throws AllocationException if there is no room; the table is unchanged
   * @throws IllegalArgumentException if the number is negative or beyond any memory
   * @throws IllegalStateException if the table is closed
   */
  public void reserve(long entries) {
    core.reserve(entries);
  }

  /**
   * Shrinks the table to what its entries need; an empty one frees its block.
   *
   * @throws AllocationException if there is no room for the smaller block beside the larger one;
   *     the table is unchanged
   * @throws IllegalStateException if the table is closed
   */
  public void trimToSize() {
    core.trimToSize();
  }

  /** Frees the table's memory. Closing it again does nothing. */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }

  long longestProbe() {
    return core.longestProbe();
  }

  @Override
  public String toString() {
    return "LongLongTable(" + (core.isClosed() ? "closed" : core.size + " entries") + ")";
  }
}
