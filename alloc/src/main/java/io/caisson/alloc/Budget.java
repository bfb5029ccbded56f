package io.caisson.alloc;

import io.caisson.alloc.internal.Setting;
import io.caisson.alloc.internal.events.MemoryEvents;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A number of bytes that may be used at a time, within the budget of a parent, and so on.
 *
 * <p>A reservation is of every level at once or of none, and no level is ever above its limit, not
 * for a moment. At 80 % of its limit (or {@code caisson.budgets.warn-percent}) a level tells its
 * listener; all of the limit may be used, and not a byte more. {@link BudgetedAllocator} reserves
 * what it allocates; other memory can be reserved by hand.
 *
 * <p>Thread-safe and lock-free; reserving and releasing are O(levels), one atomic operation each.
 * What a thread did before it released happens-before what another does that reserves the same.
 */
public final class Budget implements AutoCloseable {

  /*
   * Purpose. Limits that hold at every moment, from any number of threads.
   *
   * Invariants.
   * B1  0 <= used <= limit, in each level; or used = CLOSED.
   * B2  used = what was reserved of this and of all budgets below, and not released, plus what is
   *     reserved by requests under way, some of which a level further up will refuse.
   *
   * A request reserves from the innermost level out, and undoes that when a level refuses. So one
   * that its own budget refuses never touches the budgets that it shares with others; and what a
   * request holds for a moment in vain, it holds where only its siblings could be refused for it.
   *
   * Arithmetic. limit - used never overflows, by B1, and is what a request is compared with; used
   * plus the request is computed only where it is at most the limit.
   *
   * Warnings. used changes by compare-and-set or getAndAdd, so exactly one thread sees each step
   * over the threshold. It warns once all levels have granted the request; or, if one has refused,
   * when the level is above the threshold without it too, for then it took the step of another.
   */

  private static final System.Logger LOGGER = System.getLogger(Budget.class.getName());
  private static final Setting WARN_PERCENT =
      new Setting("caisson.budgets.warn-percent", "CAISSON_BUDGETS_WARN_PERCENT");
  private static final int DEFAULT_WARN_PERCENT = 80;
  private static final long CLOSED = Long.MIN_VALUE;

  /** The most budgets in a line from a leaf to the root. */
  private static final int MOST_LEVELS = 64;

  /** Which level refused a request, and what it had used when it did. */
  record Refusal(@Borrowed Budget by, long used, long requested) {}

  private final String name;
  private final @Nullable Budget parent;
  private final long limit;
  private final long warnAt;
  private final BudgetListener listener;

  /** How many budgets this one is within. */
  private final int depth;

  private final AtomicLong used = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();

  /** The open budgets under this one; guarded by this while it changes. */
  private final Set<Budget> children = ConcurrentHashMap.newKeySet();

  /**
   * Creates a budget within no other, which warns nobody.
   *
   * @param profile its name and limit
   * @throws IllegalArgumentException if {@code caisson.budgets.warn-percent} is malformed
   */
  public Budget(BudgetProfile profile) {
    this(profile, (budget, used) -> {});
  }

  /**
   * Creates a budget within no other.
   *
   * @param profile its name and limit
   * @param listener who is told when it is nearly used up
   * @throws IllegalArgumentException if {@code caisson.budgets.warn-percent} is malformed
   */
  public Budget(BudgetProfile profile, BudgetListener listener) {
    this(profile, listener, null);
  }

  private Budget(BudgetProfile profile, BudgetListener listener, @Nullable Budget parent) {
    this.name = profile.name();
    this.limit = profile.limit();
    this.warnAt = threshold(limit, WARN_PERCENT.percent(DEFAULT_WARN_PERCENT));
    this.listener = listener;
    this.parent = parent;
    this.depth = parent == null ? 0 : parent.depth + 1;
    if (depth == MOST_LEVELS) {
      throw new IllegalStateException(
          "budget '" + name + "' is within " + depth + " others; expected at most " + (depth - 1));
    }
  }

