package io.caisson.smr;

import io.caisson.alloc.Allocator;
import io.caisson.stress.FreeList;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** A free list on the stack that keeps bags and spare locals. */
@NullMarked
public final class NumberedBlocks implements FreeList {

  private static final long BLOCK_SIZE = 64;

  private final Allocator parent;
  private final int count;
  private final long blocks;
  private final Roll<Numbered> roll = new Roll<>(Numbered::new);
  private final VersionedStack<Numbered> stack = new VersionedStack<>(roll);

  /** Creates a list of some blocks. */
  public NumberedBlocks(Allocator parent, int count) {
    this.parent = parent;
    this.count = count;
    blocks = parent.allocateZeroed(count * BLOCK_SIZE, Long.BYTES);
    for (int i = 0; i < count; i++) {
      stack.push(roll.add());
    }
  }

  @Override
  public long allocate() {
    @Nullable Numbered top = stack.pop();
    return top == null ? Allocator.NULL : blocks + top.number * BLOCK_SIZE;
  }

  @Override
  public void free(long block) {
    stack.push(roll.get((int) ((block - blocks) / BLOCK_SIZE)));
  }

  @Override
  public void close() {
    parent.free(blocks, count * BLOCK_SIZE, Long.BYTES);
  }
}
