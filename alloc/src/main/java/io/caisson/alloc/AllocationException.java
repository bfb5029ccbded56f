package io.caisson.alloc;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when an allocator has no room; whoever throws it has changed nothing.
 *
 * <p>An {@link Allocator} itself answers {@code NULL} and makes this exception on request, by
 * {@link Allocator#failure}; collections throw it.
 */
public final class AllocationException extends RuntimeException {

  /** What {@link #inUse()} and {@link #limit()} return when the allocator does not know. */
  public static final long UNKNOWN = -1;

  private static final long serialVersionUID = 1L;

  private final String allocator;
  private final long byteSize;
  private final long byteAlignment;
  private final long inUse;
  private final long limit;

  /**
   * Creates an exception about one refused request.
   *
   * @param allocator the name of the allocator that refused
   * @param byteSize the bytes requested
   * @param byteAlignment the alignment requested, in bytes
   * @param inUse the bytes in use when it refused, or {@link #UNKNOWN}
   * @param limit the most bytes it may use, or {@link #UNKNOWN} if it has no limit of its own
   */
  public AllocationException(
      String allocator, long byteSize, long byteAlignment, long inUse, long limit) {
    this(allocator, byteSize, byteAlignment, inUse, limit, null);
  }

  private AllocationException(
      String allocator,
      long byteSize,
      long byteAlignment,
      long inUse,
      long limit,
      @Nullable AllocationException cause) {
    super(message(allocator, byteSize, byteAlignment, inUse, limit), cause);
    this.allocator = allocator;
    this.byteSize = byteSize;
    this.byteAlignment = byteAlignment;
    this.inUse = inUse;
    this.limit = limit;
  }

  /**
   * Makes the exception of an allocator that was refused by the one that it takes its memory from.
   *
   * @param allocator the name of the allocator
   * @return an exception about the same request, with this one as its cause
   */
  public AllocationException at(String allocator) {
    return new AllocationException(allocator, byteSize, byteAlignment, inUse, limit, this);
  }

  private static String message(
      String allocator, long byteSize, long byteAlignment, long inUse, long limit) {
    StringBuilder text = new StringBuilder(96);
    text.append("allocator '").append(allocator).append("' has no room for ").append(byteSize);
    text.append(" bytes aligned to ").append(byteAlignment);
    if (inUse != UNKNOWN) {
      text.append("; ").append(inUse);
      if (limit != UNKNOWN) {
        text.append(" of ").append(limit);
      }
      text.append(" bytes in use");
    }
    return text.toString();
  }

  /**
   * Returns who refused.
   *
   * @return the name of the allocator
   */
  public String allocator() {
    return allocator;
  }

  /**
   * Returns what was requested.
   *
   * @return the size in bytes
   */
  public long byteSize() {
    return byteSize;
  }

  /**
   * Returns the alignment that was requested.
   *
   * @return the alignment in bytes
   */
  public long byteAlignment() {
    return byteAlignment;
  }

  /**
   * Returns what was in use when the request was refused.
   *
   * @return the bytes in use, or {@link #UNKNOWN}
   */
  public long inUse() {
    return inUse;
  }

  /**
   * Returns what the allocator may use at most.
   *
   * @return the limit in bytes, or {@link #UNKNOWN}
   */
  public long limit() {
    return limit;
  }
}
