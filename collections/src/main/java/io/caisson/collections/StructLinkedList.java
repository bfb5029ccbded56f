package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.PoolProfile;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.util.ConcurrentModificationException;
import java.util.function.LongConsumer;

/**
 * Links records of one size in native memory, each in a node of its own that never moves.
 *
 * <p>An element is known by a handle, an opaque number: valid until the element is removed or the
 * list is closed. With it every operation at any place is O(1). In checked memory mode a stale
 * handle, or one of another list, is an {@link IllegalStateException}, also when its memory is in
 * use again; in native mode it is undefined what happens.
 *
 * <p>A node takes 16 more than the stride in bytes of its allocator, 8 more in checked mode; any
 * allocator will do, and a pool made for {@link #poolProfile(long)} has no overhead. When the
 * allocator is exhausted an operation throws {@link AllocationException} and has changed nothing.
 * Operations are O(1) unless they say otherwise, and make no Java object, except a segment to show.
 *
 * <p>Belongs to one thread at a time. After {@link #close()} every other method throws {@link
 * IllegalStateException}.
 */
public final class StructLinkedList implements AutoCloseable {

  /** The handle of nothing: what comes after the last element and before the first. */
  public static final long NONE = Allocator.NULL;

  private final LinkedListCore core;
  private final long stride;

  /**
   * Creates an empty list, which has allocated nothing. Elements are aligned as the stride is: to
   * the largest power of two that divides it, and at most to {@link Allocator#DEFAULT_ALIGNMENT}.
   *
   * @param allocator where its nodes come from; it must outlive the list
   * @param stride the size of an element in bytes, at least 1
   * @throws IllegalArgumentException if the stride is not positive
   */
  public StructLinkedList(@Borrowed Allocator allocator, long stride) {
    this.core = new LinkedListCore(allocator, stride, Fields.alignment(stride));
    this.stride = stride;
  }

  /**
   * Describes a pool that serves nodes, 1024 at a time as long as there is room.
   *
   * @param stride the size of an element in bytes, at least 1
   * @return its profile
   * @throws IllegalArgumentException if the stride is not positive
   */
  public static PoolProfile poolProfile(long stride) {
    return LinkedListCore.poolProfile("struct_list_pool", stride, Fields.alignment(stride));
  }

  /**
   * Inserts an element whose bytes are all zero at the start.
   *
   * @return its handle, valid until it is removed or the list is closed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the list is closed
   */
  public long addFirst() {
    return zeroed(core.addFirst());
  }

  /**
   * Inserts an element whose bytes are all zero at the end.
   *
   * @return its handle, valid until it is removed or the list is closed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the list is closed
   */
  public long addLast() {
    return zeroed(core.addLast());
  }

