package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.View;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Keeps one copy of each byte string for many threads, and gives out an {@code int} for it: the
 * same bytes have the same handle, whoever asks, and other bytes another.
 *
 * <p>A string is any range of bytes, of 0 to {@link Integer#MAX_VALUE}: UTF-8 text, or an
 * identifier of a fixed size, to which a table can be restricted. A handle counts references:
 * {@link #acquire} and {@link #retain} add one, {@link #release} takes one away, and the last one
 * frees the bytes. Any thread may release what another acquired. Views and addresses of a handle
 * are valid as long as a reference to it is kept and the table is open. A handle released too
 * often, or of another table, is found out as long as its place in the table was not used again 63
 * times.
 *
 * <p>Thread-safe, for platform and virtual threads alike. <b>Progress</b>: the table is divided
 * into shards by the hashes of strings, each with a lock. What searches, acquires or releases holds
 * one lock while it compares and counts, which is most of what the same takes in an {@link
 * InternTable}, and longer while a shard grows, O(its entries), or its allocator takes longer. Who
 * finds a lock held spins for a moment and then parks, and a thread that loses its processor while
 * it holds one delays those who want that shard: these operations are blocking. {@link #view},
 * {@link #address}, {@link #byteSize} and {@link #toString(int)} take no lock and are wait-free. A
 * string that all threads acquire is the bottleneck of all of them, however many shards there are.
 * Operations are linearizable but for {@link #size()} and {@link #stats()}, which ask one shard
 * after another.
 *
 * <p>Actions before a release happen-before those after an acquire of the same string that comes
 * later. Who passes a handle to another thread does so in a way that orders the two, as is needed
 * for any object. Nobody may change the bytes of a caller while an operation reads them.
 *
 * <p>Besides the bytes it takes 11 to 13 bytes an entry, as {@link InternTable} does, once each
 * shard has hundreds of a size; until then more, for its pages are not full: with 16 shards 2 bytes
 * more at a million entries of 61 sizes. The table holds about 2<sup>26</sup> entries. Searching
 * and acquiring are expected O(bytes), growth amortised; all else is O(1). No operation on bytes
 * that exist makes a Java object unless it has to park; bytes on the Java heap, and characters, are
 * first copied to scratch memory from the allocator, for which there may be no room.
 *
 * <p><b>Close</b> may come while others acquire or release, who then get {@link
 * IllegalStateException}, as every operation after it does; it waits for who has a lock. Who reads
 * by a handle, or reads a view, must have stopped, for it ends all references. Then comes the
 * allocator.
 */
public final class ConcurrentInternTable implements AutoCloseable {

  /*
   * Purpose. Equal bytes, one handle, among threads. Lock striping as in the ConcurrentHashMap of
   * Java 5 to 7 (D. Lea), with all of a shard under its lock but the bytes of who has a reference.
   *
   * Layout. A shard is an InternCore. Its number is that of the bits of a hash which its index does
   * not use, and stands in the low bits of each handle of its. A core has its own index and pages;
   * nothing is shared but the seed of the hash.
   *
   * Why locks. To acquire is to find and to count, as one step against the last release, which
   * frees the bytes. Without locks, a search needs a guard, which claims a slot by a CAS, the count
   * another, which may find it 0 and must wait or put a new entry in its place, and a count that is
   * 0 must keep its bytes until guards are gone. So a hit would cost no less than it does here:
   * a CAS that takes a lock, a store that releases it, and a count in between; and the line of the
   * count, which all who acquire a string write, limits them either way. What a lock costs is that a
   * holder may be interrupted. See docs/decisions/021.
   *
   * Invariants.
   * S1  An entry is in the shard that its hash says; so equal bytes meet one lock.
   * S2  Everything of a shard is changed under its lock, and read under it but for what InternCore
   *     allows who keeps a reference (its I3).
   *
   * Linearization points. Whatever takes a lock: while it has it. What reads without one reads what
   * does not change while there is a reference.
   *
   * Ordering. Changes of a shard are ordered by its lock. Who keeps a reference has it from an
   * acquire that wrote all that he reads, or read it under the lock; that acquire happens-before
   * his reading in the same thread, or by the way that he got the handle. closed is volatile: who
   * comes after a close that has returned sees it.
   *
   * Deadlock. A thread holds a stripe of the scratch memory and then a shard, never two of a kind,
   * and under them calls nobody but the allocator and, under a stripe, the characters of a caller.
   *
   * Progress. Blocking, but for reading by handle. Neighbouring shards' locks and counts are objects
   * that were made one after another, some 500 bytes a shard, so false sharing is rare though
   * nothing is padded.
   *
   * Close. It sets closed, takes and closes the scratch memory, then each shard: who is in is waited
   * for, who comes later throws. Each step may be done again, so two may close at once.
   *
   * Length. Three in four lines are the contracts of searching and acquiring, for segments, views,
   * arrays and characters each.
   */

  /** The handle of nothing. */
  public static final int NONE = InternCore.NONE;

  /** How many shards there are at most. */
  public static final int MAX_SHARDS = 256;

  private static final int LEAST_SHARDS = 16;
  private static final int SHARDS_PER_PROCESSOR = 4;
  private static final long MAX_ENTRIES = 1L << InternIndex.PLACE_BITS;

  private final InternKeys keys;
  private final InternShard[] shards;
  private final InternScratch scratch;
  private volatile boolean closed;

  private ConcurrentInternTable(Allocator allocator, InternKeys keys, int shardCount) {
    if (!allocator.isThreadSafe()) {
      throw new IllegalArgumentException(
          "allocator '" + allocator.name() + "' is not thread-safe; expected one that is");
    }
    if (Integer.bitCount(shardCount) != 1 || shardCount < 0 || shardCount > MAX_SHARDS) {
      throw new IllegalArgumentException(
          shardCount + " shards; expected a power of two, at most " + MAX_SHARDS);
    }
    this.keys = keys;
    this.scratch = new InternScratch(allocator, shardCount);
    this.shards = new InternShard[shardCount];
    for (int i = 0; i < shardCount; i++) {
      shards[i] = new InternShard(allocator, keys, i, Integer.numberOfTrailingZeros(shardCount));
    }
  }

  /**
   * Creates an empty table for byte strings of any size, with {@link #defaultShards()} shards.
   *
   * @param allocator where its memory comes from; thread-safe, and must outlive it
   * @param name its name in messages and reports
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public ConcurrentInternTable(@Borrowed Allocator allocator, String name) {
    this(allocator, name, defaultShards());
  }

  /**
   * Creates an empty table for byte strings of any size.
   *
   * @param allocator where its memory comes from; thread-safe, and must outlive it
   * @param name its name in messages and reports
   * @param shards into how many parts with a lock each it is divided: a power of two, at most
   *     {@link #MAX_SHARDS}
   * @throws IllegalArgumentException if the allocator is not thread-safe, or the number not so
   */
  public ConcurrentInternTable(@Borrowed Allocator allocator, String name, int shards) {
    this(allocator, InternKeys.ofAnySize(name), shards);
  }

  /**
   * Creates an empty table for identifiers of one size, 20 or 32 bytes for instance, which refuses
   * others.
   *
   * @param allocator where its memory comes from; thread-safe, and must outlive it
   * @param name its name in messages and reports
   * @param byteSize the size of each in bytes, at least 1
   * @param shards into how many parts with a lock each it is divided: a power of two, at most
   *     {@link #MAX_SHARDS}
   * @return the table, owned by the caller
   * @throws IllegalArgumentException if the allocator is not thread-safe, the size not positive, or
   *     the number of shards not so
   */
  @Owned
  public static ConcurrentInternTable ofIds(
      @Borrowed Allocator allocator, String name, int byteSize, int shards) {
    return new ConcurrentInternTable(allocator, InternKeys.ofSize(name, byteSize), shards);
  }

  /**
   * Creates an empty table for identifiers of one size, with {@link #defaultShards()} shards.
   *
   * @param allocator where its memory comes from; thread-safe, and must outlive it
   * @param name its name in messages and reports
   * @param byteSize the size of each in bytes, at least 1
   * @return the table, owned by the caller
   * @throws IllegalArgumentException if the allocator is not thread-safe, or the size not positive
   */
  @Owned
  public static ConcurrentInternTable ofIds(
      @Borrowed Allocator allocator, String name, int byteSize) {
    return ofIds(allocator, name, byteSize, defaultShards());
  }

  /**
   * Returns how many shards a table has if nobody says it: four for each processor, so that few who
   * meet a shard meet another thread there; at least 16.
   *
   * @return the number, a power of two
   */
  public static int defaultShards() {
    int wanted = SHARDS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
    return Math.clamp(Integer.highestOneBit(2 * wanted - 1), LEAST_SHARDS, MAX_SHARDS);
  }

  private InternShard shardOfHash(long hash) {
    return shards[InternIndex.spareBits(hash) & (shards.length - 1)];
  }

  private InternShard shardOf(int handle) {
    return shards[handle & (shards.length - 1)];
  }

  /** Returns what may be read by a handle without a lock; throws after close. */
  private InternCore coreOf(int handle) {
    requireOpen();
    return shardOf(handle).core;
  }

  private void requireOpen() {
    if (closed) {
      throw InternIndex.closedTable();
    }
  }

  // ---- searching --------------------------------------------------------------------------------

  private int find(long address, long byteSize) {
    keys.requireSize(byteSize);
    long hash = keys.hash(address, byteSize);
    return shardOfHash(hash).find(address, byteSize, hash);
  }

  /**
   * Looks for bytes, and adds no reference.
   *
   * @param source a segment that holds the bytes, on the heap or off it
   * @param offset where in it they start
   * @param byteSize how many there are
   * @return their handle, valid as long as somebody keeps a reference to it; or {@link #NONE}
   * @throws AllocationException if there is no room for the scratch copy of bytes on the heap
   * @throws IndexOutOfBoundsException if the bytes are not inside the segment
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table or the segment is closed
   */
  public int find(@Borrowed MemorySegment source, long offset, long byteSize) {
    requireOpen();
    if (!source.isNative()) {
      InternScratch.Stripe stripe = scratch.take();
      try {
        return find(stripe.memory.locate(source, offset, byteSize), byteSize);
      } finally {
        stripe.giveBack();
      }
    }
    try {
      return find(KeyScratch.locateNative(source, offset, byteSize), byteSize);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Looks for bytes, and adds no reference.
   *
   * @param bytes the bytes
   * @return their handle, valid as long as somebody keeps a reference to it; or {@link #NONE}
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table is closed
   */
  public int find(@Borrowed StringView bytes) {
    requireOpen();
    return find(bytes.address(), bytes.byteSize());
  }

  /**
   * Looks for bytes, and adds no reference.
   *
   * @param bytes the bytes
   * @return their handle, valid as long as somebody keeps a reference to it; or {@link #NONE}
   * @throws AllocationException if there is no room for the scratch copy of bytes on the heap
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table is closed
   */
  public int find(byte[] bytes) {
    return find(MemorySegment.ofArray(bytes), 0, bytes.length);
  }

  /**
   * Looks for bytes, and adds no reference.
   *
   * @param chars characters, of which the bytes are the UTF-8 encoding
   * @return their handle, valid as long as somebody keeps a reference to it; or {@link #NONE}
   * @throws AllocationException if there is no room for the scratch copy of bytes on the heap
   * @throws IllegalArgumentException if a surrogate is unpaired, naming its index, or the table
   *     takes bytes of another size
   * @throws IllegalStateException if the table is closed
   */
  public int find(CharSequence chars) {
    requireOpen();
    long byteSize = Utf8.byteSize(chars);
    InternScratch.Stripe stripe = scratch.take();
    try {
      return find(stripe.memory.encode(chars, byteSize), byteSize);
    } finally {
      stripe.giveBack();
    }
  }

  // ---- references -------------------------------------------------------------------------------

  private int acquire(long address, long byteSize) {
    keys.requireSize(byteSize);
    long hash = keys.hash(address, byteSize);
    return shardOfHash(hash).acquire(address, byteSize, hash);
  }

  /**
   * Adds a reference to bytes, and a copy of them if there is none.
   *
   * @param source a segment that holds the bytes, on the heap or off it
   * @param offset where in it they start
   * @param byteSize how many there are
   * @return their handle, to be released, valid until it is released or the table is closed
   * @throws AllocationException if there is no room; nothing has changed
   * @throws IndexOutOfBoundsException if the bytes are not inside the segment
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table or the segment is closed, or full
   */
  public int acquire(@Borrowed MemorySegment source, long offset, long byteSize) {
    requireOpen();
    if (!source.isNative()) {
      InternScratch.Stripe stripe = scratch.take();
      try {
        return acquire(stripe.memory.locate(source, offset, byteSize), byteSize);
      } finally {
        stripe.giveBack();
      }
    }
    try {
      return acquire(KeyScratch.locateNative(source, offset, byteSize), byteSize);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /**
   * Adds a reference to bytes, and a copy of them if there is none.
   *
   * @param bytes the bytes
   * @return their handle, to be released, valid until it is released or the table is closed
   * @throws AllocationException if there is no room; nothing has changed
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table is closed, or full
   */
  public int acquire(@Borrowed StringView bytes) {
    requireOpen();
    return acquire(bytes.address(), bytes.byteSize());
  }

  /**
   * Adds a reference to bytes, and a copy of them if there is none.
   *
   * @param bytes the bytes
   * @return their handle, to be released, valid until it is released or the table is closed
   * @throws AllocationException if there is no room; nothing has changed
   * @throws IllegalArgumentException if the table does not take bytes of that size
   * @throws IllegalStateException if the table is closed, or full
   */
  public int acquire(byte[] bytes) {
    return acquire(MemorySegment.ofArray(bytes), 0, bytes.length);
  }

  /**
   * Adds a reference to bytes, and a copy of them if there is none.
   *
   * @param chars characters, of which the bytes are the UTF-8 encoding
   * @return their handle, to be released, valid until it is released or the table is closed
   * @throws AllocationException if there is no room; nothing has changed
   * @throws IllegalArgumentException if a surrogate is unpaired, naming its index, or the table
   *     takes bytes of another size
   * @throws IllegalStateException if the table is closed, or full
   */
  public int acquire(CharSequence chars) {
    requireOpen();
    long byteSize = Utf8.byteSize(chars);
    InternScratch.Stripe stripe = scratch.take();
    try {
      return acquire(stripe.memory.encode(chars, byteSize), byteSize);
    } finally {
      stripe.giveBack();
    }
  }

  /**
   * Adds a reference; the caller has one, or knows who keeps one meanwhile.
   *
   * @param handle the handle
   * @throws IllegalArgumentException if it is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed, or has all the references it can count
   */
  public void retain(int handle) {
    requireOpen();
    shardOf(handle).retain(handle);
  }

  /**
   * Takes a reference away, and frees the bytes if it was the last: views of them end.
   *
   * @param handle the handle
   * @return whether it was the last
   * @throws IllegalArgumentException if it is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  public boolean release(int handle) {
    requireOpen();
    return shardOf(handle).release(handle);
  }

  // ---- entries ----------------------------------------------------------------------------------

  /**
   * Shows the bytes of a handle. The caller keeps a reference, or knows who does. Wait-free.
   *
   * @param handle the handle
   * @return a borrowed view, valid until the last reference is released or the table is closed
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  @View
  public StringView view(int handle) {
    return coreOf(handle).view(handle);
  }

  /**
   * Returns where the bytes of a handle are. The caller keeps a reference, or knows who does.
   * Wait-free.
   *
   * @param handle the handle
   * @return their address, valid until the last reference is released or the table is closed; 0 if
   *     there are none
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  @Borrowed
  public long address(int handle) {
    return coreOf(handle).address(handle);
  }

  /**
   * Returns how many bytes a handle stands for. The caller keeps a reference, or knows who does.
   * Wait-free.
   *
   * @param handle the handle
   * @return the number of bytes
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  public int byteSize(int handle) {
    return coreOf(handle).byteSize(handle);
  }

  /**
   * Decodes the bytes of a handle. Malformed ones become U+FFFD. The caller keeps a reference, or
   * knows who does. Wait-free.
   *
   * @param handle the handle
   * @return the text
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  public String toString(int handle) {
    return coreOf(handle).view(handle).toString();
  }

  /**
   * Returns how many references to a handle are out.
   *
   * @param handle the handle
   * @return their number at this moment, at least 1
   * @throws IllegalArgumentException if the handle is of no entry, and that is noticed
   * @throws IllegalStateException if the table is closed
   */
  public int references(int handle) {
    requireOpen();
    return shardOf(handle).references(handle);
  }

  // ---- the whole table --------------------------------------------------------------------------

  /**
   * Returns the name of the table, also when it is closed.
   *
   * @return its name
   */
  public String name() {
    return keys.name();
  }

  /**
   * Returns into how many parts the table is divided, also when it is closed.
   *
   * @return their number
   */
  public int shards() {
    return shards.length;
  }

  /**
   * Returns how many different byte strings there are. O(shards); each is asked at a moment of its
   * own.
   *
   * @return their number
   * @throws IllegalStateException if the table is closed
   */
  public long size() {
    return stats().entries();
  }

  /**
   * Returns what the table holds, and how well it pays. O(shards); each is asked at a moment of its
   * own.
   *
   * @return the sums over the shards
   * @throws IllegalStateException if the table is closed
   */
  public InternStats stats() {
    requireOpen();
    InternStats sum = new InternStats(0, 0, 0, 0);
    for (InternShard shard : shards) {
      sum = sum.plus(shard.stats());
    }
    return sum;
  }

  /**
   * Makes room in the indices for a number of entries, so that up to about it only the pages with
   * their bytes are allocated.
   *
   * @param entries their number, those that are there included, at least 0
   * @throws AllocationException if there is no room; the entries are as they were
   * @throws IllegalArgumentException if the number is negative or beyond what a table can hold
   * @throws IllegalStateException if the table is closed
   */
  public void reserve(long entries) {
    requireOpen();
    if (entries < 0 || entries > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "reserve(" + entries + "); expected at least 0 and at most " + MAX_ENTRIES);
    }
    long share = (entries + shards.length - 1) / shards.length;
    for (InternShard shard : shards) {
      shard.reserve(share);
    }
  }

  /**
   * Frees everything, whoever has references, in O(entries). Waits for operations that have a lock;
   * nobody may be reading by a handle. Closing again does nothing.
   */
  @Override
  public void close() {
    closed = true;
    scratch.close();
    for (InternShard shard : shards) {
      shard.close();
    }
  }

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    for (InternShard shard : shards) {
      shard.checkInvariants();
    }
  }

  @Override
  public String toString() {
    return "ConcurrentInternTable("
        + keys.name()
        + ", "
        + (closed ? "closed" : shards.length + " shards")
        + ")";
  }
}
