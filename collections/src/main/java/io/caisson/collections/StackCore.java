package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.util.function.LongUnaryOperator;

/**
 * The untyped stack under every concurrent one: nodes that are linked, unlinked and handed to a
 * domain, whatever is in them.
 *
 * <p>Thread-safe. Addresses of nodes are borrowed under a guard of the domain, and owned by who
 * unlinked them until he retires them.
 */
final class StackCore {

  /*
   * Source. R. K. Treiber, "Systems Programming: Coping with Parallelism", IBM RJ 5118 (1986).
   * Deviations: no counted head, since a guard protects against ABA (below); a third state of the
   * head, closed. No elimination: it pays above two threads that push and pop at the same time, and
   * costs below.
   *
   * Layout. head is a node, NULL or CLOSED, on the Java heap, so that it outlives close. A
   * StackNode is off heap: what is under it, and a word.
   *
   * Invariants.
   * I1  A node is owned by who makes it, then linked, then owned by who unlinked it, then retired.
   * I2  All fields of a node are written before it is linked, and none after. So what a head leads
   *     to is a snapshot: all that was in the stack when the head was read, newest first.
   * I3  Once CLOSED, head stays CLOSED.
   * I4  chain is NULL, or what close took and could not free yet; only who holds the lock of this
   *     object uses it.
   *
   * Linearization points. push: its CAS. pop: its CAS, or the read of a head that is NULL. peek, size,
   * forEach: the read of the head. close: its exchange.
   *
   * Ordering. R1, the CAS in push, pairs with A1, the acquiring read in top(): who sees a node sees
   * its fields. Nodes further down were linked by earlier CASes of the same word, each of which read
   * the one before, so they are seen too. The guard's fence comes between its claim and A1.
   *
   * Progress. push is lock-free, save that it allocates: it is what its allocator is. It reads no
   * node, so ABA does not touch it: if a node that it saw on top was popped, freed, and comes back
   * as another's node, that one is on top, and linking it is right. It has a guard for close alone. pop is lock-free, save that its
   * pin may wait for room when garbage is at the domain's hard limit; what it frees along the way is
   * freed by the allocator's means. peek, size and forEach never wait. None of them allocates, off
   * heap or, once compiled, on the Java heap.
   *
   * Reclamation. Who unlinks a node retires it under the guard that he pinned before he read the
   * head. ABA: a pop reads the top A and its next B, stalls, and its CAS finds A again. A was not
   * freed, for the guard is older than the read, hence is not a new node at the same address, and a
   * popped node is never linked again: A was on top all the time, and B under it by I2. The guard
   * does this, not the garbage collector, which does not know nodes.
   *
   * Close. After its exchange nobody links or unlinks: CASes of those under way fail and find
   * CLOSED. Who still reads nodes, or makes one to push, has a guard, which synchronize waits for; then the chain is freed
   * directly, not retired. Nodes that were popped before are the domain's.
   */

  private static final long CLOSED = -1;
  private static final int HEAD = 0;

  private final String type;
  private final Allocator allocator;
  private final ReclamationDomain domain;
  private final int allocatorNumber;
  private final LongUnaryOperator byteSizeOf;
  private final PaddedWords words = new PaddedWords(1);
  private long chain = Memory.NULL;

  /** Whether close has freed all nodes; only who holds the lock of this object uses it. */
  private boolean freed;

  /**
   * Creates an empty stack.
   *
   * @param type the name of its type, for messages
   * @param byteSizeOf gives the size of a node in bytes
   */
  StackCore(
      String type, Allocator allocator, ReclamationDomain domain, LongUnaryOperator byteSizeOf) {
    this.type = type;
    this.allocator = allocator;
    this.domain = domain;
    this.byteSizeOf = byteSizeOf;
    allocatorNumber = domain.register(allocator);
  }

  // ---- nodes ------------------------------------------------------------------------------------

