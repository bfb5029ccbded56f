package io.caisson.bench;

/** What an allocator is asked for, over and over. */
interface AllocationPatterns extends AutoCloseable {

  /** How many blocks are live in {@link #churn}. */
  int SLOTS = 1024;

  /** How many blocks {@link #batch} allocates before it frees them. */
  int BULK = 1000;

  /** Allocates, touches and frees one block after the other. */
  long pair(int steps, long byteSize);

  /** Replaces blocks at random among {@link #SLOTS} by others of 1 to {@code maxByteSize} bytes. */
  long churn(int steps, long maxByteSize);

  /** Allocates {@link #BULK} blocks, then frees them in the same order. */
  long batch(long byteSize);

  @Override
  void close();

  static AllocationPatterns of(String implementation) {
    return implementation.equals("mimalloc-from-C")
        ? new PatternsInC()
        : new PatternsInJava(BenchAllocator.of(implementation));
  }
}
