package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Borrowed;
import io.caisson.alloc.View;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stack of byte strings in native memory for many threads: last in, first out.
 *
 * <p>Takes 16 bytes and its own bytes an element, which is what its allocator makes of that.
 * Thread-safe, for platform and virtual threads alike, and linearizable. Pushing and popping are
 * O(bytes) and lock-free, in so far as the allocator is; popping may wait, or be refused, when the
 * garbage of its domain is at the limit.
 *
 * <p>Actions before a push happen-before those after the operation that returns the element.
 *
 * <p>It owns its nodes and frees them on {@link #close()}; after that every operation throws {@link
 * IllegalStateException}. Popped nodes are freed by the domain. So the stack is closed first, then
 * the domain, then the allocator.
 */
public final class ConcurrentBytesStack implements AutoCloseable {

  /*
   * The size of a node is in the node, which may be read only under a guard, and the guard is made
   * with room for it. So pop pins with an estimate, and when the top is larger it lets go and pins
   * again with what the top takes: by then another may be on top, hence the loop. That keeps pop
   * lock-free: it goes round only when others pushed and popped meanwhile.
   *
   * What a pop needs of its caller, a large enough segment or room for an array on the Java heap,
   * it asks for before its CAS, so that nothing that fails loses an element.
   */

  /** The most bytes of an element: 2<sup>31</sup> - 65, so that one fits into an array. */
  public static final long MAX_ELEMENT_BYTE_SIZE = Integer.MAX_VALUE - 64;

  /** The room in bytes that a pop asks for before it knows the size of the top. */
  private static final long ESTIMATE = 256;

  private static final long NONE = -1;

  /** Takes the bytes of a node that is on its way out of the stack. */
  private interface Receiver {
    /** Makes ready for an element, or throws and leaves it where it is. */
    void prepare(long byteSize);

    /** Takes an element, which is this receiver's alone now. */
    void accept(long address, long byteSize);
  }

  private final StackCore core;

  /**
   * Creates an empty stack, which allocates nothing.
   *
   * @param allocator where its nodes come from; thread-safe, and outlives the domain
   * @param domain where popped nodes are retired to; outlives the stack
   * @throws IllegalArgumentException if the allocator is not thread-safe
   */
  public ConcurrentBytesStack(@Borrowed Allocator allocator, @Borrowed ReclamationDomain domain) {
    core =
        new StackCore(
            "ConcurrentBytesStack", allocator, domain, ConcurrentBytesStack::nodeByteSize);
  }

  private static long nodeByteSize(long node) {
    return StackNode.SIZE + StackNode.word(node);
  }

  @View
  private static Slice view(long node) {
    return new Slice(StackNode.bytes(node), StackNode.word(node), 1);
  }

  // ---- pushing ----------------------------------------------------------------------------------

  /**
   * Puts a copy of some bytes on top.
   *
   * @param source a segment that holds them
   * @param offset where in it they start
   * @param byteSize how many, from 0 to {@link #MAX_ELEMENT_BYTE_SIZE}
   * @throws AllocationException if there is no room; the stack is unchanged
   * @throws IllegalArgumentException if there are too many, or more than the domain would let a pop
   *     retire
   * @throws IndexOutOfBoundsException if they are not inside the segment
   * @throws IllegalStateException if the stack or the segment is closed
   */
  public void push(@Borrowed MemorySegment source, long offset, long byteSize) {
    Objects.checkFromIndexSize(offset, byteSize, source.byteSize());
    if (byteSize > MAX_ELEMENT_BYTE_SIZE) {
      throw new IllegalArgumentException(
          "an element of " + byteSize + " bytes; expected at most " + MAX_ELEMENT_BYTE_SIZE);
    }
    long nodeByteSize = StackNode.SIZE + byteSize;
    if (core.reservable(nodeByteSize) < nodeByteSize) {
      throw new IllegalArgumentException(
          "an element of "
              + byteSize
              + " bytes could not be popped; the domain lets an operation retire "
              + core.reservable(nodeByteSize)
              + " bytes at most");
    }
    try (Guard guard = core.pin()) {
      long node = core.newNode(guard, nodeByteSize);
      try {
        StackNode.setWord(node, byteSize);
        Memory.copyFrom(source, offset, StackNode.bytes(node), byteSize);
      } catch (RuntimeException | Error e) {
        core.freeNode(node, nodeByteSize); // the segment is closed, or another thread's
        throw e;
      }
      core.push(node, nodeByteSize);
    }
  }

  /**
   * Puts a copy of an array on top.
   *
   * @param bytes the bytes
   * @throws AllocationException if there is no room; the stack is unchanged
   * @throws IllegalStateException if the stack is closed
   */
  public void push(byte[] bytes) {
    push(MemorySegment.ofArray(bytes), 0, bytes.length);
  }

  // ---- popping ----------------------------------------------------------------------------------

  /** Pops into a receiver; returns whether there was an element. */
  private boolean popInto(Receiver receiver) {
    long estimate = core.reservable(ESTIMATE);
    long room = estimate;
    while (!core.isEmpty()) {
      try (Guard guard = core.pin(room)) {
        long needed = popInto(receiver, guard, room);
        if (needed == NONE) {
          return true;
        }
        room = Math.max(needed, estimate);
      }
    }
    return false;
  }

