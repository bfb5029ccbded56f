package io.caisson.smr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.testkit.LeakCheck;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What one thread sees of a domain, and what two do when each step of theirs is arranged. Past 600
 * lines: one fixture, and a part for each part of the Javadoc.
 */
class ReclamationDomainTest {

  private static final long SIZE = 48;
  private static final long ALIGNMENT = 16;
  private static final Duration LONG = Duration.ofSeconds(60);

  private LeakCheck check;
  private AccountedAllocator allocator;

  @BeforeEach
  void open() {
    allocator = Allocators.system();
    check = new LeakCheck(allocator);
  }

  @AfterEach
  void close() {
    check.close();
  }

  private static DomainBuilder small() {
    return ReclamationDomain.builder().name("test").slots(4).bagCapacity(4);
  }

  private long block() {
    return Allocations.allocate(allocator, SIZE, ALIGNMENT);
  }

  private void retireOne(ReclamationDomain domain) {
    int number = domain.register(allocator);
    try (Guard guard = domain.pin(1, SIZE)) {
      guard.retire(block(), SIZE, ALIGNMENT, number);
    }
  }

  /** An allocator that frees, and then throws. */
  private Allocator throwingWhenFreed(RuntimeException thrown) {
    return (Allocator)
        Proxy.newProxyInstance(
            Allocator.class.getClassLoader(),
            new Class<?>[] {Allocator.class},
            (proxy, method, arguments) -> {
              Object result = method.invoke(allocator, arguments);
              if (method.getName().equals("free")) {
                throw thrown;
              }
              return result;
            });
  }

  private static void inThread(Runnable action) {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread = new Thread(action);
    thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertNull(failure.get(), () -> "failed: " + failure.get());
  }

  // ---- retiring and freeing ---------------------------------------------------------------------

  @Test
  void retire_withoutOtherGuards_isFreedByDrain() {
    try (ReclamationDomain domain = small().build()) {
      retireOne(domain);
      assertEquals(1, domain.stats().garbageBlocks());
      assertEquals(SIZE, domain.stats().garbageBytes());
      assertTrue(domain.drain());
      DomainStats stats = domain.stats();
      assertEquals(0, stats.garbageBlocks());
      assertEquals(0, stats.chargedBytes());
      assertEquals(1, stats.freedBlocks());
      assertEquals(SIZE, stats.freedBytes());
    }
  }

  @Test
  void retire_underAnotherGuard_waitsForIt() {
    try (ReclamationDomain domain = small().build()) {
      Guard reader = domain.pin();
      retireOne(domain);
      assertFalse(domain.drain());
      assertEquals(1, domain.stats().garbageBlocks());
      reader.close();
      assertTrue(domain.drain());
    }
  }

  @Test
  void retire_byOneThread_isFreedByAnother() {
    try (ReclamationDomain domain = small().build()) {
      inThread(() -> retireOne(domain));
      assertTrue(domain.drain());
    }
  }

  @Test
  void retire_ofAnothersBlock_isFreedByAThirdOnceNobodyReads() {
    try (ReclamationDomain domain = small().build()) {
      int number = domain.register(allocator);
      AtomicLong published = new AtomicLong();
      inThread(() -> published.set(block()));
      Guard reader = domain.pin();
      inThread(() -> {
        try (Guard guard = domain.pin(1, SIZE)) {
          guard.retire(published.getAndSet(Allocator.NULL), SIZE, ALIGNMENT, number);
        }
      });
      inThread(() -> assertFalse(domain.drain()));
      reader.close();
      assertEquals(1, allocator.stats().liveBlocks());
      inThread(() -> assertTrue(domain.drain()));
      assertEquals(0, allocator.stats().liveBlocks());
      assertEquals(1, domain.stats().freedBlocks());
    }
  }

  @Test
  void retire_ofMany_isFreedOnTheWay() {
    try (ReclamationDomain domain = small().build()) {
      for (int i = 0; i < 1000; i++) {
        retireOne(domain);
      }
      DomainStats stats = domain.stats();
      assertTrue(stats.garbageBlocks() <= 4 * 4, stats::toString);
    }
  }

  @Test
  void retire_ofHeavyBlocks_doesNotWaitForAFullBag() {
    try (ReclamationDomain domain =
        ReclamationDomain.builder()
            .hardLimit(1 << 20, LimitPolicy.fail())
            .softLimit(1 << 20)
            .build()) {
      int number = domain.register(allocator);
      long heavy = 128 << 10;
      for (int i = 0; i < 40; i++) {
        try (Guard guard = domain.pin(1, heavy)) {
          guard.retire(Allocations.allocate(allocator, heavy, 16), heavy, 16, number);
        }
      }
      assertTrue(domain.stats().garbageBlocks() <= 8, () -> domain.stats().toString());
    }
  }

