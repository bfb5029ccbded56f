package io.caisson.stress.check;

import io.caisson.alloc.internal.Memory;
import io.caisson.stress.FreeList;
import java.util.concurrent.atomic.AtomicLong;

/** Takes blocks and marks them as let: whoever finds a mark has a block that somebody else has. */
public final class PoolTenants {

  private static final long LET = 1;

  private final FreeList list;
  private final AtomicLong kept = new AtomicLong();

  /** Lets the blocks of a list. */
  public PoolTenants(FreeList list) {
    this.list = list;
  }

  /** Takes a block and keeps it, in the place of the one kept before. */
  public boolean keep() {
    long block = list.allocate();
    boolean mine = enter(block);
    long before = kept.getAndSet(block);
    if (before != 0) {
      leave(before);
    }
    return mine;
  }

  /** Takes two blocks, and gives them back in the order taken. */
  public boolean takeTwo() {
    long first = list.allocate();
    long second = list.allocate();
    boolean firstIsMine = enter(first);
    boolean mine = enter(second) && firstIsMine;
    leave(first);
    leave(second);
    return mine;
  }

  private static boolean enter(long block) {
    if (block == 0) {
      return true;
    }
    long before = Memory.getLongAcquire(block);
    return before != LET && Memory.compareAndSetLong(block, before, LET);
  }

  private void leave(long block) {
    if (block != 0) {
      Memory.putLongRelease(block, 0);
      list.free(block);
    }
  }
}