  /**
   * Inserts an element whose bytes are all zero before another.
   *
   * @param handle the handle of the other
   * @return its handle, valid until it is removed or the list is closed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public long insertBefore(long handle) {
    return zeroed(core.insertBefore(handle));
  }

  /**
   * Inserts an element whose bytes are all zero after another.
   *
   * @param handle the handle of the other
   * @return its handle, valid until it is removed or the list is closed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public long insertAfter(long handle) {
    return zeroed(core.insertAfter(handle));
  }

  private long zeroed(long handle) {
    Memory.fill(core.element(handle), stride, (byte) 0);
    return handle;
  }

  /**
   * Reads a byte of an element.
   *
   * @param handle the handle of the element
   * @param byteOffset the offset of the byte in the element
   * @return the byte
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IndexOutOfBoundsException if the byte is not all in the element
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public byte getByte(long handle, long byteOffset) {
    return Memory.getByte(at(handle, byteOffset, Byte.BYTES));
  }

  /**
   * Writes a byte of an element.
   *
   * @param handle the handle of the element
   * @param byteOffset the offset of the byte in the element
   * @param value the byte
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IndexOutOfBoundsException if the byte is not all in the element
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public void setByte(long handle, long byteOffset, byte value) {
    Memory.putByte(at(handle, byteOffset, Byte.BYTES), value);
  }

  /**
   * Reads an int of an element.
   *
   * @param handle the handle of the element
   * @param byteOffset the offset of the int in the element
   * @return the int
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IndexOutOfBoundsException if the int is not all in the element
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public int getInt(long handle, long byteOffset) {
    return Memory.getInt(at(handle, byteOffset, Integer.BYTES));
  }

  /**
   * Writes an int of an element.
   *
   * @param handle the handle of the element
   * @param byteOffset the offset of the int in the element
   * @param value the int
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IndexOutOfBoundsException if the int is not all in the element
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public void setInt(long handle, long byteOffset, int value) {
    Memory.putInt(at(handle, byteOffset, Integer.BYTES), value);
  }

  /**
   * Reads a long of an element.
   *
   * @param handle the handle of the element
   * @param byteOffset the offset of the long in the element
   * @return the long
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IndexOutOfBoundsException if the long is not all in the element
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public long getLong(long handle, long byteOffset) {
    return Memory.getLong(at(handle, byteOffset, Long.BYTES));
  }

  /**
   * Writes a long of an element.
   *
   * @param handle the handle of the element
   * @param byteOffset the offset of the long in the element
   * @param value the long
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IndexOutOfBoundsException if the long is not all in the element
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public void setLong(long handle, long byteOffset, long value) {
    Memory.putLong(at(handle, byteOffset, Long.BYTES), value);
  }

  /**
   * Reads a double of an element.
   *
   * @param handle the handle of the element
   * @param byteOffset the offset of the double in the element
   * @return the double
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IndexOutOfBoundsException if the double is not all in the element
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public double getDouble(long handle, long byteOffset) {
    return Memory.getDouble(at(handle, byteOffset, Double.BYTES));
  }

  /**
   * Writes a double of an element.
   *
   * @param handle the handle of the element
   * @param byteOffset the offset of the double in the element
   * @param value the double
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IndexOutOfBoundsException if the double is not all in the element
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public void setDouble(long handle, long byteOffset, double value) {
    Memory.putDouble(at(handle, byteOffset, Double.BYTES), value);
  }

  private long at(long handle, long byteOffset, int byteSize) {
    long element = core.element(handle);
    Fields.check(byteOffset, byteSize, stride);
    return element + byteOffset;
  }

  /**
   * Shows an element as a segment of the size of the stride, through which it can be written.
   *
   * @param handle the handle of the element
   * @return a borrowed view, valid until the element is removed or the list is closed; the JDK
   *     guards its bounds and nobody guards its lifetime
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  @View
  public MemorySegment segment(long handle) {
    return Memory.segment(core.element(handle), stride);
  }

  /**
   * Removes an element and frees its node.
   *
   * @param handle its handle, which is stale from now on
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public void remove(long handle) {
    core.remove(handle);
  }

  /**
   * Returns the first element.
   *
   * @return its handle, or {@link #NONE} if there is none
   * @throws IllegalStateException if the list is closed
   */
  public long first() {
    return core.first();
  }

  /**
   * Returns the last element.
   *
   * @return its handle, or {@link #NONE} if there is none
   * @throws IllegalStateException if the list is closed
   */
  public long last() {
    return core.last();
  }

  /**
   * Returns the element after one.
   *
   * @param handle the handle of the one
   * @return the handle of the next, or {@link #NONE} if it is the last
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public long next(long handle) {
    return core.next(handle);
  }

  /**
   * Returns the element before one.
   *
   * @param handle the handle of the one
   * @return the handle of the previous, or {@link #NONE} if it is the first
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public long previous(long handle) {
    return core.previous(handle);
  }

  /**
   * Makes an element the first. Its handle stays valid.
   *
   * @param handle the handle of the element
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public void moveToFirst(long handle) {
    core.moveToFirst(handle);
  }

  /**
   * Makes an element the last. Its handle stays valid.
   *
   * @param handle the handle of the element
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public void moveToLast(long handle) {
    core.moveToLast(handle);
  }

  /**
   * Passes the handle of each element to an action, from the first to the last. O(size).
   *
   * @param action what is called; it may change the fields of elements, and nothing else
   * @throws ConcurrentModificationException if the action changes the list; found right after it
   *     returns
   * @throws IllegalStateException if the list is closed
   */
  public void forEachHandle(LongConsumer action) {
    int modifications = core.modifications();
    for (long handle = core.first(); handle != NONE; handle = core.next(handle)) {
      action.accept(handle);
      core.requireUnmodified(modifications);
    }
  }

  /**
   * Removes all elements and frees their nodes. O(size).
   *
   * @throws IllegalStateException if the list is closed
   */
  public void clear() {
    core.clear();
  }

  /**
   * Returns the number of elements.
   *
   * @return the number, not negative
   * @throws IllegalStateException if the list is closed
   */
  public long size() {
    return core.size();
  }

  /**
   * Says whether there is no element.
   *
   * @return whether the size is 0
   * @throws IllegalStateException if the list is closed
   */
  public boolean isEmpty() {
    return core.size() == 0;
  }

  /** Frees all nodes, in O(size). Closing again does nothing. */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }
}