  /** Returns NONE if it popped, else the room that the top needs, 0 if there is no top. */
  private long popInto(Receiver receiver, Guard guard, long room) {
    for (; ; ) {
      long top = core.top(guard);
      if (top == Memory.NULL) {
        return 0;
      }
      long nodeByteSize = nodeByteSize(top);
      if (nodeByteSize > room) {
        return nodeByteSize;
      }
      long byteSize = StackNode.word(top);
      receiver.prepare(byteSize);
      if (core.unlink(top)) {
        try {
          receiver.accept(StackNode.bytes(top), byteSize);
        } finally {
          core.retire(guard, top, nodeByteSize);
        }
        return NONE;
      }
    }
  }

  /**
   * Takes the top off and shows it to a consumer. A guard of the domain is open meanwhile: what
   * others retire is not freed before the consumer is done. If the consumer throws, the element is
   * gone.
   *
   * @param consumer what takes the bytes
   * @return whether there was an element
   * @throws ReclamationLimitException if the domain has no room for the popped node; the stack is
   *     unchanged. Never if it is empty
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public boolean pop(SliceConsumer consumer) {
    return popInto(
        new Receiver() {
          @Override
          public void prepare(long byteSize) {}

          @Override
          public void accept(long address, long byteSize) {
            consumer.accept(new Slice(address, byteSize, 1));
          }
        });
  }

  /**
   * Takes the top off and copies it into a segment.
   *
   * @param target the segment, whose bytes after the copied ones are unchanged
   * @param offset where in it the bytes go
   * @return how many there were, or -1 if the stack is empty
   * @throws IndexOutOfBoundsException if the element does not fit; the stack is unchanged
   * @throws ReclamationLimitException if the domain has no room for the popped node; the stack is
   *     unchanged. Never if it is empty
   * @throws IllegalStateException if the stack, its domain or the segment is closed
   * @throws IllegalArgumentException if the segment is read-only; the stack is unchanged
   */
  public long pop(@Borrowed MemorySegment target, long offset) {
    SegmentReceiver receiver = new SegmentReceiver(target, offset);
    return popInto(receiver) ? receiver.byteSize : NONE;
  }

  private static final class SegmentReceiver implements Receiver {
    private final MemorySegment target;
    private final long offset;
    private long byteSize;

    SegmentReceiver(MemorySegment target, long offset) {
      this.target = target;
      this.offset = offset;
    }

    @Override
    public void prepare(long byteSize) {
      if (target.isReadOnly()) {
        throw new IllegalArgumentException("the segment is read-only; expected one to write to");
      }
      if (offset < 0 || offset > target.byteSize() - byteSize) {
        throw new IndexOutOfBoundsException(
            "an element of "
                + byteSize
                + " bytes at offset "
                + offset
                + "; expected it to fit into a segment of "
                + target.byteSize());
      }
      if (!target.scope().isAlive() || !target.isAccessibleBy(Thread.currentThread())) {
        throw new IllegalStateException("the segment is closed or belongs to another thread");
      }
    }

    @Override
    public void accept(long address, long byteSize) {
      this.byteSize = byteSize;
      Memory.copyTo(address, target, offset, byteSize);
    }
  }

  /**
   * Takes the top off and copies it into an array.
   *
   * @return the bytes, or null if the stack is empty
   * @throws ReclamationLimitException if the domain has no room for the popped node; the stack is
   *     unchanged. Never if it is empty
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public byte @Nullable [] pop() {
    ArrayReceiver receiver = new ArrayReceiver();
    return popInto(receiver) ? receiver.array : null;
  }

  private static final class ArrayReceiver implements Receiver {
    private byte[] array = {};

    @Override
    public void prepare(long byteSize) {
      if (array.length != byteSize) {
        array = new byte[(int) byteSize];
      }
    }

    @Override
    public void accept(long address, long byteSize) {
      Memory.copyTo(address, MemorySegment.ofArray(array), 0, byteSize);
    }
  }

  // ---- looking ----------------------------------------------------------------------------------

  /**
   * Shows the top to a consumer and leaves it there. A guard of the domain is open meanwhile.
   *
   * @param consumer what takes the bytes
   * @return whether there was an element
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public boolean peek(SliceConsumer consumer) {
    try (Guard guard = core.pin()) {
      long top = core.top(guard);
      if (top == Memory.NULL) {
        return false;
      }
      consumer.accept(view(top));
      return true;
    }
  }

  /**
   * Copies the top into an array and leaves it there.
   *
   * @return the bytes, or null if the stack is empty
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public byte @Nullable [] peek() {
    try (Guard guard = core.pin()) {
      long top = core.top(guard);
      return top == Memory.NULL ? null : view(top).segment().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /**
   * Shows every element that was in the stack at one moment of the call, from the top down. A guard
   * of the domain is open meanwhile: what others retire is not freed before the consumer is done
   * with all of them, and a consumer that pops may be refused or wait in vain.
   *
   * @param consumer what takes the bytes of each
   * @throws IllegalStateException if the stack or its domain is closed
   */
  public void forEach(SliceConsumer consumer) {
    try (Guard guard = core.pin()) {
      for (long node = core.top(guard); node != Memory.NULL; node = StackNode.next(node)) {
        consumer.accept(view(node));
      }
    }
  }

  /**
   * Counts the elements. O(n).
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
   * @return whether there was no element at one moment of the call
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
      pop(bytes -> {});
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
