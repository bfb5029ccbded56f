package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.PoolProfile;
import io.caisson.alloc.internal.Memory;
import java.util.ConcurrentModificationException;
import java.util.function.LongConsumer;

/**
 * Links {@code long} values in native memory, each in a node of its own that never moves.
 *
 * <p>An element is known by a handle, an opaque number: valid until the element is removed or the
 * list is closed. With it every operation at any place is O(1). In checked memory mode a stale
 * handle, or one of another list, is an {@link IllegalStateException}, also when its memory is in
 * use again; in native mode it is undefined what happens.
 *
 * <p>A node takes 24 bytes of its allocator, 8 more in checked mode; any allocator will do, and a
 * pool made for {@link #poolProfile()} has no overhead. When the allocator is exhausted an
 * operation throws {@link AllocationException} and has changed nothing. Operations are O(1) unless
 * they say otherwise, and make no Java object.
 *
 * <p>Belongs to one thread at a time. After {@link #close()} every other method throws {@link
 * IllegalStateException}.
 */
public final class LongLinkedList implements AutoCloseable {

  /** The handle of nothing: what comes after the last element and before the first. */
  public static final long NONE = Allocator.NULL;

  private final LinkedListCore core;

  /**
   * Creates an empty list, which has allocated nothing.
   *
   * @param allocator where its nodes come from; it must outlive the list
   */
  public LongLinkedList(@Borrowed Allocator allocator) {
    core = new LinkedListCore(allocator, Long.BYTES, Long.BYTES);
  }

  /**
   * Describes a pool that serves nodes, 1024 at a time as long as there is room.
   *
   * @return its profile
   */
  public static PoolProfile poolProfile() {
    return LinkedListCore.poolProfile("long_list_pool", Long.BYTES, Long.BYTES);
  }

  /**
   * Inserts a value at the start.
   *
   * @param value the value
   * @return its handle, valid until it is removed or the list is closed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the list is closed
   */
  public long addFirst(long value) {
    long inserted = core.addFirst();
    set(inserted, value);
    return inserted;
  }

  /**
   * Inserts a value at the end.
   *
   * @param value the value
   * @return its handle, valid until it is removed or the list is closed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalStateException if the list is closed
   */
  public long addLast(long value) {
    long inserted = core.addLast();
    set(inserted, value);
    return inserted;
  }

  /**
   * Inserts a value before another.
   *
   * @param handle the handle of the other
   * @param value the value
   * @return its handle, valid until it is removed or the list is closed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public long insertBefore(long handle, long value) {
    long inserted = core.insertBefore(handle);
    set(inserted, value);
    return inserted;
  }

  /**
   * Inserts a value after another.
   *
   * @param handle the handle of the other
   * @param value the value
   * @return its handle, valid until it is removed or the list is closed
   * @throws AllocationException if the allocator is exhausted; nothing has changed
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public long insertAfter(long handle, long value) {
    long inserted = core.insertAfter(handle);
    set(inserted, value);
    return inserted;
  }

  /**
   * Returns a value.
   *
   * @param handle its handle
   * @return the value
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public long get(long handle) {
    return Memory.getLong(core.element(handle));
  }

  /**
   * Replaces a value.
   *
   * @param handle its handle, which stays valid
   * @param value the new value
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public void set(long handle, long value) {
    Memory.putLong(core.element(handle), value);
  }

  /**
   * Removes a value and frees its node.
   *
   * @param handle its handle, which is stale from now on
   * @return the value removed
   * @throws IllegalArgumentException if the handle is {@link #NONE}
   * @throws IllegalStateException if the list is closed, or the handle is stale and that is noticed
   */
  public long remove(long handle) {
    long removed = get(handle);
    core.remove(handle);
    return removed;
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
   * Passes each value to an action, from the first to the last. O(size).
   *
   * @param action what is called; it may replace values, and nothing else
   * @throws ConcurrentModificationException if the action changes the list; found right after it
   *     returns
   * @throws IllegalStateException if the list is closed
   */
  public void forEach(LongConsumer action) {
    int modifications = core.modifications();
    for (long handle = core.first(); handle != NONE; handle = core.next(handle)) {
      action.accept(get(handle));
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
