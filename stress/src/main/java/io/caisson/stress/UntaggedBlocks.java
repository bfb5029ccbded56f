package io.caisson.stress;

import io.caisson.alloc.Allocator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * A free list without a tag, and so open to ABA: what a check of {@link PooledBlocks} must catch.
 */
public final class UntaggedBlocks implements FreeList {

  private static final int END = -1;

  private final Allocator parent;
  private final long blocks;
  private final AtomicInteger head = new AtomicInteger();
  private final AtomicIntegerArray links;

  /** Creates a list of some blocks of 64 bytes. */
  public UntaggedBlocks(Allocator parent, int count) {
    this.parent = parent;
    this.blocks = parent.allocateZeroed(64L * count, 8);
    this.links = new AtomicIntegerArray(count);
    for (int i = 0; i < count; i++) {
      links.setPlain(i, i + 1 < count ? i + 1 : END);
    }
  }

  @Override
  public long allocate() {
    while (true) {
      int top = head.get();
      if (top == END) {
        return Allocator.NULL;
      }
      if (head.compareAndSet(top, links.get(top))) {
        return blocks + 64L * top;
      }
    }
  }

  @Override
  public void free(long block) {
    int index = (int) ((block - blocks) / 64);
    int top;
    do {
      top = head.get();
      links.set(index, top);
    } while (!head.compareAndSet(top, index));
  }

  @Override
  public void close() {
    parent.free(blocks, 64L * links.length(), 8);
  }
}
