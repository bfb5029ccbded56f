package io.caisson.stress.check;

import io.caisson.alloc.internal.Memory;
import io.caisson.testkit.SimulatedAllocator;

/** A word of simulated memory in a world of its own, for a subject to work on. */
public final class SimulatedCell {

  /** Where the word is from, with nothing else out. */
  public final SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();

  /** Where the word is. */
  public final long address = allocator.allocateZeroed(Long.BYTES, Long.BYTES);

  /** Allocates a word with a value, which the caller owns. */
  public long allocate(long value) {
    long word = allocator.allocate(Long.BYTES, Long.BYTES);
    Memory.putLong(word, value);
    return word;
  }

  /** Frees a word. */
  public void free(long word) {
    allocator.free(word, Long.BYTES, Long.BYTES);
  }

  /**
   * Checks what is out, beside the cell itself.
   *
   * @throws IllegalStateException if it is not that many blocks
   */
  public void requireOut(long blocks) {
    long more = allocator.liveBlocks() - 1 - blocks;
    if (more != 0) {
      throw new IllegalStateException("leaked " + more + " blocks");
    }
  }
}
