package io.caisson.collections;

import io.caisson.smr.Guard;

/**
 * The guard of an operation that changes a skip list, and what is left of its reservation. Where it
 * is used in one compiled method it is not allocated.
 */
final class SkipChange implements AutoCloseable {

  private final Guard guard;
  private final int allocatorNumber;
  private int blocks;
  private long byteSize;

  SkipChange(Guard guard, int allocatorNumber, int blocks, long byteSize) {
    this.guard = guard;
    this.allocatorNumber = allocatorNumber;
    this.blocks = blocks;
    this.byteSize = byteSize;
  }

  Guard guard() {
    return guard;
  }

  /** Returns the size of the largest block that can be retired besides one of another size. */
  long roomBeside(long kept) {
    return blocks > 1 ? Math.max(0, byteSize - kept) : 0;
  }

  /** Returns the size of the largest block that can be retired. */
  long room() {
    return blocks > 0 ? byteSize : 0;
  }

  void retireNode(long node) {
    retire(node, SkipNode.byteSize(node), SkipNode.ALIGNMENT);
  }

  /** Hands over a block that nothing leads to any more, and for which there is room. */
  void retire(long address, long size, long alignment) {
    blocks--;
    byteSize -= size;
    guard.retire(address, size, alignment, allocatorNumber);
  }

  @Override
  public void close() {
    guard.close();
  }
}
