package io.caisson.examples.index;

import io.caisson.alloc.Allocator;
import java.lang.foreign.MemorySegment;

/** Where the bytes of the input go: off the heap for the table, on it for the baseline. */
interface InputMemory {

  /**
   * Makes a segment.
   *
   * @throws io.caisson.alloc.AllocationException if an allocator is exhausted
   */
  MemorySegment allocate(long byteSize);

  /** Gives a segment back. */
  void free(MemorySegment segment);

  /** Input in blocks of an allocator. */
  static InputMemory of(Allocator allocator) {
    return new InputMemory() {
      @Override
      public MemorySegment allocate(long byteSize) {
        return allocator.asSegmentAllocator().allocate(byteSize, Allocator.DEFAULT_ALIGNMENT);
      }

      @Override
      public void free(MemorySegment segment) {
        allocator.free(segment.address(), segment.byteSize(), Allocator.DEFAULT_ALIGNMENT);
      }
    };
  }

  /** Input in byte arrays. */
  static InputMemory onHeap() {
    return new InputMemory() {
      @Override
      public MemorySegment allocate(long byteSize) {
        if (byteSize > Integer.MAX_VALUE - Long.BYTES) {
          throw new OutOfMemoryError(byteSize + " bytes are more than an array holds");
        }
        return MemorySegment.ofArray(new byte[(int) byteSize]);
      }

      @Override
      public void free(MemorySegment segment) {}
    };
  }
}
