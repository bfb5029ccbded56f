package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.PoolProfile;
import io.caisson.alloc.internal.BlockArguments;
import java.util.ConcurrentModificationException;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The untyped doubly linked list under every typed one: nodes of one size that never move.
 *
 * <p>Owns its nodes, one block each. Belongs to one thread at a time.
 */
final class LinkedListCore {

  /*
   * Purpose. All that lists do alike; a face adds what an element is. Insertion and removal are O(1)
   * at any node, and a node stays where it is until it is removed, so others may keep its handle.
   *
   * Layout. A node is a block of its own: links (LinkLayout), then the element at elementOffset,
   * aligned as it asks. All nodes of a list have one size and alignment, so a pool serves them.
   *
   * Handles. A handle is the address of its node. In checked memory mode its upper 16 bits are the
   * number of the insertion, of which the node's stamp has a copy beside the identity of the list:
   * so a handle that outlived its node is refused even when the node's memory is used again, here
   * or by another list. In native mode it is trusted, like any address.
   *
   * Invariants.
   * I1  first is NULL if and only if last is, if and only if size is 0.
   * I2  previous(next(n)) = n and next(previous(n)) = n wherever the inner link is not NULL; first
   *     has no previous and last no next.
   * I3  next leads from first to last in size - 1 steps.
   * I4  In checked mode every node has a stamp of this list. A removed one has none.
   *
   * Failure. The only thing that can fail is the allocation of a node, before anything is linked.
   */

  private static final long ADDRESS_MASK = (1L << 48) - 1;
  private static final long GENERATION_MASK = 0xffff;
  private static final int GENERATION_SHIFT = 48;
  private static final long NODES_PER_CHUNK = 1024;

  private final Allocator allocator;
  private final long nodeByteSize;
  private final long nodeAlignment;

  /** The offset of an element in its node. */
  final long elementOffset;

  private final long identity =
      LinkLayout.STAMPED ? ThreadLocalRandom.current().nextLong() & ~GENERATION_MASK : 0;

  private long generation;
  private long first;
  private long last;
  private long size;
  private int modifications;
  private boolean closed;

  LinkedListCore(Allocator allocator, long elementByteSize, long elementAlignment) {
    BlockArguments.check(elementByteSize, elementAlignment);
    this.allocator = Objects.requireNonNull(allocator, "allocator");
    elementOffset = elementOffset(elementAlignment);
    nodeByteSize = Allocations.sum(elementOffset, elementByteSize);
    nodeAlignment = nodeAlignment(elementAlignment);
  }

  private static long elementOffset(long elementAlignment) {
    return BlockArguments.alignUp(LinkLayout.SIZE, elementAlignment);
  }

  private static long nodeAlignment(long elementAlignment) {
    return Math.max(LinkLayout.ALIGNMENT, elementAlignment);
  }

  /** Returns the profile of a growing pool whose blocks are nodes. */
  static PoolProfile poolProfile(String name, long elementByteSize, long elementAlignment) {
    BlockArguments.check(elementByteSize, elementAlignment);
    return new PoolProfile(
        name,
        Allocations.sum(elementOffset(elementAlignment), elementByteSize),
        nodeAlignment(elementAlignment),
        NODES_PER_CHUNK,
        PoolPolicy.GROW);
  }

  // ---- handles ----------------------------------------------------------------------------------

  /** Returns the address of the element of a handle. */
  long element(long handle) {
    return node(handle) + elementOffset;
  }

  private long node(long handle) {
    if (size == 0) {
      requireOpen();
      throw new IllegalStateException("stale handle " + handle + "; the list is empty");
    }
    if (handle == Allocator.NULL) {
      throw new IllegalArgumentException("handle of nothing; expected that of an element");
    }
    if (!LinkLayout.STAMPED) {
      return handle;
    }
    long node = handle & ADDRESS_MASK;
    if (LinkLayout.stamp(node) != (identity | handle >>> GENERATION_SHIFT)) {
      throw new IllegalStateException(
          "stale handle " + handle + "; expected that of an element in this list");
    }
    return node;
  }

  private static long handle(long node) {
    return LinkLayout.STAMPED && node != Allocator.NULL
        ? node | LinkLayout.stamp(node) << GENERATION_SHIFT
        : node;
  }

  long first() {
    requireOpen();
    return handle(first);
  }

  long last() {
    requireOpen();
    return handle(last);
  }

  long next(long handle) {
    return handle(LinkLayout.next(node(handle)));
  }

