package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Hands out blocks of native memory and takes them back.
 *
 * <p>A block is known by its address. Whoever allocates a block owns it, and frees it with the size
 * and alignment it was allocated with, to the same allocator. {@link #NULL} means that the
 * allocator is exhausted, and nothing else: a size or an alignment that no allocator could serve is
 * an {@link IllegalArgumentException}, from every allocator alike. No method retains its arguments
 * or runs code of the caller's.
 *
 * <p>An implementation is thread-safe if {@link #isThreadSafe()} says so; one that is not belongs
 * to the thread that made it. Freeing in one thread a block that another allocated orders nothing
 * between the two: whoever hands an address over must publish it safely.
 *
 * <p>The contract is that of Zig's {@code std.mem.Allocator}: sized free, and resizing in place
 * kept apart from moving.
 */
public interface Allocator extends AutoCloseable {

  /** The address of nothing: 0. */
  long NULL = Memory.NULL;

  /** An alignment in bytes that is enough for every primitive and for SIMD loads: 16. */
  long DEFAULT_ALIGNMENT = 16;

  /**
   * Allocates a block whose content is undefined.
   *
   * @param byteSize the size of the block in bytes, at least 1
   * @param byteAlignment the alignment of its address in bytes, a power of two
   * @return the address of the block, owned by the caller, or {@link #NULL} if the allocator is
   *     exhausted
   * @throws IllegalArgumentException if the size is not positive or the alignment no power of two
   * @throws IllegalStateException if the allocator is closed or belongs to another thread
   */
  @Owned
  @CheckReturnValue
  long allocate(long byteSize, long byteAlignment);

  /**
   * Allocates a block whose bytes are all zero.
   *
   * @param byteSize the size of the block in bytes, at least 1
   * @param byteAlignment the alignment of its address in bytes, a power of two
   * @return the address of the block, owned by the caller, or {@link #NULL} if the allocator is
   *     exhausted
   * @throws IllegalArgumentException if the size is not positive or the alignment no power of two
   * @throws IllegalStateException if the allocator is closed or belongs to another thread
   */
  @Owned
  @CheckReturnValue
  long allocateZeroed(long byteSize, long byteAlignment);

  /**
   * Changes the size of a block in place, or not at all.
   *
   * <p>After {@code true} the block has the new size and keeps its content up to the lesser of the
   * two; what was added is undefined. After {@code false} nothing has changed.
   *
   * @param address the address of a live block
   * @param oldByteSize its size in bytes
   * @param newByteSize the size wanted in bytes, at least 1
   * @param byteAlignment the alignment it was allocated with
   * @return whether the block has the new size
   * @throws IllegalArgumentException if a size is not positive, the alignment no power of two, or
   *     the address {@link #NULL}
   * @throws IllegalStateException if the allocator is closed or belongs to another thread
   */
  @CheckReturnValue
  boolean resize(@Borrowed long address, long oldByteSize, long newByteSize, long byteAlignment);

  /**
   * Changes the size of a block, moving it if it must.
   *
   * <p>The content is kept up to the lesser of the two sizes; what was added is undefined. If the
   * answer is {@link #NULL} the old block stays valid and unchanged, else it is gone, unless its
   * address is the one returned.
   *
   * @param address the address of a live block, owned by the caller, and taken back unless the
   *     answer is {@link #NULL}
   * @param oldByteSize its size in bytes
   * @param newByteSize the size wanted in bytes, at least 1
   * @param byteAlignment the alignment it was allocated with, kept by the new block
   * @return the address of the block of the new size, owned by the caller, or {@link #NULL} if the
   *     allocator is exhausted
   * @throws IllegalArgumentException if a size is not positive, the alignment no power of two, or
   *     the address {@link #NULL}
   * @throws IllegalStateException if the allocator is closed or belongs to another thread
   */
  @Owned
  @CheckReturnValue
  long reallocate(@Owned long address, long oldByteSize, long newByteSize, long byteAlignment);

  /**
   * Gives a block back.
   *
   * <p>An allocator that {@linkplain #freesIndividually() does not free one by one} only notes it.
   *
   * @param address the address of a live block, owned by the caller until now, or {@link #NULL},
   *     which is ignored
   * @param byteSize its size in bytes
   * @param byteAlignment the alignment it was allocated with
   * @throws IllegalArgumentException if the size is not positive or the alignment no power of two
   * @throws IllegalStateException if the allocator belongs to another thread
   */
  void free(@Owned long address, long byteSize, long byteAlignment);

  /**
   * Makes the exception that says why a request was answered with {@link #NULL}.
   *
   * @param byteSize the size that was requested, in bytes
   * @param byteAlignment the alignment that was requested, in bytes
   * @return the exception, for the caller to throw
   */
  AllocationException failure(long byteSize, long byteAlignment);

  /**
   * Returns the name of this allocator, as messages and reports show it.
   *
   * @return the name
   */
  String name();

  /**
   * Says whether any thread may call this allocator at any time.
   *
   * @return false if it belongs to one thread
   */
  boolean isThreadSafe();

  /**
   * Says whether freeing a block makes its memory available again.
   *
   * @return false if memory comes back only when everything is released at once
   */
  boolean freesIndividually();

  /**
   * Returns this allocator in the form that {@code java.lang.foreign} takes.
   *
   * <p>Its segments are zeroed and live in the global scope: nobody guards their lifetime, and they
   * are freed, if at all, by their address. A segment of size 0 uses no memory.
   *
   * @return an allocator of segments that throws {@link AllocationException} when this one is
   *     exhausted; a view of this one, which ends with its close
   */
  @View
  default SegmentAllocator asSegmentAllocator() {
    return (byteSize, byteAlignment) -> {
      if (byteSize == 0) {
        BlockArguments.checkAlignment(byteAlignment);
        return MemorySegment.ofAddress(byteAlignment);
      }
      long address = allocateZeroed(byteSize, byteAlignment);
      if (address == NULL) {
        throw failure(byteSize, byteAlignment);
      }
      return Memory.segment(address, byteSize);
    };
  }

  /**
   * Closes this allocator; it then refuses to allocate. Closing it again does nothing.
   *
   * <p>An allocator that knows its blocks refuses to close while any is out. One that releases
   * everything at once (an arena, a fixed buffer) does so and always succeeds.
   *
   * @throws IllegalStateException if blocks are out, naming what is known of them; the allocator
   *     then stays open
   */
  @Override
  void close();

  /**
   * Closes this allocator and releases every block it has out, whoever owns it.
   *
   * @throws UnsupportedOperationException if it does not know its blocks
   */
  void closeForcibly();
}
