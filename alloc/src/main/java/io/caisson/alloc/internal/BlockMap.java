package io.caisson.alloc.internal;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.CheckedMemoryException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The book that checked mode keeps of every block: who owns it, where it was allocated and freed.
 *
 * <p>Thread-safe. Nothing here runs in native mode.
 */
public final class BlockMap {

  /*
   * Purpose. Tell, for any address, whether it lies in a live block, and if not, which block it
   * missed.
   *
   * Layout. One skip list from start address to block. A freed block stays as a tombstone until
   * its memory is handed out again, or until TOMBSTONES younger ones have joined it: it is only
   * there to name the culprit, for an address in no live block is refused anyway.
   *
   * Nesting. An allocator that cuts blocks out of one of its parent's "carves" that one: it stays
   * live for its owner, who will free it, but no longer admits accesses. A block knows the one
   * around it (enclosing), and, if both start at one address, stands in its place in the map and
   * remembers it (shadowed). A live block in which another was registered without carving it admits
   * accesses to what that other leaves of it.
   *
   * Invariants.
   * I1  Live blocks are disjoint or nested.
   * I2  No tombstone starts inside a live block that encloses no other: registration sweeps them.
   *     So the block with the greatest start not above an address, or one around that, decides.
   * I3  A block in RECENT that is WHOLE and contains the access admits it, however stale the entry
   *     is, for it has not been freed and nothing lives inside it.
   *
   * Ordering. A block is registered after its memory was obtained and struck off before the memory
   * is given up, by the thread that does either; so two threads never register one range.
   */

  /** Whether the memory mode of this JVM keeps the book. */
  public static final boolean ACTIVE = Memory.MODE == MemoryMode.CHECKED;

  private static final int TOMBSTONES = 1 << 16;
  private static final int STACKS_AT_CLOSE = 5;
  private static final int RECENT_MASK = (1 << 12) - 1;
  private static final int RECENT_SHIFT = 6;

  private static final ConcurrentSkipListMap<Long, Block> BLOCKS = new ConcurrentSkipListMap<>();
  private static final @Nullable Block[] RECENT = new @Nullable Block[RECENT_MASK + 1];
  private static final ConcurrentLinkedQueue<Block> GRAVES = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger GRAVE_COUNT = new AtomicInteger();

  private BlockMap() {}

  private enum State {
    /** Live, and admits every access to it. */
    WHOLE,
    /** Live, with other blocks inside it; admits accesses to the rest. */
    PARTED,
    /** Live, but handed to an allocator that cuts it up; admits none. */
    CARVED,
    /** Freed. */
    FREED
  }

  /** The owner of a segment of the caller's that an allocator cuts up. */
  private record Cut(Allocator by) {}

  /** One block, live or freed. Whoever changes its state holds its monitor. */
  public static final class Block {
    private final Object owner;
    private final long address;
    private final long byteAlignment;
    private final Site allocated;
    private final @Nullable Block enclosing;
    private final @Nullable Block shadowed;

    /** Of a segment of the caller's; the block, and what is cut from it, dies with it. */
    private final @Nullable WeakReference<MemorySegment.Scope> scope;

    private final boolean hasScope;
    private volatile long byteSize;
    private volatile State state = State.WHOLE;
    private volatile @Nullable Site freed;

    private Block(
        Object owner,
        long address,
        long byteSize,
        long byteAlignment,
        @Nullable Block enclosing,
        @Nullable Block shadowed,
        MemorySegment.@Nullable Scope scope) {
      this.owner = owner;
      this.scope = scope == null ? null : new WeakReference<>(scope);
      this.hasScope = scope != null || (enclosing != null && enclosing.hasScope);
      this.address = address;
      this.byteSize = byteSize;
      this.byteAlignment = byteAlignment;
      this.enclosing = enclosing;
      this.shadowed = shadowed;
      this.allocated = new Site("allocated");
    }

    private boolean contains(long start, long size) {
      long offset = start - address;
      return offset >= 0 && size <= byteSize - offset;
    }

    private boolean isLive() {
      return state != State.FREED && (!hasScope || isScopeAlive());
    }

    private boolean isScopeAlive() {
      if (scope == null) {
        return enclosing == null || enclosing.isLive();
      }
      MemorySegment.Scope alive = scope.get();
      return alive != null && alive.isAlive();
    }

    @Override
    public String toString() {
      String name =
          switch (owner) {
            case Allocator a -> " of allocator '" + a.name() + "'";
            case Cut(Allocator a) -> " cut by allocator '" + a.name() + "'";
            default -> "";
          };
      return "block 0x" + Long.toHexString(address) + " of " + byteSize + " bytes" + name;
    }

