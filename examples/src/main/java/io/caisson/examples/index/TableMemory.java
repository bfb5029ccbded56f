package io.caisson.examples.index;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.FixedBufferAllocator;
import io.caisson.alloc.SlabAllocator;
import java.lang.foreign.MemorySegment;

/**
 * The allocator that a table is put on, and the accounted one at the bottom of it.
 *
 * <p>Whatever stands between the two, the account at the bottom says what the table costs: an
 * arena's unused room counts, and so does the whole of a fixed buffer.
 */
final class TableMemory implements AutoCloseable {

  private static final long ARENA_HINT = 1 << 20;
  private static final long LARGEST_BIN = 1 << 10;

  private final AccountedAllocator bottom;
  private final Allocator allocator;
  private final MemorySegment buffer;

  private TableMemory(AccountedAllocator bottom, Allocator allocator, MemorySegment buffer) {
    this.bottom = bottom;
    this.allocator = allocator;
    this.buffer = buffer;
  }

  /**
   * Opens an allocator.
   *
   * @param capacity the size in bytes of a fixed buffer
   * @throws io.caisson.alloc.AllocationException if the system has no room for it
   * @throws IndexFailure if it is mimalloc, and its library is not found
   */
  static TableMemory open(AllocatorKind kind, long capacity) {
    AccountedAllocator bottom = kind == AllocatorKind.MIMALLOC ? mimalloc() : Allocators.system();
    return switch (kind) {
      case SYSTEM, MIMALLOC -> new TableMemory(bottom, bottom, MemorySegment.NULL);
      case SLAB ->
          new TableMemory(
              bottom,
              SlabAllocator.builder(bottom).binsUpTo(LARGEST_BIN).build(),
              MemorySegment.NULL);
      case ARENA ->
          new TableMemory(
              bottom, new ArenaAllocator(bottom, "index", ARENA_HINT), MemorySegment.NULL);
      case FIXED -> {
        MemorySegment buffer =
            bottom.asSegmentAllocator().allocate(capacity, Allocator.DEFAULT_ALIGNMENT);
        yield new TableMemory(bottom, new FixedBufferAllocator(buffer, "index"), buffer);
      }
    };
  }

  private static AccountedAllocator mimalloc() {
    try {
      return Allocators.mimalloc();
    } catch (IllegalStateException e) {
      throw new IndexFailure(String.valueOf(e.getMessage()));
    }
  }

  Allocator allocator() {
    return allocator;
  }

  /** Returns the account of what was taken from the system or mimalloc. */
  AllocatorStats stats() {
    return bottom.stats();
  }

  @Override
  public void close() {
    allocator.close();
    if (buffer.byteSize() != 0) {
      bottom.free(buffer.address(), buffer.byteSize(), Allocator.DEFAULT_ALIGNMENT);
    }
    bottom.close();
  }
}
