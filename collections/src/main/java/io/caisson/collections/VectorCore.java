package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Owned;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ConcurrentModificationException;
import java.util.Objects;

/**
 * The untyped growable array under every vector: one block of elements of one size, side by side.
 *
 * <p>Owns its block. Belongs to one thread at a time. Addresses that it returns are borrowed: any
 * change of the capacity, and {@link #close()}, end them.
 */
final class VectorCore {

  /*
   * Purpose. All that vectors do alike: growth, bounds, bulk copies, and what happens after close.
   * A typed face adds the width of its element and nothing else.
   *
   * Source and deviations. The array doubling of any textbook, with Folly's factor of 1.5
   * (fbvector: a factor below the golden ratio lets an allocator reuse what earlier blocks left)
   * and Zig's order: grow in place if the allocator can, and only then move.
   *
   * Layout. Element i is at address + i × stride. There is no header and no padding; a stride that
   * is a multiple of the alignment keeps every element aligned. Counts and sizes are long
   * throughout.
   *
   * Invariants.
   * I1  0 <= size <= capacity.
   * I2  address is NULL if and only if capacity is 0; else it is a live block of this allocator, of
   *     capacity × stride bytes, aligned.
   * I3  capacity × stride does not overflow: each capacity has passed Allocations.product.
   * I4  Closed implies size 0 and capacity 0.
   * I5  version() never takes one value twice: whatever changes size or block makes it grow.
   * What is not an invariant: the bytes between size and capacity have no defined content.
   *
   * Failure. Fields change only after the allocator has answered, so an AllocationException leaves
   * all as it was. A caller that appends writes to room(), and commits when nothing can fail any
   * more. Growth by half that the allocator refuses is tried again with what is needed and no more,
   * so that a vector fills a budget to the last element.
   *
   * Closing. The open path asks nothing. By I4 a closed core fails the bounds check of an access
   * and the capacity check of an append, and the failing branch asks whether it was closed.
   *
   * Changes under an iteration. An append shows in size; the rest shows in drift, which grows by
   * more than size loses. So an append, the hot operation, maintains no counter, and version() is
   * their sum. Iterations read through at(), which would refuse a stray index even without
   * version().
   */

  private static final long FLOOR_BYTE_SIZE = 64; // the first block fills a cache line
  private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

  private final Allocator allocator;
  private final long stride;
  private final long byteAlignment;
  private @Owned long address = Allocator.NULL;
  private long size;
  private long capacity;
  private long drift;
  private long ampleCapacity = Long.MAX_VALUE;
  private boolean closed;

  /**
   * Creates a core that has allocated nothing.
   *
   * @param allocator where its block will come from
   * @param stride the size of an element in bytes, at least 1, a multiple of the alignment
   * @param byteAlignment the alignment of an element in bytes, a power of two
   * @throws IllegalArgumentException if the stride or the alignment is not so
   */
  VectorCore(Allocator allocator, long stride, long byteAlignment) {
    if (stride <= 0) {
      throw new IllegalArgumentException("stride of " + stride + " bytes; expected at least 1");
    }
    if (Long.bitCount(byteAlignment) != 1 || byteAlignment < 0) {
      throw new IllegalArgumentException(
          "alignment of " + byteAlignment + " bytes; expected a power of two");
    }
    if ((stride & (byteAlignment - 1)) != 0) {
      throw new IllegalArgumentException(
          "stride of " + stride + " bytes; expected a multiple of the alignment " + byteAlignment);
    }
    this.allocator = Objects.requireNonNull(allocator, "allocator");
    this.stride = stride;
    this.byteAlignment = byteAlignment;
  }

  /**
   * Allocates a block of exactly the capacity, for constructors; 0 allocates nothing.
   *
   * @param initialCapacity the number of elements, not negative
   * @return this core
   * @throws IllegalArgumentException if the capacity is negative or its size in bytes overflows
   * @throws AllocationException if the allocator is exhausted
   */
  VectorCore withCapacity(long initialCapacity) {
    requireCapacity(initialCapacity);
    if (initialCapacity > 0) {
      changeCapacity(initialCapacity);
    }
    return this;
  }

