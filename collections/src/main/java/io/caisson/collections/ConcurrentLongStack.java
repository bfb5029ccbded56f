package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.util.function.LongConsumer;

/**
 * A stack of {@code long}s in native memory for many threads: last in, first out.
 *
 * <p>Takes 16 bytes an element, which is what its allocator makes of that. Thread-safe, for
 * platform and virtual threads alike, and linearizable. Pushing and popping are O(1) and lock-free,
 * in so far as the allocator is; popping may wait, or be refused, when the garbage of its domain is
 * at the limit. No operation makes a Java object.
 *
 * <p>Actions before a push happen-before those after the operation that returns the element.
 *
 * <p>It owns its nodes and frees them on {@link #close()}; after that every operation throws {@link
 * IllegalStateException}. Popped nodes are freed by the domain. So the stack is closed first, then
 * the domain, then the allocator.
 */
public final class ConcurrentLongStack implements AutoCloseable {

  private final StackCore core;

  /**
   * Creates an empty stack, which allocates nothing.
   *
   * @param allocator where its nodes come from; thread-safe, and outlives the domain
   * @param domain where popped nodes are retired to; outlives the stack
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public ConcurrentLongStack(@Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    core = new StackCore("ConcurrentLongStack", allocator, domain, node -> StackNode.SIZE);
  }

  /**
   * Puts a value on top.
   *
   * @param value the value
   * @throws AllocationException if there is no room; the stack is unchanged
   * @throws IllegalStateException if the stack is closed
   */
  public void push(long value) {
    try (Guard guard = core.pin()) {
      long node = core.newNode(guard, StackNode.SIZE);
      StackNode.setWord(node, value);
      core.push(node, StackNode.SIZE);
    }
  }

  /**
   * Takes the top off.
   *
   * @param absent what to return if the stack is empty
   * @return the value that was on top, or {@code absent}
   * @throws ReclamationLimitException if the domain has no room for a popped node; the stack is
   *     unchanged. Never if it is empty
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public long pop(long absent) {
    if (core.isEmpty()) {
      return absent;
    }
    try (Guard guard = core.pin(StackNode.SIZE)) {
      for (; ; ) {
        long top = core.top(guard);
        if (top == Memory.NULL) {
          return absent;
        }
        if (core.unlink(top)) {
          long value = StackNode.word(top);
          core.retire(guard, top, StackNode.SIZE);
          return value;
        }
      }
    }
  }

  /**
   * Returns the top and leaves it there.
   *
   * @param absent what to return if the stack is empty
   * @return the value on top, or {@code absent}
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public long peek(long absent) {
    try (Guard guard = core.pin()) {
      long top = core.top(guard);
      return top == Memory.NULL ? absent : StackNode.word(top);
    }
  }

  /**
   * Passes on every value that was in the stack at one moment of the call, from the top down. A
   * guard of the domain is open meanwhile: what others retire is not freed before the consumer is
   * done with all of them, and a consumer that pops may be refused or wait in vain.
   *
   * @param consumer what takes them
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public void forEach(LongConsumer consumer) {
    try (Guard guard = core.pin()) {
      for (long node = core.top(guard); node != Memory.NULL; node = StackNode.next(node)) {
        consumer.accept(StackNode.word(node));
      }
    }
  }

  /**
   * Counts the values. O(n).
   *
   * @return how many there were at one moment of the call
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public long size() {
    return core.size();
  }

  /**
   * Says whether the stack is empty. O(1).
   *
   * @return whether there was no value at one moment of the call
   * @throws IllegalStateException if the stack is closed
   */
  public boolean isEmpty() {
    return core.isEmpty();
  }

  /**
   * Pops until the stack is empty; what others push meanwhile is popped too.
   *
   * @throws ReclamationLimitException if the domain has no room for more popped nodes; the rest is
   *     still there
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public void clear() {
    while (!core.isEmpty()) {
      pop(0);
    }
  }

  /**
   * Ends the stack, waits as long as {@link ReclamationDomain#closeTimeout} for guards that are
   * open, and frees all nodes. Operations of other threads that are under way end as if they had
   * been before it, or throw. Closing again does nothing once it has succeeded. Not under a guard
   * of one's own, for which it would wait in vain.
   *
   * @throws IllegalStateException if guards stayed open or the thread was interrupted; the stack is
   *     closed, its nodes are not freed, and closing it again tries again
   */
  @Override
  public void close() {
    core.close();
  }

  void checkInvariants() {
    core.checkInvariants();
  }

  /** Returns whether it is open or closed; the elements are not counted. */
  @Override
  public String toString() {
    return core.toString();
  }
}