    /**
     * Returns the stack that allocated the block.
     *
     * @return a throwable made there
     */
    public Throwable allocation() {
      return allocated;
    }
  }

  // ---- accesses -------------------------------------------------------------------------------

  /** Checks that an access lies inside one live block. */
  static void check(long address, long byteSize) {
    Block recent = RECENT[(int) (address >>> RECENT_SHIFT) & RECENT_MASK];
    if (recent == null
        || recent.state != State.WHOLE
        || !recent.contains(address, byteSize)
        || recent.hasScope) {
      lookUp(address, byteSize);
    }
  }

  private static void lookUp(long address, long byteSize) {
    Block block = containing(floor(address), address);
    if (block != null && block.isLive() && block.contains(address, byteSize)) {
      if (block.state == State.WHOLE) {
        RECENT[(int) (address >>> RECENT_SHIFT) & RECENT_MASK] = block;
        return;
      }
      if (block.state == State.PARTED) {
        return;
      }
    }
    // Memory that was freed may since have become a segment of the caller's, but not while a block
    // around it is live.
    if (liveOutwards(block) != null || !LentMemory.covers(address, byteSize)) {
      throw strayAccess(address, byteSize, block);
    }
  }

  private static @Nullable Block floor(long address) {
    Map.Entry<Long, Block> entry = BLOCKS.floorEntry(address);
    return entry == null ? null : entry.getValue();
  }

  /** Returns the innermost block that contains an address, from one at or before it outwards. */
  private static @Nullable Block containing(@Nullable Block block, long address) {
    while (block != null && !block.contains(address, 1)) {
      block = block.enclosing;
    }
    return block;
  }

  private static CheckedMemoryException strayAccess(
      long address, long byteSize, @Nullable Block block) {
    String access = "access to " + byteSize + " bytes at 0x" + Long.toHexString(address);
    if (block == null) {
      Block before = floor(address);
      return before == null
          ? new CheckedMemoryException(access + ", which is in no live block", null, null)
          : violation(
              access + " is " + (address - before.address - before.byteSize) + " bytes past",
              before);
    }
    if (block.state != State.FREED && !block.isLive()) {
      return violation(access + " is in a segment that was closed, in the", block);
    }
    return switch (block.state) {
      case FREED -> violation(access + " is a use after free of", block);
      case CARVED -> violation(access + " is in no live block cut from", block);
      case WHOLE, PARTED ->
          violation(
              access
                  + " overruns by "
                  + (byteSize - (block.byteSize - (address - block.address)))
                  + " bytes the",
              block);
    };
  }

  private static CheckedMemoryException violation(String what, Block block) {
    return new CheckedMemoryException(what + " " + block, block.allocated, block.freed);
  }

  // ---- blocks ---------------------------------------------------------------------------------

  static void allocated(Object owner, long address, long byteSize) {
    allocated(owner, address, byteSize, 1);
  }

  /**
   * Registers a block that was handed out.
   *
   * @param owner who hands it out
   * @param address its address
   * @param byteSize its size in bytes
   * @param byteAlignment its alignment in bytes
   * @throws CheckedMemoryException if it overlaps a live block of the same owner
   */
  public static void allocated(Object owner, long address, long byteSize, long byteAlignment) {
    sweepTombstones(owner, address, byteSize);
    Block shadowed = live(BLOCKS.get(address));
    Block enclosing = shadowed != null ? shadowed : liveAround(address);
    if (enclosing != null) {
      part(enclosing, owner);
    }
    Block block = new Block(owner, address, byteSize, byteAlignment, enclosing, shadowed, null);
    BLOCKS.put(address, block);
  }

  /**
   * Drops the tombstones that start in a range. A live block there was handed out twice by its
   * allocator, or left behind by another one that was never closed.
   */
  private static void sweepTombstones(Object owner, long address, long byteSize) {
    for (Block block : startingIn(address, byteSize)) {
      Block live = live(block);
      if (live == null || isLeftBehind(live, owner, address, byteSize)) {
        BLOCKS.remove(block.address, block);
      } else if (live.address != address || (live.state == State.WHOLE && live.owner == owner)) {
        throw violation("0x" + Long.toHexString(address) + " was handed out inside", live);
      }
    }
  }

  private static boolean isLeftBehind(Block live, Object owner, long address, long byteSize) {
    return live.owner != owner
        && live.state == State.WHOLE
        && live.enclosing == null
        && !live.contains(address, byteSize);
  }

  private static @Nullable Block live(@Nullable Block block) {
    while (block != null && !block.isLive()) {
      block = block.shadowed;
    }
    return block;
  }

  private static @Nullable Block liveAround(long address) {
    return liveOutwards(containing(floor(address), address));
  }

