package io.caisson.collections;

import io.caisson.alloc.Allocator;

/** What collections of records of a fixed size, the stride, check alike. */
final class Fields {

  private Fields() {}

  /**
   * Returns the alignment that a stride allows: the largest power of two that divides it, at most
   * the default. For a stride that is not positive, which others refuse, 1.
   */
  static long alignment(long stride) {
    return stride <= 0 ? 1 : Math.min(Long.lowestOneBit(stride), Allocator.DEFAULT_ALIGNMENT);
  }

  /** Checks that a field is within an element. */
  static void check(long byteOffset, int byteSize, long stride) {
    if (byteOffset < 0 || byteOffset > stride - byteSize) {
      throw new IndexOutOfBoundsException(
          byteSize
              + " bytes at offset "
              + byteOffset
              + "; expected them within an element of "
              + stride
              + " bytes");
    }
  }
}
