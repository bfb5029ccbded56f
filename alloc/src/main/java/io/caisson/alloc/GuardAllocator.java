package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.GuardLayout;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.Setting;
import io.caisson.alloc.internal.Site;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds misuse of another allocator's blocks, in every memory mode and whoever wrote to them,
 * native code too.
 *
 * <p>Each block lies between red zones. Fresh memory is filled with 0xCD, unless it was asked for
 * zeroed, and freed memory with 0xDD; a freed block is held back in a quarantine, oldest out first,
 * before the wrapped allocator gets it. Each misuse is a {@link CheckedMemoryException} that names
 * the block, with the stack that allocated it and the one that freed it:
 *
 * <ul>
 *   <li>at once, by {@code free}, {@code resize} or {@code reallocate}: a double free, a wrong size
 *       or alignment, a pointer into a block, a block of another allocator, an address of nothing;
 *       no address that is not this allocator's is ever read;
 *   <li>at the block's free, resize or move, or at {@link #check()}: an overrun or underrun within
 *       the red zones;
 *   <li>when the block leaves the quarantine, or at {@link #check()} or {@link #close()}: a write
 *       after free. Any {@code free}, {@code reallocate} or exhausted allocation may make a block
 *       leave, so it may throw for a block that is not its own.
 * </ul>
 *
 * <p>An operation that throws has not happened, save that {@code close} has if it throws for a
 * write. A red zone that {@code free} or {@code reallocate} reports is mended, so that the block
 * can then be freed. A write is seen by its effect: one that leaves a guard byte at the value it
 * had is not. Reads are not seen; checked memory mode is for those.
 *
 * <p>Each block costs its alignment or more in front of it (32 bytes of header and a red zone,
 * rounded up to the alignment), a red zone behind it, and an entry with two stacks on the Java
 * heap. Allocating and freeing take time in proportion to the size of the block. The last 16384
 * freed blocks are remembered after they leave the quarantine.
 *
 * <p>Thread-safe if the wrapped allocator is; if not, it belongs to the thread that made it. The
 * wrapped allocator must not be reset, rewound or closed but through this one.
 */
public final class GuardAllocator implements Allocator {

  /*
   * Invariants.
   * I1  A block that is LIVE in the book has intact red zones unless somebody wrote over them; one
   *     that is HELD is poisoned all over. Both change, with the state, under the entry's monitor:
   *     so check() never looks at memory that was given up, nor at half a poison.
   * I2  A block is HELD from when it is freed until it was taken out of the quarantine by the one
   *     thread that gives it up; that thread alone frees it to the wrapped allocator.
   * I3  Room in the quarantine is made before a block is freed, so that a write after free that
   *     comes to light there is thrown while nothing has changed. Threads that free at once may
   *     exceed the quarantine's limit by a block each.
   */

  private static final Setting RED_ZONE =
      new Setting("caisson.guard.red-zone", "CAISSON_GUARD_RED_ZONE");
  private static final Setting QUARANTINE =
      new Setting("caisson.guard.quarantine", "CAISSON_GUARD_QUARANTINE");
  private static final long DEFAULT_RED_ZONE = 32;
  private static final long MAX_RED_ZONE = 1 << 20;
  private static final long DEFAULT_QUARANTINE = 16 << 20;

  final Allocator wrapped;
  private final BlockBook book;
  private final GuardLayout layout;
  private final HeldBlocks held = new HeldBlocks();
  private final long quarantineByteSize;
  private final @Nullable Thread owner;
  private volatile boolean closed;

  /**
   * Creates a guard with red zones of {@code caisson.guard.red-zone} bytes (or {@code
   * CAISSON_GUARD_RED_ZONE}; 32 if neither is set) and a quarantine of {@code
   * caisson.guard.quarantine} bytes (or {@code CAISSON_GUARD_QUARANTINE}; 16 MiB).
   *
   * @param wrapped where memory comes from; closed with this one
   * @throws IllegalArgumentException if a setting is no such size; the message names it
   */
  public GuardAllocator(@Owned Allocator wrapped) {
    this(wrapped, RED_ZONE.byteSize(DEFAULT_RED_ZONE), QUARANTINE.byteSize(DEFAULT_QUARANTINE));
  }

  /**
   * Creates a guard.
   *
   * @param wrapped where memory comes from; closed with this one
   * @param redZoneByteSize the bytes of each red zone, from 1 to 1 MiB
   * @param quarantineByteSize the most bytes that are held back after they were freed, with those
   *     around them; 0 to hold nothing back
   * @throws IllegalArgumentException if one of the sizes is out of range
   */
  public GuardAllocator(@Owned Allocator wrapped, long redZoneByteSize, long quarantineByteSize) {
    if (redZoneByteSize < 1 || redZoneByteSize > MAX_RED_ZONE) {
      throw new IllegalArgumentException(
          "redZoneByteSize is " + redZoneByteSize + "; expected 1 to " + MAX_RED_ZONE);
    }
    if (quarantineByteSize < 0) {
      throw new IllegalArgumentException(
          "quarantineByteSize is " + quarantineByteSize + "; expected at least 0");
    }
    this.wrapped = wrapped;
    this.quarantineByteSize = quarantineByteSize;
    this.owner = wrapped.isThreadSafe() ? null : Thread.currentThread();
    this.book = BlockBook.open(this, "guard");
    this.layout = new GuardLayout(redZoneByteSize, book.id());
  }

  // ---- allocation -----------------------------------------------------------------------------

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    long address = take(byteSize, byteAlignment, false);
    if (address != NULL) {
      GuardLayout.fill(address, byteSize, GuardLayout.FRESH);
      handOut(address, byteSize, byteAlignment);
    }
    return address;
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    long address = take(byteSize, byteAlignment, true);
    if (address != NULL) {
      handOut(address, byteSize, byteAlignment);
    }
    return address;
  }

  /** Gets the memory of a block, if need be by giving up what is held back. */
  private long take(long byteSize, long byteAlignment, boolean zeroed) {
    requireOwner();
    long total = layout.total(byteSize, byteAlignment);
    if (total < 0) {
      return NULL;
    }
    long base = takeTotal(total, byteAlignment, zeroed);
    if (base == NULL && held.heldBytes() > 0) {
      makeRoom(quarantineByteSize);
      base = takeTotal(total, byteAlignment, zeroed);
    }
    return base == NULL ? NULL : base + layout.front(byteAlignment);
  }

  private long takeTotal(long total, long byteAlignment, boolean zeroed) {
    return zeroed
        ? wrapped.allocateZeroed(total, byteAlignment)
        : wrapped.allocate(total, byteAlignment);
  }

  private void handOut(long address, long byteSize, long byteAlignment) {
    layout.mark(address, byteSize, byteAlignment);
    BlockRegistry.carved(base(address, byteAlignment), layout.total(byteSize, byteAlignment));
    BlockRegistry.allocated(this, address, byteSize, byteAlignment);
    book.add(address, byteSize, byteAlignment, new Site("allocated"));
  }

  private long base(long address, long byteAlignment) {
    return address - layout.front(byteAlignment);
  }

  private long total(BlockBook.Entry entry) {
    return layout.total(entry.byteSize(), entry.byteAlignment);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: true if the wrapped allocator can.
   *
   * @throws CheckedMemoryException if that is no live block of this size and alignment, or was
   *     written beyond
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOwner();
    requireOpen();
    BlockBook.Entry entry = book.require("resize", address, oldByteSize, byteAlignment);
    long newTotal = layout.total(newByteSize, byteAlignment);
    synchronized (entry) {
      book.requireStillLive("resize", entry);
      requireIntact(entry);
      if (newTotal < 0
          || !wrapped.resize(base(address, byteAlignment), total(entry), newTotal, byteAlignment)) {
        return false;
      }
      if (newByteSize > oldByteSize) {
        GuardLayout.fill(address + oldByteSize, newByteSize - oldByteSize, GuardLayout.FRESH);
      }
      layout.mark(address, newByteSize, byteAlignment);
      BlockRegistry.resized(this, address, oldByteSize, newByteSize, byteAlignment);
      entry.resized(newByteSize);
    }
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: it always moves, so that whoever kept the old address is found.
   *
   * @throws CheckedMemoryException if that is no live block of this size and alignment, or was
   *     written beyond; or if a block that left the quarantine was written to
   */
  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireOwner();
    requireOpen();
    BlockBook.Entry entry = book.require("reallocate", address, oldByteSize, byteAlignment);
    makeRoom(total(entry));
    long moved = allocate(newByteSize, byteAlignment);
    if (moved == NULL) {
      return NULL;
    }
    try {
      free("reallocate", entry, moved, Math.min(oldByteSize, newByteSize));
    } catch (CheckedMemoryException misuse) {
      giveUp(book.require("free", moved, newByteSize, byteAlignment));
      throw misuse;
    }
    return moved;
  }

  /**
   * {@inheritDoc}
   *
   * @throws CheckedMemoryException if that is no live block of this size and alignment, or was
   *     written beyond; or if a block that left the quarantine was written to
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireOwner();
    if (address == NULL) {
      return;
    }
    BlockBook.Entry entry = book.require("free", address, byteSize, byteAlignment);
    makeRoom(total(entry));
    free("free", entry, NULL, 0);
  }

  /** Copies a live block out, if anywhere; then poisons it and holds it back. */
  private void free(String operation, BlockBook.Entry entry, long copy, long copyByteSize) {
    long total;
    synchronized (entry) {
      book.requireStillLive(operation, entry);
      try {
        requireIntact(entry);
      } catch (CheckedMemoryException damage) {
        layout.mark(entry.address, entry.byteSize(), entry.byteAlignment);
        throw damage;
      }
      Memory.copy(entry.address, copy, copyByteSize);
      BlockRegistry.freed(this, entry.address, entry.byteSize(), entry.byteAlignment);
      layout.poison(entry.address, entry.byteSize(), entry.byteAlignment);
      entry.hold();
      total = total(entry);
    }
    if (total <= quarantineByteSize) {
      held.add(entry, total);
    } else {
      giveBack(entry);
    }
  }

  // ---- what was written over ------------------------------------------------------------------

  /**
   * Looks at every block that is out or held back.
   *
   * <p>Takes time in proportion to the number of live blocks and the bytes held back. With other
   * threads at work it sees each block at some moment.
   *
   * @throws CheckedMemoryException if any was written over; those after the first are suppressed in
   *     it
   * @throws IllegalStateException if this allocator belongs to another thread
   */
  public void check() {
    requireOwner();
    Damages damages = new Damages();
    book.live().forEach(entry -> damages.add(damageOf(entry)));
    held.snapshot().forEach(entry -> damages.add(damageOf(entry)));
    damages.throwIfAny();
  }

  private @Nullable CheckedMemoryException damageOf(BlockBook.Entry entry) {
    synchronized (entry) {
      long address = entry.address;
      long byteSize = entry.byteSize();
      long offset = GuardLayout.NONE;
      if (entry.isLive()) {
        offset = layout.damage(address, byteSize, entry.byteAlignment);
      } else if (entry.isHeld()) {
        offset = layout.damageAfterFree(address, byteSize, entry.byteAlignment);
      }
      if (offset == GuardLayout.NONE) {
        return null;
      }
      return entry.violation(
          "%s: 0x%02x was written at offset %d of the"
              .formatted(kindOf(entry, offset), GuardLayout.byteAt(address + offset), offset));
    }
  }

  private static String kindOf(BlockBook.Entry entry, long offset) {
    if (entry.isHeld()) {
      return "write after free";
    }
    return offset < 0 ? "underrun" : "overrun";
  }

  private void requireIntact(BlockBook.Entry entry) {
    CheckedMemoryException damage = damageOf(entry);
    if (damage != null) {
      throw damage;
    }
  }

  /** Gives up what is held back, oldest first, until a block of some size fits in beside it. */
  private void makeRoom(long byteSize) {
    Damages damages = new Damages();
    drainTo(Math.max(0, quarantineByteSize - byteSize), damages);
    damages.throwIfAny();
  }

  private void drainTo(long byteSize, Damages damages) {
    for (BlockBook.Entry entry = held.pollAbove(byteSize);
        entry != null;
        entry = held.pollAbove(byteSize)) {
      damages.add(damageOf(entry));
      giveBack(entry);
    }
  }

  /** Frees a block that was held to the wrapped allocator. */
  private void giveBack(BlockBook.Entry entry) {
    if (!entry.isHeld()) {
      return; // the wrapped allocator released it by itself
    }
    entry.release(null);
    book.bury(entry);
    wrapped.free(base(entry.address, entry.byteAlignment), total(entry), entry.byteAlignment);
  }

  /** Frees a live block, whatever was written over it, without holding it back. */
  private void giveUp(BlockBook.Entry entry) {
    synchronized (entry) {
      if (!entry.isLive()) {
        return;
      }
      BlockRegistry.freed(this, entry.address, entry.byteSize(), entry.byteAlignment);
      entry.hold();
    }
    giveBack(entry);
  }

  /** The first damage found, with the others suppressed in it. */
  private static final class Damages {
    private @Nullable CheckedMemoryException first;

    void add(@Nullable CheckedMemoryException damage) {
      if (first == null) {
        first = damage;
      } else if (damage != null) {
        first.addSuppressed(damage);
      }
    }

    void throwIfAny() {
      if (first != null) {
        throw first;
      }
    }
  }

  // ---- release --------------------------------------------------------------------------------

  /**
   * {@inheritDoc}
   *
   * <p>Here: with blocks out it stays open and throws, with the stacks that allocated the first of
   * them, unless the wrapped allocator releases everything at once anyway.
   *
   * @throws CheckedMemoryException if a block was written over; this allocator has then closed
   */
  @Override
  public void close() {
    requireOwner();
    if (closed) {
      return;
    }
    List<BlockBook.Entry> live = book.live();
    if (wrapped.freesIndividually() && !live.isEmpty()) {
      throw BlockBook.blocksOut(this, live);
    }
    releaseAll(live);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: always supported, for this allocator knows its blocks. The wrapped one is closed in
   * the ordinary way.
   *
   * @throws CheckedMemoryException if a block was written over; this allocator has then closed
   */
  @Override
  public void closeForcibly() {
    requireOwner();
    if (!closed) {
      releaseAll(book.live());
    }
  }

  private void releaseAll(List<BlockBook.Entry> live) {
    Damages damages = new Damages();
    for (BlockBook.Entry entry : live) {
      damages.add(damageOf(entry));
      giveUp(entry);
    }
    drainTo(0, damages);
    wrapped.close();
    closed = true;
    book.close();
    damages.throwIfAny();
  }

  // ---- what it is -----------------------------------------------------------------------------

  /**
   * Returns the bytes that are held back after they were freed, with those around them.
   *
   * @return the bytes in quarantine
   */
  public long quarantinedBytes() {
    return held.heldBytes();
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return wrapped.failure(byteSize, byteAlignment);
  }

  @Override
  public String name() {
    return wrapped.name();
  }

  @Override
  public boolean isThreadSafe() {
    return wrapped.isThreadSafe();
  }

  @Override
  public boolean freesIndividually() {
    return wrapped.freesIndividually();
  }

  private void requireOwner() {
    if (owner != null && Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "allocator '" + name() + "' belongs to thread '" + owner.getName() + "'");
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("allocator '" + name() + "' is closed");
    }
  }

  @Override
  public String toString() {
    return "guard(" + wrapped + ")";
  }
}
