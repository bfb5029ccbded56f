package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.AllocatorStats;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.BlockRegistry;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.MimallocAllocator;
import io.caisson.alloc.internal.CacheLine;
import io.caisson.alloc.internal.Memory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Run twice: with the library of {@code caisson-mimalloc}, and with the system's if it has one. */
class MimallocAllocatorTest implements AllocatorContract {

  private static final AllocatorStats NOTHING = new AllocatorStats(0, 0, 0, 0, 0, 0, 0, 0);

  /** The system's library may be missing; the one of the artifact must not be. */
  @BeforeAll
  static void requireLibrary() {
    if ("system".equals(System.getProperty("caisson.test.mimalloc"))) {
      assumeTrue(MimallocAllocator.isAvailable(), "the system has no mimalloc");
    } else {
      assertEquals("caisson-mimalloc", MimallocAllocator.origin());
    }
    System.out.println(
        "mimalloc " + MimallocAllocator.version() + " from " + MimallocAllocator.origin());
  }

  @Override
  public Allocator newAllocator() {
    return MimallocAllocator.load();
  }

  @Override
  public boolean knowsItsBlocks() {
    return BlockRegistry.isActive();
  }

  // ---- alignment ------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(longs = {8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096})
  void everyKindOfAllocation_everySize_isAligned(long alignment) {
    int step = BlockRegistry.isActive() ? 29 : 1;
    Deque<TestRange> kept = new ArrayDeque<>();
    try (Allocator allocator = newAllocator()) {
      for (long size = 1; size <= 8192; size += step) {
        long plain = checked(allocator.allocate(size, alignment), size, alignment);
        long zeroed = checked(allocator.allocateZeroed(size, alignment), size, alignment);
        assertEquals(0, Memory.getByte(zeroed));
        assertEquals(0, Memory.getByte(zeroed + size - 1));
        long other = 8193 - size;
        long moved = allocator.reallocate(plain, size, other, alignment);
        checked(moved, other, alignment);
        kept.add(new TestRange(moved, other));
        kept.add(new TestRange(zeroed, size));
        while (kept.size() > 64) {
          kept.remove().free(allocator, alignment);
        }
      }
      kept.forEach(range -> range.free(allocator, alignment));
    }
  }

  private record TestRange(long address, long byteSize) {
    void free(Allocator allocator, long byteAlignment) {
      allocator.free(address, byteSize, byteAlignment);
    }
  }

  private static long checked(long address, long byteSize, long byteAlignment) {
    assertNotEquals(Allocator.NULL, address);
    if ((address & (byteAlignment - 1)) != 0) {
      throw new AssertionError(
          byteSize + " bytes aligned to " + byteAlignment + " are at " + Long.toHexString(address));
    }
    return address;
  }

  @Test
  void allocate_alignmentOfManyPages_isAlignedOrNull() {
    try (Allocator allocator = newAllocator()) {
      for (long alignment = 8192; alignment <= 1L << 40; alignment <<= 1) {
        long address = allocator.allocate(100, alignment);
        assertEquals(0, address & (alignment - 1));
        assertTrue(address != Allocator.NULL || alignment > 1 << 27, "alignment " + alignment);
        allocator.free(address, 100, alignment);
      }
    }
  }

  // ---- calloc, nodes, sizes -------------------------------------------------------------------

