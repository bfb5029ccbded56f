package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * Owns one block of an allocator: its address together with all that is needed to free it.
 *
 * <pre>{@code
 * try (OwnedBlock block = OwnedBlock.allocate(allocator, 4096, 64)) {
 *   fill(block.segment());
 *   return queue.offer(block.transfer());
 * }
 * }</pre>
 *
 * <p>A block has one owner at a time. {@link #transfer()} hands it to a new one, {@link #release()}
 * gives its raw address to the caller, {@link #close()} frees it; after any of them this object is
 * dead: closing it does nothing, and every other method throws {@link IllegalStateException}.
 *
 * <p>Thread-safe: of any number of threads that transfer, release and close at once, exactly one
 * does. What the old owner wrote before it transferred is seen by whoever gets the new object
 * through a safe publication. That nobody uses the address any more when the block is freed is the
 * callers' to ensure. Closing calls the allocator from the thread that closes. Every operation is
 * O(1) but for the allocator's time; none waits.
 */
public final class OwnedBlock implements AutoCloseable {

  /*
   * Invariants.
   * I1  LIVE implies that the block is out, and that no other LIVE object knows it.
   * I2  A state other than LIVE is final, save that CLOSED falls back to LIVE when the allocator
   *     refuses to free: the block is then still out, and somebody must be able to close again.
   *
   * Each way out of LIVE is one compare-and-set, which decides between threads. A new object is
   * made before it, so that running out of Java heap leaves the block with its old owner.
   */

  private enum State {
    LIVE,
    TRANSFERRED,
    RELEASED,
    CLOSED
  }

  private static final VarHandle STATE = stateHandle();

  private final @Borrowed Allocator allocator;
  private final @Owned long address;
  private final long byteSize;
  private final long byteAlignment;
  private volatile State state = State.LIVE;

  private OwnedBlock(Allocator allocator, long address, long byteSize, long byteAlignment) {
    this.allocator = allocator;
    this.address = address;
    this.byteSize = byteSize;
    this.byteAlignment = byteAlignment;
  }

  private static VarHandle stateHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(OwnedBlock.class, "state", State.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Allocates a block whose content is undefined.
   *
   * @param allocator where it comes from and goes back to; it must outlive the block
   * @param byteSize the size in bytes, at least 1
   * @param byteAlignment the alignment in bytes, a power of two
   * @return the block, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalArgumentException if the size is not positive or the alignment no power of two
   */
  @Owned
  public static OwnedBlock allocate(
      @Borrowed Allocator allocator, long byteSize, long byteAlignment) {
    return own(
        allocator,
        Allocations.allocate(allocator, byteSize, byteAlignment),
        byteSize,
        byteAlignment);
  }

  /**
   * Allocates a block whose bytes are all zero.
   *
   * @param allocator where it comes from and goes back to; it must outlive the block
   * @param byteSize the size in bytes, at least 1
   * @param byteAlignment the alignment in bytes, a power of two
   * @return the block, owned by the caller
   * @throws AllocationException if the allocator is exhausted
   * @throws IllegalArgumentException if the size is not positive or the alignment no power of two
   */
  @Owned
  public static OwnedBlock allocateZeroed(
      @Borrowed Allocator allocator, long byteSize, long byteAlignment) {
    return own(
        allocator,
        Allocations.allocateZeroed(allocator, byteSize, byteAlignment),
        byteSize,
        byteAlignment);
  }

  private static OwnedBlock own(
      Allocator allocator, long address, long byteSize, long byteAlignment) {
    try {
      return new OwnedBlock(allocator, address, byteSize, byteAlignment);
    } catch (OutOfMemoryError e) {
      allocator.free(address, byteSize, byteAlignment);
      throw e;
    }
  }

  /**
   * Takes over a block that the caller owns.
   *
   * @param allocator the allocator it is from; it must outlive the block
   * @param address its address, owned by the caller until this method returns
   * @param byteSize its size in bytes
   * @param byteAlignment the alignment it was allocated with, in bytes
   * @return the block, owned by the caller
   * @throws IllegalArgumentException if the address is {@code NULL}, the size not positive, or the
   *     alignment no power of two
   */
  @Owned
  public static OwnedBlock of(
      @Borrowed Allocator allocator, @Owned long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    if (address == Allocator.NULL) {
      throw new IllegalArgumentException("address is NULL; expected that of a live block");
    }
    return new OwnedBlock(allocator, address, byteSize, byteAlignment);
  }

  /**
   * Returns the address of the block.
   *
   * @return the address, valid until the block is closed, by this owner or a later one
   * @throws IllegalStateException if this object no longer owns the block
   */
  @Borrowed
  public long address() {
    requireLive();
    return address;
  }

  /**
   * Returns the size of the block.
   *
   * @return the size in bytes, at least 1
   * @throws IllegalStateException if this object no longer owns the block
   */
  public long byteSize() {
    requireLive();
    return byteSize;
  }

  /**
   * Returns the alignment that the block was allocated with.
   *
   * @return the alignment in bytes, a power of two
   * @throws IllegalStateException if this object no longer owns the block
   */
  public long byteAlignment() {
    requireLive();
    return byteAlignment;
  }

  /**
   * Returns the allocator that the block is from, and that frees it.
   *
   * @return the allocator, which stays its owner's
   * @throws IllegalStateException if this object no longer owns the block
   */
  @Borrowed
  public Allocator allocator() {
    requireLive();
    return allocator;
  }

  /**
   * Returns the block as a segment, through which it is read and written.
   *
   * @return a view, valid until the block is closed; the JDK guards its bounds and nobody guards
   *     its lifetime
   * @throws IllegalStateException if this object no longer owns the block
   */
  @View
  public MemorySegment segment() {
    requireLive();
    return Memory.segment(address, byteSize);
  }

  /**
   * Hands the block over to a new owner.
   *
   * @return a new object that owns the block, owned by the caller; this one is dead
   * @throws IllegalStateException if this object no longer owns the block
   */
  @Owned
  public OwnedBlock transfer() {
    OwnedBlock successor = new OwnedBlock(allocator, address, byteSize, byteAlignment);
    leave(State.TRANSFERRED);
    return successor;
  }

  /**
   * Gives the raw block up to the caller, who frees it with its size, its alignment and its
   * allocator.
   *
   * @return the address, owned by the caller; this object is dead
   * @throws IllegalStateException if this object no longer owns the block
   */
  @Owned
  public long release() {
    leave(State.RELEASED);
    return address;
  }

  /**
   * Frees the block, if this object still owns it.
   *
   * <p>While one thread frees, another that closes returns at once. If the allocator throws, for
   * one thing because the block belongs to another thread, this object still owns the block.
   *
   * @throws IllegalStateException if the allocator belongs to another thread
   */
  @Override
  public void close() {
    if (!STATE.compareAndSet(this, State.LIVE, State.CLOSED)) {
      return;
    }
    try {
      allocator.free(address, byteSize, byteAlignment);
    } catch (RuntimeException | Error e) {
      state = State.LIVE;
      throw e;
    }
  }

  private void leave(State next) {
    if (!STATE.compareAndSet(this, State.LIVE, next)) {
      throw dead();
    }
  }

  private void requireLive() {
    if (state != State.LIVE) {
      throw dead();
    }
  }

  private IllegalStateException dead() {
    return new IllegalStateException(this + "; expected a live one");
  }

  @Override
  public String toString() {
    return state.name().toLowerCase(Locale.ROOT)
        + " block 0x"
        + Long.toHexString(address)
        + " of "
        + byteSize
        + " bytes of allocator '"
        + allocator.name()
        + "'";
  }
}
