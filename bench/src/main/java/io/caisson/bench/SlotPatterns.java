package io.caisson.bench;

/** The patterns on an allocator that is called from Java. */
final class PatternsInJava implements AllocationPatterns {

  /** The alignment of blocks that ask for none. */
  static final long ALIGNMENT = 8;

  private static final int FIRST_SIZE = 16;

  private final Subject subject;
  private final BlockSlots slots;
  private final BlockSlots bulk;
  private final int[] sizes = new int[SLOTS];
  private final Xorshift random = new Xorshift(0);

  PatternsInJava(Subject subject) {
    this.subject = subject;
    slots = subject.slots(SLOTS);
    bulk = subject.slots(BULK);
    for (int i = 0; i < SLOTS; i++) {
      slots.allocate(i, FIRST_SIZE, ALIGNMENT);
      sizes[i] = FIRST_SIZE;
    }
  }

  @Override
  public void pair(int steps, long byteSize, long byteAlignment) {
    for (int i = 0; i < steps; i++) {
      bulk.pair(byteSize, byteAlignment);
    }
  }

  @Override
  public void random(int steps, long maxByteSize) {
    for (int i = 0; i < steps; i++) {
      long bits = random.next();
      int slot = (int) bits & (SLOTS - 1);
      int byteSize = 1 + (int) (((bits >>> 32) * maxByteSize) >>> 32);
      slots.free(slot, sizes[slot], ALIGNMENT);
      slots.allocate(slot, byteSize, ALIGNMENT);
      sizes[slot] = byteSize;
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
    BatchQueue queue = new BatchQueue(subject, BATCH);
    Thread reader = Thread.ofPlatform().start(() -> freeBatches(queue, byteSize));
    for (int i = 0; i < BATCHES; i++) {
      allocateBatch(queue, byteSize);
    }
    try {
      reader.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void allocateBatch(BatchQueue queue, long byteSize) {
    int first = queue.beginWrite();
    for (int i = first; i < first + BATCH; i++) {
      queue.slots.allocate(i, byteSize, ALIGNMENT);
    }
    queue.endWrite();
  }

  private static void freeBatches(BatchQueue queue, long byteSize) {
    for (int i = 0; i < BATCHES; i++) {
      freeBatch(queue, byteSize);
    }
  }

  private static void freeBatch(BatchQueue queue, long byteSize) {
    int first = queue.beginRead();
    for (int i = first; i < first + BATCH; i++) {
      queue.slots.free(i, byteSize, ALIGNMENT);
    }
    queue.endRead();
  }

  @Override
  public void close() {
    for (int i = 0; i < SLOTS; i++) {
      slots.free(i, sizes[i], ALIGNMENT);
    }
    subject.close();
  }
}
