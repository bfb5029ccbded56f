package io.caisson.alloc;

import io.caisson.alloc.internal.Site;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The book of the blocks that a finder of bugs has handed out, on the Java heap, in every memory
 * mode.
 *
 * <p>Thread-safe.
 */
final class BlockBook {

  /*
   * Purpose. Tell for an address that comes back whether it is a live block, and if not, whose it
   * is or was. No address that is not in a book is ever read.
   *
   * Layout. One hash table from address to entry. The entry of a freed block stays as a tombstone,
   * until its address is handed out again or TOMBSTONES younger ones have joined it. A filter spares
   * those who ask for the table where few blocks are in it.
   *
   * Invariants.
   * I1  An entry changes its state under its own monitor only: LIVE, then perhaps HELD, then GONE.
   *     While it is LIVE or HELD its memory is there; who holds the monitor may look at it.
   * I2  liveCount = the entries that are LIVE.
   * I3  An entry leaves the table by identity, so that a late writer cannot remove the block that
   *     was handed out at the same address meanwhile.
   * I4  The filter has each address of the table, and is ahead of it.
   *
   * BOOKS is for messages alone: it lets one book name a block that is in another. It is weak, for
   * an allocator may be dropped without being closed.
   */

  private static final int TOMBSTONES = 1 << 14;
  private static final int STACKS_AT_CLOSE = 5;
  private static final AtomicLong IDS = new AtomicLong();
  private static final Map<BlockBook, Boolean> BOOKS =
      Collections.synchronizedMap(new WeakHashMap<>());

  private enum State {
    /** Owned by a caller. */
    LIVE,
    /** Freed, and its memory held back. */
    HELD,
    /** Freed, and its memory given up. */
    GONE
  }

  /** One block. */
  final class Entry {
    final long address;
    final long byteAlignment;
    final @Nullable Site allocated;
    private volatile long byteSize;
    private volatile State state = State.LIVE;
    private volatile @Nullable Site freed;
    private volatile boolean told;

    private Entry(long address, long byteSize, long byteAlignment, @Nullable Site allocated) {
      this.address = address;
      this.byteSize = byteSize;
      this.byteAlignment = byteAlignment;
      this.allocated = allocated;
    }

    long byteSize() {
      return byteSize;
    }

    void resized(long newByteSize) {
      byteSize = newByteSize;
    }

    boolean isLive() {
      return state == State.LIVE;
    }

    boolean isHeld() {
      return state == State.HELD;
    }

    /** Notes that the block is freed and its memory kept for now. */
    synchronized void hold() {
      leave(State.HELD, new Site("freed"));
    }

    /** Notes that the block is freed and its memory about to be given up. */
    synchronized void release(@Nullable Site site) {
      leave(State.GONE, site);
    }

    private void leave(State next, @Nullable Site site) {
      if (state == State.LIVE) {
        liveCount.decrementAndGet();
        freed = site;
      }
      state = next;
    }

    /** Takes {@link #release} back: the block could not be freed. */
    synchronized void revive() {
      liveCount.incrementAndGet();
      freed = null;
      state = State.LIVE;
    }

    /** Says whether this is the first time that somebody is told of the block. */
    synchronized boolean tellOnce() {
      boolean first = !told;
      told = true;
      return first;
    }

    private boolean contains(long wanted) {
      return wanted >= address && wanted - address < byteSize;
    }

    CheckedMemoryException violation(String what) {
      return new CheckedMemoryException(what + " " + this, allocated, freed);
    }

    @Override
    public String toString() {
      return "block 0x"
          + Long.toHexString(address)
          + " of "
          + byteSize
          + " bytes aligned to "
          + byteAlignment
          + " of "
          + label();
    }
  }

  private final Allocator owner;
  private final String kind;
  private final long id = IDS.incrementAndGet();
  private final ConcurrentHashMap<Long, Entry> entries = new ConcurrentHashMap<>();
  private final AddressFilter filter = new AddressFilter();
  private final ConcurrentLinkedQueue<Entry> graves = new ConcurrentLinkedQueue<>();
  private final AtomicInteger graveCount = new AtomicInteger();
  private final AtomicLong liveCount = new AtomicLong();

  /**
   * Creates an empty book.
   *
   * @param owner whose blocks it is of, for messages
   * @param kind what that is, for messages
   */
  private BlockBook(Allocator owner, String kind) {
    this.owner = owner;
    this.kind = kind;
  }

  /** Opens a book. */
  static BlockBook open(Allocator owner, String kind) {
    BlockBook book = new BlockBook(owner, kind);
    BOOKS.put(book, true);
    return book;
  }

  /** Takes the book out of those that others look into; it stays readable. */
  void close() {
    BOOKS.remove(this);
  }

  /** Returns a number that no other book in this JVM has. */
  long id() {
    return id;
  }

  private String label() {
    return kind + " " + id + " on allocator '" + owner.name() + "'";
  }

  // ---- entries --------------------------------------------------------------------------------

