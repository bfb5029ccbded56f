package io.caisson.alloc;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when memory is misused: a block freed twice, with the wrong size, or by an allocator that
 * it is not from; a write beyond a block or after its free; in checked memory mode also a read or
 * write outside every live block.
 *
 * <p>Checked memory mode throws it at the access, {@link GuardAllocator} when it next looks at the
 * block, {@link LeakDetectingAllocator} when a block is freed. The stack of the exception is that
 * of whoever found the misuse. {@link #allocation()} and {@link #release()} carry the stacks that
 * allocated and freed the block it is about; both are printed with it.
 */
public final class CheckedMemoryException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  private final @Nullable Throwable release;

  /**
   * Creates an exception about one block.
   *
   * @param message what was misused and how
   * @param allocation the stack that allocated the block, or null if none is known
   * @param release the stack that freed it, or null if it is live or none is known
   */
  public CheckedMemoryException(
      String message, @Nullable Throwable allocation, @Nullable Throwable release) {
    super(message, allocation);
    this.release = release;
    if (release != null) {
      addSuppressed(release);
    }
  }

  /**
   * Returns where the block was allocated.
   *
   * @return a throwable with the stack that allocated it, or null if the address is in no known
   *     block
   */
  public @Nullable Throwable allocation() {
    return getCause();
  }

  /**
   * Returns where the block was freed.
   *
   * @return a throwable with the stack that freed it, or null if it is live or unknown
   */
  public @Nullable Throwable release() {
    return release;
  }
}
