package io.caisson.alloc;

import io.caisson.alloc.internal.BlockArguments;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends each request to one of several allocators, by its size.
 *
 * <p>A free is sized, so it finds the allocator that the block is from. A block that grows or
 * shrinks past a threshold moves from the one to the other. Choosing is O(routes).
 *
 * <p>The routes stay the caller's, who may use them by themselves too and closes them after this
 * one. Thread-safe if all of them are; else it belongs to the thread that made it.
 */
public final class RoutingAllocator implements Allocator {

  /** Below this many bytes a block is small, unless thresholds are given: 1 KiB. */
  public static final long MEDIUM_BYTE_SIZE = 1 << 10;

  /** From this many bytes on a block is large, unless thresholds are given: 64 KiB. */
  public static final long LARGE_BYTE_SIZE = 64 << 10;

  /**
   * Where to send requests below a size.
   *
   * @param byteSizeBelow the first size in bytes that is sent elsewhere, at least 2
   * @param allocator where to send smaller ones, not closed with this
   */
  public record Route(long byteSizeBelow, @Borrowed Allocator allocator) {

    /**
     * Creates a route.
     *
     * @throws IllegalArgumentException if no request could take it
     */
    public Route {
      if (byteSizeBelow < 2) {
        throw new IllegalArgumentException(
            "a route for sizes below " + byteSizeBelow + "; expected at least 2");
      }
    }
  }

  final Owner owner = new Owner();
  private final String name;
  private final long[] thresholds;
  private final Allocator[] targets;
  private final boolean threadSafe;
  private final boolean freesIndividually;
  private volatile boolean closed;

  /**
   * Creates an allocator with the usual thresholds: small below 1 KiB, medium below 64 KiB.
   *
   * @param name its name in messages and reports
   * @param small where small requests go
   * @param medium where medium requests go
   * @param large where large requests go
   */
  public RoutingAllocator(
      String name,
      @Borrowed Allocator small,
      @Borrowed Allocator medium,
      @Borrowed Allocator large) {
    this(
        name,
        List.of(new Route(MEDIUM_BYTE_SIZE, small), new Route(LARGE_BYTE_SIZE, medium)),
        large);
  }

  /**
   * Creates an allocator.
   *
   * @param name its name in messages and reports
   * @param routes where requests go, in ascending order of size
   * @param larger where those go that no route takes
   * @throws IllegalArgumentException if the routes are not in ascending order
   */
  public RoutingAllocator(String name, List<Route> routes, @Borrowed Allocator larger) {
    this.name = name;
    this.thresholds = routes.stream().mapToLong(Route::byteSizeBelow).toArray();
    for (int i = 1; i < thresholds.length; i++) {
      if (thresholds[i] <= thresholds[i - 1]) {
        throw new IllegalArgumentException(
            "allocator '"
                + name
                + "': a route below "
                + thresholds[i]
                + " bytes after one below "
                + thresholds[i - 1]
                + "; expected ascending order");
      }
    }
    List<Allocator> all = new ArrayList<>();
    routes.forEach(route -> all.add(route.allocator));
    all.add(larger);
    this.targets = all.toArray(new Allocator[0]);
    this.threadSafe = all.stream().allMatch(Allocator::isThreadSafe);
    this.freesIndividually = all.stream().allMatch(Allocator::freesIndividually);
  }

  /** Returns the allocators that requests go to. */
  List<Allocator> targets() {
    return List.of(targets);
  }

  private Allocator target(long byteSize) {
    int i = 0;
    while (i < thresholds.length && byteSize >= thresholds[i]) {
      i++;
    }
    return targets[i];
  }

  private void requireOwner() {
    if (!threadSafe) {
      owner.require(this);
    }
  }

  private void requireUsable() {
    requireOwner();
    if (closed) {
      throw new IllegalStateException("allocator '" + name + "' is closed");
    }
  }

  @Override
  public long allocate(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireUsable();
    return target(byteSize).allocate(byteSize, byteAlignment);
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireUsable();
    return target(byteSize).allocateZeroed(byteSize, byteAlignment);
  }

  /** Returns where both sizes go, or null if that is not one allocator. */
  private @Nullable Allocator commonTarget(long oldByteSize, long newByteSize) {
    Allocator target = target(oldByteSize);
    return target == target(newByteSize) ? target : null;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: no, if the sizes go to different allocators.
   */
  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireUsable();
    Allocator target = commonTarget(oldByteSize, newByteSize);
    return target != null && target.resize(address, oldByteSize, newByteSize, byteAlignment);
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    BlockArguments.checkResize(address, oldByteSize, newByteSize, byteAlignment);
    requireUsable();
    Allocator target = commonTarget(oldByteSize, newByteSize);
    return target != null
        ? target.reallocate(address, oldByteSize, newByteSize, byteAlignment)
        : Allocations.move(this, address, oldByteSize, newByteSize, byteAlignment);
  }

  @Override
  public void free(long address, long byteSize, long byteAlignment) {
    BlockArguments.check(byteSize, byteAlignment);
    requireOwner();
    if (address != NULL) {
      target(byteSize).free(address, byteSize, byteAlignment);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: in this allocator's name, caused by the failure of the one that the size goes to.
   */
  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return target(byteSize).failure(byteSize, byteAlignment).at(name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isThreadSafe() {
    return threadSafe;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: true if all the routes do.
   */
  @Override
  public boolean freesIndividually() {
    return freesIndividually;
  }

  /**
   * Closes this allocator and none of the routes: what is out is theirs, and can still be freed.
   *
   * @throws IllegalStateException if it belongs to another thread
   */
  @Override
  public void close() {
    requireOwner();
    closed = true;
  }

  /**
   * Does nothing but throw: close the routes forcibly instead.
   *
   * @throws UnsupportedOperationException always, for the blocks are the routes'
   */
  @Override
  public void closeForcibly() {
    throw new UnsupportedOperationException(
        "allocator '" + name + "' has no blocks of its own; close what it routes to");
  }

  @Override
  public String toString() {
    return "routing(" + name + ")";
  }
}
