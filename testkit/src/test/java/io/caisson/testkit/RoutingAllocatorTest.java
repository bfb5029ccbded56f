package io.caisson.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.ConcurrentPoolAllocator;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.PoolPolicy;
import io.caisson.alloc.RoutingAllocator;
import io.caisson.alloc.ZeroOnFreeAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Routes to an allocator for each size. */
class RoutingAllocatorTest implements AllocatorContract {

  private final AccountedAllocator small = Allocators.system();
  private final AccountedAllocator medium = Allocators.system();
  private final AccountedAllocator large = Allocators.system();
  private final List<Allocator> toClose = new ArrayList<>();

  @Override
  public Allocator newAllocator() {
    // Its own ones each time, so that a block of another router's is a foreign one.
    Allocator pool = new ConcurrentPoolAllocator(small, "small", 256, 64, 32, PoolPolicy.GROW);
    toClose.add(pool);
    return new RoutingAllocator("test", pool, medium, large);
  }

  @Override
  public boolean knowsItsBlocks() {
    return false;
  }

  @AfterEach
  void nothingIsOut() {
    toClose.forEach(Allocator::close);
    for (AccountedAllocator route : List.of(small, medium, large)) {
      assertEquals(0, route.stats().liveBytes());
      route.close();
    }
  }

  private RoutingAllocator routing() {
    return new RoutingAllocator("routing", small, medium, large);
  }

  private void assertLive(long smallBytes, long mediumBytes, long largeBytes) {
    assertEquals(
        List.of(smallBytes, mediumBytes, largeBytes),
        List.of(small.stats().liveBytes(), medium.stats().liveBytes(), large.stats().liveBytes()));
  }

  @Test
  void allocate_atTheThresholds_goesWhereTheSizeBelongs() {
    try (RoutingAllocator routing = routing()) {
      long a = routing.allocate(1023, 8);
      assertLive(1023, 0, 0);
      long b = routing.allocate(1024, 8);
      assertLive(1023, 1024, 0);
      long c = routing.allocateZeroed(65535, 8);
      assertLive(1023, 1024 + 65535, 0);
      long d = routing.allocate(65536, 8);
      assertLive(1023, 1024 + 65535, 65536);
      routing.free(b, 1024, 8);
      routing.free(d, 65536, 8);
      routing.free(a, 1023, 8);
      routing.free(c, 65535, 8);
    }
  }

  @Test
  void resize_acrossAThreshold_isRefused() {
    try (RoutingAllocator routing = routing()) {
      long block = routing.allocate(1020, 8);
      assertFalse(routing.resize(block, 1020, 1024, 8));
      assertTrue(routing.resize(block, 1020, 1019, 8));
      routing.free(block, 1019, 8);
      long edge = routing.allocate(1024, 8);
      assertFalse(routing.resize(edge, 1024, 1023, 8));
      routing.free(edge, 1024, 8);
    }
  }

  @Test
  void reallocate_acrossThresholds_moves() {
    try (RoutingAllocator routing = routing()) {
      TestBlock block = TestBlock.allocate(routing, 100, 8, 1).reallocate(1000);
      assertLive(1000, 0, 0);
      block = block.reallocate(2000);
      assertLive(0, 2000, 0);
      block = block.reallocate(100_000);
      assertLive(0, 0, 100_000);
      block = block.reallocate(10);
      assertLive(10, 0, 0);
      block.checkAndFree();
    }
  }

  @Test
  void reallocate_targetFull_leavesTheBlock() {
    MockAllocator full = new MockAllocator(large).failAfter(1);
    try (RoutingAllocator routing = new RoutingAllocator("routing", small, medium, full)) {
      TestBlock block = TestBlock.allocate(routing, 100, 8, 1);
      assertEquals(Allocator.NULL, routing.reallocate(block.address(), 100, 100_000, 8));
      AllocationException failure = routing.failure(100_000, 8);
      assertEquals("routing", failure.allocator());
      assertEquals(100_000, failure.byteSize());
      assertSame(AllocationException.class, failure.getCause().getClass());
      assertLive(100, 0, 0);
      block.checkAndFree();
    }
  }

  @Test
  void allocate_withRoutesGiven_usesThem() {
    try (RoutingAllocator routing =
        new RoutingAllocator("two", List.of(new RoutingAllocator.Route(100, small)), large)) {
      long a = routing.allocate(99, 8);
      long b = routing.allocate(100, 8);
      assertLive(99, 0, 100);
      routing.free(a, 99, 8);
      routing.free(b, 100, 8);
    }
    try (RoutingAllocator routing = new RoutingAllocator("none", List.of(), large)) {
      long block = routing.allocate(1, 1);
      assertNotEquals(Allocator.NULL, block);
      routing.free(block, 1, 1);
    }
  }

  @Test
  void new_badRoutes_throws() {
    assertThrows(IllegalArgumentException.class, () -> new RoutingAllocator.Route(1, small));
    List<RoutingAllocator.Route> routes =
        List.of(new RoutingAllocator.Route(100, small), new RoutingAllocator.Route(100, medium));
    assertThrows(IllegalArgumentException.class, () -> new RoutingAllocator("bad", routes, large));
  }

  @Test
  void close_withBlocksOut_leavesThemToTheRoutes() {
    RoutingAllocator routing = routing();
    TestBlock block = TestBlock.allocate(routing, 100, 8, 1);
    routing.close();
    assertThrows(UnsupportedOperationException.class, routing::closeForcibly);
    block.checkAndFree();
  }

  @Test
  void everyAllocation_failing_changesNothing() {
    assertEquals(
        5,
        OomSweep.of(allocator ->
                new Holding(new RoutingAllocator("swept", allocator, allocator, allocator)))
            .step("take", holding -> holding.take(100))
            .step("to medium", holding -> holding.reallocateLast(5000))
            .step("to large", holding -> holding.reallocateLast(100_000))
            .step("to small", holding -> holding.reallocateLast(10))
            .step("take another", holding -> holding.take(1 << 20))
            .contents(Holding::contents)
            .run());
  }

  /** Random reallocation through every route. */
  @Test
  void reallocate_atRandom_keepsContent() {
    long seed = System.nanoTime();
    System.out.println("RoutingAllocator: seed " + seed);
    Random random = new Random(seed);
    try (RoutingAllocator routing = routing()) {
      TestBlock block = TestBlock.allocate(routing, 1, 8, 1);
      for (int i = 0; i < 300; i++) {
        block = block.reallocate(1 + random.nextInt(1 << random.nextInt(18)));
      }
      block.checkAndFree();
    }
  }

  /** Routes to single owners, of which the medium ones are in an arena. */
  @Nested
  class OverAnArena implements AllocatorContract {

    @Override
    public Allocator newAllocator() {
      ArenaAllocator arena = new ArenaAllocator(medium, "medium", 64 << 10);
      toClose.add(arena);
      return new ZeroOnFreeAllocator(
          Allocators.accounted(
              new RoutingAllocator("test", new MockAllocator(arena), arena, large)));
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }
  }
}
