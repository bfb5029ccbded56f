package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.Owned;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Queues elements of one size in native memory, first in, first out: bytes, longs or records.
 *
 * <p>A fixed ring holds a number of elements and refuses more; a growing one grows by half when it
 * is full. Elements are copied in and out, one by one or many at a time. Operations are O(1) for
 * each element, growth amortised, and make no Java object.
 *
 * <p>Owns one block of its allocator and frees it on close. When the allocator is exhausted an
 * operation throws {@link AllocationException} and has changed nothing. Belongs to one thread at a
 * time. After {@link #close()} every other method throws {@link IllegalStateException}.
 */
public final class RingBuffer implements AutoCloseable {

  /*
   * Layout. One block of capacity × stride bytes, in which the elements follow one another from slot
   * head on, and go on at slot 0 after the last.
   *
   * Invariants.
   * I1  0 <= size <= capacity, and 0 <= head < capacity unless both are 0.
   * I2  address is NULL if and only if capacity is 0.
   * I3  Closed implies capacity 0.
   *
   * Growth copies the two runs, in order, to the start of a new block; the old one cannot be resized
   * in place, for then the second run would have to move. If the allocator refuses half more, it is
   * asked for what is needed.
   */

  private static final long FLOOR_BYTE_SIZE = 64;

  private final Allocator allocator;
  private final long stride;
  private final long byteAlignment;
  private final boolean growing;
  private @Owned long address = Allocator.NULL;
  private long capacity;
  private long head;
  private long size;
  private boolean closed;

  private RingBuffer(Allocator allocator, long stride, boolean growing) {
    if (stride <= 0) {
      throw new IllegalArgumentException("stride of " + stride + " bytes; expected at least 1");
    }
    this.allocator = Objects.requireNonNull(allocator, "allocator");
    this.stride = stride;
    this.byteAlignment = Fields.alignment(stride);
    this.growing = growing;
  }

  /**
   * Creates an empty ring that never grows.
   *
   * @param allocator where its memory comes from; it must outlive the ring
   * @param stride the size of an element in bytes, at least 1
   * @param capacity the number of elements that it can hold, at least 1
   * @return the ring, owned by the caller
   * @throws IllegalArgumentException if a number is not positive, or their product overflows
   * @throws AllocationException if the allocator is exhausted
   */
  @Owned
  public static RingBuffer fixed(@Borrowed Allocator allocator, long stride, long capacity) {
    if (capacity <= 0) {
      throw new IllegalArgumentException(
          "capacity of " + capacity + " elements; expected at least 1");
    }
    RingBuffer ring = new RingBuffer(allocator, stride, false);
    ring.moveTo(capacity);
    return ring;
  }

  /**
   * Creates an empty ring that grows, which allocates nothing before its first element.
   *
   * @param allocator where its memory comes from; it must outlive the ring
   * @param stride the size of an element in bytes, at least 1
   * @return the ring, owned by the caller
   * @throws IllegalArgumentException if the stride is not positive
   */
  @Owned
  public static RingBuffer growing(@Borrowed Allocator allocator, long stride) {
    return new RingBuffer(allocator, stride, true);
  }

  // ---- putting ----------------------------------------------------------------------------------

  /**
   * Puts an element at the end.
   *
   * @param element its bytes, as many as the stride, on the heap or off it
   * @return whether there was room; a growing ring always has
   * @throws IllegalArgumentException if the segment is smaller or larger than the stride
   * @throws AllocationException if the ring must grow and cannot; nothing has changed
   * @throws IllegalStateException if the ring or the segment is closed
   */
  public boolean offer(@Borrowed MemorySegment element) {
    requireOpen();
    requireStride(element.byteSize());
    return putAll(element) == 1;
  }

  /**
   * Puts a long at the end of a ring of longs.
   *
   * @param value the long
   * @return whether there was room; a growing ring always has
   * @throws AllocationException if the ring must grow and cannot; nothing has changed
   * @throws IllegalStateException if the ring is closed, or its elements are not of 8 bytes
   */
  public boolean offerLong(long value) {
    requireLongs();
    if (!hasRoom(1)) {
      return false;
    }
    Memory.putLong(slot(size), value);
    size++;
    return true;
  }

  /**
   * Puts elements at the end, as many as there is room for. O(elements), in at most two bulk
   * copies.
   *
   * @param elements the elements side by side, on the heap or off it, and not in this ring
   * @return how many were put; all of them in a growing ring
   * @throws IllegalArgumentException if the size of the segment is no multiple of the stride
   * @throws AllocationException if the ring must grow and cannot; nothing has changed
   * @throws IllegalStateException if the ring or the segment is closed
   */
  public long putAll(@Borrowed MemorySegment elements) {
    requireOpen();
    long wanted = count(elements);
    long count = hasRoom(wanted) ? wanted : capacity - size;
    if (count > 0) {
      long end = wrapped(size);
      long first = Math.min(count, capacity - end);
      Memory.copyFrom(elements, 0, address + end * stride, first * stride);
      Memory.copyFrom(elements, first * stride, address, (count - first) * stride);
      size += count;
    }
    return count;
  }

  private boolean hasRoom(long count) {
    if (count <= capacity - size) {
      return true;
    }
    if (!growing) {
      return false;
    }
    long required = Allocations.sum(size, count);
    long floor = Math.max(1, FLOOR_BYTE_SIZE / stride);
    long ample = Math.max(required, Math.max(capacity + (capacity >> 1), floor));
    if (!tryMoveTo(ample)) {
      moveTo(required);
    }
    return true;
  }

  private void moveTo(long newCapacity) {
    if (!tryMoveTo(newCapacity)) {
      throw allocator.failure(Allocations.product(newCapacity, stride), byteAlignment);
    }
  }

  private boolean tryMoveTo(long newCapacity) {
    long block = allocator.allocate(Allocations.product(newCapacity, stride), byteAlignment);
    if (block == Allocator.NULL) {
      return false;
    }
    long first = Math.min(size, capacity - head);
    Memory.copy(address + head * stride, block, first * stride);
    Memory.copy(address, block + first * stride, (size - first) * stride);
    release();
    address = block;
    capacity = newCapacity;
    head = 0;
    return true;
  }

  // ---- taking -----------------------------------------------------------------------------------

  /**
   * Takes the first element.
   *
   * @param destination where its bytes go, as many as the stride, on the heap or off it
   * @return whether there was one
   * @throws IllegalArgumentException if the segment is smaller or larger than the stride
   * @throws IllegalStateException if the ring or the segment is closed
   */
  public boolean poll(@Borrowed MemorySegment destination) {
    requireOpen();
    requireStride(destination.byteSize());
    return takeAll(destination) == 1;
  }

  /**
   * Copies the first element and leaves it where it is.
   *
   * @param destination where its bytes go, as many as the stride, on the heap or off it
   * @return whether there was one
   * @throws IllegalArgumentException if the segment is smaller or larger than the stride
   * @throws IllegalStateException if the ring or the segment is closed
   */
  public boolean peek(@Borrowed MemorySegment destination) {
    requireOpen();
    requireStride(destination.byteSize());
    if (size == 0) {
      return false;
    }
    Memory.copyTo(slot(0), destination, 0, stride);
    return true;
  }

  /**
   * Takes the first long of a ring of longs.
   *
   * @param absent what to return if there is none
   * @return the long, or {@code absent}
   * @throws IllegalStateException if the ring is closed, or its elements are not of 8 bytes
   */
  public long pollLong(long absent) {
    requireLongs();
    if (size == 0) {
      return absent;
    }
    long value = Memory.getLong(slot(0));
    drop(1);
    return value;
  }

  /**
   * Returns the first long of a ring of longs and leaves it where it is.
   *
   * @param absent what to return if there is none
   * @return the long, or {@code absent}
   * @throws IllegalStateException if the ring is closed, or its elements are not of 8 bytes
   */
  public long peekLong(long absent) {
    requireLongs();
    return size == 0 ? absent : Memory.getLong(slot(0));
  }

  /**
   * Takes elements from the start, as many as there are and the destination has room for.
   * O(elements), in at most two bulk copies.
   *
   * @param destination where they go side by side, on the heap or off it, and not in this ring
   * @return how many were taken
   * @throws IllegalArgumentException if the size of the segment is no multiple of the stride
   * @throws IllegalStateException if the ring or the segment is closed
   */
  public long takeAll(@Borrowed MemorySegment destination) {
    requireOpen();
    long count = Math.min(size, count(destination));
    if (count > 0) {
      long first = Math.min(count, capacity - head);
      Memory.copyTo(address + head * stride, destination, 0, first * stride);
      Memory.copyTo(address, destination, first * stride, (count - first) * stride);
      drop(count);
    }
    return count;
  }

  private void drop(long count) {
    head = wrapped(count);
    size -= count;
  }

  private long slot(long index) {
    return address + wrapped(index) * stride;
  }

  /**
   * Returns the slot of an element, or of the place for the next, by its distance from the head.
   */
  private long wrapped(long index) {
    long slot = head + index;
    return slot >= capacity ? slot - capacity : slot;
  }

  private long count(MemorySegment elements) {
    if (elements.byteSize() % stride != 0) {
      throw new IllegalArgumentException(
          "segment of "
              + elements.byteSize()
              + " bytes; expected a multiple of the stride, "
              + stride);
    }
    return elements.byteSize() / stride;
  }

  private void requireStride(long byteSize) {
    if (byteSize != stride) {
      throw new IllegalArgumentException(
          "segment of " + byteSize + " bytes; expected the stride, " + stride);
    }
  }

  private void requireLongs() {
    requireOpen();
    if (stride != Long.BYTES) {
      throw new IllegalStateException(
          "elements of " + stride + " bytes; expected 8, that they are longs");
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the ring is closed");
    }
  }

  // ---- the whole ring ---------------------------------------------------------------------------

  /**
   * Removes all elements and keeps the capacity.
   *
   * @throws IllegalStateException if the ring is closed
   */
  public void clear() {
    requireOpen();
    head = 0;
    size = 0;
  }

  /**
   * Returns the number of elements.
   *
   * @return the number, not negative
   * @throws IllegalStateException if the ring is closed
   */
  public long size() {
    requireOpen();
    return size;
  }

  /**
   * Returns the number of elements that the memory now allocated can hold.
   *
   * @return the number, at least the size
   * @throws IllegalStateException if the ring is closed
   */
  public long capacity() {
    requireOpen();
    return capacity;
  }

  /**
   * Says whether there is no element.
   *
   * @return whether the size is 0
   * @throws IllegalStateException if the ring is closed
   */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Says whether the next element is refused.
   *
   * @return whether the size is the capacity; never of a ring that grows
   * @throws IllegalStateException if the ring is closed
   */
  public boolean isFull() {
    return size() == capacity && !growing;
  }

  private void release() {
    if (address != Allocator.NULL) {
      allocator.free(address, capacity * stride, byteAlignment);
      address = Allocator.NULL;
    }
  }

  /** Frees the memory. Closing again does nothing. */
  @Override
  public void close() {
    release();
    capacity = 0;
    head = 0;
    size = 0;
    closed = true;
  }

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    check(0 <= size && size <= capacity && 0 <= head, "I1");
    check(head < capacity || (head == 0 && capacity == 0), "I1");
    check((address == Allocator.NULL) == (capacity == 0), "I2");
    check(!closed || capacity == 0, "I3");
  }

  private void check(boolean holds, String invariant) {
    if (!holds) {
      throw new AssertionError(
          invariant + ": size " + size + ", capacity " + capacity + ", head " + head);
    }
  }
}