  private static @Nullable Block liveOutwards(@Nullable Block block) {
    while (block != null && !block.isLive()) {
      block = block.enclosing;
    }
    return block;
  }

  private static void part(Block enclosing, Object owner) {
    synchronized (enclosing) {
      if (enclosing.state == State.WHOLE) {
        if (enclosing.owner == owner) {
          throw violation("a block was handed out inside", enclosing);
        }
        enclosing.state = State.PARTED;
      }
    }
  }

  /**
   * Strikes a block off, before its memory is given up.
   *
   * @param owner who takes it back
   * @param address its address
   * @param byteSize its size in bytes
   * @param byteAlignment its alignment in bytes
   * @throws CheckedMemoryException if that is no live block of this owner, or has another size or
   *     alignment
   */
  public static void freed(Object owner, long address, long byteSize, long byteAlignment) {
    Block block = require(owner, address, byteSize, byteAlignment, "free");
    State before = bury(block, new Site("freed"));
    if (before == State.FREED) {
      throw violation("double free of", block);
    }
    if (before != State.WHOLE) {
      buryInside(block);
    }
  }

  /**
   * Strikes a block off that is freed without its size being said.
   *
   * @param owner who takes it back
   * @param address its address
   * @return its size in bytes
   * @throws CheckedMemoryException if that is no live block of this owner
   */
  public static long freed(Object owner, long address) {
    Block block = ofOwner(owner, address);
    if (block == null) {
      throw misuse(owner, address, "free");
    }
    long byteSize = block.byteSize;
    freed(owner, address, byteSize, block.byteAlignment);
    return byteSize;
  }

  /**
   * Strikes off every block of an owner, and whatever was cut from them, before the owner gives all
   * their memory up at once.
   *
   * @param owner whose blocks they are
   */
  public static void freedAll(Object owner) {
    for (Block block : liveBlocks(owner)) {
      freedWithin(owner, block.address, block.byteSize);
    }
  }

  private static void buryInside(Block outer) {
    Site site = new Site("released with all around it");
    for (Block top : startingIn(outer.address, outer.byteSize)) {
      for (Block block = top; block != null && block != outer; block = block.shadowed) {
        bury(block, site);
      }
    }
  }

  /**
   * Strikes off every block of an owner that starts in a range, and whatever was cut from them,
   * before the owner takes the range back at once.
   *
   * @param owner whose blocks they are
   * @param address the start of the range
   * @param byteSize its size in bytes
   */
  public static void freedWithin(Object owner, long address, long byteSize) {
    Site site = new Site("released with all around it");
    for (Block top : startingIn(address, byteSize)) {
      for (Block block = top; block != null; block = block.shadowed) {
        if (block.isLive() && isOwnedOrInside(block, owner)) {
          bury(block, site);
        }
      }
    }
  }

  private static boolean isOwnedOrInside(Block inner, Object owner) {
    for (Block block = inner; block != null; block = block.enclosing) {
      if (block.owner == owner && block.scope == null) {
        return true;
      }
    }
    return false;
  }

  private static Iterable<Block> startingIn(long address, long byteSize) {
    return BLOCKS.subMap(address, true, address + byteSize, false).values();
  }

  private static State bury(Block block, Site site) {
    synchronized (block) {
      State before = block.state;
      if (before != State.FREED) {
        block.freed = site;
        block.state = State.FREED;
        GRAVES.add(block);
        if (GRAVE_COUNT.incrementAndGet() > TOMBSTONES) {
          forgetOldest();
        }
      }
      return before;
    }
  }

  private static void forgetOldest() {
    Block oldest = GRAVES.poll();
    if (oldest == null) {
      return;
    }
    GRAVE_COUNT.decrementAndGet();
    Block below = live(oldest.shadowed);
    if (below == null) {
      BLOCKS.remove(oldest.address, oldest);
    } else {
      BLOCKS.replace(oldest.address, oldest, below);
    }
  }

  /**
   * Notes that a block changed its size in place.
   *
   * @param owner whose it is
   * @param address its address
   * @param oldByteSize its size in bytes until now
   * @param newByteSize its size in bytes from now on
   * @param byteAlignment its alignment in bytes
   * @throws CheckedMemoryException if that is no live block of this owner, or has another size
   */
  public static void resized(
      Object owner, long address, long oldByteSize, long newByteSize, long byteAlignment) {
    Block block = require(owner, address, oldByteSize, byteAlignment, "resize");
    if (newByteSize > oldByteSize) {
      BLOCKS
          .subMap(address, false, address + newByteSize, false)
          .values()
          .removeIf(b -> !b.isLive());
    }
    block.byteSize = newByteSize;
  }

