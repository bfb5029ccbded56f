package io.caisson.alloc;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lends each thread an arena for temporary memory, in frames that are released at their end.
 *
 * <pre>{@code
 * try (Scratch frame = scratch.open()) {
 *   long buffer = frame.allocate(4096, 16);
 *   ...
 * }
 * }</pre>
 *
 * <p>The first frame that a thread opens takes an arena, frames inside it share that arena, and
 * when the first is closed the arena goes back, emptied but for its largest block, for whichever
 * thread comes next. So a thread holds memory only while it has a frame open, and a virtual thread
 * is like any other: a million of them need as many arenas as have frames open at once. At most
 * {@link #maxIdle()} arenas are kept idle, the others are closed; none is larger than the profile's
 * cap.
 *
 * <p>Thread-safe. Opening an inner frame and closing it are O(1); the outermost one looks through
 * the idle arenas, without a lock, beginning where the thread left its last. What a thread did in
 * an arena happens-before what the next one does. Why there is no {@code ThreadLocal} or {@code
 * ScopedValue}: {@code docs/decisions/007-scratch-arenas-by-thread.md}.
 */
public final class ScratchArenas implements AutoCloseable {

  /*
   * Invariants.
   * I1  An arena is in idle, or held by one thread: in holders under that thread, or on its way.
   * I2  On its way back an arena is put into idle, or closed, before its holder leaves holders. So
   *     if holders is empty, every arena is idle, or its thread has yet to look at closed (I3).
   * I3  open() enters holders, then looks at closed; close() sets closed, then looks at holders.
   *     One of the two sees the other, so no frame is open once close() has succeeded.
   *
   * Ordering. An arena is put into idle by a CAS and taken by getAndSet, both volatile; so the next
   * holder, who adopts it, sees all that the last one did.
   */

  /** The arena that a thread holds, and its innermost frame. */
  static final class Holder {
    final ArenaAllocator arena;
    @Nullable Scratch innermost;

    Holder(ArenaAllocator arena) {
      this.arena = arena;
    }
  }

  private final Allocator parent;
  private final ArenaProfile profile;
  private final ConcurrentHashMap<Thread, Holder> holders = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<@Nullable ArenaAllocator> idle;
  private volatile boolean closed;

  /**
   * Creates a lender of arenas that keeps as many idle as there are processors.
   *
   * @param parent where the arenas take memory from, thread-safe; not closed with this
   * @param profile the name and sizes of each arena
   * @throws IllegalArgumentException if the parent is not thread-safe
   */
  public ScratchArenas(@Borrowed Allocator parent, ArenaProfile profile) {
    this(parent, profile, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Creates a lender of arenas.
   *
   * @param parent where the arenas take memory from, thread-safe; not closed with this
   * @param profile the name and sizes of each arena
   * @param maxIdle how many arenas it keeps that nobody uses, not negative
   * @throws IllegalArgumentException if the parent is not thread-safe, or the number negative
   */
  public ScratchArenas(@Borrowed Allocator parent, ArenaProfile profile, int maxIdle) {
    Owner.requireThreadSafe(parent);
    if (maxIdle < 0) {
      throw new IllegalArgumentException(
          "scratch '" + profile.name() + "': " + maxIdle + " idle arenas; expected at least 0");
    }
    this.parent = parent;
    this.profile = profile;
    this.idle = new AtomicReferenceArray<>(maxIdle);
  }

  /**
   * Opens a frame inside the calling thread's innermost one, or its first.
   *
   * @return the frame, to be closed by this thread, before the frames around it
   * @throws AllocationException if a new arena is needed and the parent has no room for its first
   *     block
   * @throws IllegalStateException if this is closed
   */
  @Owned
  public Scratch open() {
    Thread self = Thread.currentThread();
    Holder holder = holders.get(self);
    if (holder == null) {
      holder = hold(self);
    }
    Scratch frame = new Scratch(this, holder);
    holder.innermost = frame;
    return frame;
  }

  private Holder hold(Thread self) {
    if (closed) {
      throw refusal();
    }
    ArenaAllocator arena = takeIdle(self);
    if (arena == null) {
      arena = new ArenaAllocator(parent, profile);
    }
    arena.owner.adopt();
    Holder holder = new Holder(arena);
    holders.put(self, holder);
    if (closed) { // I3
      arena.close();
      holders.remove(self);
      throw refusal();
    }
    return holder;
  }

  private IllegalStateException refusal() {
    return new IllegalStateException("scratch '" + profile.name() + "' is closed");
  }

  private @Nullable ArenaAllocator takeIdle(Thread self) {
    int count = idle.length();
    for (int i = 0; i < count; i++) {
      int slot = slot(self, i);
      if (idle.get(slot) != null) {
        ArenaAllocator arena = idle.getAndSet(slot, null);
        if (arena != null) {
          return arena;
        }
      }
    }
    return null;
  }

  private int slot(Thread self, int attempt) {
    return (int) Long.remainderUnsigned(self.threadId() + attempt, idle.length());
  }

  /** Takes the arena of the calling thread back, whose outermost frame is closed. */
  void release(Holder holder) {
    Thread self = Thread.currentThread();
    holder.arena.reset();
    if (!putIdle(self, holder.arena)) {
      holder.arena.close();
    }
    holders.remove(self); // I2
  }

  private boolean putIdle(Thread self, ArenaAllocator arena) {
    for (int i = 0; i < idle.length(); i++) {
      if (idle.compareAndSet(slot(self, i), null, arena)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Closes every arena and refuses to lend more. Closing it again does nothing.
   *
   * @throws IllegalStateException if a thread has a frame open, naming some of those that have; it
   *     then stays open
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!holders.isEmpty()) {
      closed = false;
      throw new IllegalStateException(
          "scratch '"
              + profile.name()
              + "' has frames open in "
              + holders.size()
              + " threads: "
              + holders.keySet().stream()
                  .limit(5)
                  .map(thread -> "'" + thread.getName() + "'")
                  .collect(Collectors.joining(", ")));
    }
    closeIdle();
  }

  /**
   * Closes every arena, those that threads have frames open in too: nobody may be using one.
   *
   * <p>The frames can still be closed.
   */
  public void closeForcibly() {
    closed = true;
    for (Thread thread : holders.keySet()) {
      Holder holder = holders.remove(thread);
      if (holder != null) {
        holder.innermost = null;
        holder.arena.owner.adopt();
        holder.arena.close();
      }
    }
    closeIdle();
  }

  private void closeIdle() {
    for (int slot = 0; slot < idle.length(); slot++) {
      ArenaAllocator arena = idle.getAndSet(slot, null);
      if (arena != null) {
        arena.owner.adopt();
        arena.close();
      }
    }
  }

  /**
   * Returns how many threads have a frame open, and so an arena each.
   *
   * @return the number now
   */
  public int openThreads() {
    return holders.size();
  }

  /**
   * Returns how many arenas are kept that nobody uses.
   *
   * @return the number now
   */
  public int idleArenas() {
    int count = 0;
    for (int slot = 0; slot < idle.length(); slot++) {
      count += idle.get(slot) != null ? 1 : 0;
    }
    return count;
  }

  /**
   * Returns how many arenas may be kept that nobody uses.
   *
   * @return the most that {@link #idleArenas()} can be
   */
  public int maxIdle() {
    return idle.length();
  }

  @Override
  public String toString() {
    return "scratch(" + profile.name() + ")";
  }
}
