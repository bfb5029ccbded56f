package io.caisson.alloc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Shares one thing between owners and destroys it when the last of them has released it.
 *
 * <pre>{@code
 * RefCounted<OwnedBlock> frame = RefCounted.of(OwnedBlock.allocate(pool, 1 << 20, 64));
 * decoder.submit(frame.retain());  // the decoder releases its share
 * frame.release();                 // the last release gives the block back to the pool
 * }</pre>
 *
 * <p>The count starts at 1, for whoever made it. Each share is released once; that cannot be told
 * from releasing another's share as long as any is left, and is an {@link IllegalStateException}
 * when none is. A count never falls below 0 and never rises from it. Whatever is shared is wrapped,
 * not extended: a block, or an object of your own with a destructor that recycles it.
 *
 * <p>Thread-safe. What any owner did before it released is seen by the destructor, which runs once,
 * in the thread that released last. Every operation is O(1) and lock-free, but for the destructor;
 * none waits.
 *
 * @param <T> what is shared
 */
public final class RefCounted<T> {

  /*
   * Invariants.
   * I1  0 <= count, and count = shares out. Once 0 it stays 0.
   * I2  The one compare-and-set from 1 to 0 is followed by the one call of the destructor.
   *
   * Why compare-and-set and not getAndAdd: a release too many would take the count below 0 for a
   * moment, in which a retain that should be refused could bring it back.
   *
   * Ordering. Each compare-and-set is a release for what its thread did and an acquire of what the
   * threads before it did, so the destructor comes after all uses.
   */

  private static final VarHandle COUNT = countHandle();

  private final T value;
  private final Consumer<? super T> destructor;
  private volatile int count;

  /** In checked memory mode: where the count became 0. */
  private volatile @Nullable Throwable destruction;

  private RefCounted(T value, Consumer<? super T> destructor, int count) {
    this.value = value;
    this.destructor = destructor;
    this.count = count;
  }

  private static VarHandle countHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(RefCounted.class, "count", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Shares a block, which is freed, or goes back to its pool, when the last share is released.
   *
   * @param block the block, taken over whatever happens: the one passed is dead
   * @return the block with a count of 1, owned by the caller, who releases that share
   * @throws IllegalStateException if the block was transferred, released or closed
   */
  @Owned
  public static RefCounted<OwnedBlock> of(@Owned OwnedBlock block) {
    OwnedBlock shared = block.transfer();
    try {
      return new RefCounted<>(shared, OwnedBlock::close, 1);
    } catch (OutOfMemoryError e) {
      shared.close();
      throw e;
    }
  }

  /**
   * Shares anything, with what destroys it.
   *
   * @param <T> what is shared
   * @param value what is shared, owned by the count from now on
   * @param destructor what frees, closes or recycles it; called once
   * @return the value with a count of 1, owned by the caller, who releases that share
   */
  @Owned
  public static <T> RefCounted<T> of(@Owned T value, Consumer<? super T> destructor) {
    return new RefCounted<>(value, destructor, 1);
  }

  /** Makes one that has been retained often, for tests of the greatest count. */
  static <T> RefCounted<T> retained(T value, Consumer<? super T> destructor, int count) {
    return new RefCounted<>(value, destructor, count);
  }

  /**
   * Returns what is shared.
   *
   * @return the value, valid until the caller's share is released
   * @throws IllegalStateException if it is destroyed
   */
  @Borrowed
  public T get() {
    if (count == 0) {
      throw destroyed("used");
    }
    return value;
  }

  /**
   * Takes one more share, for a caller that holds one or knows that another does.
   *
   * @return this object, of which the caller owns one more share, to be released
   * @throws IllegalStateException if it is destroyed, or has {@link Integer#MAX_VALUE} shares
   */
  @Owned
  public RefCounted<T> retain() {
    while (true) {
      int shares = count;
      if (shares == 0) {
        throw destroyed("retained");
      }
      if (shares == Integer.MAX_VALUE) {
        throw new IllegalStateException(
            "retained " + shares + " times; expected a release for each");
      }
      if (COUNT.weakCompareAndSet(this, shares, shares + 1)) {
        return this;
      }
    }
  }

  /**
   * Gives one share back, and destroys what is shared if it was the last.
   *
   * <p>What the destructor throws comes out here; it is not called again.
   *
   * @return whether it was the last
   * @throws IllegalStateException if there is no share left
   */
  public boolean release() {
    while (true) {
      int shares = count;
      if (shares == 0) {
        throw destroyed("released");
      }
      if (COUNT.weakCompareAndSet(this, shares, shares - 1)) {
        return shares == 1 && destroy();
      }
    }
  }

  private boolean destroy() {
    try {
      if (BlockRegistry.isActive()) {
        String thread = Thread.currentThread().getName();
        destruction = new Throwable("destroyed by thread '" + thread + "'");
      }
    } finally {
      destructor.accept(value); // even if there was no room for the note
    }
    return true;
  }

  private IllegalStateException destroyed(String what) {
    return new IllegalStateException(
        what + " after its last share was released; expected a share to be left", destruction);
  }

  /**
   * Returns the number of shares, for tests and reports: other threads may change it at once.
   *
   * @return the number, 0 if what was shared is destroyed
   */
  public int count() {
    return count;
  }

  @Override
  public String toString() {
    return "RefCounted(" + count + " shares)";
  }
}
