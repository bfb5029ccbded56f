package io.caisson.stress.torture;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.SystemAllocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.stress.FreeList;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

/** Threads take a few blocks each and stamp them, and none may find the stamp of another. */
final class PoolTorture implements Torture {

  private static final int THREADS = 4;
  private static final int BLOCKS = 4;

  private final BiFunction<Allocator, Integer, FreeList> lists;

  PoolTorture(BiFunction<Allocator, Integer, FreeList> lists) {
    this.lists = lists;
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    try (Allocator parent = SystemAllocator.create();
        FreeList list = lists.apply(parent, BLOCKS)) {
      long end = System.nanoTime() + duration.toNanos();
      List<Future<?>> workers = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
        for (int i = 1; i <= THREADS; i++) {
          Worker worker = new Worker(list, i, new SplittableRandom(seed + i), end);
          workers.add(threads.submit(worker));
        }
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      requireEveryBlock(list);
    }
  }

  private static void requireEveryBlock(FreeList list) {
    Set<Long> blocks = new HashSet<>();
    int count = 0;
    for (long block = list.allocate(); block != 0 && count <= BLOCKS; block = list.allocate()) {
      blocks.add(block);
      count++;
    }
    if (count != BLOCKS || blocks.size() != BLOCKS) {
      throw new AssertionError(
          count + " blocks left, " + blocks.size() + " different ones; expected " + BLOCKS);
    }
  }

  /** What one thread does. */
  private record Worker(FreeList list, long stamp, SplittableRandom random, long end)
      implements Runnable {

    @Override
    public void run() {
      Deque<Long> blocks = new ArrayDeque<>();
      while (System.nanoTime() - end < 0) {
        for (int i = 0; i < 1000; i++) {
          step(blocks);
        }
      }
      blocks.forEach(this::give);
    }

    private void step(Deque<Long> blocks) {
      if (blocks.size() >= 2 || (!blocks.isEmpty() && random.nextBoolean())) {
        give(random.nextBoolean() ? blocks.removeFirst() : blocks.removeLast());
        return;
      }
      long block = list.allocate();
      if (block != Allocator.NULL) {
        Memory.putLong(block, stamp);
        blocks.add(block);
      }
    }

    private void give(long block) {
      if (Memory.getLong(block) != stamp) {
        throw new AssertionError("two threads had the block at 0x" + Long.toHexString(block));
      }
      list.free(block);
    }
  }
}
