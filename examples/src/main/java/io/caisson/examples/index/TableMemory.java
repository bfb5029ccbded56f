package io.caisson.examples.index;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.FixedBufferAllocator;
import io.caisson.alloc.LeakDetectingAllocator;
import io.caisson.alloc.LockedAllocator;
import io.caisson.alloc.Operation;
import io.caisson.alloc.SlabAllocator;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The allocator that a table is put on, and the accounted one at the bottom of it.
 *
 * <p>Whatever stands between the two, the account at the bottom says what the table costs: an
 * arena's unused room counts, and so does the whole of a fixed buffer.
 */
final class TableMemory implements AutoCloseable {

  private static final long ARENA_HINT = 1 << 20;
  private static final long LARGEST_BIN = 1 << 10;

  private final AccountedAllocator bottom;
  private final @Nullable Operation round;

  /** The bottom, or what its budget and the round have on top of it. */
  private final Allocator source;

  private final Allocator allocator;
  private MemorySegment buffer = MemorySegment.NULL;

  private TableMemory(IndexOptions options, IndexBudgets budgets, @Nullable MemoryHistory history) {
    AllocatorKind kind = options.allocator();
    bottom = kind == AllocatorKind.MIMALLOC ? mimalloc() : Allocators.system();
    Allocator budgeted = budgets.within(budgets.table, bottom);
    round = history == null ? null : history.beginRound(bottom, budgeted);
    source = round == null ? budgeted : round.allocator();
    Allocator made = on(kind, options.capacity());
    Allocator table =
        made.isThreadSafe() || options.threads() == 1 ? made : new LockedAllocator(made);
    allocator = options.leaks() == LeakSearch.OFF ? table : watched(table, options, history);
  }

  private static Allocator watched(
      Allocator table, IndexOptions options, @Nullable MemoryHistory history) {
    LeakDetectingAllocator detector =
        LeakDetectingAllocator.over(table).level(options.leaks().level).build();
    if (history != null) {
      history.watch(detector);
    }
    return detector;
  }

  /**
   * Opens an allocator; one that belongs to one thread gets a lock if several count.
   *
   * @param options which one, and how closely to look for its leaks
   * @param budgets what may be used
   * @param history who is told of the round, or null
   * @throws io.caisson.alloc.AllocationException if the system has no room for it
   * @throws IndexFailure if it is mimalloc, and its library is not found
   */
  static TableMemory open(
      IndexOptions options, IndexBudgets budgets, @Nullable MemoryHistory history) {
    return new TableMemory(options, budgets, history);
  }

  private Allocator on(AllocatorKind kind, long capacity) {
    return switch (kind) {
      case SYSTEM, MIMALLOC -> source;
      case SLAB -> SlabAllocator.builder(source).binsUpTo(LARGEST_BIN).build();
      case ARENA -> new ArenaAllocator(source, "index", ARENA_HINT);
      case FIXED -> {
        buffer = source.asSegmentAllocator().allocate(capacity, Allocator.DEFAULT_ALIGNMENT);
        yield new FixedBufferAllocator(buffer, "index");
      }
    };
  }

  private static AccountedAllocator mimalloc() {
    try {
      return Allocators.mimalloc();
    } catch (IllegalStateException e) {
      throw new IndexFailure(String.valueOf(e.getMessage()));
    }
  }

  Allocator allocator() {
    return allocator;
  }

  /** Returns the account of what was taken from the system or mimalloc. */
  AllocatorStats stats() {
    return bottom.stats();
  }

  @Override
  public void close() {
    allocator.close();
    if (buffer.byteSize() != 0) {
      source.free(buffer.address(), buffer.byteSize(), Allocator.DEFAULT_ALIGNMENT);
    }
    if (round != null) {
      round.close();
    }
    bottom.close();
  }
}
