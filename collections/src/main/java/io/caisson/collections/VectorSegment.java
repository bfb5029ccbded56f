package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.invoke.VarHandle;

/**
 * A segment of an append vector: its elements, and for each a byte that says whether it is there.
 *
 * <pre>
 *  0                      8 n            9 n
 *  +----------------------+--------------+
 *  |   n elements         |   n flags    |
 *  +----------------------+--------------+
 * </pre>
 *
 * <p>Segments are numbered from 1, and each is twice as long as the one before it. Number 0 stands
 * for none, before the first.
 */
final class VectorSegment {

  static final int FIRST_SHIFT = 3;
  static final long FIRST_LENGTH = 1L << FIRST_SHIFT;

  /** The number of the last: together they have more elements than there are addresses for. */
  static final int LAST = 43;

  static final long ALIGNMENT = 64;
  private static final long FLAG_SIZE = Byte.BYTES;
  private static final byte PUBLISHED = 1;

  private VectorSegment() {}

  // ---- where an index is ------------------------------------------------------------------------

  /** Returns the number of the segment of an index, which is not negative; may be above LAST. */
  static int numberOf(long index) {
    return Long.SIZE - FIRST_SHIFT - Long.numberOfLeadingZeros(index + FIRST_LENGTH);
  }

  /** Returns how many elements a segment has. */
  static long length(int number) {
    return number == 0 ? 0 : FIRST_LENGTH << (number - 1);
  }

  /** Returns the index of a segment's first element. */
  static long firstIndex(int number) {
    return number == 0 ? 0 : (FIRST_LENGTH << (number - 1)) - FIRST_LENGTH;
  }

  static long byteSize(int number) {
    return length(number) * (Long.BYTES + FLAG_SIZE);
  }

  // ---- elements ---------------------------------------------------------------------------------

  /** Returns where an element is, counted from the segment's first. */
  static long element(long segment, long offset) {
    return segment + offset * Long.BYTES;
  }

  private static long flag(long segment, int number, long offset) {
    return segment + length(number) * Long.BYTES + offset * FLAG_SIZE;
  }

  /** Says that an element is there, to whoever reads its flag; a store that has no neighbours. */
  static void publish(long segment, int number, long offset) {
    VarHandle.releaseFence(); // R1: after the element
    Memory.putByte(flag(segment, number, offset), PUBLISHED);
  }

  /** Says that several elements are there. */
  static void publish(long segment, int number, long offset, long count) {
    VarHandle.releaseFence(); // R1: after the elements
    Memory.fill(flag(segment, number, offset), count * FLAG_SIZE, PUBLISHED);
  }

  static boolean isPublished(long segment, int number, long offset) {
    boolean published = Memory.getByte(flag(segment, number, offset)) == PUBLISHED;
    VarHandle.acquireFence(); // A1: before the element; pairs with R1
    return published;
  }
}
