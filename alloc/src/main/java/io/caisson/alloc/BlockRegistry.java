package io.caisson.alloc;

import io.caisson.alloc.internal.BlockMap;

/**
 * Where an allocator tells checked memory mode which blocks are live.
 *
 * <p>The allocators of this package do; an allocator of your own should, if it hands out addresses
 * that it made itself (one that only passes on what another hands out need not). Call {@link
 * #allocated} before a block is handed out, {@link #freed} before its memory is given up. In native
 * mode every method returns at once.
 *
 * <p>Thread-safe.
 */
public final class BlockRegistry {

  private BlockRegistry() {}

  /**
   * Says whether the registry keeps a book, that is, whether memory is in checked mode.
   *
   * @return whether the other methods do anything
   */
  public static boolean isActive() {
    return BlockMap.ACTIVE;
  }

  /**
   * Registers a block that is about to be handed out.
   *
   * @param owner the allocator that hands it out
   * @param address its address
   * @param byteSize its size in bytes
   * @param byteAlignment the alignment it was asked for with, in bytes
   * @throws CheckedMemoryException if it overlaps a live block of this allocator
   */
  public static void allocated(
      @Borrowed Allocator owner, @Borrowed long address, long byteSize, long byteAlignment) {
    if (BlockMap.ACTIVE) {
      BlockMap.allocated(owner, address, byteSize, byteAlignment);
    }
  }

  /**
   * Notes that a block changes its size in place.
   *
   * @param owner the allocator it is from
   * @param address its address
   * @param oldByteSize its size in bytes until now
   * @param newByteSize its size in bytes from now on
   * @param byteAlignment its alignment in bytes
   * @throws CheckedMemoryException if that is no live block of this allocator and size
   */
  public static void resized(
      @Borrowed Allocator owner,
      @Borrowed long address,
      long oldByteSize,
      long newByteSize,
      long byteAlignment) {
    if (BlockMap.ACTIVE) {
      BlockMap.resized(owner, address, oldByteSize, newByteSize, byteAlignment);
    }
  }

  /**
   * Strikes off a block whose memory is about to be given up.
   *
   * @param owner the allocator it is from
   * @param address its address
   * @param byteSize its size in bytes
   * @param byteAlignment its alignment in bytes
   * @throws CheckedMemoryException if that is no live block of this allocator, size and alignment,
   *     for one thing because it was freed before
   */
  public static void freed(
      @Borrowed Allocator owner, @Borrowed long address, long byteSize, long byteAlignment) {
    if (BlockMap.ACTIVE) {
      BlockMap.freed(owner, address, byteSize, byteAlignment);
    }
  }

  /**
   * Strikes off every block of an allocator in a range that it takes back at once, with all that
   * was cut from them.
   *
   * @param owner the allocator they are from
   * @param address the start of the range
   * @param byteSize its size in bytes
   */
  public static void freedWithin(@Borrowed Allocator owner, @Borrowed long address, long byteSize) {
    if (BlockMap.ACTIVE && byteSize > 0) {
      BlockMap.freedWithin(owner, address, byteSize);
    }
  }

  /**
   * Says that an allocator is about to cut blocks out of a range: if the range is one live block of
   * its parent's, that block no longer admits an access by itself.
   *
   * @param address the start of the range
   * @param byteSize its size in bytes
   */
  public static void carved(@Borrowed long address, long byteSize) {
    if (BlockMap.ACTIVE) {
      BlockMap.carved(address, byteSize);
    }
  }

  /**
   * Says that an allocator no longer cuts up a range that others may go on to use.
   *
   * @param owner the allocator that cut it up
   * @param address the start of the range
   * @param byteSize its size in bytes
   */
  public static void mended(@Borrowed Allocator owner, @Borrowed long address, long byteSize) {
    if (BlockMap.ACTIVE && byteSize > 0) {
      BlockMap.mended(owner, address, byteSize);
    }
  }
}