  long previous(long handle) {
    return handle(LinkLayout.previous(node(handle)));
  }

  // ---- insertion --------------------------------------------------------------------------------

  /** Inserts a node of undefined content at the start, and returns its handle. */
  long addFirst() {
    requireOpen();
    return insert(Allocator.NULL, first);
  }

  /** Inserts a node of undefined content at the end, and returns its handle. */
  long addLast() {
    requireOpen();
    return insert(last, Allocator.NULL);
  }

  /** Inserts a node of undefined content before another, and returns its handle. */
  long insertBefore(long handle) {
    long next = node(handle);
    return insert(LinkLayout.previous(next), next);
  }

  /** Inserts a node of undefined content after another, and returns its handle. */
  long insertAfter(long handle) {
    long previous = node(handle);
    return insert(previous, LinkLayout.next(previous));
  }

  private long insert(long previous, long next) {
    long node = Allocations.allocate(allocator, nodeByteSize, nodeAlignment);
    if (LinkLayout.STAMPED) {
      generation = Math.max(1, (generation + 1) & GENERATION_MASK);
      LinkLayout.setStamp(node, identity | generation);
    }
    link(previous, node, next);
    size++;
    modifications++;
    return handle(node);
  }

  private void link(long previous, long node, long next) {
    LinkLayout.setPrevious(node, previous);
    LinkLayout.setNext(node, next);
    join(previous, node);
    join(node, next);
  }

  /** Makes two nodes neighbours; NULL is what is before the first and after the last. */
  private void join(long previous, long next) {
    if (previous == Allocator.NULL) {
      first = next;
    } else {
      LinkLayout.setNext(previous, next);
    }
    if (next == Allocator.NULL) {
      last = previous;
    } else {
      LinkLayout.setPrevious(next, previous);
    }
  }

  // ---- removal and moves ------------------------------------------------------------------------

  void remove(long handle) {
    long node = node(handle);
    join(LinkLayout.previous(node), LinkLayout.next(node));
    size--;
    modifications++;
    free(node);
  }

  private void free(long node) {
    if (LinkLayout.STAMPED) {
      LinkLayout.setStamp(node, 0);
    }
    allocator.free(node, nodeByteSize, nodeAlignment);
  }

  void moveToFirst(long handle) {
    long node = node(handle);
    if (node != first) {
      join(LinkLayout.previous(node), LinkLayout.next(node));
      link(Allocator.NULL, node, first);
      modifications++;
    }
  }

  void moveToLast(long handle) {
    long node = node(handle);
    if (node != last) {
      join(LinkLayout.previous(node), LinkLayout.next(node));
      link(last, node, Allocator.NULL);
      modifications++;
    }
  }

  void clear() {
    requireOpen();
    removeAll();
  }

  private void removeAll() {
    long node = first;
    first = Allocator.NULL;
    last = Allocator.NULL;
    size = 0;
    modifications++;
    while (node != Allocator.NULL) {
      long next = LinkLayout.next(node);
      free(node);
      node = next;
    }
  }

  void close() {
    if (!closed) {
      removeAll();
      closed = true;
    }
  }

  // ---- state ------------------------------------------------------------------------------------

  long size() {
    if (size == 0) {
      requireOpen();
    }
    return size;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the list is closed");
    }
  }

  int modifications() {
    return modifications;
  }

  void requireUnmodified(int expected) {
    if (modifications != expected) {
      throw new ConcurrentModificationException("the list was changed during an iteration");
    }
  }

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    check((first == Allocator.NULL) == (size == 0), "I1");
    check((last == Allocator.NULL) == (size == 0), "I1");
    check(!closed || size == 0, "closed, and " + size + " elements");
    long before = Allocator.NULL;
    long count = 0;
    for (long node = first; node != Allocator.NULL; node = LinkLayout.next(node)) {
      check(LinkLayout.previous(node) == before, "I2 at node " + count);
      check(!LinkLayout.STAMPED || isStamped(node), "I4 at node " + count);
      before = node;
      count++;
      check(count <= size, "I3: more than " + size + " nodes");
    }
    check(before == last && count == size, "I3: " + count + " nodes of " + size);
  }

  private boolean isStamped(long node) {
    long stamp = LinkLayout.stamp(node);
    return (stamp & ~GENERATION_MASK) == identity && (stamp & GENERATION_MASK) != 0;
  }

  private void check(boolean holds, String invariant) {
    if (!holds) {
      throw new AssertionError(invariant);
    }
  }
}
