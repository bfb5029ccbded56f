package io.caisson.alloc;

/**
 * One run of an operation: counts its memory by itself, and tells its tag the peak when it ends.
 *
 * <pre>{@code
 * try (Operation rebuild = new Operation(allocator, tags.tag(TagTree.CACHE_REBUILD));
 *     ArenaAllocator arena = new ArenaAllocator(rebuild.allocator(), ArenaProfile.CACHE_REBUILD)) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Takes some 10 KiB of heap: it is for what runs for a millisecond or more. Its allocator is as
 * thread-safe as the one under it; the peak is exact while one thread allocates.
 */
public final class Operation implements AutoCloseable {

  private final Tag tag;
  private final AccountedAllocator allocator;
  private boolean ended;

  /**
   * Begins a run.
   *
   * @param allocator where memory comes from; not closed with this
   * @param tag which operation it is of
   * @throws IllegalArgumentException if the allocator does not free one by one
   */
  public Operation(@Borrowed Allocator allocator, Tag tag) {
    this.tag = tag;
    this.allocator = new AccountedAllocator(new TaggedAllocator(allocator, tag));
  }

  /**
   * Returns the allocator of this run.
   *
   * @return an allocator that is closed with the run
   */
  @Borrowed
  public AccountedAllocator allocator() {
    return allocator;
  }

  /**
   * Returns the most that was out at a time.
   *
   * @return the peak so far, in bytes
   */
  public long peakBytes() {
    return allocator.stats().peakBytes();
  }

  /**
   * Ends the run. Ending it again does nothing.
   *
   * @throws IllegalStateException if blocks are out; it then goes on
   */
  @Override
  public synchronized void close() {
    if (!ended) {
      allocator.close();
      tag.ended(peakBytes());
      ended = true;
    }
  }

  @Override
  public String toString() {
    return "operation(" + tag + ")";
  }
}