  @Test
  void calloc_productOverflowsOrIsZero_isRefused() {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      long[][] refused = {
        {Long.MAX_VALUE, 2},
        {2, Long.MAX_VALUE},
        {1L << 32, 1L << 31},
        {1L << 32, 1L << 32},
        {-1, 1},
        {1, -1},
        {-1, -1},
        {0, 8},
        {8, 0},
      };
      for (long[] pair : refused) {
        assertThrows(IllegalArgumentException.class, () -> allocator.calloc(pair[0], pair[1]));
      }
      assertEquals(Allocator.NULL, allocator.calloc(Long.MAX_VALUE, 1));
      assertEquals(Allocator.NULL, allocator.calloc(1L << 31, 1L << 31));
    }
  }

  @Test
  void calloc_afterUse_isZero() {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      for (long count = 1; count <= 4096; count *= 4) {
        TestBlock.allocate(allocator, count * 24, 16, 7).checkAndFree();
        long address = allocator.calloc(count, 24);
        assertEquals(0, address & 15);
        for (long i = 0; i < count * 24; i++) {
          assertEquals(0, Memory.getByte(address + i));
        }
        allocator.free(address, count * 24, Allocator.DEFAULT_ALIGNMENT);
      }
    }
  }

  @Test
  void allocateNode_anySize_isWholeCacheLines() {
    long line = CacheLine.BYTE_SIZE;
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      allocator.enableStats(true);
      long expected = 0;
      List<TestRange> nodes = new ArrayList<>();
      for (long size = 1; size <= 1000; size++) {
        long rounded = MimallocAllocator.nodeByteSize(size);
        assertEquals((size + line - 1) / line * line, rounded);
        long address = checked(allocator.allocateNode(size), size, line);
        Memory.fill(address, rounded, (byte) size);
        nodes.add(new TestRange(address, size));
        expected += rounded;
      }
      assertEquals(expected, allocator.stats().liveBytes());
      nodes.forEach(node -> allocator.freeNode(node.address, node.byteSize));
      assertEquals(0, allocator.stats().liveBytes());
      allocator.freeNode(Allocator.NULL, 1);
      assertEquals(Allocator.NULL, allocator.allocateNode(Long.MAX_VALUE));
      assertThrows(IllegalArgumentException.class, () -> allocator.allocateNode(0));
    }
  }

  @Test
  void usableSize_anyBlock_isAtLeastItsSize() {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      for (long size : new long[] {1, 8, 9, 100, 5000, 1 << 20}) {
        for (long alignment : new long[] {1, 16, 64, 4096}) {
          long address = allocator.allocate(size, alignment);
          long usable = allocator.usableSize(address);
          assertTrue(usable >= size, size + " aligned to " + alignment + " has " + usable);
          assertTrue(allocator.resize(address, size, usable, alignment) || usable == size);
          Memory.fill(address, usable, (byte) 1);
          allocator.free(address, usable, alignment);
        }
      }
      assertThrows(IllegalArgumentException.class, () -> allocator.usableSize(Allocator.NULL));
    }
  }

  @Test
  void freeUnsized_anyBlock_frees() {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      allocator.freeUnsized(Allocator.NULL);
      for (long size = 1; size < 1 << 22; size *= 3) {
        TestBlock block = TestBlock.allocate(allocator, size, 64, size);
        allocator.freeUnsized(block.address());
      }
    }
  }

  @Test
  void freeUnsized_twiceInCheckedMode_throws() {
    assumeTrue(BlockRegistry.isActive());
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      long address = allocator.allocate(24, 8);
      assertThrows(CheckedMemoryException.class, () -> allocator.freeUnsized(address + 8));
      allocator.freeUnsized(address);
      assertThrows(CheckedMemoryException.class, () -> allocator.freeUnsized(address));
      assertThrows(CheckedMemoryException.class, () -> Memory.getByte(address));
    }
  }

  // ---- threads --------------------------------------------------------------------------------

  private static ExecutorService executor(String kind) {
    return kind.equals("virtual")
        ? Executors.newVirtualThreadPerTaskExecutor()
        : Executors.newCachedThreadPool();
  }

  @ParameterizedTest
  @ValueSource(strings = {"platform", "virtual"})
  void free_inWhateverThread_damagesNothing(String kind) throws Exception {
    long seed = System.nanoTime();
    System.out.println("free_inWhateverThread: seed " + seed + ", " + kind);
    int threads = 16;
    BlockingQueue<TestBlock> exchange = new LinkedBlockingQueue<>();
    try (AccountedAllocator allocator = Allocators.mimalloc()) {
      List<Future<?>> running = new ArrayList<>();
      try (ExecutorService executor = executor(kind)) {
        for (int t = 0; t < threads; t++) {
          Random random = new Random(seed + t);
          running.add(executor.submit(() -> exchangeBlocks(allocator, exchange, random)));
        }
      }
      for (Future<?> thread : running) {
        thread.get();
      }
      exchange.forEach(TestBlock::checkAndFree);
      assertEquals(0, allocator.stats().liveBytes());
    }
  }

  private static void exchangeBlocks(
      Allocator allocator, BlockingQueue<TestBlock> exchange, Random random) {
    for (int i = 0; i < 3000; i++) {
      // Where the queue is contended, a virtual thread parks and may go on on another carrier.
      long size = 1L + random.nextInt(random.nextInt(200) == 0 ? 50_000 : 500);
      exchange.add(TestBlock.allocate(allocator, size, 1L << random.nextInt(9), i));
      TestBlock block = random.nextInt(50) == 0 ? null : exchange.poll();
      if (block != null && random.nextInt(4) == 0) {
        block = block.reallocate(size);
      }
      if (block != null) {
        block.checkAndFree();
      }
    }
  }

  @Test
  void threadInit_threadThatOnlyFrees_works() throws InterruptedException {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      List<TestBlock> blocks = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        blocks.add(TestBlock.allocate(allocator, 1 + i, 16, i));
      }
      Thread.ofPlatform()
          .start(() -> {
            allocator.threadInit();
            allocator.threadInit();
            blocks.forEach(TestBlock::checkAndFree);
            allocator.collect(false);
          })
          .join();
      allocator.collect(true);
    }
  }

  @Test
  void allocate_threadsThatDie_leaveTheirBlocksWhole() throws InterruptedException {
    try (Allocator allocator = newAllocator()) {
      List<TestBlock> left = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        int pattern = i;
        Thread.ofPlatform()
            .start(() -> left.add(TestBlock.allocate(allocator, 1 + pattern * 10, 32, pattern)))
            .join();
      }
      left.forEach(TestBlock::checkAndFree);
    }
  }

  // ---- statistics -----------------------------------------------------------------------------

  @Test
  void stats_notEnabled_countNothing() {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      allocator.free(allocator.allocate(8, 8), 8, 8);
      assertEquals(NOTHING, allocator.stats());
      allocator.resetStats();
      allocator.free(allocator.allocate(8, 8), 8, 8);
      assertEquals(NOTHING, allocator.stats());
    }
  }

  @Test
  void stats_everyOperation_areExact() {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      allocator.enableStats(true);
      long a = allocator.allocate(100, 8);
      long b = allocator.calloc(10, 100);
      assertEquals(new AllocatorStats(2, 1100, 1100, 2, 0, 1100, 0, 0), allocator.stats());
      assertEquals(allocator.stats(), allocator.stats());
      allocator.free(b, 1000, 16);
      allocator.free(Allocator.NULL, 1000, 16);
      assertEquals(Allocator.NULL, allocator.allocate(Long.MAX_VALUE, 8));
      assertEquals(Allocator.NULL, allocator.reallocate(a, 100, Long.MAX_VALUE, 8));
      assertEquals(new AllocatorStats(1, 100, 1100, 2, 1, 1100, 1000, 2), allocator.stats());
      a = allocator.reallocate(a, 100, 5000, 8);
      assertTrue(allocator.resize(a, 5000, 5001, 8));
      assertEquals(new AllocatorStats(1, 5001, 5001, 2, 1, 6001, 1000, 2), allocator.stats());
      allocator.freeUnsized(a);
      assertEquals(new AllocatorStats(0, 5001, 5001, 2, 2, 6001, 1000, 2), allocator.stats());
      allocator.resetStats();
      assertEquals(NOTHING, allocator.stats());
      allocator.free(allocator.allocate(8, 8), 8, 8);
      assertEquals(new AllocatorStats(0, 0, 8, 1, 1, 8, 8, 0), allocator.stats());
    }
  }

  @Test
  void stats_disabled_keepTheFigures() {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      allocator.enableStats(true);
      long counted = allocator.allocate(100, 8);
      allocator.enableStats(false);
      allocator.free(counted, 100, 8);
      long notCounted = allocator.allocate(200, 8);
      assertEquals(100, allocator.stats().liveBytes());
      allocator.enableStats(true);
      allocator.free(notCounted, 200, 8);
      AllocatorStats stats = allocator.stats();
      assertEquals(0, stats.liveBytes());
      assertEquals(-100, stats.allocatedBytes() - stats.freedBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"platform", "virtual"})
  void stats_manyThreads_agreeOnceQuiet(String kind) throws Exception {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      allocator.enableStats(true);
      int threads = 100;
      CountDownLatch all = new CountDownLatch(threads);
      List<Future<?>> running = new ArrayList<>();
      try (ExecutorService executor = executor(kind)) {
        for (int t = 0; t < threads; t++) {
          running.add(
              executor.submit(() -> {
                all.countDown();
                all.await();
                for (int i = 1; i <= 200; i++) {
                  allocator.free(allocator.allocate(i, 8), i, 8);
                }
                return null;
              }));
        }
      }
      for (Future<?> thread : running) {
        thread.get();
      }
      AllocatorStats stats = allocator.stats();
      assertEquals(200L * threads, stats.allocations());
      assertEquals(stats.allocations(), stats.frees());
      assertEquals(100L * 201 * threads, stats.allocatedBytes());
      assertEquals(0, stats.liveBytes());
    }
  }

  @Test
  void libraryStats_byVersion_areJsonOrUnsupported() {
    try (MimallocAllocator allocator = MimallocAllocator.load()) {
      if (MimallocAllocator.versionNumber() < 300) {
        String refusal =
            assertThrows(UnsupportedOperationException.class, allocator::libraryStats).getMessage();
        assertTrue(refusal.contains(MimallocAllocator.version()), refusal);
      } else {
        String json = allocator.libraryStats().strip();
        assertTrue(json.startsWith("{") && json.endsWith("}"), json);
        assertTrue(json.contains("\"mimalloc_version\": " + MimallocAllocator.versionNumber()));
      }
    }
  }

  // ---- closing, and the factories -------------------------------------------------------------

  @Test
  void closeForcibly_isUnsupported() {
    try (Allocator allocator = newAllocator()) {
      assertThrows(UnsupportedOperationException.class, allocator::closeForcibly);
    }
  }

  @Test
  void free_afterCloseInNativeMode_works() {
    assumeFalse(BlockRegistry.isActive());
    Allocator allocator = newAllocator();
    TestBlock block = TestBlock.allocate(allocator, 100, 8, 1);
    allocator.close();
    block.checkAndFree();
  }

  @Test
  void heap_libraryFound_isMimalloc() {
    try (AccountedAllocator allocator = Allocators.heap()) {
      assertEquals("mimalloc", allocator.name());
      assertEquals(MimallocAllocator.class, allocator.raw().getClass());
      long address = allocator.allocate(64, 8);
      assertEquals(64, allocator.stats().liveBytes());
      allocator.free(address, 64, 8);
      assertFalse(MimallocAllocator.version().isBlank());
    }
  }
}
