package io.caisson.alloc;

import java.io.Serializable;
import java.util.List;
import java.util.function.LongSupplier;
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

  /**
   * One budget that the request had to pass, as it was when the request was refused.
   *
   * @param budget its name
   * @param requested what it was asked for, in bytes: of a block that grows, the growth alone
   * @param used what was reserved of it, in bytes
   * @param limit the most that it allows, in bytes
   * @param refused whether it is the one that refused
   */
  public record Level(String budget, long requested, long used, long limit, boolean refused)
      implements Serializable {

    @Override
    public String toString() {
      return "budget '"
          + budget
          + (refused ? "' refuses " : "' is asked for ")
          + requested
          + " bytes with "
          + used
          + " of "
          + limit
          + " used";
    }
  }

  private final String allocator;
  private final long byteSize;
  private final long byteAlignment;
  private final long inUse;
  private final long limit;
  private final Level[] levels;
  private final @Nullable String tag;

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
    this(allocator, byteSize, byteAlignment, inUse, limit, new Level[0], null, null);
  }

  private AllocationException(
      String allocator,
      long byteSize,
      long byteAlignment,
      long inUse,
      long limit,
      Level[] levels,
      @Nullable String tag,
      @Nullable Throwable cause) {
    super(message(allocator, byteSize, byteAlignment, inUse, limit, levels, tag), cause);
    this.allocator = allocator;
    this.byteSize = byteSize;
    this.byteAlignment = byteAlignment;
    this.inUse = inUse;
    this.limit = limit;
    this.levels = levels;
    this.tag = tag;
  }

  /**
   * Makes the exception of an allocator that was refused by the one that it takes its memory from.
   *
   * @param allocator the name of the allocator
   * @return an exception about the same request, with this one as its cause
   */
  public AllocationException at(String allocator) {
    return new AllocationException(
        allocator, byteSize, byteAlignment, inUse, limit, levels, tag, this);
  }

  /** Makes the exception of a request that a budget refused; levels from the innermost out. */
  static AllocationException overBudget(
      String allocator, long byteSize, long byteAlignment, long inUse, long limit, Level[] levels) {
    return new AllocationException(
        allocator, byteSize, byteAlignment, inUse, limit, levels, null, null);
  }

  /** Returns an exception about the same request that says what is in use, if it does not yet. */
  AllocationException withInUse(LongSupplier inUse) {
    return this.inUse != UNKNOWN
        ? this
        : new AllocationException(
            allocator, byteSize, byteAlignment, inUse.getAsLong(), limit, levels, tag, getCause());
  }

  /** Returns an exception about the same request that says what the memory was for. */
  AllocationException taggedWith(String tag) {
    return this.tag != null
        ? this
        : new AllocationException(
            allocator, byteSize, byteAlignment, inUse, limit, levels, tag, getCause());
  }

  private static String message(
      String allocator,
      long byteSize,
      long byteAlignment,
      long inUse,
      long limit,
      Level[] levels,
      @Nullable String tag) {
    StringBuilder text = new StringBuilder(96);
    text.append("allocator '").append(allocator).append("' has no room for ").append(byteSize);
    text.append(" bytes aligned to ").append(byteAlignment);
    if (tag != null) {
      text.append(" tagged '").append(tag).append('\'');
    }
    if (levels.length == 0 && inUse != UNKNOWN) {
      text.append("; ").append(inUse);
      if (limit != UNKNOWN) {
        text.append(" of ").append(limit);
      }
      text.append(" bytes in use");
    }
    for (Level level : levels) {
      text.append("; ").append(level);
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

  /**
   * Returns the budgets that the request had to pass, if one of them refused it.
   *
   * @return the levels from the innermost budget to the outermost; empty if no budget refused
   */
  public List<Level> levels() {
    return List.of(levels);
  }

  /**
   * Returns what the memory was for.
   *
   * @return the path of its {@link Tag}, or null if the request had none
   */
  public @Nullable String tag() {
    return tag;
  }
}