  @Test
  void retireAll_ofABag_takesTheSpareOne() {
    try (ReclamationDomain domain = small().build()) {
      int number = domain.register(allocator);
      retireOne(domain);
      try (Guard guard = domain.pin(4, 4 * SIZE)) {
        guard.retireAll(
            new long[] {0, block(), block(), block(), block()}, 1, 5, SIZE, ALIGNMENT, number);
      }
      assertEquals(5, domain.stats().retiredBlocks());
      assertTrue(domain.drain());
      assertEquals(5, domain.stats().freedBlocks());
    }
  }

  @Test
  void retire_toTwoAllocators_freesEachToItsOwn() {
    try (LeakCheck other = new LeakCheck();
        ReclamationDomain domain = small().build()) {
      int first = domain.register(allocator);
      int second = domain.register(other.allocator());
      assertEquals(first, domain.register(allocator));
      try (Guard guard = domain.pin(2, 2 * SIZE)) {
        guard.retire(block(), SIZE, ALIGNMENT, first);
        guard.retire(Allocations.allocate(other.allocator(), SIZE, 4096), SIZE, 4096, second);
      }
      assertTrue(domain.drain());
    }
  }

  // ---- guards -----------------------------------------------------------------------------------

  @Test
  void close_ofAGuardTwice_releasesOnce() {
    try (ReclamationDomain domain = small().build()) {
      Guard first = domain.pin();
      first.close();
      Guard second = domain.pin();
      first.close();
      assertEquals(1, domain.stats().pinnedSlots());
      second.close();
      assertEquals(0, domain.stats().pinnedSlots());
    }
  }

