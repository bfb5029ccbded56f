package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.CacheLine;
import java.util.Objects;

/**
 * The block under a bounded queue: a power of two of slots, which tickets go round and round.
 *
 * <p>Tickets count from 0 up and never wrap: at a billion a second they last 146 years. {@link
 * #CLOSED} is above all of them; a queue writes it to its words when it is closed, and an operation
 * that finds it there reaches no slot.
 */
final class RingStorage {

  /** The index of a closed queue. */
  static final long CLOSED = 1L << 62;

  private static final long MAX_CAPACITY = 1L << 30;

  private final String type;
  private final Allocator allocator;
  private final long byteSize;
  private final long address;
  private final long mask;
  private final int slotShift;

  /**
   * Allocates slots that are zero.
   *
   * @param type the name of the queue's type, for messages
   * @param capacity how many are wanted, from 1 to 2^30; rounded up to a power of two
   * @param least the least to have, a power of two
   * @param slotByteSize the size of one, a power of two
   */
  RingStorage(String type, Allocator allocator, long capacity, long least, long slotByteSize) {
    if (capacity < 1 || capacity > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "a capacity of " + capacity + "; expected 1 to " + MAX_CAPACITY);
    }
    long slots = Math.max(least, Long.highestOneBit(2 * capacity - 1));
    this.type = type;
    this.allocator = allocator;
    mask = slots - 1;
    slotShift = Long.numberOfTrailingZeros(slotByteSize);
    byteSize = slots * slotByteSize;
    address = Allocations.allocateZeroed(allocator, byteSize, CacheLine.BYTE_SIZE);
  }

  long capacity() {
    return mask + 1;
  }

  /** Returns the address of the slot that a ticket has. */
  long slot(long ticket) {
    return address + ((ticket & mask) << slotShift);
  }

  void requireOpen(long index) {
    if (index == CLOSED) {
      throw new IllegalStateException("this " + type + " is closed");
    }
  }

  String describe(long index) {
    return type + (index == CLOSED ? "(closed)" : "(open)");
  }

  void free() {
    allocator.free(address, byteSize, CacheLine.BYTE_SIZE);
  }

  /** Brings a difference of indices that were read at different times to what a size can be. */
  long size(long head, long tail) {
    return Math.max(0, Math.min(tail - head, capacity()));
  }

  /** Returns the number of elements of a range of an array, or throws. */
  static int countOf(long[] array, int from, int to) {
    Objects.checkFromToIndex(from, to, array.length);
    return to - from;
  }
}
