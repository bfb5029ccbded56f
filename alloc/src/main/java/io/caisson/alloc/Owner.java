package io.caisson.alloc;

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

  /** Throws unless any thread may call an allocator at any time. */
  static void requireThreadSafe(Allocator allocator) {
    if (!allocator.isThreadSafe()) {
      throw new IllegalArgumentException(
          "allocator '" + allocator.name() + "' belongs to one thread; expected a thread-safe one");
    }
  }
}