  @Test
  void pin_whenSlotsRunOut_usesCounters() {
    try (ReclamationDomain domain = small().slots(1).build()) {
      List<Guard> guards = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        guards.add(domain.pin(1, SIZE));
      }
      assertEquals(1, domain.stats().pinnedSlots());
      assertEquals(9, domain.stats().pinnedInCounters());
      int number = domain.register(allocator);
      for (Guard guard : guards) {
        guard.retire(block(), SIZE, ALIGNMENT, number);
      }
      assertFalse(domain.drain());
      guards.forEach(Guard::close);
      assertEquals(0, domain.stats().pinnedInCounters());
      assertTrue(domain.drain());
      assertEquals(10, domain.stats().freedBlocks());
      assertEquals(0, domain.stats().chargedBytes());
    }
  }

  @Test
  void refresh_inASlotAndInACounter_letsGo() {
    try (ReclamationDomain domain = small().slots(1).build()) {
      Guard inSlot = domain.pin();
      Guard inCounter = domain.pin();
      inThread(() -> retireOne(domain));
      assertFalse(domain.drain());
      for (int i = 0; i < 4; i++) {
        inSlot.refresh();
        inCounter.refresh();
        domain.drain();
      }
      assertEquals(1, domain.stats().freedBlocks());
      inSlot.close();
      inCounter.close();
      assertEquals(0, domain.stats().pinnedSlots());
      assertEquals(0, domain.stats().pinnedInCounters());
    }
  }

  @Test
  void nestedGuards_closedInAnyOrder_holdBackUntilTheLast() {
    try (ReclamationDomain domain = small().build()) {
      Guard outer = domain.pin();
      Guard inner = domain.pin(1, SIZE);
      inner.retire(block(), SIZE, ALIGNMENT, domain.register(allocator));
      outer.close();
      assertFalse(domain.drain());
      inner.close();
      assertTrue(domain.drain());
    }
  }

  @Test
  void retire_withoutReservation_isRefusedAndTheBlockStays() {
    try (ReclamationDomain domain = small().build()) {
      int number = domain.register(allocator);
      long address = block();
      Guard reader = domain.pin();
      assertThrows(
          IllegalStateException.class, () -> reader.retire(address, SIZE, ALIGNMENT, number));
      reader.close();
      Guard writer = domain.pin(1, SIZE);
      assertThrows(
          IllegalStateException.class, () -> writer.retire(address, SIZE + 1, ALIGNMENT, number));
      assertThrows(IllegalArgumentException.class, () -> writer.retire(0, SIZE, ALIGNMENT, number));
      assertThrows(IllegalArgumentException.class, () -> writer.retire(address, SIZE, 3, number));
      assertThrows(
          IllegalArgumentException.class,
          () -> writer.retire(address, SIZE, ALIGNMENT, number + 1));
      assertThrows(
          IllegalArgumentException.class, () -> writer.retire(address, 0, ALIGNMENT, number));
      writer.retire(address, SIZE, ALIGNMENT, number);
      assertThrows(
          IllegalStateException.class, () -> writer.retire(address, SIZE, ALIGNMENT, number));
      writer.close();
      assertThrows(
          IllegalStateException.class, () -> writer.retire(address, SIZE, ALIGNMENT, number));
      assertThrows(IllegalStateException.class, writer::refresh);
    }
  }

  @Test
  void pin_ofWhatCannotBe_isRefused() {
    try (ReclamationDomain domain = small().build()) {
      assertEquals(4, domain.maxBlocks());
      assertThrows(IllegalArgumentException.class, () -> domain.pin(0, 1));
      assertThrows(IllegalArgumentException.class, () -> domain.pin(5, 1));
      assertThrows(IllegalArgumentException.class, () -> domain.pin(1, -1));
      assertEquals(0, domain.stats().pinnedSlots());
    }
  }

  @Test
  void register_ofAnAllocatorOfOneThread_isRefused() {
    try (ReclamationDomain domain = small().build();
        ArenaAllocator arena = new ArenaAllocator(allocator, "arena", 4096)) {
      assertThrows(IllegalArgumentException.class, () -> domain.register(arena));
    }
  }

  // ---- limits -----------------------------------------------------------------------------------

  private ReclamationDomain limited(LimitPolicy policy) {
    return small().hardLimit(4 * SIZE, policy).build();
  }

  private void fill(ReclamationDomain domain) {
    for (int i = 0; i < 4; i++) {
      retireOne(domain);
    }
  }

  @Test
  void pin_atTheHardLimit_failsAtOnceAndPinsNothing() {
    try (ReclamationDomain domain = limited(LimitPolicy.fail());
        Guard reader = domain.pin()) {
      fill(domain);
      ReclamationLimitException refused =
          assertThrows(ReclamationLimitException.class, () -> domain.pin(1, SIZE));
      assertEquals(4 * SIZE, refused.charged());
      assertEquals(4 * SIZE, refused.hardLimit());
      assertEquals(SIZE, refused.byteSize());
      assertEquals("test", refused.domain());
      assertEquals(1, domain.stats().pinnedSlots());
      assertEquals(1, domain.stats().refused());
      domain.pin().close();
      reader.close();
      domain.pin(1, SIZE).close();
    }
  }

  @Test
  void tryPin_atTheHardLimit_answersNullAtOnce() {
    try (ReclamationDomain domain = limited(LimitPolicy.block(LONG))) {
      Guard reader = domain.pin();
      fill(domain);
      assertNull(domain.tryPin(1, SIZE));
      assertEquals(1, domain.stats().pinnedSlots());
      assertEquals(0, domain.stats().refused());
      reader.close();
      int number = domain.register(allocator);
      for (int i = 0; i < 100; i++) {
        try (Guard guard = domain.tryPin(1, SIZE)) {
          guard.retire(block(), SIZE, ALIGNMENT, number);
        }
      }
    }
  }

  @Test
  void pin_atTheHardLimit_timesOutUnderAGuardOfItsOwn() {
    try (ReclamationDomain domain = limited(LimitPolicy.block(Duration.ofMillis(5)));
        Guard outer = domain.pin()) {
      fill(domain);
      assertThrows(ReclamationLimitException.class, () -> domain.pin(1, SIZE));
      assertEquals(4 * SIZE, domain.stats().chargedBytes());
    }
  }

  @Test
  void pin_atTheHardLimit_waitsForTheReader() throws InterruptedException {
    try (ReclamationDomain domain = limited(LimitPolicy.block(LONG))) {
      Guard reader = domain.pin();
      fill(domain);
      CountDownLatch done = new CountDownLatch(1);
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                retireOne(domain);
                done.countDown();
              });
      assertEquals(1, done.getCount());
      reader.close();
      writer.join();
      assertEquals(0, done.getCount());
    }
  }

  @Test
  void pin_atTheHardLimit_isWokenByClose() throws InterruptedException {
    ReclamationDomain domain = limited(LimitPolicy.block(LONG));
    Guard reader = domain.pin();
    fill(domain);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread writer = new Thread(() -> domain.pin(1, SIZE));
    writer.setUncaughtExceptionHandler((t, e) -> thrown.set(e));
    writer.start();
    domain.close(Duration.ZERO);
    writer.join();
    assertSame(IllegalStateException.class, thrown.get().getClass());
    reader.close();
    assertTrue(domain.close(LONG).clean());
  }

  @Test
  void pin_atTheHardLimit_growsByPolicy() {
    try (ReclamationDomain domain = limited(LimitPolicy.grow())) {
      Guard reader = domain.pin();
      for (int i = 0; i < 20; i++) {
        retireOne(domain);
      }
      assertEquals(20 * SIZE, domain.stats().garbageBytes());
      assertTrue(domain.stats().chargedBytes() >= 20 * SIZE);
      assertTrue(domain.stats().beyondHardLimit() > 0);
      reader.close();
      assertTrue(domain.drain());
      assertEquals(0, domain.stats().chargedBytes());
    }
  }

  @Test
  void reservation_notUsed_isGivenBack() {
    try (ReclamationDomain domain = limited(LimitPolicy.fail())) {
      for (int i = 0; i < 100; i++) {
        domain.pin(4, 4 * SIZE).close();
      }
      Guard all = domain.pin(4, 4 * SIZE);
      assertThrows(ReclamationLimitException.class, () -> domain.pin(1, 1));
      all.close();
      assertTrue(domain.drain());
      assertEquals(0, domain.stats().chargedBytes());
    }
  }

  @Test
  void pin_forMoreThanTheHardLimit_isRefused() {
    try (ReclamationDomain domain = limited(LimitPolicy.fail())) {
      assertThrows(ReclamationLimitException.class, () -> domain.pin(1, 4 * SIZE + 1));
      domain.pin(1, 4 * SIZE).close();
    }
  }

  // ---- drain, synchronize, close ----------------------------------------------------------------

  @Test
  void synchronize_waitsForGuardsThatAreOpen() {
    try (ReclamationDomain domain = small().build()) {
      assertTrue(domain.synchronize(Duration.ZERO));
      Guard reader = domain.pin();
      assertFalse(domain.synchronize(Duration.ofMillis(1)));
      reader.close();
      assertTrue(domain.synchronize(LONG));
    }
  }

  @Test
  void drain_withATimeout_waitsForTheGuard() throws InterruptedException {
    try (ReclamationDomain domain = small().build()) {
      CountDownLatch pinned = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      Thread reader =
          new Thread(() -> {
            try (Guard guard = domain.pin()) {
              pinned.countDown();
              release.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      reader.start();
      pinned.await();
      retireOne(domain);
      assertFalse(domain.drain(Duration.ofMillis(1)));
      release.countDown();
      assertTrue(domain.drain(LONG));
      reader.join();
    }
  }

  @Test
  void close_withGarbage_freesIt() {
    ReclamationDomain domain = small().build();
    for (int i = 0; i < 7; i++) {
      retireOne(domain);
    }
    CloseReport report = domain.close(LONG);
    assertTrue(report.clean());
    assertEquals(7, domain.stats().freedBlocks());
    assertEquals(0, domain.stats().chargedBytes());
    assertTrue(domain.stats().closed());
    domain.close();
    assertThrows(IllegalStateException.class, domain::pin);
    assertThrows(IllegalStateException.class, () -> domain.pin(1, 1));
    assertTrue(domain.drain());
    assertTrue(domain.synchronize(Duration.ZERO));
  }

  @Test
  void close_withAStuckGuard_freesNothingAndReportsIt() {
    ReclamationDomain domain = small().slots(1).closeTimeout(Duration.ofMillis(2)).build();
    Guard inSlot = domain.pin();
    Guard inCounter = domain.pin();
    retireOne(domain);
    CloseReport report = domain.close(Duration.ofMillis(1));
    assertFalse(report.clean());
    assertEquals(1, report.leakedBlocks());
    assertEquals(SIZE, report.leakedBytes());
    assertEquals(2, report.stuck().size(), report::toString);
    assertEquals(1, allocator.stats().liveBlocks());
    assertThrows(IllegalStateException.class, domain::close);
    inSlot.close();
    assertFalse(domain.close(Duration.ofMillis(1)).clean());
    inCounter.close();
    assertEquals(1, allocator.stats().liveBlocks());
    assertTrue(domain.close(LONG).clean());
    assertEquals(0, allocator.stats().liveBlocks());
  }

  @Test
  void retire_afterClose_isFreedWhenCloseCompletes() {
    ReclamationDomain domain = small().build();
    int number = domain.register(allocator);
    Guard writer = domain.pin(4, 4 * SIZE);
    domain.close(Duration.ZERO);
    for (int i = 0; i < 4; i++) {
      writer.retire(block(), SIZE, ALIGNMENT, number);
    }
    writer.refresh();
    writer.close();
    assertTrue(domain.close(LONG).clean());
  }

  @Test
  void refresh_ofAReader_handsOnWhatWaitsInItsSlot() {
    try (ReclamationDomain domain = small().build()) {
      retireOne(domain);
      try (Guard reader = domain.pin()) {
        for (int i = 0; i < 4; i++) {
          reader.refresh();
          inThread(domain::drain);
        }
        assertEquals(0, domain.stats().garbageBlocks());
      }
    }
  }

  @Test
  void refresh_afterRetiring_handsOnWhatWasRetired() {
    try (ReclamationDomain domain = small().build()) {
      int number = domain.register(allocator);
      try (Guard writer = domain.pin(2, 2 * SIZE)) {
        writer.retire(block(), SIZE, ALIGNMENT, number);
        writer.refresh();
        writer.retire(block(), SIZE, ALIGNMENT, number);
        for (int i = 0; i < 4; i++) {
          writer.refresh();
          inThread(domain::drain);
        }
        assertEquals(0, domain.stats().garbageBlocks());
      }
    }
  }

  @Test
  void free_thatThrows_isToldAtCloseAndHurtsNobodyElse() {
    ReclamationDomain domain = small().closeTimeout(Duration.ofMillis(2)).build();
    IllegalStateException thrown = new IllegalStateException("not mine");
    Allocator throwing = throwingWhenFreed(thrown);
    int number = domain.register(throwing);
    for (int i = 0; i < 20; i++) {
      retireOne(domain);
      long address = block();
      try (Guard guard = domain.pin(1, SIZE)) {
        guard.retire(address, SIZE, ALIGNMENT, number);
      }
    }
    assertTrue(domain.drain());
    assertEquals(20, domain.stats().failedFrees());
    Guard stuck = domain.pin();
    assertThrows(IllegalStateException.class, domain::close);
    stuck.close();
    IllegalStateException told = assertThrows(IllegalStateException.class, domain::close);
    assertSame(thrown, told.getCause());
    domain.close();
  }

  @Test
  void credit_afterHeavyBlocks_isGivenBack() {
    long heavy = 100 << 10;
    try (ReclamationDomain domain =
        ReclamationDomain.builder().hardLimit(1 << 20, LimitPolicy.fail()).build()) {
      int number = domain.register(allocator);
      for (int i = 0; i < 10; i++) {
        try (Guard guard = domain.pin(1, heavy)) {
          guard.retire(Allocations.allocate(allocator, heavy, 16), heavy, 16, number);
        }
      }
      DomainStats stats = domain.stats();
      assertTrue(stats.chargedBytes() - stats.garbageBytes() <= 4096, stats::toString);
    }
  }

  @Test
  void growing_pastTheLimit_keepsBagsFull() {
    try (ReclamationDomain domain =
        ReclamationDomain.builder().hardLimit(64 << 10, LimitPolicy.grow()).build()) {
      int number = domain.register(allocator);
      Guard reader = domain.pin();
      int blocks = 20_000;
      for (int i = 0; i < blocks; i++) {
        try (Guard guard = domain.pin(1, 16)) {
          guard.retire(Allocations.allocate(allocator, 16, 16), 16, 16, number);
        }
      }
      assertTrue(domain.bags() <= 2 * blocks / Bag.MAX_CAPACITY, () -> domain.bags() + " bags");
      reader.close();
    }
  }

  // ---- figures ----------------------------------------------------------------------------------

  @Test
  void stats_showTheGuardThatLags() {
    try (ReclamationDomain domain = small().build()) {
      Guard reader = domain.pin();
      assertEquals(0, domain.stats().oldestPinLag());
      retireOne(domain);
      domain.drain();
      domain.drain();
      DomainStats stats = domain.stats();
      assertEquals(1, stats.oldestPinLag());
      assertTrue(stats.oldestPinNanos() > 0);
      reader.close();
      domain.drain();
      assertEquals(0, domain.stats().oldestPinLag());
      assertEquals(0, domain.stats().oldestPinNanos());
    }
  }
}