  /** Keeps growth by half from going beyond a capacity; only what is needed does. */
  void limitGrowth(long capacity) {
    ampleCapacity = capacity;
  }

  // ---- access ---------------------------------------------------------------------------------

  /** Returns the address of an element whose size is a power of two. */
  long at(long index, int strideShift) {
    if (index < 0 || index >= size) {
      throw outOfBounds(index);
    }
    return address + (index << strideShift);
  }

  /** Returns the address of an element. */
  long at(long index) {
    if (index < 0 || index >= size) {
      throw outOfBounds(index);
    }
    return address + index * stride;
  }

  private RuntimeException outOfBounds(long index) {
    return closed
        ? new IllegalStateException("closed; no element can be accessed")
        : new IndexOutOfBoundsException(
            "index " + index + "; expected at least 0 and less than the size " + size);
  }

  long size() {
    if (size == 0) {
      requireOpen();
    }
    return size;
  }

  long capacity() {
    if (capacity == 0) {
      requireOpen();
    }
    return capacity;
  }

  Slice asSlice() {
    requireOpen();
    return new Slice(address, size, stride);
  }

  /**
   * Returns the size as the length of an array.
   *
   * @throws IllegalStateException if no array can be so long
   */
  int arrayLength() {
    requireOpen();
    if (size > MAX_ARRAY_LENGTH) {
      throw new IllegalStateException(
          size + " elements; expected at most " + MAX_ARRAY_LENGTH + " to make an array");
    }
    return (int) size;
  }

  /** Copies all elements out; the destination is as large as they are. */
  void copyTo(MemorySegment destination) {
    Memory.copyTo(address, destination, 0, size * stride);
  }

  // ---- growth ---------------------------------------------------------------------------------

  /** Appends an element of undefined content and returns its address. */
  long append() {
    long index = size;
    if (index == capacity) {
      growBy(1);
    }
    size = index + 1;
    return address + index * stride;
  }

