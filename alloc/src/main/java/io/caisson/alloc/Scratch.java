package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import org.jspecify.annotations.Nullable;

/**
 * One frame of temporary memory on a thread's arena: closing it releases what was allocated in it.
 *
 * <p>From {@link ScratchArenas#open()}. Freeing does nothing before the frame is closed. A frame
 * can be used while it is the innermost one of its thread: an outer one refuses, for what it would
 * hand out would be released with the inner. O(1), as the arena is.
 *
 * <p>Belongs to the thread that opened it; every other thread gets an {@link
 * IllegalStateException}.
 */
public final class Scratch implements Allocator {

  private final ScratchArenas home;
  private final ScratchArenas.Holder holder;
  private final ArenaAllocator arena;
  private final @Nullable Scratch outer;
  private final ArenaAllocator.Mark mark;
  private boolean closed;

  Scratch(ScratchArenas home, ScratchArenas.Holder holder) {
    this.home = home;
    this.holder = holder;
    this.arena = holder.arena;
    this.outer = holder.innermost;
    this.mark = arena.mark();
  }

  private void requireInnermost() {
    if (holder.innermost != this) {
      throw new IllegalStateException(
          "this frame of scratch '"
              + name()
              + (closed || holder.innermost == null
                  ? "' is closed"
                  : "' has another inside it that is open"));
    }
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireInnermost();
    return arena.allocate(byteSize, byteAlignment);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    return Allocations.zero(this, byteSize, byteAlignment);
  }

  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireInnermost();
    return arena.resize(address, oldByteSize, newByteSize, byteAlignment);
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireInnermost();
    return arena.reallocate(address, oldByteSize, newByteSize, byteAlignment);
  }

  /**
   * Does nothing: the memory comes back when the frame is closed.
   *
   * @param address the address of a live block of this frame or one around it, or {@link #NULL}
   * @param byteSize its size in bytes
   * @param byteAlignment the alignment it was allocated with
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address != NULL) {
      arena.free(address, byteSize, byteAlignment);
    }
  }

  /**
   * Releases everything allocated in this frame. Closing it again does nothing.
   *
   * @throws IllegalStateException if a frame inside it is open, or it is another thread's
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (holder.innermost == null) { // closed forcibly, under this frame
      closed = true;
      return;
    }
    requireInnermost();
    if (outer != null && outer.mark == mark) {
      arena.rewind(mark); // nothing was allocated between the two frames, so they share the mark
    } else {
      arena.unwind(mark);
    }
    closed = true;
    holder.innermost = outer;
    if (outer == null) {
      home.release(holder);
    }
  }

  @Override
  public void closeForcibly() {
    close();
  }

  /**
   * Returns the bytes that the thread's arena has handed out, in this frame and those around it.
   *
   * @return the bytes used, with the padding between blocks
   */
  public long used() {
    return arena.used();
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return arena.failure(byteSize, byteAlignment);
  }

  @Override
  public String name() {
    return arena.name();
  }

  @Override
  public boolean isThreadSafe() {
    return false;
  }

  @Override
  public boolean freesIndividually() {
    return false;
  }

  @Override
  public String toString() {
    return "scratch-frame(" + name() + ")";
  }
}
