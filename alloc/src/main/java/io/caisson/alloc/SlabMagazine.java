package io.caisson.alloc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Free blocks of one size for one thread: a stack of addresses.
 *
 * <p>On the Java heap, where C2 can tell it from the memory that the caller writes to.
 */
final class SlabMagazine {

  /** A thread that needs few blocks is to hold few. */
  private static final int FIRST_REFILL = 32;

  private static final VarHandle LOCKED;

  static {
    try {
      LOCKED = MethodHandles.lookup().findVarHandle(SlabMagazine.class, "locked", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The addresses; those below {@link #top} are of free blocks. */
  final long[] blocks;

  /** How many blocks to fill it with when it is next empty, if half of it has room for them. */
  private int refill = FIRST_REFILL;

  /** Whether a thread is at this magazine, if it is a shared one. */
  @SuppressWarnings("unused") // by its handle
  private boolean locked;

  // Keeps top, which is written at each operation, off the lines of whatever is before.
  long before1;
  long before2;
  long before3;
  long before4;
  long before5;
  long before6;
  long before7;
  long before8;

  /** The id of the thread that has this magazine to itself, or 0; nobody else ever writes it. */
  long owner;

  /** The index past the last free block. In 8 bytes, for the JVM puts what is smaller elsewhere. */
  long top;

  // Keeps top off the lines of whatever is behind.
  long behind1;
  long behind2;
  long behind3;
  long behind4;
  long behind5;
  long behind6;
  long behind7;
  long behind8;

  SlabMagazine(int capacity) {
    blocks = new long[capacity];
  }

  /** Returns a free block, or NULL if there is none. */
  long pop() {
    long newTop = top - 1;
    int index = (int) newTop;
    long[] blocks = this.blocks;
    if (Integer.compareUnsigned(index, blocks.length) >= 0) { // -1, too: C2 checks no bound again
      return Allocator.NULL;
    }
    top = newTop;
    return blocks[index];
  }

  /** Takes a free block; returns whether there was room. */
  boolean push(long block) {
    long oldTop = top;
    int index = (int) oldTop;
    long[] blocks = this.blocks;
    if (Integer.compareUnsigned(index, blocks.length) >= 0) {
      return false;
    }
    blocks[index] = block;
    top = oldTop + 1;
    return true;
  }

  /** Returns how many blocks to fill it with: twice as many each time, up to half of it. */
  int nextRefill() {
    int count = Math.min(refill, (blocks.length + 1) / 2);
    refill = 2 * count;
    return count;
  }

  /** Forgets the blocks at the bottom, which have been given away. */
  void removeBottom(int count) {
    top -= count;
    System.arraycopy(blocks, count, blocks, 0, (int) top);
  }

  /**
   * Takes a shared magazine for one operation; acquires what {@link #unlock} released.
   *
   * @return whether nobody else was at it
   */
  boolean tryLock() {
    return LOCKED.compareAndSet(this, false, true);
  }

  void unlock() {
    LOCKED.setRelease(this, false); // release: pairs with tryLock
  }
}
