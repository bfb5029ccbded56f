package io.caisson.stress.torture;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.GuardAllocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.CloseReport;
import io.caisson.smr.DomainBuilder;
import io.caisson.smr.DomainStats;
import io.caisson.smr.Epochs;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A domain, and an allocator that poisons what is freed and holds it back for a while, so that a
 * read of it shows; with blocks whose two halves belong together.
 */
final class Stage {

  /** The size of a block. */
  static final long SIZE = 32;

  /** The alignment of a block. */
  static final long ALIGNMENT = 16;

  private static final long RED_ZONE = 16;
  private static final long QUARANTINE = 64 << 10;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration WAIT_FOR_ROOM = Duration.ofMillis(2);
  private static final long LONGEST_STALL_NANOS = 10_000_000;
  private static final long PAUSE_NANOS = 100_000;

  final AccountedAllocator allocator =
      Allocators.accounted(new GuardAllocator(SystemAllocator.create(), RED_ZONE, QUARANTINE));
  final ReclamationDomain domain;
  final int number;

  /** How many bytes the domain may be charged with. */
  final long limit;

  Stage(DomainBuilder builder) {
    this(builder, Long.MAX_VALUE);
  }

  private Stage(DomainBuilder builder, long limit) {
    this.limit = limit;
    domain = builder.build();
    number = domain.register(allocator);
  }

  /** With few slots and small bags, so that something happens to them. */
  static Stage small() {
    return new Stage(smallDomain());
  }

  /** The same, with room for so many bytes of garbage; who needs more waits, or is refused. */
  static Stage withLimit(long byteSize) {
    return new Stage(smallDomain().hardLimit(byteSize, LimitPolicy.block(WAIT_FOR_ROOM)), byteSize);
  }

  private static DomainBuilder smallDomain() {
    return ReclamationDomain.builder().slots(4).bagCapacity(2);
  }

  long newBlock(long value) {
    long block = Allocations.allocate(allocator, SIZE, ALIGNMENT);
    Memory.putLong(block, value);
    Memory.putLong(block + 8, ~value);
    return block;
  }

  void freeBlock(long block) {
    allocator.free(block, SIZE, ALIGNMENT);
  }

  /** Checks a block that nobody may have freed. */
  static void check(long block) {
    long value = Memory.getLong(block);
    if (Memory.getLong(block + 8) != ~value) {
      throw new AssertionError(
          "use after free: the block at 0x"
              + Long.toHexString(block)
              + " says 0x"
              + Long.toHexString(value));
    }
  }

  /**
   * Stalls under a guard, which is often longer than others need to fill the domain up; looks again
   * and again at what was found under it, and at the limit.
   */
  void stall(SplittableRandom random, Runnable look) {
    long end = System.nanoTime() + random.nextLong(LONGEST_STALL_NANOS);
    do {
      LockSupport.parkNanos(PAUSE_NANOS);
      look.run();
      requireLimit();
    } while (System.nanoTime() - end < 0);
  }

  /** What is in limbo or reserved never exceeds the limit. */
  void requireLimit() {
    long charged = Epochs.charged(domain);
    require(
        charged >= 0 && charged <= limit, charged + " bytes charged; the hard limit is " + limit);
  }

  long epoch() {
    return Epochs.of(domain);
  }

  /** Checks what the epoch did while a guard was open. */
  static void checkTicks(long first, long last) {
    if (last != Epochs.CLOSED && (last < first || last > first + 1)) {
      throw new AssertionError("under one guard the epoch went from " + first + " to " + last);
    }
  }

  /** Nobody works any more: nothing may be left, and everything is freed. */
  void strike() {
    boolean drained = domain.drain(PATIENCE);
    DomainStats stats = domain.stats();
    require(drained, "it does not drain: " + stats);
    require(stats.garbageBlocks() == 0 && stats.garbageBytes() == 0, "garbage: " + stats);
    require(stats.chargedBytes() == 0, "charged for nothing: " + stats);
    CloseReport report = domain.close(PATIENCE);
    require(report.clean(), "it does not close: " + report + stats);
    var allocations = allocator.stats();
    require(allocations.allocations() == allocations.frees(), "leaked: " + allocations);
    allocator.close();
  }

  static void require(boolean right, String what) {
    if (!right) {
      throw new AssertionError(what);
    }
  }
}
