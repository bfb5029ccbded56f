package io.caisson.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Slots for blocks that have an arena of the JDK's each, confined to the thread that frees them.
 */
final class ArenaSlots implements BlockSlots {

  private final Arena[] arenas;
  private final MemorySegment[] segments;

  ArenaSlots(int slots) {
    arenas = new Arena[slots];
    segments = new MemorySegment[slots];
  }

  @Override
  public void allocate(int slot, long byteSize, long byteAlignment) {
    Arena arena = Arena.ofConfined();
    MemorySegment segment = arena.allocate(byteSize, byteAlignment);
    segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    arenas[slot] = arena;
    segments[slot] = segment;
  }

  @Override
  public void free(int slot, long byteSize, long byteAlignment) {
    arenas[slot].close();
  }

  @Override
  public void pair(long byteSize, long byteAlignment) {
    try (Arena arena = Arena.ofConfined()) {
      arena.allocate(byteSize, byteAlignment).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    }
  }

  @Override
  public void write(int slot, long byteOffset, byte value) {
    segments[slot].set(ValueLayout.JAVA_BYTE, byteOffset, value);
  }

  @Override
  public void swap(int slot, BlockSlots others, int other) {
    ArenaSlots theirs = (ArenaSlots) others;
    Arena arena = arenas[slot];
    MemorySegment segment = segments[slot];
    arenas[slot] = theirs.arenas[other];
    segments[slot] = theirs.segments[other];
    theirs.arenas[other] = arena;
    theirs.segments[other] = segment;
  }
}
