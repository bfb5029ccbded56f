package io.caisson.stress.race;

import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.util.concurrent.atomic.AtomicLong;

/** A block that a root leads to, in a domain with bags of one block; for the races of a domain. */
public final class SharedBlock {

  /** What a block says. */
  public static final int SOUND = 1;

  /** What a block says that was freed. */
  public static final int FREED = -1;

  /** What a reader says who was refused. */
  public static final int REFUSED = 0;

  private static final long SIZE = 16;

  /** Where the blocks come from. */
  public final RingAllocator allocator = new RingAllocator();

  /** What they are retired to. */
  public final ReclamationDomain domain;

  private final int number;
  private final AtomicLong root = new AtomicLong();

  /** Links a block. */
  public SharedBlock(int slots, int bagCapacity) {
    domain = ReclamationDomain.builder().slots(slots).bagCapacity(bagCapacity).build();
    number = domain.register(allocator);
    root.set(newBlock());
  }

  private long newBlock() {
    long block = allocator.allocate(SIZE, SIZE);
    Memory.putLong(block, SOUND);
    Memory.putLong(block + Long.BYTES, SOUND);
    return block;
  }

  private static int look(long block) {
    int first = (int) Memory.getLongAcquire(block);
    int second = (int) Memory.getLongAcquire(block + Long.BYTES);
    return first == SOUND && second == SOUND ? SOUND : FREED;
  }

  /** Looks at the block a few times, under the guard of the caller; says what was worst. */
  public int readUnder(Guard guard) {
    long block = root.get();
    int seen = SOUND;
    for (int i = 0; i < 8; i++) {
      seen = Math.min(seen, look(block));
    }
    return seen;
  }

  /** Pins and looks at the block. */
  public int read() {
    try (Guard guard = domain.pin()) {
      return readUnder(guard);
    } catch (IllegalStateException e) {
      return REFUSED;
    }
  }

  /** Puts another block in the place of the block, and retires that. */
  public void replace() {
    long made = newBlock();
    try (Guard guard = domain.pin(1, SIZE)) {
      guard.retire(root.getAndSet(made), SIZE, SIZE, number);
    }
  }

  /**
   * Nobody reads: frees what is retired; returns how many blocks are out then, which should be 1.
   */
  public int drainAndCount() {
    domain.drain();
    return allocator.live();
  }

  /** Frees the block, which nobody can read any more. */
  public void free() {
    allocator.free(root.get(), SIZE, SIZE);
  }
}