  /**
   * Checks that a block is live, this owner's, and of this size.
   *
   * @param owner whose it must be
   * @param address its address
   * @param byteSize its size in bytes
   * @param byteAlignment its alignment in bytes
   * @param operation what is about to be done to it, for the message
   * @return the block
   * @throws CheckedMemoryException if it is not
   */
  public static Block require(
      Object owner, long address, long byteSize, long byteAlignment, String operation) {
    Block block = ofOwner(owner, address);
    if (block == null) {
      throw misuse(owner, address, operation);
    }
    if (block.byteSize != byteSize || block.byteAlignment != byteAlignment) {
      throw violation(
          operation + " with " + byteSize + " bytes aligned to " + byteAlignment + " of the",
          block);
    }
    return block;
  }

  private static @Nullable Block ofOwner(Object owner, long address) {
    Block block = BLOCKS.get(address);
    while (block != null && !(block.isLive() && block.owner == owner)) {
      block = block.shadowed;
    }
    return block;
  }

  private static CheckedMemoryException misuse(Object owner, long address, String operation) {
    String where = " of 0x" + Long.toHexString(address);
    Block block = BLOCKS.get(address);
    if (block == null) {
      Block around = liveAround(address);
      return around == null
          ? new CheckedMemoryException(operation + where + ", which is no block", null, null)
          : violation(operation + where + ", which is inside", around);
    }
    Block live = live(block);
    if (live != null && live.owner != owner && block == live) {
      String name = owner instanceof Allocator a ? a.name() : owner.toString();
      return violation(operation + " by allocator '" + name + "' of the foreign", live);
    }
    return violation(operation.equals("free") ? "double free of" : operation + " of freed", block);
  }

  /**
   * Says that an allocator cuts a range up, if the range is one live block; its bytes are then
   * reachable only through the blocks that are cut from it.
   *
   * @param address the start of the range
   * @param byteSize its size in bytes
   */
  public static void carved(long address, long byteSize) {
    Block block = wholeRange(address, byteSize);
    if (block != null) {
      changeState(block, State.CARVED);
    }
  }

  /**
   * Says that an allocator cuts a segment of the caller's up, until {@link #mended} or the end of
   * the segment.
   *
   * @param owner the allocator
   * @param segment the segment
   */
  public static void carved(Allocator owner, MemorySegment segment) {
    long address = segment.address();
    long byteSize = segment.byteSize();
    if (liveAround(address) != null) {
      carved(address, byteSize);
      return;
    }
    sweepTombstones(owner, address, byteSize);
    Block region = new Block(new Cut(owner), address, byteSize, 1, null, null, segment.scope());
    region.state = State.CARVED;
    BLOCKS.put(address, region);
  }

  /**
   * Says that nobody cuts a range up any more: its owner may use it again.
   *
   * @param owner the allocator that cut it up
   * @param address the start of the range
   * @param byteSize its size in bytes
   */
  public static void mended(Object owner, long address, long byteSize) {
    freedWithin(owner, address, byteSize);
    Block block = wholeRange(address, byteSize);
    if (block != null) {
      changeState(block, block.owner instanceof Cut ? State.FREED : State.WHOLE);
    }
    for (Block top : startingIn(address, byteSize)) {
      Block live = live(top);
      if (live == null) {
        BLOCKS.remove(top.address, top);
      } else if (live != top) {
        BLOCKS.replace(top.address, top, live);
      }
    }
  }

  private static @Nullable Block wholeRange(long address, long byteSize) {
    Block block = live(BLOCKS.get(address));
    return block != null && block.byteSize == byteSize ? block : null;
  }

  private static void changeState(Block block, State state) {
    synchronized (block) {
      if (block.isLive()) {
        block.state = state;
      }
    }
  }

  /**
   * Makes the exception of an allocator that cannot close for the blocks it has out.
   *
   * @param owner the allocator
   * @param what how many blocks those are
   * @return an exception that carries the stacks that allocated the first of them, where known
   */
  public static IllegalStateException blocksOut(Allocator owner, String what) {
    IllegalStateException exception =
        new IllegalStateException("allocator '" + owner.name() + "' has " + what + " out");
    if (ACTIVE) {
      for (Block block : liveBlocks(owner).stream().limit(STACKS_AT_CLOSE).toList()) {
        exception.addSuppressed(block.allocated);
      }
    }
    return exception;
  }

  /**
   * Returns the live blocks of an owner.
   *
   * @param owner whose
   * @return its blocks in order of address
   */
  public static List<Block> liveBlocks(Object owner) {
    List<Block> found = new ArrayList<>();
    for (Block block : BLOCKS.values()) {
      for (Block live = live(block); live != null; live = live(live.shadowed)) {
        if (live.owner == owner) {
          found.add(live);
        }
      }
    }
    return found;
  }
}
