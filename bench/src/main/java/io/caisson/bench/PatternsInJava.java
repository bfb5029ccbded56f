package io.caisson.bench;

import java.util.ArrayList;
import java.util.List;

/** The patterns on an allocator that is called from Java. */
final class PatternsInJava<B> implements AllocationPatterns {

  private final BenchAllocator<B> allocator;
  private final List<B> slots = new ArrayList<>();
  private final List<B> bulk = new ArrayList<>();
  private final long[] sizes = new long[SLOTS];
  private long state = 0x9E3779B97F4A7C15L;

  PatternsInJava(BenchAllocator<B> allocator) {
    this.allocator = allocator;
    for (int i = 0; i < SLOTS; i++) {
      slots.add(allocator.allocate(16));
      sizes[i] = 16;
    }
    for (int i = 0; i < BULK; i++) {
      bulk.add(slots.getFirst());
    }
  }

  private long next() {
    long x = state;
    x ^= x << 13;
    x ^= x >>> 7;
    x ^= x << 17;
    state = x;
    return x;
  }

  @Override
  public long pair(int steps, long byteSize) {
    for (int i = 0; i < steps; i++) {
      B block = allocator.allocate(byteSize);
      allocator.touch(block);
      allocator.free(block, byteSize);
    }
    return steps;
  }

  @Override
  public long churn(int steps, long maxByteSize) {
    for (int i = 0; i < steps; i++) {
      long random = next();
      int slot = (int) random & (SLOTS - 1);
      long byteSize = 1 + (((random >>> 32) * maxByteSize) >>> 32);
      allocator.free(slots.get(slot), sizes[slot]);
      B block = allocator.allocate(byteSize);
      allocator.touch(block);
      slots.set(slot, block);
      sizes[slot] = byteSize;
    }
    return steps;
  }

  @Override
  public long batch(long byteSize) {
    for (int i = 0; i < BULK; i++) {
      B block = allocator.allocate(byteSize);
      allocator.touch(block);
      bulk.set(i, block);
    }
    for (int i = 0; i < BULK; i++) {
      allocator.free(bulk.get(i), byteSize);
    }
    return BULK;
  }

  @Override
  public void close() {
    for (int i = 0; i < SLOTS; i++) {
      allocator.free(slots.get(i), sizes[i]);
    }
    allocator.close();
  }
}
