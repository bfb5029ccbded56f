package io.caisson.bench;

/** The patterns on an allocator that makes an object for each block. */
final class SlotPatterns implements AllocationPatterns {

  /** The alignment of blocks that ask for none. */
  static final long ALIGNMENT = 8;

  private static final int FIRST_SIZE = 16;

  private final Subject subject;
  private final BlockSlots slots;
  private final BlockSlots bulk;
  private final int[] sizes = new int[SLOTS];
  private final Xorshift random = new Xorshift(0);

  SlotPatterns(Subject subject) {
    this.subject = subject;
    slots = subject.slots(SLOTS);
    bulk = subject.slots(BULK);
  }

  @Override
  public void pair(int steps, long byteSize, long byteAlignment) {
    for (int i = 0; i < steps; i++) {
      bulk.pair(byteSize, byteAlignment);
    }
  }

  @Override
  public void random(int steps, long maxByteSize) {
    if (sizes[0] == 0) {
      fill();
    }
    for (int i = 0; i < steps; i++) {
      long bits = random.next();
      int slot = (int) bits & (SLOTS - 1);
      int byteSize = 1 + (int) (((bits >>> 32) * maxByteSize) >>> 32);
      slots.free(slot, sizes[slot], ALIGNMENT);
      slots.allocate(slot, byteSize, ALIGNMENT);
      sizes[slot] = byteSize;
    }
  }

  /** Only for random: else each pattern would run with a profile in which blocks had run out. */
  private void fill() {
    for (int i = 0; i < SLOTS; i++) {
      slots.allocate(i, FIRST_SIZE, ALIGNMENT);
      sizes[i] = FIRST_SIZE;
    }
  }

  @Override
  public void bulk(long byteSize) {
    for (int i = 0; i < BULK; i++) {
      bulk.allocate(i, byteSize, ALIGNMENT);
    }
    for (int i = 0; i < BULK; i++) {
      bulk.free(i, byteSize, ALIGNMENT);
    }
  }

  @Override
  public void handOver(long byteSize) {
    BatchQueue queue = new BatchQueue(BATCH);
    BlockSlots handed = subject.slots(queue.slots());
    Thread reader = Thread.ofPlatform().start(() -> freeBatches(queue, handed, byteSize));
    for (int i = 0; i < BATCHES; i++) {
      allocateBatch(queue, handed, byteSize);
    }
    join(reader);
  }

  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void allocateBatch(BatchQueue queue, BlockSlots handed, long byteSize) {
    int first = queue.beginWrite();
    for (int i = first; i < first + BATCH; i++) {
      handed.allocate(i, byteSize, ALIGNMENT);
    }
    queue.endWrite();
  }

  private static void freeBatches(BatchQueue queue, BlockSlots handed, long byteSize) {
    for (int i = 0; i < BATCHES; i++) {
      freeBatch(queue, handed, byteSize);
    }
  }

  private static void freeBatch(BatchQueue queue, BlockSlots handed, long byteSize) {
    int first = queue.beginRead();
    for (int i = first; i < first + BATCH; i++) {
      handed.free(i, byteSize, ALIGNMENT);
    }
    queue.endRead();
  }

  @Override
  public void close() {
    for (int i = 0; i < SLOTS && sizes[i] != 0; i++) {
      slots.free(i, sizes[i], ALIGNMENT);
    }
    subject.close();
  }
}