  /** Returns the least number of bytes that is so many per cent of a limit, or more. */
  static long threshold(long limit, int percent) {
    int rest = 100 - percent;
    return limit - (limit / 100 * rest + limit % 100 * rest / 100);
  }

  /**
   * Creates a budget within this one, which warns nobody.
   *
   * @param profile its name and limit, which may be more than is left here or than this limit
   * @return the budget, owned by the caller, to be closed before this one
   * @throws IllegalStateException if this budget is closed, or within 63 others
   */
  @Owned
  public Budget child(BudgetProfile profile) {
    return child(profile, (budget, used) -> {});
  }

  /**
   * Creates a budget within this one.
   *
   * @param profile its name and limit, which may be more than is left here or than this limit
   * @param listener who is told when it is nearly used up
   * @return the budget, owned by the caller, to be closed before this one
   * @throws IllegalStateException if this budget is closed, or within 63 others
   */
  @Owned
  public Budget child(BudgetProfile profile, BudgetListener listener) {
    Budget child = new Budget(profile, listener, this);
    synchronized (this) {
      if (used.get() == CLOSED) {
        throw closed();
      }
      children.add(child);
    }
    return child;
  }

  // ---- reserving ------------------------------------------------------------------------------

  /**
   * Reserves bytes of this budget and of all that it is within, or of none of them.
   *
   * @param byteSize how many bytes, at least 1
   * @return whether every level had them left
   * @throws IllegalArgumentException if the number is not positive
   * @throws IllegalStateException if this budget is closed
   */
  public boolean tryReserve(long byteSize) {
    requirePositive(byteSize);
    return reserve(byteSize) == null;
  }

  /**
   * Releases bytes that were reserved.
   *
   * @param byteSize how many bytes, at least 1
   * @throws IllegalArgumentException if the number is not positive
   * @throws IllegalStateException if less is reserved; nothing is then released
   */
  public void release(long byteSize) {
    requirePositive(byteSize);
    for (Budget level = this; level != null; level = level.parent) {
      if (!level.subtract(byteSize)) {
        addBack(level, byteSize);
        throw level.overReleased(byteSize);
      }
    }
  }

  /** Subtracts from this level alone, unless less is reserved. */
  private boolean subtract(long byteSize) {
    long before;
    do {
      before = used.get();
      if (before < byteSize) {
        return false;
      }
    } while (!used.compareAndSet(before, before - byteSize));
    return true;
  }

  /** Undoes a release on all levels below one that refused it. */
  private void addBack(Budget refusing, long byteSize) {
    for (Budget level = this; level != null && level != refusing; level = level.parent) {
      level.used.getAndAdd(byteSize);
    }
  }

  private void requirePositive(long byteSize) {
    if (byteSize <= 0) {
      throw new IllegalArgumentException(
          "budget '" + name + "': " + byteSize + " bytes; expected at least 1");
    }
  }

  private IllegalStateException overReleased(long byteSize) {
    return new IllegalStateException(
        "budget '"
            + name
            + "' is given back "
            + byteSize
            + " bytes, and has only "
            + used()
            + " reserved");
  }

  /** Reserves a positive number of bytes, and returns null, or who refused them. */
  @Nullable Refusal reserve(long byteSize) {
    long crossed = 0; // a bit for each level, for a list might find the Java heap exhausted
    for (Budget level = this; level != null; level = level.parent) {
      long before = level.add(byteSize);
      if (before < 0) {
        undo(level, byteSize, crossed);
        level.refusals.incrementAndGet();
        MemoryEvents.refused(level.name, byteSize, ~before, level.limit);
        return new Refusal(level, ~before, byteSize);
      }
      if (before < level.warnAt && level.warnAt - before <= byteSize) {
        crossed |= 1L << level.depth;
      }
    }
    for (Budget level = this; crossed != 0 && level != null; level = level.parent) {
      if (((crossed >>> level.depth) & 1) != 0) {
        level.warn();
      }
    }
    return null;
  }

