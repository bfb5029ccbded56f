package io.caisson.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.GuardAllocator;
import io.caisson.alloc.Leak;
import io.caisson.alloc.LeakDetectingAllocator;
import io.caisson.alloc.LeakLevel;
import io.caisson.alloc.LeakReport;
import io.caisson.alloc.LeakSuppressions;
import io.caisson.alloc.MockAllocator;
import io.caisson.alloc.SystemAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeakDetectingAllocatorTest implements StackTakingContract {

  private static LeakDetectingAllocator.Builder overSystem() {
    return LeakDetectingAllocator.over(SystemAllocator.create());
  }

  private static LeakDetectingAllocator paranoid() {
    return overSystem().level(LeakLevel.PARANOID).build();
  }

  @Override
  public Allocator newAllocator() {
    return paranoid();
  }

  @Override
  public boolean knowsItsBlocks() {
    return true;
  }

  // ---- leaks ----------------------------------------------------------------------------------

  @Test
  void report_leaks_areGroupedBySite() {
    try (LeakDetectingAllocator detector = paranoid()) {
      List<Long> blocks = new ArrayList<>();
      for (int i = 1; i <= 10; i++) {
        blocks.add(Stacks.allocateHere(detector, i * 8L, 8));
      }
      long large = detector.allocateZeroed(1000, 64);
      LeakReport report = detector.report();
      assertEquals(11, report.count());
      assertEquals(1440, report.byteSize());
      assertEquals(2, report.sites().size());
      assertEquals(1, report.sites().get(0).count());
      assertEquals(large, report.sites().get(0).first().address());
      LeakReport.Site site = report.sites().get(1);
      assertEquals(10, site.count());
      assertEquals(440, site.byteSize());
      Stacks.assertMentions(site.first().allocation(), "allocateHere");
      assertTrue(report.toString().contains("allocateHere"), report::toString);
      assertTrue(report.toString().contains("leaked 11 blocks of 1440 bytes"), report::toString);
      detector.free(large, 1000, 64);
      for (int i = 1; i <= 10; i++) {
        detector.free(blocks.get(i - 1), i * 8L, 8);
      }
      assertTrue(detector.report().isEmpty());
    }
  }

  @Test
  void close_leak_tellsTheListenerOnceAndStaysOpen() {
    List<Leak> leaks = new ArrayList<>();
    LeakDetectingAllocator detector =
        overSystem().level(LeakLevel.PARANOID).listener(leaks::add).build();
    long address = Stacks.allocateHere(detector, 24, 8);
    IllegalStateException out = assertThrows(IllegalStateException.class, detector::close);
    Stacks.assertMentions(out.getSuppressed()[0], "allocateHere");
    assertThrows(IllegalStateException.class, detector::close);
    assertEquals(1, leaks.size());
    assertEquals(address, leaks.getFirst().address());
    assertEquals(24, leaks.getFirst().byteSize());
    assertEquals("system", leaks.getFirst().allocator());
    Stacks.assertMentions(leaks.getFirst().allocation(), "allocateHere");
    detector.free(address, 24, 8);
    detector.close();
  }

  @Test
  void close_listenerThrows_reachesTheTest() {
    LeakDetectingAllocator detector =
        overSystem()
            .level(LeakLevel.ADVANCED)
            .sampling(1)
            .listener(leak -> {
              throw new AssertionError("leaked " + leak.byteSize());
            })
            .build();
    long address = detector.allocate(24, 8);
    AssertionError failed = assertThrows(AssertionError.class, detector::close);
    assertEquals("leaked 24", failed.getMessage());
    detector.free(address, 24, 8);
    detector.close();
  }

  @Test
  void report_simple_hasAddressesAndNoStacks() {
    List<Leak> leaks = new ArrayList<>();
    try (LeakDetectingAllocator detector =
        overSystem().level(LeakLevel.SIMPLE).sampling(1).listener(leaks::add).build()) {
      long a = detector.allocate(24, 8);
      long b = detector.allocate(24, 8);
      LeakReport report = detector.report();
      assertEquals(1, report.sites().size());
      assertEquals(2, report.count());
      assertEquals(
          List.of(a, b).stream().sorted().toList(),
          leaks.stream().map(Leak::address).sorted().toList());
      assertNull(report.sites().getFirst().first().allocation());
      detector.free(a, 24, 8);
      detector.free(b, 24, 8);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = LeakLevel.class,
      names = {"SIMPLE", "ADVANCED"})
  void report_sampled_seesAboutOneInSome(LeakLevel level) {
    try (LeakDetectingAllocator detector = overSystem().level(level).sampling(10).build()) {
      long[] blocks = new long[20_000];
      for (int i = 0; i < blocks.length; i++) {
        blocks[i] = detector.allocate(16, 8);
      }
      long seen = detector.report().count();
      // 2000 expected; the bounds are 14 standard deviations away.
      assertTrue(seen > 1400 && seen < 2600, () -> "saw " + seen);
      for (int i = 0; i < blocks.length; i++) {
        blocks[i] = detector.reallocate(blocks[i], 16, 40, 8);
      }
      assertEquals(seen, detector.report().count());
      assertEquals(seen * 40, detector.report().byteSize());
      for (long block : blocks) {
        detector.free(block, 40, 8);
      }
      assertTrue(detector.report().isEmpty());
    }
  }

  @Test
  void report_disabled_isEmpty() {
    LeakDetectingAllocator detector = overSystem().level(LeakLevel.DISABLED).build();
    long address = detector.allocate(24, 8);
    assertTrue(detector.report().isEmpty());
    detector.free(address, 24, 8);
    detector.close();
  }

  @Test
  void resize_tracked_isFollowed() {
    try (LeakDetectingAllocator detector = paranoid()) {
      long address = detector.allocate(100, 8);
      assertTrue(detector.resize(address, 100, 96, 8));
      assertEquals(96, detector.report().byteSize());
      detector.free(address, 96, 8);
    }
  }

  @Test
  void close_overAnArena_isNoLeak() {
    List<Leak> leaks = new ArrayList<>();
    try (AccountedAllocator system = Allocators.system()) {
      LeakDetectingAllocator detector =
          LeakDetectingAllocator.over(new ArenaAllocator(system, "request", 1024))
              .level(LeakLevel.PARANOID)
              .listener(leaks::add)
              .build();
      var _ = detector.allocate(24, 8);
      assertEquals(1, detector.report().count());
      leaks.clear();
      detector.close();
      assertTrue(leaks.isEmpty());
    }
  }

  @Test
  void closeForcibly_leak_isTold() {
    List<Leak> leaks = new ArrayList<>();
    try (AccountedAllocator system = Allocators.system()) {
      LeakDetectingAllocator detector =
          LeakDetectingAllocator.over(new GuardAllocator(system))
              .level(LeakLevel.PARANOID)
              .listener(leaks::add)
              .build();
      var _ = detector.allocate(24, 8);
      detector.closeForcibly();
      assertEquals(1, leaks.size());
      assertEquals(0, system.stats().liveBytes());
      detector.close();
    }
  }

  // ---- wrong frees ----------------------------------------------------------------------------

  @Test
  void free_paranoid_everyWrongOneIsCaughtWithItsStacks() {
    long seed = System.nanoTime();
    System.out.println("free_paranoid_everyWrongOne: seed " + seed);
    Random random = new Random(seed);
    try (LeakDetectingAllocator detector = paranoid();
        LeakDetectingAllocator other = paranoid()) {
      for (int i = 0; i < 2000; i++) {
        long size = 2L + random.nextInt(500);
        long alignment = 1L << random.nextInt(8);
        long address = Stacks.allocateHere(detector, size, alignment);
        assertWrong("foreign", () -> other.free(address, size, alignment));
        assertWrong("inside", () -> detector.free(address + 1, size, alignment));
        assertWrong("bytes aligned to", () -> detector.free(address, size + 1, alignment));
        assertWrong("bytes aligned to", () -> detector.free(address, size, alignment << 1));
        assertWrong("foreign", () -> other.reallocate(address, size, 8, alignment));
        Stacks.freeHere(detector, address, size, alignment);
        CheckedMemoryException twice =
            assertWrong("double free", () -> detector.free(address, size, alignment));
        Stacks.assertMentions(twice.release(), "freeHere");
        assertWrong("of freed", () -> detector.resize(address, size, 8, alignment));
      }
      assertThrows(CheckedMemoryException.class, () -> detector.free(random.nextLong() | 1, 8, 1));
    }
  }

  private static CheckedMemoryException assertWrong(String what, Runnable call) {
    CheckedMemoryException caught = assertThrows(CheckedMemoryException.class, call::run);
    assertTrue(caught.getMessage().contains(what), caught::getMessage);
    Stacks.assertMentions(caught.allocation(), "allocateHere");
    return caught;
  }

  @Test
  void free_sampled_nothingIsGuessed() {
    try (AccountedAllocator system = Allocators.system()) {
      LeakDetectingAllocator detector =
          LeakDetectingAllocator.over(system).level(LeakLevel.ADVANCED).build();
      long address = system.allocate(24, 8);
      detector.free(address, 24, 8);
      detector.close();
    }
  }

  // ---- bound ----------------------------------------------------------------------------------

  @Test
  void allocate_fullBook_isNotTrackedAndItsFreeNotRefused() {
    try (LeakDetectingAllocator detector =
        overSystem().level(LeakLevel.PARANOID).maxTracked(3).build()) {
      long[] blocks = new long[5];
      for (int i = 0; i < blocks.length; i++) {
        blocks[i] = detector.allocate(32, 8);
      }
      LeakReport report = detector.report();
      assertEquals(3, report.count());
      assertEquals(2, report.untracked());
      for (long block : blocks) {
        detector.free(block, 32, 8);
      }
      assertTrue(detector.report().isEmpty());
    }
  }

  // ---- suppressions ---------------------------------------------------------------------------

  @Test
  void suppressions_matchingFrame_silencesTheLeak(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("leaks.txt");
    Files.writeString(
        file, "# known\n\n  io.caisson.testkit.Stacks.allocate*   # by design\n", UTF_8);
    List<Leak> leaks = new ArrayList<>();
    LeakDetectingAllocator detector =
        overSystem()
            .level(LeakLevel.PARANOID)
            .suppressions(LeakSuppressions.load(file))
            .listener(leaks::add)
            .build();
    long known = Stacks.allocateHere(detector, 24, 8);
    long unknown = detector.allocate(100, 8);
    LeakReport report = detector.report();
    assertEquals(1, report.count());
    assertEquals(1, report.suppressed());
    assertEquals(List.of(unknown), leaks.stream().map(Leak::address).toList());
    detector.free(unknown, 100, 8);
    detector.free(known, 24, 8);
    detector.close();
  }

  @Test
  void suppressions_malformedLine_namesFileAndLine(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("leaks.txt");
    for (String bad : List.of("main", "a b.c", ".a.b", "a..b", "a.b.", "a.b()", "*", "a.b, c.d")) {
      Files.writeString(file, "a.b\n# fine\n" + bad + "\n", UTF_8);
      IllegalArgumentException malformed =
          assertThrows(IllegalArgumentException.class, () -> LeakSuppressions.load(file));
      assertTrue(malformed.getMessage().contains("leaks.txt:3: '" + bad), malformed::getMessage);
    }
    assertThrows(
        UncheckedIOException.class, () -> LeakSuppressions.load(folder.resolve("missing")));
  }

  @Test
  void suppressions_patterns_matchWholeNames() {
    StackTraceElement[] stack = {
      new StackTraceElement("com.example.Cache$Entry", "<init>", "Cache.java", 1),
      new StackTraceElement("com.example.Main", "main", "Main.java", 2)
    };
    for (String match :
        List.of("com.example.Main.main", "com.*.main", "*.<init>", "com.example.Cache$*.*")) {
      assertTrue(LeakSuppressions.parse("test", List.of(match)).matches(stack), match);
    }
    for (String miss : List.of("com.example.Main.mai", "example.Main.main", "com-example.*")) {
      assertFalse(LeakSuppressions.parse("test", List.of(miss)).matches(stack), miss);
    }
    assertFalse(LeakSuppressions.NONE.matches(stack));
  }

  // ---- settings -------------------------------------------------------------------------------

  private static void withProperty(String name, String value, Runnable test) {
    System.setProperty(name, value);
    try {
      test.run();
    } finally {
      System.clearProperty(name);
    }
  }

  @Test
  void settings_good_areTaken(@TempDir Path folder) throws IOException {
    try (LeakDetectingAllocator plain = overSystem().build()) {
      assertEquals(LeakLevel.DISABLED, plain.level());
    }
    for (LeakLevel level : LeakLevel.values()) {
      withProperty(
          "caisson.leak.level",
          level.toString(),
          () -> {
            try (LeakDetectingAllocator detector = overSystem().build()) {
              assertEquals(level, detector.level());
            }
          });
    }
    withProperty(
        "caisson.leak.sampling",
        "1",
        () -> {
          try (LeakDetectingAllocator detector = overSystem().level(LeakLevel.SIMPLE).build()) {
            long address = detector.allocate(8, 8);
            assertEquals(1, detector.report().count());
            detector.free(address, 8, 8);
          }
        });
    Path file = folder.resolve("leaks.txt");
    Files.writeString(file, "*.allocateHere\n", UTF_8);
    withProperty(
        "caisson.leak.suppressions",
        file.toString(),
        () -> {
          try (LeakDetectingAllocator detector = paranoid()) {
            long address = Stacks.allocateHere(detector, 8, 8);
            assertTrue(detector.report().isEmpty());
            detector.free(address, 8, 8);
          }
        });
  }

  @Test
  void settings_bad_areNamed() {
    assertBad("caisson.leak.level", "loud");
    assertBad("caisson.leak.sampling", "0");
    assertBad("caisson.leak.sampling", "often");
    assertBad("caisson.leak.suppressions", "/no/such/file");
    assertThrows(IllegalArgumentException.class, () -> overSystem().sampling(0));
    assertThrows(IllegalArgumentException.class, () -> overSystem().maxTracked(0));
  }

  private static void assertBad(String property, String value) {
    withProperty(
        property,
        value,
        () -> {
          IllegalArgumentException bad =
              assertThrows(IllegalArgumentException.class, LeakDetectingAllocatorTest::overSystem);
          assertTrue(bad.getMessage().contains(property), bad::getMessage);
        });
  }

  // ---- its own book ---------------------------------------------------------------------------

  /** A few tracked blocks, as something to sweep. */
  private static final class Tracked implements AutoCloseable {
    private final LeakDetectingAllocator detector;
    private long address;
    private long byteSize;

    Tracked(Allocator allocator) {
      detector = LeakDetectingAllocator.over(allocator).level(LeakLevel.PARANOID).build();
    }

    void grow(int i) {
      if (address == Allocator.NULL) {
        address = Allocations.allocateZeroed(detector, 16, 8);
        byteSize = 16;
      } else {
        address = Allocations.reallocate(detector, address, byteSize, byteSize * 2, 8);
        byteSize *= 2;
      }
    }

    void checkBook() {
      LeakReport report = detector.report();
      assertEquals(address == Allocator.NULL ? 0 : 1, report.count());
      assertEquals(byteSize, report.byteSize());
    }

    @Override
    public void close() {
      if (address != Allocator.NULL) {
        detector.free(address, byteSize, 8);
      }
      detector.close();
    }
  }

  @Test
  void everyOperation_parentFails_leavesTheBookUnchanged() {
    long failed =
        OomSweep.of(Tracked::new)
            .steps(6, "grow", Tracked::grow)
            .contents(tracked -> tracked.byteSize)
            .invariants(Tracked::checkBook)
            .run();
    assertEquals(6, failed);
  }

  // ---- stacks of allocators -------------------------------------------------------------------

  @Nested
  class Advanced implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return LeakDetectingAllocator.over(Allocators.system())
          .level(LeakLevel.ADVANCED)
          .sampling(3)
          .build();
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }
  }

  @Nested
  class Simple implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return overSystem().level(LeakLevel.SIMPLE).sampling(1).build();
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }
  }

  @Nested
  class Disabled implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return LeakDetectingAllocator.over(Allocators.system()).build();
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }
  }

  @Nested
  class OverArena implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return LeakDetectingAllocator.over(
              new ArenaAllocator(SystemAllocator.create(), "arena", 4096))
          .level(LeakLevel.PARANOID)
          .build();
    }

    @Override
    public boolean knowsItsBlocks() {
      return false;
    }
  }

  @Nested
  class OverMock implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return LeakDetectingAllocator.over(new MockAllocator(SystemAllocator.create()).refuseResize())
          .level(LeakLevel.PARANOID)
          .build();
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }
  }

  @Nested
  class UnderGuard implements StackTakingContract {
    @Override
    public Allocator newAllocator() {
      return new GuardAllocator(paranoid());
    }

    @Override
    public boolean knowsItsBlocks() {
      return true;
    }

    @Test
    void report_heldBlock_isStillOut() {
      try (LeakDetectingAllocator detector = paranoid()) {
        GuardAllocator guard = new GuardAllocator(detector);
        guard.free(guard.allocate(24, 8), 24, 8);
        assertEquals(1, detector.report().count());
        guard.close();
        assertNotNull(detector.name());
      }
    }
  }
}
