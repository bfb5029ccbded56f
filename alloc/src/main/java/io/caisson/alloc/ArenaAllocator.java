package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.events.MemoryEvents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Allocates by moving a pointer, and releases everything at once: for the memory of one operation.
 *
 * <p>Takes blocks from a parent: the first of {@code hint} bytes, each next one twice as large,
 * until {@code cap} bytes are taken. A request at least as large as the next block gets one of its
 * own. An allocation is O(1) but for the parent's time when a new block is needed; {@link #free}
 * does nothing; {@link #close()} gives all blocks back.
 *
 * <p>Belongs to the thread that made it; every other thread gets an {@link IllegalStateException}.
 */
public final class ArenaAllocator implements Allocator {

  /*
   * Purpose. Region allocation: no metadata between blocks, teardown in O(number of blocks taken).
   *
   * Layout. blocks[0..current] are in use, later ones are held back for reuse after a rewind. The
   * pointer next runs through blocks[current] up to end. Overflow blocks stand beside them, each
   * holding one allocation.
   *
   * Invariants.
   * I1  blocks[current].address <= next <= end = the end of blocks[current], unless closed (both 0).
   * I2  capacity = the bytes of all blocks and overflow blocks <= cap.
   * I3  usedBefore = the bytes used in blocks[0..current-1] and in overflow blocks.
   * I4  A mark is alive while it is reachable from lastMark; every live mark is at or below next.
   *
   * The peak is brought up to date before used() falls, so that the fast path need not.
   */

  /** One block taken from the parent. */
  private record Block(long address, long byteSize, long byteAlignment) {}

  /** A point to rewind to; alive until the arena is rewound below it, reset or closed. */
  public static final class Mark {
    private final @Nullable Mark previous;
    private final int current;
    private final int overflowCount;
    private final long next;
    private final long usedBefore;

    private Mark(ArenaAllocator arena) {
      this.previous = arena.lastMark;
      this.current = arena.current;
      this.overflowCount = arena.overflow.size();
      this.next = arena.next;
      this.usedBefore = arena.usedBefore;
    }

    private boolean isAt(ArenaAllocator arena) {
      return current == arena.current
          && next == arena.next
          && overflowCount == arena.overflow.size();
    }
  }

  final Allocator parent;
  final Owner owner = new Owner();
  private final String name;
  private final long cap;
  private final List<Block> blocks = new ArrayList<>();
  private final List<Block> overflow = new ArrayList<>();
  private int current;
  private long next;
  private long end;
  private long usedBefore;
  private long capacity;
  private long peak;
  private long failures;
  private @Nullable Mark lastMark;
  private boolean closed;

  /**
   * Creates an arena without a cap of its own.
   *
   * @param parent where its blocks come from; it must outlive the arena
   * @param name its name in messages and reports
   * @param hint the size of its first block in bytes, at least 1
   * @throws AllocationException if the parent has no room for the first block
   * @throws IllegalArgumentException if the hint is not positive
   */
  public ArenaAllocator(@Borrowed Allocator parent, String name, long hint) {
    this(parent, new ArenaProfile(name, hint, Long.MAX_VALUE));
  }

  /**
   * Creates an arena.
   *
   * @param parent where its blocks come from; it must outlive the arena
   * @param name its name in messages and reports
   * @param hint the size of its first block in bytes, at least 1
   * @param cap the most bytes that it takes from the parent, at least {@code hint}
   * @throws AllocationException if the parent has no room for the first block
   * @throws IllegalArgumentException if the hint is not positive or above the cap
   */
  public ArenaAllocator(@Borrowed Allocator parent, String name, long hint, long cap) {
    this(parent, new ArenaProfile(name, hint, cap));
  }

  /**
   * Creates an arena for a kind of operation.
   *
   * @param parent where its blocks come from; it must outlive the arena
   * @param profile its name and sizes
   * @throws AllocationException if the parent has no room for the first block
   */
  public ArenaAllocator(@Borrowed Allocator parent, ArenaProfile profile) {
    this.parent = parent;
    this.name = profile.name();
    this.cap = profile.cap();
    Block first = take(profile.hint(), DEFAULT_ALIGNMENT);
    if (first == null) {
      throw parent.failure(profile.hint(), DEFAULT_ALIGNMENT);
    }
    blocks.add(first);
    enter(0);
  }

  /**
   * Runs an action with an arena that is closed when it ends, however it ends.
   *
   * @param parent where its blocks come from; it must outlive the arena
   * @param name its name in messages and reports
   * @param hint the size of its first block in bytes, at least 1
   * @param action what to do with it
   * @throws AllocationException if the parent has no room for the first block
   */
  public static void within(
      @Borrowed Allocator parent, String name, long hint, Consumer<ArenaAllocator> action) {
    try (ArenaAllocator arena = new ArenaAllocator(parent, name, hint)) {
      action.accept(arena);
    }
  }

  // ---- allocation -----------------------------------------------------------------------------

  /**
   * Allocates a block with the default alignment.
   *
   * @param byteSize the size in bytes, at least 1
   * @return the address, owned by the caller until the arena is rewound, reset or closed, or {@link
   *     #NULL}
   * @throws IllegalArgumentException if the size is not positive
   */
  @Owned
  public long allocate(long byteSize) {
    return allocate(byteSize, DEFAULT_ALIGNMENT);
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    owner.require(this);
    long address = BlockArguments.alignUp(next, byteAlignment);
    if (byteSize <= end - address) {
      next = address + byteSize;
    } else {
      address = allocateSlow(byteSize, byteAlignment);
    }
    if (address != NULL) {
      BlockRegistry.allocated(this, address, byteSize, byteAlignment);
    }
    return address;
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    return Allocations.zero(this, byteSize, byteAlignment);
  }

  private long allocateSlow(long byteSize, long byteAlignment) {
    requireOpen();
    if (current + 1 < blocks.size()) {
      long address = allocateIn(current + 1, byteSize, byteAlignment);
      if (address != NULL) {
        return address;
      }
    } else if (byteSize < nextBlockSize() - slack(byteAlignment)) {
      Block block = take(nextBlockSize(), DEFAULT_ALIGNMENT);
      if (block != null) {
        blocks.add(block);
        long address = allocateIn(current + 1, byteSize, byteAlignment);
        if (address != NULL) {
          return address;
        }
      }
    }
    return allocateOverflow(byteSize, byteAlignment);
  }

  /** The most that aligning an address in a new block can cost. */
  private static long slack(long byteAlignment) {
    return Math.max(0, byteAlignment - DEFAULT_ALIGNMENT);
  }

  private long nextBlockSize() {
    long last = blocks.getLast().byteSize;
    return Math.min(last <= Long.MAX_VALUE >> 1 ? last << 1 : Long.MAX_VALUE, cap - capacity);
  }

  /** Allocates in a block held after the current one and moves on to it, if it has room. */
  private long allocateIn(int index, long byteSize, long byteAlignment) {
    Block block = blocks.get(index);
    long address = BlockArguments.alignUp(block.address, byteAlignment);
    if (byteSize > block.address + block.byteSize - address) {
      return NULL;
    }
    usedBefore += next - blocks.get(current).address;
    enter(index);
    next = address + byteSize;
    return address;
  }

  private void enter(int index) {
    Block block = blocks.get(index);
    current = index;
    next = block.address;
    end = block.address + block.byteSize;
  }

  private long allocateOverflow(long byteSize, long byteAlignment) {
    Block block = take(byteSize, byteAlignment);
    if (block == null) {
      failures++;
      return NULL;
    }
    overflow.add(block);
    usedBefore += byteSize;
    return block.address;
  }

  private @Nullable Block take(long byteSize, long byteAlignment) {
    if (byteSize > cap - capacity) {
      return null;
    }
    long address = parent.allocate(byteSize, byteAlignment);
    if (address == NULL) {
      return null;
    }
    BlockRegistry.carved(address, byteSize);
    MemoryEvents.chunk(name, address, byteSize);
    Tag tag = Tag.of(parent);
    if (tag != null) {
      tag.grew(byteSize);
    }
    capacity += byteSize;
    return new Block(address, byteSize, byteAlignment);
  }

  private void giveBack(Block block) {
    capacity -= block.byteSize;
    parent.free(block.address, block.byteSize, block.byteAlignment);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: shrinking always succeeds, growing only for the block allocated last, and not if it is
   * below a mark.
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    owner.require(this);
    requireOpen();
    boolean last = isMovable(address) && address + oldByteSize == next;
    if (newByteSize > oldByteSize && !(last && newByteSize <= end - address)) {
      return false;
    }
    BlockRegistry.resized(this, address, oldByteSize, newByteSize, byteAlignment);
    if (last) {
      notePeak();
      next = address + newByteSize;
    }
    return true;
  }

  /** Says whether the end of a block may move: it is in the current block, and above every mark. */
  private boolean isMovable(long address) {
    long floor = blocks.get(current).address;
    if (lastMark != null && lastMark.current == current) {
      floor = lastMark.next;
    }
    return address >= floor;
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    return resize(address, oldByteSize, newByteSize, byteAlignment)
        ? address
        : Allocations.move(this, address, oldByteSize, newByteSize, byteAlignment);
  }

  /**
   * Does nothing: the memory comes back when the arena is rewound, reset or closed.
   *
   * @param address the address of a live block, or {@link #NULL}
   * @param byteSize its size in bytes
   * @param byteAlignment the alignment it was allocated with
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    owner.require(this);
    if (address != NULL) {
      BlockRegistry.freed(this, address, byteSize, byteAlignment);
    }
  }

  /**
   * Copies a block out of this arena, so that it outlives it.
   *
   * @param address the address of a live block of this arena
   * @param byteSize its size in bytes
   * @param byteAlignment its alignment in bytes
   * @param target the allocator that the copy comes from
   * @return the address of the copy, owned by the caller
   * @throws AllocationException if the target is exhausted
   */
  @Owned
  public long promote(
      @Borrowed long address, long byteSize, long byteAlignment, @Borrowed Allocator target) {
    owner.require(this);
    long copy = Allocations.allocate(target, byteSize, byteAlignment);
    Memory.copy(address, copy, byteSize);
    return copy;
  }

  // ---- release --------------------------------------------------------------------------------

  /**
   * Marks this point, to rewind to later.
   *
   * <p>The arena remembers its marks until it is rewound below them or reset. A block that was
   * allocated before the mark and is reallocated after it moves above it, and dies with a rewind.
   *
   * @return the mark
   */
  public Mark mark() {
    owner.require(this);
    requireOpen();
    Mark here = lastMark;
    if (here == null || !here.isAt(this)) {
      here = new Mark(this);
      lastMark = here;
    }
    return here;
  }

  /**
   * Releases everything allocated since a mark. The mark stays alive, later ones do not.
   *
   * <p>Blocks taken meanwhile are kept for reuse, overflow blocks go back to the parent.
   *
   * @param mark a live mark of this arena
   * @throws IllegalStateException if the mark is not alive
   */
  public void rewind(Mark mark) {
    Objects.requireNonNull(mark, "mark");
    owner.require(this);
    Mark live = lastMark;
    while (live != mark) {
      if (live == null) {
        throw new IllegalStateException(
            "arena '" + name + "' was rewound below this mark, or reset, or never made it");
      }
      live = live.previous;
    }
    notePeak();
    lastMark = mark;
    for (int i = mark.current; i <= current; i++) {
      Block block = blocks.get(i);
      long from = i == mark.current ? mark.next : block.address;
      BlockRegistry.freedWithin(this, from, block.address + block.byteSize - from);
    }
    dropOverflow(mark.overflowCount);
    enter(mark.current);
    next = mark.next;
    usedBefore = mark.usedBefore;
  }

  /**
   * Releases everything allocated since a mark, and forgets the mark, which nobody else may hold.
   */
  void unwind(Mark mark) {
    rewind(mark);
    lastMark = mark.previous;
  }

  /** Releases everything and keeps the largest block for what comes next. */
  public void reset() {
    owner.require(this);
    requireOpen();
    releaseAll();
    Block largest = Collections.max(blocks, Comparator.comparingLong(Block::byteSize));
    blocks.remove(largest);
    dropBlocks();
    blocks.add(largest);
    enter(0);
  }

  private void releaseAll() {
    notePeak();
    for (Block block : blocks) {
      BlockRegistry.freedWithin(this, block.address, block.byteSize);
    }
    dropOverflow(0);
    usedBefore = 0;
    lastMark = null;
  }

  private void dropOverflow(int keep) {
    while (overflow.size() > keep) {
      giveBack(overflow.removeLast());
    }
  }

  private void dropBlocks() {
    while (!blocks.isEmpty()) {
      giveBack(blocks.removeLast());
    }
  }

  /** Releases everything and gives all memory back to the parent. */
  @Override
  public void close() {
    owner.require(this);
    if (closed) {
      return;
    }
    closed = true;
    releaseAll();
    dropBlocks();
    next = 0;
    end = 0;
  }

  @Override
  public void closeForcibly() {
    close();
  }

  // ---- what it is -----------------------------------------------------------------------------

  /**
   * Returns the bytes that this arena holds from its parent.
   *
   * @return the bytes of all its blocks
   */
  public long capacity() {
    return capacity;
  }

  /**
   * Returns the bytes that are handed out, with the padding between them.
   *
   * @return the bytes used
   */
  public long used() {
    return closed ? 0 : usedBefore + next - blocks.get(current).address;
  }

  /**
   * Returns the most bytes that were ever used, across resets.
   *
   * @return the peak of {@link #used()}
   */
  public long peak() {
    return Math.max(peak, used());
  }

  private void notePeak() {
    peak = peak();
  }

  /**
   * Returns how many requests hold a block of their own, because they were at least as large as the
   * next one.
   *
   * @return the number of overflow blocks
   */
  public int overflowCount() {
    return overflow.size();
  }

  /**
   * Returns how many requests were answered with {@link #NULL}.
   *
   * @return the number of failures
   */
  public long failures() {
    return failures;
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return byteSize > cap - capacity
        ? new AllocationException(name, byteSize, byteAlignment, capacity, cap)
        : parent.failure(byteSize, byteAlignment).at(name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isThreadSafe() {
    return false;
  }

  @Override
  public boolean freesIndividually() {
    return false;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("arena '" + name + "' is closed");
    }
  }

  @Override
  public String toString() {
    return "arena(" + name + ")";
  }
}