  /** Enters a block that is about to be handed out. */
  void add(long address, long byteSize, long byteAlignment, @Nullable Site allocated) {
    Entry entry = new Entry(address, byteSize, byteAlignment, allocated);
    liveCount.incrementAndGet();
    filter.add(address);
    Entry before = entries.put(address, entry);
    if (before != null) {
      filter.remove(address);
      before.release(null); // as when an arena was reset behind this book's back
    }
  }

  /** Returns what the book has at an address, live or not. */
  @Nullable Entry get(long address) {
    return filter.mayHave(address) ? entries.get(address) : null;
  }

  /** Strikes an entry, so that nothing is remembered of the block. */
  void forget(Entry entry) {
    if (entries.remove(entry.address, entry)) {
      filter.remove(entry.address);
    }
  }

  /** Strikes whatever is at an address, which a block that is not entered is about to take. */
  void forget(long address) {
    Entry entry = get(address);
    if (entry != null) {
      entry.release(null);
      forget(entry);
    }
  }

  /** Keeps a freed block's entry as a tombstone, and drops the oldest that is one too many. */
  void bury(Entry entry) {
    graves.add(entry);
    if (graveCount.incrementAndGet() > TOMBSTONES) {
      Entry oldest = graves.poll();
      if (oldest != null) {
        graveCount.decrementAndGet();
        forget(oldest);
      }
    }
  }

  long liveCount() {
    return liveCount.get();
  }

  /** Returns the live blocks, in no order. */
  List<Entry> live() {
    return entries.values().stream().filter(Entry::isLive).toList();
  }

  /** Makes the exception of an allocator that cannot close for the blocks that are out. */
  static IllegalStateException blocksOut(Allocator owner, List<Entry> live) {
    long byteSize = live.stream().mapToLong(Entry::byteSize).sum();
    IllegalStateException exception =
        new IllegalStateException(
            "allocator '%s' has %d blocks of %d bytes out"
                .formatted(owner.name(), live.size(), byteSize));
    for (Entry entry : live.subList(0, Math.min(live.size(), STACKS_AT_CLOSE))) {
      if (entry.allocated != null) {
        exception.addSuppressed(entry.allocated);
      }
    }
    return exception;
  }

  // ---- wrong frees ----------------------------------------------------------------------------

  /**
   * Returns the live block that an operation is about.
   *
   * @throws CheckedMemoryException if there is none, or it has another size or alignment
   */
  Entry require(String operation, long address, long byteSize, long byteAlignment) {
    Entry entry = entries.get(address);
    if (entry == null || !entry.isLive()) {
      throw misuse(operation, address, byteSize, byteAlignment);
    }
    if (entry.byteSize != byteSize || entry.byteAlignment != byteAlignment) {
      throw entry.violation(
          operation + " with " + byteSize + " bytes aligned to " + byteAlignment + " of the");
    }
    return entry;
  }

  /** Throws unless an entry that was live still is, for the one who holds its monitor. */
  void requireStillLive(String operation, Entry entry) {
    if (!entry.isLive()) {
      throw misuse(operation, entry.address, entry.byteSize, entry.byteAlignment);
    }
  }

  private CheckedMemoryException misuse(
      String operation, long address, long byteSize, long byteAlignment) {
    Entry own = entries.get(address);
    if (own != null) {
      return own.violation(operation.equals("free") ? "double free of" : operation + " of freed");
    }
    String where = operation + " of 0x" + Long.toHexString(address);
    Entry around = liveAround(address);
    if (around != null) {
      return around.violation(where + ", which is inside");
    }
    Entry foreign = elsewhere(address);
    if (foreign != null) {
      return foreign.violation(operation + " by " + label() + " of the foreign");
    }
    return inTheRegistry(operation, address, byteSize, byteAlignment);
  }

  private @Nullable Entry liveAround(long address) {
    for (Entry entry : entries.values()) {
      if (entry.isLive() && entry.contains(address)) {
        return entry;
      }
    }
    return null;
  }

  private @Nullable Entry elsewhere(long address) {
    List<BlockBook> books;
    synchronized (BOOKS) {
      books = new ArrayList<>(BOOKS.keySet());
    }
    Entry buried = null;
    for (BlockBook book : books) {
      Entry exact = book.entries.get(address);
      Entry entry = exact != null && exact.isLive() ? exact : book.liveAround(address);
      if (entry != null) {
        return entry;
      }
      buried = exact != null ? exact : buried;
    }
    return buried;
  }

  /** Asks checked mode, which may know an allocator that keeps no such book as this. */
  private CheckedMemoryException inTheRegistry(
      String operation, long address, long byteSize, long byteAlignment) {
    try {
      BlockRegistry.freed(owner, address, byteSize, byteAlignment);
    } catch (CheckedMemoryException known) {
      return known;
    }
    return new CheckedMemoryException(
        operation + " of 0x" + Long.toHexString(address) + ", which is no block of " + label(),
        null,
        null);
  }
}
