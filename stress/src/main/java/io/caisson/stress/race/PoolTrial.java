package io.caisson.stress.race;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.stress.FreeList;
import java.util.HashSet;
import java.util.Set;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The steps of the race on a free list of three blocks: one thread takes two and gives the first
 * back, while another takes one. What is handed out then must be three different blocks.
 */
public final class PoolTrial {

  /** Where the blocks come from. */
  public static final Allocator PARENT = SystemAllocator.create();

  /** The blocks of a list. */
  public static final int BLOCKS = 3;

  private final FreeList list;
  private long second;
  private long taken;

  /** Creates a trial of a list, which it closes. */
  public PoolTrial(FreeList list) {
    this.list = list;
  }

  /** Takes two blocks and gives the first back. */
  public void takeTwoAndGiveOne() {
    long first = list.allocate();
    second = list.allocate();
    list.free(first);
  }

  /** Takes one block. */
  public void takeOne() {
    taken = list.allocate();
  }

  /** Takes the rest, and counts what was handed out, and how many blocks that was. */
  public void count(II_Result r) {
    Set<Long> different = new HashSet<>();
    different.add(second);
    different.add(taken);
    r.r1 = 2;
    for (long block = list.allocate();
        block != Allocator.NULL && r.r1 < 2 * BLOCKS;
        block = list.allocate()) {
      different.add(block);
      r.r1++;
    }
    r.r2 = different.size();
    list.close();
  }
}