  /**
   * Allocates a node, the caller's, or throws and changes nothing. Under a guard, so that close
   * waits for who is about to push, and the allocator may be closed after it.
   */
  long newNode(Guard guard, long byteSize) {
    if (words.getOpaque(HEAD) == CLOSED) {
      throw closed();
    }
    return Allocations.allocate(allocator, byteSize, StackNode.ALIGNMENT);
  }

  /** Gives a node back that was never linked. */
  void freeNode(long node, long byteSize) {
    allocator.free(node, byteSize, StackNode.ALIGNMENT);
  }

  /** Links a node that is complete but for its link; frees it if the stack is closed. */
  void push(long node, long byteSize) {
    long top = words.getOpaque(HEAD); // only compared, never read through
    while (top != CLOSED) {
      StackNode.setNext(node, top);
      if (words.compareAndSet(HEAD, top, node)) { // R1
        return;
      }
      Thread.onSpinWait();
      top = words.getOpaque(HEAD);
    }
    freeNode(node, byteSize);
    throw closed();
  }

  /** Pins for an operation that unlinks one node of at most this size. Before any head is read. */
  Guard pin(long byteSize) {
    return domain.pin(1, byteSize);
  }

  /** Returns how much an operation may ask for that would like so much. */
  long reservable(long byteSize) {
    return Math.min(byteSize, domain.maxByteSize());
  }

  /** Pins for an operation that only reads. */
  Guard pin() {
    return domain.pin();
  }

  /** Says whether there is no node; needs no guard. */
  boolean isEmpty() {
    return head() == Memory.NULL;
  }

  /** Returns the top, or NULL if there is none, to be read under a guard that was there before. */
  long top(Guard guard) {
    return head();
  }

  private long head() {
    long top = words.getAcquire(HEAD); // A1: pairs with R1
    if (top == CLOSED) {
      throw closed();
    }
    return top;
  }

  /** Unlinks the top, which is the caller's then, if it is still this one. Under a guard. */
  boolean unlink(long top) {
    if (words.compareAndSet(HEAD, top, StackNode.next(top))) {
      return true;
    }
    Thread.onSpinWait();
    return false;
  }

  /** Hands over a node that was unlinked under this guard. */
  void retire(Guard guard, long node, long byteSize) {
    guard.retire(node, byteSize, StackNode.ALIGNMENT, allocatorNumber);
  }

  /** Counts the nodes. */
  long size() {
    try (Guard guard = pin()) {
      long size = 0;
      for (long node = top(guard); node != Memory.NULL; node = StackNode.next(node)) {
        size++;
      }
      return size;
    }
  }

  // ---- the end ----------------------------------------------------------------------------------

  private IllegalStateException closed() {
    return new IllegalStateException("this " + type + " is closed");
  }

  boolean isClosed() {
    return words.getOpaque(HEAD) == CLOSED;
  }

  /** Lets nobody in, waits for who is reading, and frees all nodes; I3, I4. */
  synchronized void close() {
    long top = words.getAndSet(HEAD, CLOSED);
    if (top != CLOSED) {
      chain = top;
    }
    if (!freed) {
      Readers.await(domain, type);
      freeChain();
      freed = true;
    }
  }

  private void freeChain() {
    while (chain != Memory.NULL) {
      long node = chain;
      chain = StackNode.next(node);
      freeNode(node, byteSizeOf.applyAsLong(node));
    }
  }

  /**
   * Walks the snapshot: in checked memory a node that is freed throws; a cycle is found by Brent.
   */
  void checkInvariants() {
    try (Guard guard = pin()) {
      long milestone = Memory.NULL;
      long steps = 0;
      for (long node = top(guard); node != Memory.NULL; node = StackNode.next(node)) {
        if (node == milestone || (node & (StackNode.ALIGNMENT - 1)) != 0) {
          throw new AssertionError("node " + steps + " is reached twice, or no node");
        }
        if (Long.bitCount(++steps) == 1) {
          milestone = node;
        }
      }
    }
  }

  @Override
  public String toString() {
    return type + (isClosed() ? "(closed)" : "(open)");
  }
}