  /**
   * Appends the elements whose bytes are all those of a segment, on the heap or off it; it may be a
   * view of this very core, whose block may move.
   *
   * @throws IllegalArgumentException if the segment ends within an element
   */
  void appendAll(MemorySegment source) {
    requireOpen();
    if (source.byteSize() % stride != 0) {
      throw new IllegalArgumentException(
          "source of "
              + source.byteSize()
              + " bytes; expected a multiple of the element size "
              + stride);
    }
    long count = source.byteSize() / stride;
    if (!source.isNative()) {
      Memory.copyFrom(source, 0, room(count), count * stride);
      commit(count);
      return;
    }
    try {
      appendAll(Memory.addressOf(source), count);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /** Appends elements from elsewhere in memory, or from this very core, whose block may move. */
  void appendAll(long source, long count) {
    requireOpen();
    long offset = source - address;
    boolean own = offset >= 0 && offset < size * stride;
    long destination = room(count);
    Memory.copy(own ? address + offset : source, destination, count * stride);
    commit(count);
  }

  /**
   * Makes room for more elements without adding them.
   *
   * @param count how many, not negative
   * @return the address of the first of them
   */
  long room(long count) {
    requireOpen();
    if (count > capacity - size) {
      growBy(count);
    }
    return address + size * stride;
  }

  /** Adds the elements that were written where {@link #room} said. */
  void commit(long count) {
    size += count;
  }

  private void growBy(long count) {
    requireOpen();
    growTo(Allocations.sum(size, count));
  }

  private void growTo(long required) {
    long floor = Math.max(1, FLOOR_BYTE_SIZE / stride);
    long half = Math.min(ampleCapacity, Math.max(capacity + (capacity >> 1), floor));
    long ample = Math.max(required, half);
    if (!tryCapacity(ample)) {
      changeCapacity(required);
    }
  }

  private void changeCapacity(long newCapacity) {
    if (!tryCapacity(newCapacity)) {
      throw allocator.failure(Allocations.product(newCapacity, stride), byteAlignment);
    }
  }

  private boolean tryCapacity(long newCapacity) {
    long newByteSize = Allocations.product(newCapacity, stride);
    long block = address;
    if (block == Allocator.NULL) {
      block = allocator.allocate(newByteSize, byteAlignment);
    } else {
      long byteSize = capacity * stride;
      if (!allocator.resize(block, byteSize, newByteSize, byteAlignment)) {
        block = allocator.reallocate(block, byteSize, newByteSize, byteAlignment);
      }
    }
    if (block == Allocator.NULL) {
      return false;
    }
    address = block;
    capacity = newCapacity;
    drift++;
    return true;
  }

  void reserve(long minCapacity) {
    requireOpen();
    requireCapacity(minCapacity);
    if (minCapacity > capacity) {
      growTo(minCapacity);
    }
  }

  private static void requireCapacity(long capacity) {
    if (capacity < 0) {
      throw new IllegalArgumentException(
          "capacity of " + capacity + " elements; expected at least 0");
    }
  }

  // ---- in the middle ----------------------------------------------------------------------------

  /** Inserts an element of undefined content and returns its address. O(size - index). */
  long insert(long index) {
    if (index < 0 || index > size) {
      requireOpen();
      throw new IndexOutOfBoundsException(
          "index " + index + "; expected at least 0 and at most the size " + size);
    }
    room(1);
    long gap = address + index * stride;
    Memory.copy(gap, gap + stride, (size - index) * stride);
    size++;
    return gap;
  }

  /** Removes an element; those after it move up. O(size - index). */
  void remove(long index) {
    long gap = at(index);
    Memory.copy(gap + stride, gap, (size - index - 1) * stride);
    removeLast();
  }

  /** Removes an element; the last one takes its place. */
  void swapRemove(long index) {
    long gap = at(index);
    long last = removeLast();
    if (gap != last) {
      Memory.copy(last, gap, stride);
    }
  }

  // ---- shrinking ------------------------------------------------------------------------------

  /** Removes the last element and returns its address, at which its content still is. */
  long removeLast() {
    if (size == 0) {
      requireOpen();
      throw new IndexOutOfBoundsException("no element to remove; expected a size of at least 1");
    }
    size--;
    drift += 2;
    return address + size * stride;
  }

  void clear() {
    requireOpen();
    removeAll();
  }

  private void removeAll() {
    drift += size + 1;
    size = 0;
  }

  void trimToSize() {
    requireOpen();
    if (size == 0) {
      release();
    } else if (size < capacity) {
      changeCapacity(size);
    }
  }

  private void release() {
    if (address != Allocator.NULL) {
      allocator.free(address, capacity * stride, byteAlignment);
      address = Allocator.NULL;
      capacity = 0;
      drift++;
    }
  }

  void close() {
    if (!closed) {
      release();
      removeAll();
      closed = true;
    }
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("closed; nothing can be done with it");
    }
  }

  // ---- checks ---------------------------------------------------------------------------------

  /** Returns a number that tells two states apart between which size or block were changed. */
  long version() {
    return size + drift;
  }

  /** Refuses to go on with an iteration under which size or block were changed. */
  void requireVersion(long version) {
    if (version() != version) {
      throw new ConcurrentModificationException(
          "elements were added or removed, or the capacity changed, during an iteration");
    }
  }

  /**
   * Checks I1 to I4.
   *
   * @throws AssertionError if one does not hold
   */
  void checkInvariants() {
    require(0 <= size && size <= capacity, "I1");
    require((address == Allocator.NULL) == (capacity == 0), "I2");
    require((address & (byteAlignment - 1)) == 0, "I2");
    long byteSize = Allocations.product(capacity, stride); // I3
    if (byteSize > 0) {
      Memory.segment(address, byteSize); // I2: checked memory refuses what is not all live
    }
    require(!closed || capacity == 0, "I4");
  }

  private void require(boolean holds, String invariant) {
    if (!holds) {
      throw new AssertionError(
          invariant + ": size " + size + ", capacity " + capacity + ", address " + address);
    }
  }
}
