package io.caisson.alloc.internal;

/** The checks that every allocator makes of its arguments, in one place so that all agree. */
public final class BlockArguments {

  private BlockArguments() {}

  /**
   * Checks the size and alignment of a request.
   *
   * @param byteSize the size in bytes
   * @param byteAlignment the alignment in bytes
   * @throws IllegalArgumentException if the size is not positive or the alignment no power of two
   */
  public static void check(long byteSize, long byteAlignment) {
    if (byteSize <= 0) {
      throw new IllegalArgumentException("byteSize is " + byteSize + "; expected at least 1");
    }
    checkAlignment(byteAlignment);
  }

  /**
   * Checks an alignment.
   *
   * @param byteAlignment the alignment in bytes
   * @throws IllegalArgumentException if it is no power of two
   */
  public static void checkAlignment(long byteAlignment) {
    if (byteAlignment <= 0 || (byteAlignment & (byteAlignment - 1)) != 0) {
      throw new IllegalArgumentException(
          "byteAlignment is " + byteAlignment + "; expected a power of two");
    }
  }

  /**
   * Checks the arguments of a change of size.
   *
   * @param address the address of the block
   * @param oldByteSize its size in bytes
   * @param newByteSize the size wanted in bytes
   * @param byteAlignment its alignment in bytes
   * @throws IllegalArgumentException if a size is not positive, the alignment no power of two, or
   *     the address 0
   */
  public static void checkResize(
      long address, long oldByteSize, long newByteSize, long byteAlignment) {
    if (address == Memory.NULL) {
      throw new IllegalArgumentException("address is NULL; expected that of a live block");
    }
    check(oldByteSize, byteAlignment);
    check(newByteSize, byteAlignment);
  }

  /**
   * Rounds an address or a size up to a multiple of an alignment.
   *
   * @param value what to round, not negative
   * @param byteAlignment a power of two
   * @return the least multiple that is not below it; negative if that is past {@link
   *     Long#MAX_VALUE}
   */
  public static long alignUp(long value, long byteAlignment) {
    return (value + (byteAlignment - 1)) & -byteAlignment;
  }
}
