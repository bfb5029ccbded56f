package io.caisson.bench;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;

/**
 * The patterns on an {@link Allocator}, written as one writes a hot loop: what the loop uses is in
 * local variables, so that a call that is not inlined does not make C2 load it again.
 */
final class AddressPatterns implements AllocationPatterns {

  private static final long ALIGNMENT = SlotPatterns.ALIGNMENT;
  private static final int FIRST_SIZE = 16;

  private final Allocator allocator;
  private final long[] slots = new long[SLOTS];
  private final int[] sizes = new int[SLOTS];
  private final long[] bulk = new long[BULK];
  private long state = Xorshift.SEED;

  AddressPatterns(Allocator allocator) {
    this.allocator = allocator;
  }

  @Override
  public void pair(int steps, long byteSize, long byteAlignment) {
    Allocator allocator = this.allocator;
    for (int i = 0; i < steps; i++) {
      long address = allocator.allocate(byteSize, byteAlignment);
      Memory.putByte(address, (byte) 1);
      allocator.free(address, byteSize, byteAlignment);
    }
  }

  @Override
  public void random(int steps, long maxByteSize) {
    if (sizes[0] == 0) {
      fill();
    }
    Allocator allocator = this.allocator;
    long[] slots = this.slots;
    int[] sizes = this.sizes;
    long bits = state;
    for (int i = 0; i < steps; i++) {
      bits = Xorshift.next(bits);
      int slot = (int) bits & (SLOTS - 1);
      int byteSize = 1 + (int) (((bits >>> 32) * maxByteSize) >>> 32);
      allocator.free(slots[slot], sizes[slot], ALIGNMENT);
      long address = allocator.allocate(byteSize, ALIGNMENT);
      Memory.putByte(address, (byte) 1);
      slots[slot] = address;
      sizes[slot] = byteSize;
    }
    state = bits;
  }

  /** Only for random: else each pattern would run with a profile in which blocks had run out. */
  private void fill() {
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = allocator.allocate(FIRST_SIZE, ALIGNMENT);
      sizes[i] = FIRST_SIZE;
    }
  }

  @Override
  public void bulk(long byteSize) {
    Allocator allocator = this.allocator;
    long[] bulk = this.bulk;
    for (int i = 0; i < BULK; i++) {
      long address = allocator.allocate(byteSize, ALIGNMENT);
      Memory.putByte(address, (byte) 1);
      bulk[i] = address;
    }
    for (int i = 0; i < BULK; i++) {
      allocator.free(bulk[i], byteSize, ALIGNMENT);
    }
  }

  @Override
  public void handOver(long byteSize) {
    BatchQueue queue = new BatchQueue(BATCH);
    long[] handed = new long[queue.slots()];
    Thread reader = Thread.ofPlatform().start(() -> freeBatches(queue, handed, byteSize));
    for (int i = 0; i < BATCHES; i++) {
      allocateBatch(queue, handed, byteSize);
    }
    SlotPatterns.join(reader);
  }

  private void allocateBatch(BatchQueue queue, long[] handed, long byteSize) {
    Allocator allocator = this.allocator;
    int first = queue.beginWrite();
    for (int i = first; i < first + BATCH; i++) {
      long address = allocator.allocate(byteSize, ALIGNMENT);
      Memory.putByte(address, (byte) 1);
      handed[i] = address;
    }
    queue.endWrite();
  }

  private void freeBatches(BatchQueue queue, long[] handed, long byteSize) {
    for (int i = 0; i < BATCHES; i++) {
      freeBatch(queue, handed, byteSize);
    }
  }

  private void freeBatch(BatchQueue queue, long[] handed, long byteSize) {
    Allocator allocator = this.allocator;
    int first = queue.beginRead();
    for (int i = first; i < first + BATCH; i++) {
      allocator.free(handed[i], byteSize, ALIGNMENT);
    }
    queue.endRead();
  }

  @Override
  public void close() {
    for (int i = 0; i < SLOTS && sizes[i] != 0; i++) {
      allocator.free(slots[i], sizes[i], ALIGNMENT);
    }
    allocator.close();
  }
}
