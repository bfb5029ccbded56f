package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.SlabAllocator;
import io.caisson.alloc.internal.Memory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SlabAllocatorTest implements AllocatorContract {

  private final AccountedAllocator parent = Allocators.system();

  @Override
  public Allocator newAllocator() {
    return new SlabAllocator(parent);
  }

  @Override
  public boolean knowsItsBlocks() {
    return true;
  }

  @AfterEach
  void parentHasEverythingBack() {
    assertEquals(0, parent.stats().liveBytes());
    parent.close();
  }

  /** The same contract, with bins for every size up to 8 KiB. */
  @Nested
  class ManyBins implements AllocatorContract {
    @Override
    public Allocator newAllocator() {
      return SlabAllocator.builder(parent).binsUpTo(8192).build();
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }
  }

  @Test
  void allocate_eachSizeUpToTheLargestBin_isServedByTheLeastBinThatFits() {
    try (SlabAllocator slab = new SlabAllocator(parent)) {
      List<TestBlock> blocks = new ArrayList<>();
      for (int size = 1; size <= 256; size++) {
        TestBlock block = TestBlock.allocate(slab, size, 8, size);
        int bin = size <= 32 ? 32 : Integer.highestOneBit(size - 1) << 1;
        assertEquals(0, block.address() & (bin - 1), "natural alignment of size " + size);
        blocks.add(block);
      }
      assertEquals(256, slab.liveBlocks());
      assertEquals(4, slab.superblocks());
      blocks.forEach(TestBlock::checkAndFree);
      assertEquals(0, slab.liveBlocks());
    }
  }

  @Test
  void allocate_aroundTheLargestBin_fallsBackToTheParentAboveIt() {
    try (SlabAllocator slab = new SlabAllocator(parent)) {
      long live = parent.stats().liveBlocks();
      long inside = slab.allocate(256, 8);
      assertEquals(live + 1, parent.stats().liveBlocks()); // the region
      long outside = slab.allocate(257, 8);
      assertEquals(live + 2, parent.stats().liveBlocks());
      long aligned = slab.allocate(16, 512);
      assertEquals(0, aligned & 511);
      assertEquals(live + 3, parent.stats().liveBlocks());
      assertEquals(3, slab.liveBlocks());
      slab.free(outside, 257, 8);
      slab.free(aligned, 16, 512);
      assertEquals(live + 1, parent.stats().liveBlocks());
      slab.free(inside, 256, 8);
    }
  }

  @Test
  void allocate_alignedMoreThanItsBin_isServedByOneThatIsAligned() {
    try (SlabAllocator slab = SlabAllocator.builder(parent).binsUpTo(1024).build()) {
      long first = slab.allocate(80, 64); // a block of 80 bytes would be aligned to 16
      long live = parent.stats().liveBlocks();
      long second = slab.allocate(80, 64);
      assertEquals(live, parent.stats().liveBlocks());
      assertEquals(0, (first | second) & 63);
      assertEquals(1, slab.superblocks());
      slab.free(first, 80, 64);
      slab.free(second, 80, 64);
    }
  }

  @Test
  void free_thenAllocate_reusesTheBlockFreedLast() {
    if (BlockRegistry.isActive()) {
      return; // the quarantine of checked memory keeps freed blocks back
    }
    try (SlabAllocator slab = new SlabAllocator(parent)) {
      long a = slab.allocate(64, 8);
      long b = slab.allocate(64, 8);
      slab.free(a, 64, 8);
      slab.free(b, 64, 8);
      assertEquals(b, slab.allocate(64, 8));
      assertEquals(a, slab.allocate(64, 8));
      slab.free(a, 64, 8);
      slab.free(b, 64, 8);
    }
  }

  @Test
  void trim_everythingFreed_givesAllSuperblocksBack() {
    try (SlabAllocator slab = SlabAllocator.builder(parent).superblocksPerRegion(1).build()) {
      long before = parent.stats().liveBytes();
      List<TestBlock> blocks = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        blocks.add(TestBlock.allocate(slab, 1 + i % 256, 8, i));
      }
      assertTrue(slab.superblocks() > 20);
      assertEquals(before + (slab.superblocks() << 16), parent.stats().liveBytes());
      Collections.shuffle(blocks, new Random(1));
      blocks.forEach(TestBlock::checkAndFree);
      if (!BlockRegistry.isActive()) {
        slab.trim();
        assertEquals(0, slab.superblocks());
        assertEquals(before, parent.stats().liveBytes());
      }
    }
  }

  @Test
  void close_blocksOut_throwsWithTheirNumberAndStaysOpen() {
    SlabAllocator slab = new SlabAllocator(parent);
    TestBlock small = TestBlock.allocate(slab, 40, 8, 1);
    TestBlock large = TestBlock.allocate(slab, 4000, 8, 1);
    IllegalStateException out = assertThrows(IllegalStateException.class, slab::close);
    assertTrue(out.getMessage().contains("2 blocks"), out::getMessage);
    small.checkAndFree();
    large.checkAndFree();
    slab.close();
    assertThrows(IllegalStateException.class, () -> slab.allocate(40, 8));
    assertThrows(IllegalStateException.class, () -> slab.allocate(4000, 8));
  }

  @Test
  void closeForcibly_blocksOut_releasesEverySuperblock() {
    SlabAllocator slab = new SlabAllocator(parent);
    for (int i = 0; i < 10_000; i++) {
      assertNotEquals(Allocator.NULL, slab.allocate(100, 8));
    }
    slab.closeForcibly();
    assertEquals(0, slab.superblocks());
    assertEquals(0, slab.heldBytes());
  }

  @Test
  void resize_withinTheBin_staysInPlace() {
    try (SlabAllocator slab = new SlabAllocator(parent)) {
      long address = slab.allocate(40, 8);
      assertTrue(slab.resize(address, 40, 64, 8));
      assertFalse(slab.resize(address, 64, 65, 8));
      assertFalse(slab.resize(address, 64, 32, 8));
      assertTrue(slab.resize(address, 64, 33, 8));
      slab.free(address, 33, 8);
    }
  }

  @Test
  void build_badBins_throws() {
    SlabAllocator.Builder builder = SlabAllocator.builder(parent);
    assertThrows(IllegalArgumentException.class, builder::bins);
    assertThrows(IllegalArgumentException.class, () -> builder.bins(32, 32));
    assertThrows(IllegalArgumentException.class, () -> builder.bins(40));
    assertThrows(IllegalArgumentException.class, () -> builder.bins(0));
    assertThrows(IllegalArgumentException.class, () -> builder.bins(32, 32 << 10));
    assertThrows(IllegalArgumentException.class, () -> builder.binsUpTo(100));
    assertThrows(IllegalArgumentException.class, () -> builder.superblocksPerRegion(0));
    try (ArenaAllocator arena = new ArenaAllocator(parent, "test", 64)) {
      assertThrows(IllegalArgumentException.class, () -> new SlabAllocator(arena));
    }
  }

  @Test
  void binsOtherThanPowersOfTwo_keepAlignmentAndContent() {
    try (SlabAllocator slab = SlabAllocator.builder(parent).bins(48, 96, 208, 1200).build()) {
      List<TestBlock> blocks = new ArrayList<>();
      for (int i = 0; i < 5000; i++) {
        blocks.add(TestBlock.allocate(slab, 1 + i % 1300, 1L << i % 8, i));
      }
      blocks.forEach(TestBlock::checkAndFree);
      assertEquals(0, slab.liveBlocks());
    }
  }

  @Test
  void everyOperation_parentFails_leavesTheSlabSound() {
    long swept =
        OomSweep.of(SlabAllocator::new)
            .steps(
                3,
                "allocate and free",
                (slab, i) -> {
                  long address = slab.allocate(100 * (i + 1L), 8);
                  if (address == Allocator.NULL) {
                    throw slab.failure(100 * (i + 1L), 8);
                  }
                  slab.free(address, 100 * (i + 1L), 8);
                })
            .contents(SlabAllocator::liveBlocks)
            .run();
    assertTrue(swept >= 2, "only " + swept + " allocations");
  }

  @Test
  void allocate_parentExhausted_returnsNullUntilABlockIsFreed() {
    MockAllocator mock = new MockAllocator(parent).failAfter(3);
    try (SlabAllocator slab = SlabAllocator.builder(mock).superblocksPerRegion(1).build()) {
      List<Long> blocks = new ArrayList<>();
      for (long block = slab.allocate(256, 8);
          block != Allocator.NULL;
          block = slab.allocate(256, 8)) {
        blocks.add(block);
      }
      assertEquals(2 * 255, blocks.size());
      assertEquals(256, slab.failure(256, 8).byteSize());
      assertEquals(Allocator.NULL, slab.allocate(257, 8));
      blocks.forEach(block -> slab.free(block, 256, 8));
    }
  }

  @Test
  void threads_handingBlocksOver_neverShareOne() throws Exception {
    long seed = System.nanoTime();
    System.out.println("threads_handingBlocksOver: seed " + seed);
    handOver(Thread.ofPlatform().factory(), 4, 10_000, seed);
  }

  @Test
  void virtualThreads_moreThanStripes_neverShareABlock() throws Exception {
    long seed = System.nanoTime();
    System.out.println("virtualThreads_moreThanStripes: seed " + seed);
    handOver(Thread.ofVirtual().factory(), 300, 150, seed);
  }

  /**
   * Lets threads allocate blocks, stamp them, swap them with others through slots, and free what
   * they get after checking its stamp: a block handed out twice loses the stamp of one of the two.
   */
  private void handOver(ThreadFactory threads, int count, int rounds, long seed)
      throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (SlabAllocator slab = SlabAllocator.builder(parent).superblocksPerRegion(2).build()) {
      AtomicReferenceArray<TestBlock> slots = new AtomicReferenceArray<>(256);
      CountDownLatch allStarted = new CountDownLatch(count);
      List<Thread> running = new ArrayList<>();
      for (int t = 0; t < count; t++) {
        Random random = new Random(seed + t);
        Thread thread =
            threads.newThread(() -> {
              allStarted.countDown();
              try {
                allStarted.await(); // so that all live at once, more than there are stripes
                for (int i = 0; i < rounds; i++) {
                  TestBlock mine =
                      TestBlock.allocate(slab, 1 + random.nextInt(300), 8, random.nextLong());
                  TestBlock other = slots.getAndSet(random.nextInt(slots.length()), mine);
                  if (other != null) {
                    other.checkAndFree();
                  }
                }
              } catch (Throwable e) {
                thrown.compareAndSet(null, e);
              }
            });
        running.add(thread);
        thread.start();
      }
      for (Thread thread : running) {
        thread.join();
      }
      for (int i = 0; i < slots.length(); i++) {
        if (slots.get(i) != null) {
          slots.get(i).checkAndFree();
        }
      }
      assertEquals(null, thrown.get());
      if (!BlockRegistry.isActive()) {
        assertEquals(0, slab.liveBlocks());
      }
    }
  }

  @Test
  void threadsThatDie_leaveTheirStripesToOthers() throws InterruptedException {
    try (SlabAllocator slab = new SlabAllocator(parent)) {
      for (int i = 0; i < 500; i++) {
        Thread.ofPlatform().start(() -> slab.free(slab.allocate(64, 8), 64, 8)).join();
      }
      assertTrue(slab.superblocks() <= 3, slab.superblocks() + " superblocks");
      long address = slab.allocateZeroed(64, 8);
      assertEquals(0, Memory.getLong(address));
      slab.free(address, 64, 8);
    }
  }
}
