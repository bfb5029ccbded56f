package io.caisson.bench;

/** What an allocator is asked for, over and over. patterns.c is the same from C, step for step. */
interface AllocationPatterns extends AutoCloseable {

  /** How many blocks are live in {@link #random}. */
  int SLOTS = 1024;

  /** How many blocks {@link #bulk} allocates before it frees them. */
  int BULK = 1000;

  /** How many blocks {@link #handOver} hands over at a time, and how many times. */
  int BATCH = 256;

  int BATCHES = 2000;

  /** Allocates, writes to and frees one block after the other. */
  void pair(int steps, long byteSize, long byteAlignment);

  /** Replaces blocks at random among {@link #SLOTS} by others of 1 to {@code maxByteSize} bytes. */
  void random(int steps, long maxByteSize);

  /** Allocates {@link #BULK} blocks, then frees them in the same order. */
  void bulk(long byteSize);

  /** Allocates {@link #BATCHES} batches that a new thread frees. */
  void handOver(long byteSize);

  @Override
  void close();

  static AllocationPatterns of(String allocator) {
    return allocator.equals("mimalloc-from-c")
        ? new PatternsFromC()
        : Subject.of(allocator).patterns();
  }
}
