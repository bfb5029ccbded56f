package io.caisson.alloc.internal;

import io.caisson.alloc.CheckedMemoryException;
import java.util.Locale;

/** One block of simulated memory, and what has become of it. Its world's monitor guards it. */
final class SimulatedBlock {

  /** What a block is to whoever meets it. */
  enum State {
    /** Owned by somebody. */
    ALLOCATED,
    /** Given to reclamation: still readable, by those who may hold its address. */
    RETIRED,
    /** Given back; no access is right. */
    FREED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  final Object owner;
  final long address;
  final long byteAlignment;

  /** How much room it has, in words; its size may be less. */
  final int wordCount;

  long byteSize;
  State state = State.ALLOCATED;

  SimulatedBlock(Object owner, long address, int wordCount, long byteSize, long byteAlignment) {
    this.owner = owner;
    this.address = address;
    this.wordCount = wordCount;
    this.byteSize = byteSize;
    this.byteAlignment = byteAlignment;
  }

  boolean isLive() {
    return state != State.FREED;
  }

  boolean contains(long start, long size) {
    long offset = start - address;
    return offset >= 0 && size <= byteSize - offset;
  }

  CheckedMemoryException violation(String what) {
    return new CheckedMemoryException(what + " " + this, null, null);
  }

  @Override
  public String toString() {
    return "block 0x"
        + Long.toHexString(address)
        + " of "
        + byteSize
        + " bytes aligned to "
        + byteAlignment
        + ", "
        + state;
  }
}
