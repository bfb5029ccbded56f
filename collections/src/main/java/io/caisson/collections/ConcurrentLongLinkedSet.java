package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * A set of {@code long}s in native memory for many threads: a linked list in ascending order.
 *
 * <p>For some ten elements, or some hundred: what looks for one passes by all that are smaller.
 * Takes 16 bytes an element, which is what its allocator makes of that. All values are allowed, in
 * the order of {@code Long.compare}. Thread-safe, for platform and virtual threads alike. {@link
 * #add}, {@link #remove}, {@link #contains}, {@link #first} and {@link #isEmpty} are linearizable.
 * Once compiled no operation makes a Java object, but that updates which meet may make a guard.
 *
 * <p><b>Progress.</b> Adding and removing are lock-free, in so far as the allocator is. Removing
 * may wait, or be refused, when the garbage of its domain is at the limit; so may adding, seldom:
 * when it meets an element that is removed and not yet unlinked. Looking never waits, retries only
 * because others changed something, and neither unlinks nor retires. The forms that take an open
 * guard of the domain save its pin, for who looks often.
 *
 * <p>Actions before an element is added happen-before those after an operation that finds it.
 *
 * <p>It owns its nodes and frees them on {@link #close()}; after that every operation throws {@link
 * IllegalStateException}. Nodes of removed elements are freed by the domain. So the set is closed
 * first, then the domain, then the allocator.
 */
public final class ConcurrentLongLinkedSet implements AutoCloseable {

  /*
   * Source. T. Harris, "A Pragmatic Implementation of Non-Blocking Linked-Lists" (DISC 2001), with
   * the mark in the link; M. Michael, "High Performance Dynamic Lock-Free Hash Tables and List-Based
   * Sets" (SPAA 2002), for reclamation. Deviations: who looks does not unlink, as in the lazy list
   * of S. Heller and others (OPODIS 2005); first() looks twice (below); and an operation unlinks no
   * more nodes than it has reserved room for.
   *
   * Words. head, on the Java heap, so that it outlives close: a node without a value that is never
   * removed, or CLOSED. See LinkedSetNode for what is off heap. Live is a node without a mark,
   * linked one that is reached from head.
   *
   * Invariants.
   * I1  Along links, marked or not, values ascend strictly.
   * I2  A node is live from the CAS that links it to the one that marks it. Between, it is linked.
   * I3  A marked link never changes: so a node behind a marked one is not unlinked before that, and
   *     none is linked between them.
   * I4  A run of marked nodes is unlinked by one CAS of the live node in front of it. Whoever does
   *     that, and nobody else, retires all of them. Nothing that is linked leads to them then.
   * I5  Where a value belongs, a live node is followed by a live one or by none, when a node is
   *     linked between them.
   *
   * Linearization points. add: the CAS that links, or the read of a link, without a mark, of the
   * node with the value. remove: the CAS that marks. contains: the read of that link; where there is no such node, or a
   * marked one, a moment between the start of the call and the end of the walk at which there was no
   * live one: the value was absent from its marking until it was added again, which by I5 unlinks
   * the marked one first, so that who has met that began before.
   * first: after a run of marked nodes a smaller value may have come in front of them, and the live
   * node behind them never have been first. So it looks again, until it sees the same link and the same
   * node twice: when the link was read the second time, what it led to was marked, and the node live.
   *
   * Ordering. R1, the CAS that links, pairs with A1: who reaches a node sees its value.
   *
   * Progress. A CAS that fails means that another linked, marked, or unlinked. A node behind which a
   * link is to be changed and which is marked by then was removed. Walks start at head again: a node
   * on the way may be unlinked.
   *
   * Reclamation. Walks go on through marked nodes, unlinked ones among them. What those lead to was
   * linked when they were, by I3, and so is retired after the walk's guard was pinned, and is there
   * still. This is where epochs are needed: a scheme that protects single nodes would have to look,
   * at each step of a run, whether the live node in front of it leads to it still.
   *
   * Room. An update pins with room for up to eight nodes: its own and those of others that it finds
   * unlinked by nobody. add pins to read only, and with room only once it has met a marked node
   * where it would link. remove unlinks what it marked, or finds that another did, unless it runs
   * out of room: then whoever updates next at this place goes on. So a removed node stays only where
   * more than eight threads remove side by side at the same time, and until the next of them.
   */

  private static final String TYPE = "ConcurrentLongLinkedSet";
  private static final long CLOSED = -1;
  private static final int HEAD = 0;

  /** The most nodes that one update unlinks, its own included. */
  private static final int MOST_ROOM = 8;

  /** How an attempt to add ended. */
  private enum Adding {
    ADDED,
    PRESENT,
    /** There is a marked node in the way, and no room to retire it. */
    OBSTRUCTED
  }

  private final Allocator allocator;
  private final ReclamationDomain domain;
  private final int allocatorNumber;
  private final int room;
  private final PaddedWords words = new PaddedWords(1);

  /** What close took and could not free yet; only who holds the lock of this object uses it. */
  private long chain = Memory.NULL;

  /**
   * Creates an empty set.
   *
   * @param allocator where its nodes come from; thread-safe, and outlives the domain
   * @param domain where nodes of removed elements are retired to; outlives the set
   * @throws AllocationException if there is no room for the first node, which has no element
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public ConcurrentLongLinkedSet(
      @Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    this.allocator = allocator;
    this.domain = domain;
    allocatorNumber = domain.register(allocator);
    long affordable = Math.max(1, domain.maxByteSize() / LinkedSetNode.SIZE);
    room = (int) Math.min(affordable, Math.min(MOST_ROOM, domain.maxBlocks()));
    words.setRelease(HEAD, newNode(0));
  }

  // ---- nodes ------------------------------------------------------------------------------------

  private long newNode(long value) {
    long node = Allocations.allocate(allocator, LinkedSetNode.SIZE, LinkedSetNode.ALIGNMENT);
    LinkedSetNode.set(node, Memory.NULL, value);
    return node;
  }

  private void freeNode(long node) {
    if (node != Memory.NULL) {
      allocator.free(node, LinkedSetNode.SIZE, LinkedSetNode.ALIGNMENT);
    }
  }

  private void retire(Guard guard, long node) {
    guard.retire(node, LinkedSetNode.SIZE, LinkedSetNode.ALIGNMENT, allocatorNumber);
  }

  private Guard pinWithRoom() {
    return domain.pin(room, room * LinkedSetNode.SIZE);
  }

  private void requireOurs(Guard guard) {
    if (guard.domain() != domain) {
      throw new IllegalArgumentException(
          "a guard of domain '"
              + guard.domain().name()
              + "'; expected one of '"
              + domain.name()
              + "'");
    }
  }

  /** Returns the node in front of all, under a guard that was there before. */
  long head(Guard guard) {
    long head = words.getAcquire(HEAD);
    if (head == CLOSED) {
      throw new IllegalStateException("this " + TYPE + " is closed");
    }
    return head;
  }

  // ---- walking ----------------------------------------------------------------------------------

  /** Returns the last node before a value that was live when it was passed. */
  private static long before(long head, long value) {
    long left = head;
    long node = LinkedSetNode.linkAcquire(head); // A1: pairs with R1
    while (node != Memory.NULL && LinkedSetNode.value(node) < value) {
      long link = LinkedSetNode.linkAcquire(node); // A1
      if (!LinkedSetNode.isMarked(link)) {
        left = node;
      }
      node = LinkedSetNode.target(link);
    }
    return left;
  }

  /** Returns the first live node from one on, or NULL. */
  private static long liveFrom(long first) {
    long node = first;
    while (node != Memory.NULL) {
      long link = LinkedSetNode.linkAcquire(node); // A1
      if (!LinkedSetNode.isMarked(link)) {
        break;
      }
      node = LinkedSetNode.target(link);
    }
    return node;
  }

  private static boolean isBefore(long node, long value) {
    return node != Memory.NULL && LinkedSetNode.value(node) < value;
  }

  private static boolean has(long node, long value) {
    return node != Memory.NULL && LinkedSetNode.value(node) == value;
  }

  // ---- changing ---------------------------------------------------------------------------------

  /**
   * Adds a value. O(smaller elements).
   *
   * @param value the value
   * @return whether it was not there
   * @throws AllocationException if there is no room; the set is unchanged
   * @throws ReclamationLimitException if there is a removed element in the way, and the domain has
   *     no room for that; the set is unchanged
   * @throws IllegalStateException if the set or its domain is closed
   */
  public boolean add(long value) {
    Adding adding;
    try (Guard guard = domain.pin()) {
      adding = tryAdd(guard, value, 0);
    }
    while (adding == Adding.OBSTRUCTED) {
      try (Guard guard = pinWithRoom()) {
        adding = tryAdd(guard, value, room);
      }
    }
    return adding == Adding.ADDED;
  }

  private Adding tryAdd(Guard guard, long value, int roomThere) {
    long head = head(guard);
    long node = Memory.NULL; // the caller's until it is linked
    int left = roomThere;
    for (; ; ) {
      long before = before(head, value);
      long link = LinkedSetNode.linkAcquire(before); // A1
      long behind = LinkedSetNode.isMarked(link) ? before : liveFrom(link);
      if (behind == before || isBefore(behind, value)) {
        continue; // it was removed, or another came between
      }
      if (has(behind, value)) {
        freeNode(node);
        return Adding.PRESENT;
      }
      if (link != behind) {
        if (left == 0) {
          freeNode(node);
          return Adding.OBSTRUCTED;
        }
        left -= unlink(guard, before, link, behind, left);
        continue;
      }
      if (node == Memory.NULL) {
        node = newNode(value);
      }
      LinkedSetNode.set(node, behind, value);
      if (LinkedSetNode.compareAndSetLink(before, behind, node)) { // R1
        return Adding.ADDED;
      }
      Thread.onSpinWait();
    }
  }

  /**
   * Unlinks marked nodes, from the first behind a live one up to another that stays, but no more
   * than there is room for, and retires them; returns how many that were. I4
   */
  private int unlink(Guard guard, long before, long first, long behind, int most) {
    int count = 0;
    long end = first;
    while (end != behind && count < most) {
      end = LinkedSetNode.target(LinkedSetNode.linkAcquire(end));
      count++;
    }
    if (!LinkedSetNode.compareAndSetLink(before, first, end)) {
      Thread.onSpinWait();
      return 0;
    }
    for (long node = first; node != end; ) {
      long next = LinkedSetNode.target(LinkedSetNode.linkAcquire(node));
      retire(guard, node);
      node = next;
    }
    return count;
  }

  /**
   * Removes a value. O(smaller elements).
   *
   * @param value the value
   * @return whether it was there
   * @throws ReclamationLimitException if the domain has no room for a removed element; the set is
   *     unchanged
   * @throws IllegalStateException if the set or its domain is closed
   */
  public boolean remove(long value) {
    try (Guard guard = pinWithRoom()) {
      long head = head(guard);
      for (; ; ) {
        long before = before(head, value);
        long link = LinkedSetNode.linkAcquire(before); // A1
        long node = LinkedSetNode.isMarked(link) ? before : liveFrom(link);
        if (node == before || isBefore(node, value)) {
          continue; // it was removed, or another came between
        }
        if (!has(node, value)) {
          return false;
        }
        long behind = LinkedSetNode.linkAcquire(node); // A1
        if (!LinkedSetNode.isMarked(behind) && LinkedSetNode.mark(node, behind)) {
          unlinkMarked(guard, head, before, link, node, behind);
          return true;
        }
        Thread.onSpinWait();
      }
    }
  }

  /** Unlinks a node that the caller has marked; the links are those that he has seen. */
  private void unlinkMarked(
      Guard guard, long head, long before, long link, long node, long behind) {
    if (link == node && LinkedSetNode.compareAndSetLink(before, node, behind)) {
      retire(guard, node);
    } else {
      unlinkAround(guard, head, LinkedSetNode.value(node));
    }
  }

  /** Unlinks what is marked where a value belongs, or finds that others did. */
  private void unlinkAround(Guard guard, long head, long value) {
    int left = room;
    while (left > 0) {
      long before = before(head, value);
      long link = LinkedSetNode.linkAcquire(before); // A1
      long behind = LinkedSetNode.isMarked(link) ? before : liveFrom(link);
      if (behind == before || isBefore(behind, value)) {
        continue; // it was removed, or another came between
      }
      if (link == behind) {
        return;
      }
      left -= unlink(guard, before, link, behind, left);
    }
  }

  /**
   * Removes the first value until there is none; what others add meanwhile is removed too, as long
   * as this has not come to the end.
   *
   * @throws ReclamationLimitException if the domain has no room for more removed elements; the rest
   *     is still there
   * @throws IllegalStateException if the set or its domain is closed
   */
  public void clear() {
    while (!isEmpty()) {
      remove(first(0));
    }
  }

  // ---- looking ----------------------------------------------------------------------------------

  /**
   * Looks for a value. O(smaller elements).
   *
   * @param value the value
   * @return whether it is there
   * @throws IllegalStateException if the set or its domain is closed
   */
  public boolean contains(long value) {
    try (Guard guard = domain.pin()) {
      return contains(guard, value);
    }
  }

  /**
   * Looks for a value under a guard that is there already. O(smaller elements).
   *
   * @param guard an open guard of the set's domain, which stays the caller's
   * @param value the value
   * @return whether it is there
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set is closed
   */
  public boolean contains(@Borrowed Guard guard, long value) {
    requireOurs(guard);
    long node = LinkedSetNode.linkAcquire(head(guard)); // A1
    while (isBefore(node, value)) {
      node = LinkedSetNode.target(LinkedSetNode.linkAcquire(node)); // A1
    }
    return has(node, value) && !LinkedSetNode.isMarked(LinkedSetNode.linkAcquire(node));
  }

  /**
   * Returns the smallest value. O(1), but for removed elements that are not yet unlinked.
   *
   * @param absent what to return if the set is empty
   * @return the smallest value, or {@code absent}
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long first(long absent) {
    try (Guard guard = domain.pin()) {
      return first(guard, absent);
    }
  }

  /**
   * Returns the smallest value, under a guard that is there already.
   *
   * @param guard an open guard of the set's domain, which stays the caller's
   * @param absent what to return if the set is empty
   * @return the smallest value, or {@code absent}
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set is closed
   */
  public long first(@Borrowed Guard guard, long absent) {
    requireOurs(guard);
    long node = firstLive(head(guard));
    return node == Memory.NULL ? absent : LinkedSetNode.value(node);
  }

  /** Returns the first live node at one moment of the call, or NULL. */
  private static long firstLive(long head) {
    long link = LinkedSetNode.linkAcquire(head); // A1
    long node = liveFrom(link);
    while (node != link) {
      long linkBefore = link;
      long nodeBefore = node;
      link = LinkedSetNode.linkAcquire(head); // A1
      node = liveFrom(link);
      if (link == linkBefore && node == nodeBefore) {
        break;
      }
    }
    return node;
  }

  /**
   * Says whether the set is empty. O(1), as {@link #first}.
   *
   * @return whether there was no value at one moment of the call
   * @throws IllegalStateException if the set or its domain is closed
   */
  public boolean isEmpty() {
    try (Guard guard = domain.pin()) {
      return firstLive(head(guard)) == Memory.NULL;
    }
  }

  /**
   * Passes on the values in ascending order, each once. Weakly consistent: a value that is there
   * all the time is passed on, one that comes or goes meanwhile may be or not. A guard of the
   * domain is open meanwhile: what others retire is not freed before the consumer is done with all,
   * and a consumer that removes may be refused or wait in vain.
   *
   * @param consumer what takes them
   * @throws IllegalStateException if the set or its domain is closed
   */
  public void forEach(LongConsumer consumer) {
    try (Guard guard = domain.pin()) {
      forEach(guard, consumer);
    }
  }

  /**
   * Passes on the values as {@link #forEach(LongConsumer)}, under a guard that is there already.
   *
   * @param guard an open guard of the set's domain, which stays the caller's
   * @param consumer what takes them; it must not refresh or close the guard
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set is closed
   */
  public void forEach(@Borrowed Guard guard, LongConsumer consumer) {
    requireOurs(guard);
    Objects.requireNonNull(consumer);
    for (long node = nextLive(head(guard)); node != Memory.NULL; node = nextLive(node)) {
      consumer.accept(LinkedSetNode.value(node));
    }
  }

  private static long nextLive(long node) {
    return liveFrom(LinkedSetNode.target(LinkedSetNode.linkAcquire(node))); // A1
  }

  /**
   * Counts the values that {@link #forEach} would pass on. O(n).
   *
   * @return how many it met; if others add or remove meanwhile, not always a size that the set had
   * @throws IllegalStateException if the set or its domain is closed
   */
  public long size() {
    try (Guard guard = domain.pin()) {
      return size(guard);
    }
  }

  /**
   * Counts as {@link #size()}, under a guard that is there already. O(n).
   *
   * @param guard an open guard of the set's domain, which stays the caller's
   * @return how many it met
   * @throws IllegalArgumentException if the guard is another domain's
   * @throws IllegalStateException if the set is closed
   */
  public long size(@Borrowed Guard guard) {
    requireOurs(guard);
    long size = 0;
    for (long node = nextLive(head(guard)); node != Memory.NULL; node = nextLive(node)) {
      size++;
    }
    return size;
  }

  // ---- the end ----------------------------------------------------------------------------------

  /**
   * Ends the set, waits as long as {@link ReclamationDomain#closeTimeout} for guards that are open,
   * and frees all nodes. Operations of other threads that are under way end as if they had been
   * before it, or throw. Closing again does nothing once it has succeeded. Not under a guard of
   * one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the set is
   *     closed, its nodes are not freed, and closing it again tries again
   */
  @Override
  public synchronized void close() {
    long head = words.getAndSet(HEAD, CLOSED);
    if (head != CLOSED) {
      chain = head;
    }
    if (chain == Memory.NULL) {
      return;
    }
    Readers.await(domain, TYPE); // those who change it, too
    while (chain != Memory.NULL) {
      long node = chain;
      chain = LinkedSetNode.target(LinkedSetNode.linkAcquire(node));
      freeNode(node);
    }
  }

  /** Whatever others do; returns how many removed nodes are still linked. */
  long checkInvariants() {
    try (Guard guard = domain.pin()) {
      long removed = 0;
      long count = 0;
      long last = 0;
      for (long node = LinkedSetNode.linkAcquire(head(guard)); node != Memory.NULL; count++) {
        long value = LinkedSetNode.value(node);
        if (count > 0 && value <= last) {
          throw new AssertionError("I1: " + value + " is behind " + last);
        }
        last = value;
        long link = LinkedSetNode.linkAcquire(node);
        removed += LinkedSetNode.isMarked(link) ? 1 : 0;
        node = LinkedSetNode.target(link);
      }
      return removed;
    }
  }

  /** Returns whether it is open or closed; the elements are not counted. */
  @Override
  public String toString() {
    return TYPE + (words.getOpaque(HEAD) == CLOSED ? "(closed)" : "(open)");
  }
}
