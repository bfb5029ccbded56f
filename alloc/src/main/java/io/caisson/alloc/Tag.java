package io.caisson.alloc;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What some memory is for, and the account of it: a node of a {@link TagTree}.
 *
 * <p>Thread-safe and lock-free.
 */
public final class Tag {

  private final TagTree tree;
  private final String path;
  private final Account account = new Account();
  private final SizeCounts sizes = new SizeCounts();
  private final SizeCounts growths = new SizeCounts();

  // Guarded by this.
  private long operations;
  private long lastOperationPeak;
  private long highestOperationPeak;

  Tag(TagTree tree, String path) {
    this.tree = tree;
    this.path = path;
  }

  /**
   * Returns the names of this tag and of all above it, from the root down.
   *
   * @return the path, with dots between the names
   */
  public String path() {
    return path;
  }

  /**
   * Returns the last name of the path.
   *
   * @return the name
   */
  public String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /**
   * Returns the tags right below this one.
   *
   * @return the tags there are now, in the order of their names
   */
  public List<Tag> children() {
    return tree.childrenOf(path);
  }

  /**
   * Returns what was allocated under this tag.
   *
   * @return the figures now, without those of the tags below
   */
  public TagStats stats() {
    synchronized (this) {
      return new TagStats(
          path,
          account.stats(),
          sizes.histogram(),
          growths.histogram(),
          operations,
          lastOperationPeak,
          highestOperationPeak);
    }
  }

  /**
   * Returns what was allocated under this tag and all below it.
   *
   * @return the sums now; the peak is the sum of the peaks, which is the most that it can have been
   */
  public AllocatorStats total() {
    AllocatorStats total = account.stats();
    for (Tag child : children()) {
      total = total.plus(child.total());
    }
    return total;
  }

  // ---- for allocators -------------------------------------------------------------------------

  @Nullable TagBook book() {
    return tree.book;
  }

  void allocated(long byteSize) {
    sizes.add(account.allocated(byteSize), byteSize);
  }

  void freed(long byteSize) {
    account.freed(byteSize);
  }

  void resized(long oldByteSize, long newByteSize) {
    account.resized(oldByteSize, newByteSize);
  }

  void reallocated(long oldByteSize, long newByteSize) {
    sizes.add(account.resized(oldByteSize, newByteSize), newByteSize);
  }

  void failed() {
    account.failed();
  }

  synchronized void ended(long operationPeak) {
    operations++;
    lastOperationPeak = operationPeak;
    highestOperationPeak = Math.max(highestOperationPeak, operationPeak);
  }

  /** Counts some of the blocks that arenas take. */
  void grew(long byteSize) {
    if (tree.growthSampling == 1 || ThreadLocalRandom.current().nextInt(tree.growthSampling) == 0) {
      growths.add(Account.SHARED_STRIPE, byteSize);
    }
  }

  /** Returns the tag that an allocator's memory has, or null. */
  static @Nullable Tag of(Allocator allocator) {
    return switch (allocator) {
      case TaggedAllocator tagged -> tagged.tag();
      case AccountedAllocator accounted -> of(accounted.raw());
      case BudgetedAllocator budgeted -> of(budgeted.allocator);
      case MockAllocator mock -> of(mock.delegate);
      case GuardAllocator guard -> of(guard.wrapped);
      case LeakDetectingAllocator detector -> of(detector.wrapped);
      case ZeroOnFreeAllocator zeroing -> of(zeroing.delegate);
      default -> null;
    };
  }

  @Override
  public String toString() {
    return path;
  }
}
