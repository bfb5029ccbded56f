package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.Memory;

/**
 * What callers of an {@link Allocator} do again and again: throw when it is exhausted, and compute
 * sizes that cannot overflow.
 *
 * <p>Stateless; as thread-safe as the allocator passed.
 */
public final class Allocations {

  private Allocations() {}

  /**
   * Allocates a block, or throws.
   *
   * @param allocator where from
   * @param byteSize the size in bytes, at least 1
   * @param byteAlignment the alignment in bytes, a power of two
   * @return the address, never {@code NULL}, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalArgumentException if the size is not positive or the alignment no power of two
   */
  @Owned
  public static long allocate(@Borrowed Allocator allocator, long byteSize, long byteAlignment) {
    long address = allocator.allocate(byteSize, byteAlignment);
    if (address == Allocator.NULL) {
      throw allocator.failure(byteSize, byteAlignment);
    }
    return address;
  }

  /**
   * Allocates a block of zeros, or throws.
   *
   * @param allocator where from
   * @param byteSize the size in bytes, at least 1
   * @param byteAlignment the alignment in bytes, a power of two
   * @return the address, never {@code NULL}, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalArgumentException if the size is not positive or the alignment no power of two
   */
  @Owned
  public static long allocateZeroed(
      @Borrowed Allocator allocator, long byteSize, long byteAlignment) {
    long address = allocator.allocateZeroed(byteSize, byteAlignment);
    if (address == Allocator.NULL) {
      throw allocator.failure(byteSize, byteAlignment);
    }
    return address;
  }

  /**
   * Changes the size of a block, moving it if it must, or throws and leaves it as it was.
   *
   * @param allocator the allocator it is from
   * @param address its address, owned by the caller, and taken back unless this throws
   * @param oldByteSize its size in bytes
   * @param newByteSize the size wanted in bytes, at least 1
   * @param byteAlignment its alignment in bytes
   * @return the address, never {@code NULL}, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalArgumentException if a size is not positive, the alignment no power of two, or
   *     the address {@code NULL}
   */
  @Owned
  public static long reallocate(
      @Borrowed Allocator allocator,
      @Owned long address,
      long oldByteSize,
      long newByteSize,
      long byteAlignment) {
    long moved = allocator.reallocate(address, oldByteSize, newByteSize, byteAlignment);
    if (moved == Allocator.NULL) {
      throw allocator.failure(newByteSize, byteAlignment);
    }
    return moved;
  }

  /**
   * Allocates an array, or throws.
   *
   * @param allocator where from
   * @param count the number of elements, at least 1
   * @param elementByteSize the size of each in bytes, at least 1
   * @param byteAlignment the alignment of the array in bytes, a power of two
   * @return the address, never {@code NULL}, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalArgumentException if the product of the two is not positive or overflows
   */
  @Owned
  public static long allocateArray(
      @Borrowed Allocator allocator, long count, long elementByteSize, long byteAlignment) {
    return allocate(allocator, product(count, elementByteSize), byteAlignment);
  }

  /**
   * Adds two sizes exactly.
   *
   * @param a a size in bytes, not negative
   * @param b another, not negative
   * @return their sum
   * @throws IllegalArgumentException if one is negative or the sum overflows
   */
  public static long sum(long a, long b) {
    long sum = a + b;
    if (a < 0 || b < 0 || sum < 0) {
      throw new IllegalArgumentException(
          a + " + " + b + " is no size in bytes; expected at most " + Long.MAX_VALUE);
    }
    return sum;
  }

  /**
   * Multiplies a count with a size exactly.
   *
   * @param count a number of elements, not negative
   * @param elementByteSize the size of each in bytes, not negative
   * @return their product
   * @throws IllegalArgumentException if one is negative or the product overflows
   */
  public static long product(long count, long elementByteSize) {
    if (count < 0
        || elementByteSize < 0
        || Math.multiplyHigh(count, elementByteSize) != 0
        || count * elementByteSize < 0) {
      throw new IllegalArgumentException(
          count
              + " × "
              + elementByteSize
              + " is no size in bytes; expected at most "
              + Long.MAX_VALUE);
    }
    return count * elementByteSize;
  }

  /** Reallocates by the plain way, which every allocator has: allocate, copy, free. */
  static long move(
      Allocator allocator, long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    long moved = allocator.allocate(newByteSize, byteAlignment);
    if (moved != Allocator.NULL) {
      Memory.copy(address, moved, Math.min(oldByteSize, newByteSize));
      allocator.free(address, oldByteSize, byteAlignment);
    }
    return moved;
  }

  /** Allocates zeroed memory by the plain way: allocate, fill. */
  static long zero(Allocator allocator, long byteSize, long byteAlignment) {
    long address = allocator.allocate(byteSize, byteAlignment);
    if (address != Allocator.NULL) {
      Memory.fill(address, byteSize, (byte) 0);
    }
    return address;
  }
}
