package io.caisson.alloc;

import java.util.ArrayList;
import java.util.List;

/**
 * The one thread that an allocator belongs to, and how it changes hands.
 *
 * <p>The check finds a thread that strayed in; it orders nothing. Whoever adopts an allocator must
 * have ordered that after everything its former owner did, by a lock or a safe publication.
 */
final class Owner {

  private Thread thread = Thread.currentThread();

  /** Throws unless the calling thread is the owner. */
  void require(Allocator allocator) {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "allocator '" + allocator.name() + "' belongs to thread '" + thread.getName() + "'");
    }
  }

  /** Makes the calling thread the owner. */
  void adopt() {
    thread = Thread.currentThread();
  }

  /**
   * Returns every owner that a call of an allocator may be checked against, its parents' included.
   *
   * @throws IllegalArgumentException if one of them is single-owner and cannot be handed over
   */
  static List<Owner> allUnder(Allocator allocator) {
    List<Owner> owners = new ArrayList<>();
    collect(allocator, owners);
    return owners;
  }

  private static void collect(Allocator allocator, List<Owner> owners) {
    switch (allocator) {
      case ArenaAllocator arena -> {
        owners.add(arena.owner);
        collect(arena.parent, owners);
      }
      case PoolAllocator pool -> {
        owners.add(pool.owner);
        collect(pool.parent, owners);
      }
      case FixedBufferAllocator fixed -> owners.add(fixed.owner);
      case RoutingAllocator routing -> {
        owners.add(routing.owner);
        routing.targets().forEach(target -> collect(target, owners));
      }
      case AccountedAllocator accounted -> collect(accounted.raw(), owners);
      case BudgetedAllocator budgeted -> collect(budgeted.allocator, owners);
      case MockAllocator mock -> collect(mock.delegate, owners);
      case GuardAllocator guard -> collect(guard.wrapped, owners);
      case LeakDetectingAllocator detector -> collect(detector.wrapped, owners);
      case TaggedAllocator tagged -> collect(tagged.allocator, owners);
      case ZeroOnFreeAllocator zeroing -> collect(zeroing.delegate, owners);
      default -> requireThreadSafe(allocator);
    }
  }

  /** Throws unless an allocator takes back one block at a time, as what is put over it needs. */
  static void requireIndividualFrees(Allocator allocator, String what) {
    if (!allocator.freesIndividually()) {
      throw new IllegalArgumentException(
          "allocator '"
              + allocator.name()
              + "' releases everything at once; expected "
              + what
              + " under it, not over it");
    }
  }

  /** Throws unless any thread may call an allocator at any time. */
  static void requireThreadSafe(Allocator allocator) {
    if (!allocator.isThreadSafe()) {
      throw new IllegalArgumentException(
          "allocator '" + allocator.name() + "' belongs to one thread; expected a thread-safe one");
    }
  }
}