  /** Adds to this level alone, and returns what it had before; if that fails, the complement. */
  private long add(long byteSize) {
    while (true) {
      long before = used.get();
      if (before == CLOSED) {
        throw closed();
      }
      if (byteSize > limit - before) {
        return ~before;
      }
      if (used.compareAndSet(before, before + byteSize)) {
        raisePeak(before + byteSize);
        return before;
      }
    }
  }

  private void raisePeak(long candidate) {
    if (candidate > peak.get()) {
      peak.accumulateAndGet(candidate, Math::max);
    }
  }

  /** Takes a reservation back from all levels below one that refused it. */
  private void undo(Budget refusing, long byteSize, long crossed) {
    for (Budget level = this; level != null && level != refusing; level = level.parent) {
      long after = level.used.addAndGet(-byteSize);
      if (((crossed >>> level.depth) & 1) != 0 && after >= level.warnAt) {
        level.warn();
      }
    }
  }

  private void warn() {
    try {
      listener.nearlyUsedUp(this, used());
    } catch (RuntimeException | Error e) {
      LOGGER.log(System.Logger.Level.WARNING, "A listener of budget '" + name + "' failed", e);
    }
  }

  /** Returns the levels that a refused request had to pass, from this one out. */
  AllocationException.Level[] levels(Refusal refusal) {
    List<AllocationException.Level> levels = new ArrayList<>();
    for (Budget level = this; level != null; level = level.parent) {
      boolean refused = refusal.by == level;
      long usedThen = refused ? refusal.used : level.used();
      levels.add(
          new AllocationException.Level(
              level.name, refusal.requested, usedThen, level.limit, refused));
    }
    return levels.toArray(new AllocationException.Level[0]);
  }

  /** Returns the refusal that a request would meet now, or null. */
  @Nullable Refusal wouldRefuse(long byteSize) {
    for (Budget level = this; level != null; level = level.parent) {
      long usedNow = level.used();
      if (byteSize > level.limit - usedNow) {
        return new Refusal(level, usedNow, byteSize);
      }
    }
    return null;
  }

  // ---- what it is -----------------------------------------------------------------------------

  /**
   * Returns the name of this budget.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the budget that this one is within.
   *
   * @return the parent, which stays its owner's, or null if there is none
   */
  @Borrowed
  public @Nullable Budget parent() {
    return parent;
  }

  /**
   * Returns the most that may be reserved.
   *
   * @return the limit in bytes
   */
  public long limit() {
    return limit;
  }

  /** Returns from how many reserved bytes on the listener is warned. */
  long warnAt() {
    return warnAt;
  }

  /**
   * Returns what is reserved, of this budget and of those within it.
   *
   * @return the number of bytes now, never above the limit
   */
  public long used() {
    return Math.max(0, used.get());
  }

  /**
   * Returns the most that was ever reserved at one moment.
   *
   * @return the peak in bytes
   */
  public long peak() {
    return peak.get();
  }

  /**
   * Returns how many requests this level has refused.
   *
   * @return the number so far
   */
  public long refusals() {
    return refusals.get();
  }

  /** Returns the open budgets within this one, by name. */
  List<Budget> children() {
    return children.stream().sorted(Comparator.comparing(Budget::name)).toList();
  }

  private IllegalStateException closed() {
    return new IllegalStateException("budget '" + name + "' is closed");
  }

  /**
   * Closes this budget; it then refuses to reserve. Closing it again does nothing.
   *
   * @throws IllegalStateException if something is reserved, or a budget within it open; it then
   *     stays open
   */
  @Override
  public void close() {
    synchronized (this) {
      if (used.get() == CLOSED) {
        return;
      }
      if (!children.isEmpty()) {
        throw new IllegalStateException(
            "budget '" + name + "' has budgets open within it: " + children());
      }
      if (!used.compareAndSet(0, CLOSED)) {
        throw new IllegalStateException("budget '" + name + "' has " + used() + " bytes reserved");
      }
    }
    if (parent != null) {
      parent.children.remove(this);
    }
  }

  @Override
  public String toString() {
    return name + ": " + used() + " of " + limit;
  }
}
