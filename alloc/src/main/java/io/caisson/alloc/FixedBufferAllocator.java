package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Allocates inside one native segment of the caller's, by moving a pointer: memory that is bounded
 * once and for all.
 *
 * <p>O(1), without metadata between blocks. The block allocated last can be freed and resized; all
 * other memory comes back by {@link #reset()}. The segment stays the caller's: it must stay alive
 * as long as any block is used, and it is untouched by {@link #close()}.
 *
 * <p>Belongs to the thread that made it; every other thread gets an {@link IllegalStateException}.
 */
public final class FixedBufferAllocator implements Allocator {

  final Owner owner = new Owner();
  private final MemorySegment buffer;
  private final String name;
  private final long start;
  private final long end;
  private long next;
  private long peak;
  private boolean closed;

  /**
   * Creates an allocator over a segment.
   *
   * @param buffer a writable native segment of at least 1 byte, used by nobody else meanwhile
   * @throws IllegalArgumentException if the segment is on the heap, read-only or empty
   * @throws IllegalStateException if the segment is closed, or native access is denied
   */
  public FixedBufferAllocator(@Borrowed MemorySegment buffer) {
    this(buffer, "fixed");
  }

  /**
   * Creates a named allocator over a segment.
   *
   * @param buffer a writable native segment of at least 1 byte, used by nobody else meanwhile
   * @param name its name in messages and reports
   * @throws IllegalArgumentException if the segment is on the heap, read-only or empty
   * @throws IllegalStateException if the segment is closed, or native access is denied
   */
  public FixedBufferAllocator(@Borrowed MemorySegment buffer, String name) {
    if (!buffer.isNative() || buffer.isReadOnly() || buffer.byteSize() == 0) {
      throw new IllegalArgumentException(
          "buffer is " + buffer + "; expected a writable native segment of at least 1 byte");
    }
    Memory.requireNativeAccess();
    this.buffer = buffer;
    this.name = name;
    this.start = buffer.address();
    this.end = start + buffer.byteSize();
    this.next = start;
    requireUsable();
    if (BlockMap.ACTIVE) {
      BlockMap.carved(this, buffer);
    }
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireUsable();
    long address = BlockArguments.alignUp(next, byteAlignment);
    if (byteSize > end - address) {
      return NULL;
    }
    next = address + byteSize;
    BlockRegistry.allocated(this, address, byteSize, byteAlignment);
    return address;
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    return Allocations.zero(this, byteSize, byteAlignment);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: shrinking always succeeds, growing only for the block allocated last.
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireUsable();
    boolean last = address + oldByteSize == next;
    if (newByteSize > oldByteSize && !(last && newByteSize <= end - address)) {
      return false;
    }
    BlockRegistry.resized(this, address, oldByteSize, newByteSize, byteAlignment);
    if (last) {
      moveTo(address + newByteSize);
    }
    return true;
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    return resize(address, oldByteSize, newByteSize, byteAlignment)
        ? address
        : Allocations.move(this, address, oldByteSize, newByteSize, byteAlignment);
  }

  /**
   * Gives back the block allocated last; for any other it does nothing.
   *
   * @param address the address of a live block, or {@link #NULL}
   * @param byteSize its size in bytes
   * @param byteAlignment the alignment it was allocated with
   */
  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    owner.require(this);
    if (address == NULL) {
      return;
    }
    BlockRegistry.freed(this, address, byteSize, byteAlignment);
    if (address + byteSize == next) {
      moveTo(address);
    }
  }

  private void moveTo(long position) {
    peak = peak();
    next = position;
  }

  /** Releases every block at once. */
  public void reset() {
    requireUsable();
    BlockRegistry.freedWithin(this, start, end - start);
    moveTo(start);
  }

  /** Releases every block; the segment is the caller's again. */
  @Override
  public void close() {
    owner.require(this);
    if (!closed) {
      BlockRegistry.mended(this, start, end - start);
      moveTo(start);
      closed = true;
    }
  }

  @Override
  public void closeForcibly() {
    close();
  }

  /**
   * Returns the size of the segment.
   *
   * @return its size in bytes
   */
  public long capacity() {
    return end - start;
  }

  /**
   * Returns the bytes that are handed out, with the padding between them.
   *
   * @return the bytes used
   */
  public long used() {
    return next - start;
  }

  /**
   * Returns the most bytes that were ever used, across resets.
   *
   * @return the peak of {@link #used()}
   */
  public long peak() {
    return Math.max(peak, used());
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return new AllocationException(name, byteSize, byteAlignment, used(), capacity());
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

  private void requireUsable() {
    owner.require(this);
    if (closed) {
      throw new IllegalStateException("allocator '" + name + "' is closed");
    }
    if (!buffer.scope().isAlive()) {
      throw new IllegalStateException("the segment of allocator '" + name + "' is closed");
    }
  }

  @Override
  public String toString() {
    return "fixed(" + name + ")";
  }
}
