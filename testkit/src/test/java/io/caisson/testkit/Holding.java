package io.caisson.testkit;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import java.util.ArrayList;
import java.util.List;

/** Blocks held of an allocator, for a sweep of the allocator's own bookkeeping. */
final class Holding implements AutoCloseable {

  private final Allocator allocator;
  private final List<TestBlock> blocks = new ArrayList<>();

  Holding(Allocator allocator) {
    this.allocator = allocator;
  }

  void take(long byteSize) {
    long address = Allocations.allocate(allocator, byteSize, 8);
    int pattern = blocks.size();
    blocks.add(TestBlock.filled(allocator, address, byteSize, 8, pattern));
  }

  /** Reallocates the block taken last, if there is any. */
  void reallocateLast(long byteSize) {
    if (blocks.isEmpty()) {
      return;
    }
    TestBlock last = blocks.getLast();
    long address = Allocations.reallocate(allocator, last.address(), last.byteSize(), byteSize, 8);
    blocks.removeLast();
    blocks.add(last.movedTo(address, byteSize));
  }

  /** Returns the size of each block, having checked its bytes. */
  List<Long> contents() {
    blocks.forEach(TestBlock::check);
    return blocks.stream().map(TestBlock::byteSize).toList();
  }

  @Override
  public void close() {
    blocks.forEach(TestBlock::checkAndFree);
    allocator.close();
  }
}
