package io.caisson.stress.race;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The allocator of one state of a race: a few blocks of a {@link NativeRing}, poisoned when they
 * are freed, and handed out again at once, last freed first.
 */
public final class RingAllocator implements Allocator {

  /** What both words of a block say that was freed. */
  public static final long POISON = 0xDDDD_DDDD_DDDD_DDDDL;

  private final Deque<Long> freed = new ArrayDeque<>();
  private int live;

  @Override
  public synchronized long allocate(long byteSize, long byteAlignment) {
    live++;
    Long block = freed.pollFirst();
    return block == null ? NativeRing.next() : block;
  }

  @Override
  public long allocateZeroed(long byteSize, long byteAlignment) {
    long block = allocate(byteSize, byteAlignment);
    Memory.fill(block, byteSize, (byte) 0);
    return block;
  }

  @Override
  public synchronized void free(long address, long byteSize, long byteAlignment) {
    live--;
    Memory.putLongRelease(address, POISON);
    Memory.putLongRelease(address + Long.BYTES, POISON);
    freed.addFirst(address);
  }

  /** Says whether nobody has written to the first two words of blocks since they were freed. */
  public synchronized boolean freedAreUntouched() {
    for (long block : freed) {
      if (Memory.getLongAcquire(block) != POISON
          || Memory.getLongAcquire(block + Long.BYTES) != POISON) {
        return false;
      }
    }
    return true;
  }

  /** Returns how many blocks are out. */
  public synchronized int live() {
    return live;
  }

  @Override
  public boolean resize(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    return false;
  }

  @Override
  public long reallocate(long address, long oldByteSize, long newByteSize, long byteAlignment) {
    return NULL;
  }

  @Override
  public AllocationException failure(long byteSize, long byteAlignment) {
    return new AllocationException(name(), byteSize, byteAlignment, 0, 0);
  }

  @Override
  public String name() {
    return "ring";
  }

  @Override
  public boolean isThreadSafe() {
    return true;
  }

  @Override
  public boolean freesIndividually() {
    return true;
  }

  @Override
  public SegmentAllocator asSegmentAllocator() {
    throw new UnsupportedOperationException("segments of a race");
  }

  @Override
  public void close() {}

  @Override
  public void closeForcibly() {}
}
