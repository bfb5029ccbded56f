package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;

/** A block that holds a value made of bytes: a word with their number, then the bytes. */
final class SkipValue {

  static final long ALIGNMENT = Long.BYTES;
  private static final long BYTES = Long.BYTES;

  private SkipValue() {}

  static long byteSize(long valueByteSize) {
    return BYTES + valueByteSize;
  }

  /** Allocates a block with a copy of a value; it is never changed again. */
  static long of(MemorySegment value, Allocator allocator) {
    long valueByteSize = value.byteSize();
    long block = Allocations.allocate(allocator, byteSize(valueByteSize), ALIGNMENT);
    try {
      Memory.putLong(block, valueByteSize);
      Memory.copyFrom(value, 0, block + BYTES, valueByteSize);
    } catch (RuntimeException | Error e) {
      allocator.free(block, byteSize(valueByteSize), ALIGNMENT); // the segment is closed
      throw e;
    }
    return block;
  }

  static void free(long block, Allocator allocator) {
    allocator.free(block, byteSize(Memory.getLong(block)), ALIGNMENT);
  }

  static void retire(long block, SkipChange change) {
    change.retire(block, byteSize(Memory.getLong(block)), ALIGNMENT);
  }

  @View
  static Slice view(long block) {
    return new Slice(block + BYTES, Memory.getLong(block), 1);
  }
}
