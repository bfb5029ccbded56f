package io.caisson.bench;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Hands batches of blocks from one thread to one other, through slots in a ring, which they both
 * know. The one that waits spins, then yields.
 */
final class BatchQueue {

  static final int BATCHES = 16;
  private static final int SPINS = 1000;

  private final int batch;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong read = new AtomicLong();

  BatchQueue(int batch) {
    this.batch = batch;
  }

  /** Returns how many slots whoever uses this needs. */
  int slots() {
    return BATCHES * batch;
  }

  /** Waits for room, and returns the first slot of the batch to write. */
  int beginWrite() {
    long mine = written.getPlain();
    for (int spins = 0; mine - read.getAcquire() == BATCHES; spins++) {
      pause(spins);
    }
    return (int) (mine & (BATCHES - 1)) * batch;
  }

  void endWrite() {
    written.setRelease(written.getPlain() + 1);
  }

  /** Waits for a batch, and returns its first slot. */
  int beginRead() {
    for (int spins = 0; !canRead(); spins++) {
      pause(spins);
    }
    return (int) (read.getPlain() & (BATCHES - 1)) * batch;
  }

  boolean canRead() {
    return written.getAcquire() != read.getPlain();
  }

  void endRead() {
    read.setRelease(read.getPlain() + 1);
  }

  private static void pause(int spins) {
    if (spins < SPINS) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }
}
