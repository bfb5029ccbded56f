package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.internal.Memory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/**
 * The race that a free list must survive (ABA), step by step in one thread: a thread stalls between
 * reading the top with its link and replacing it, while others take two blocks and give the first
 * back.
 */
class ConcurrentPoolRaceTest {

  /** A free list whose taking can be stopped half-way. */
  private interface FreeList {
    /** Reads the top. */
    long top();

    /** Reads what is below a top. */
    int below(long top);

    /** Takes the top off, unless it is another now. */
    boolean replaceTop(long top, int below);

    long allocate();

    void free(long block);
  }

  /** The real one, in a pool of three blocks. */
  private record Real(ConcurrentPoolAllocator pool) implements FreeList {

    @Override
    public long top() {
      return pool.top();
    }

    @Override
    public int below(long top) {
      return pool.below(top);
    }

    @Override
    public boolean replaceTop(long top, int below) {
      return pool.replaceTop(top, below);
    }

    @Override
    public long allocate() {
      return pool.allocate();
    }

    @Override
    public void free(long block) {
      pool.free(block);
    }
  }

  /** The same without a tag, and so broken: the blocks are three of 64 bytes in one. */
  private static final class Untagged implements FreeList {
    private final long blocks;
    private final AtomicInteger head = new AtomicInteger();
    private final AtomicIntegerArray links = new AtomicIntegerArray(new int[] {1, 2, -1});

    Untagged(long blocks) {
      this.blocks = blocks;
    }

    @Override
    public long top() {
      return head.get();
    }

    @Override
    public int below(long top) {
      return links.get((int) top);
    }

    @Override
    public boolean replaceTop(long top, int below) {
      return head.compareAndSet((int) top, below);
    }

    @Override
    public long allocate() {
      long top = top();
      assertTrue(replaceTop(top, below(top)));
      return blocks + 64 * top;
    }

    @Override
    public void free(long block) {
      int index = (int) ((block - blocks) / 64);
      links.set(index, head.get());
      head.set(index);
    }
  }

  /** Takes a block and marks it as an owner's. */
  private static long take(FreeList list, long stamp) {
    long block = list.allocate();
    Memory.putLong(block, stamp);
    return block;
  }

  /** The checker: whoever has a block finds his own stamp in it. */
  private static void check(long block, long stamp) {
    if (Memory.getLong(block) != stamp) {
      throw new AssertionError("the block was handed out twice");
    }
  }

  /** Runs the race and returns whether the stalled thread believed that it took the top. */
  private static boolean race(FreeList list) {
    long stalledTop = list.top();
    int stalledBelow = list.below(stalledTop);
    long first = take(list, 1);
    long second = take(list, 2);
    list.free(first);
    boolean took = list.replaceTop(stalledTop, stalledBelow);
    long third = take(list, 3);
    check(second, 2);
    check(third, 3);
    list.free(second);
    list.free(third);
    return took;
  }

  private static ConcurrentPoolAllocator pool(Allocator parent) {
    return new ConcurrentPoolAllocator(parent, "race", 64, 8, 3, PoolPolicy.FIXED);
  }

  @Test
  void replaceTop_afterTheSameBlockCameBack_fails() {
    try (Allocator parent = Allocators.system();
        ConcurrentPoolAllocator pool = pool(parent)) {
      assertFalse(race(new Real(pool)));
      pool.checkInvariants();
      assertEquals(3, pool.stats().freeBlocks());
    }
  }

  /** The canary: without a tag the very same steps hand a block out twice, and the checker sees. */
  @Test
  void replaceTop_withoutATag_isCaught() {
    try (Allocator parent = Allocators.system()) {
      long blocks = parent.allocate(3 * 64, 8);
      AssertionError caught = assertThrows(AssertionError.class, () -> race(new Untagged(blocks)));
      assertTrue(caught.getMessage().contains("handed out twice"), caught::getMessage);
      parent.free(blocks, 3 * 64, 8);
    }
  }

  /** A stalled thread may look below a block that is out: it reads a link, not the user's bytes. */
  @Test
  void below_aBlockThatIsOut_isHarmless() {
    try (Allocator parent = Allocators.system();
        ConcurrentPoolAllocator pool = pool(parent)) {
      long stalledTop = pool.top();
      long block = pool.allocate();
      Memory.fill(block, 64, (byte) 0x7F);
      int below = pool.below(stalledTop);
      assertTrue(below < 3, () -> "read " + below);
      assertFalse(pool.replaceTop(stalledTop, below));
      pool.free(block);
      pool.checkInvariants();
    }
  }

  @Test
  void checkInvariants_poolsInUse_hold() {
    try (Allocator parent = Allocators.system();
        PoolAllocator single = new PoolAllocator(parent, "single", 24, 8, 5, PoolPolicy.GROW);
        ConcurrentPoolAllocator shared =
            new ConcurrentPoolAllocator(parent, "shared", 24, 8, 5, PoolPolicy.GROW)) {
      long[] blocks = new long[34];
      for (int i = 0; i < blocks.length; i++) {
        blocks[i] = i % 2 == 0 ? single.allocate() : shared.allocate();
        single.checkInvariants();
        shared.checkInvariants();
      }
      for (int i = 0; i < blocks.length; i++) {
        if (i % 2 == 0) {
          single.free(blocks[i]);
        } else {
          shared.free(blocks[i]);
        }
        single.checkInvariants();
        shared.checkInvariants();
      }
    }
  }
}
