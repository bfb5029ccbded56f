package io.caisson.collections;

import static io.caisson.collections.OnDomain.smallDomain;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.SlabAllocator;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Past 600 lines, since each operation is tried while the table moves, too. */
class ConcurrentBytesLongTableTest {

  private static final long ABSENT = Long.MIN_VALUE;

  /** Banks of 16 slots: it moves often, and in many banks. */
  private static final TableShape TINY = new TableShape(8, 16, 4);

  private static ConcurrentBytesLongTable tiny(Allocator allocator, ReclamationDomain domain) {
    return new ConcurrentBytesLongTable(allocator, domain, TINY);
  }

  private static void run(Consumer<ConcurrentBytesLongTable> test) {
    OnDomain.run(ConcurrentBytesLongTableTest::tiny, test);
  }

  private static byte[] key(long i) {
    return ("key-" + i * 7919 + "-".repeat((int) (i % 40))).getBytes(UTF_8);
  }

  private static Map<String, Long> contents(ConcurrentBytesLongTable table) {
    Map<String, Long> entries = new HashMap<>();
    table.forEach((key, value) -> assertEquals(null, entries.put(key.toString(), value)));
    return entries;
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void get_emptyTable_answersAbsentWithoutAllocating() {
    try (AccountedAllocator allocator = Allocators.system();
        Arena arena = Arena.ofConfined();
        ReclamationDomain domain = smallDomain();
        ConcurrentBytesLongTable table = new ConcurrentBytesLongTable(allocator, domain)) {
      MemorySegment source = arena.allocateFrom("key");
      assertEquals(ABSENT, table.get(source, 0, 3, ABSENT));
      assertEquals(ABSENT, table.remove(source, 0, 3, ABSENT));
      assertFalse(table.containsKey(source, 0, 3));
      assertTrue(table.isEmpty());
      assertEquals(Map.of(), contents(table));
      table.clear();
      table.checkInvariants();
      assertEquals(0, allocator.stats().allocations());
    }
  }

  @Test
  void put_everyFormOfKey_isOneKey() {
    LeakCheck.run(allocator -> {
      try (Arena arena = Arena.ofConfined();
          ReclamationDomain domain = smallDomain();
          ConcurrentBytesLongTable table = new ConcurrentBytesLongTable(allocator, domain)) {
        MemorySegment text = arena.allocateFrom("Hello, World!");
        MemorySegment heap = MemorySegment.ofArray("Hello, World!".getBytes(UTF_8));
        StringView view = StringView.of(text).subView(7, 12);
        byte[] array = "World".getBytes(UTF_8);
        assertEquals(ABSENT, table.put(text, 7, 5, 1, ABSENT));
        assertEquals(1, table.put(heap, 7, 5, 2, ABSENT));
        assertEquals(2, table.put(view, 3, ABSENT));
        assertEquals(3, table.put(array, 4, ABSENT));
        assertEquals(4, table.get(text, 7, 5, ABSENT));
        assertEquals(4, table.get(heap, 7, 5, ABSENT));
        assertEquals(4, table.get(view, ABSENT));
        assertEquals(4, table.get(array, ABSENT));
        assertEquals(5, table.addTo(text, 7, 5, 1));
        assertEquals(6, table.addTo(heap, 7, 5, 1));
        assertEquals(7, table.addTo(view, 1));
        assertEquals(8, table.addTo(array, 1));
        assertEquals(1, table.addTo("world".getBytes(UTF_8), 1));
        assertEquals(8, table.putIfAbsent(text, 7, 5, 9, ABSENT));
        assertEquals(8, table.putIfAbsent(view, 9, ABSENT));
        assertEquals(8, table.putIfAbsent(array, 9, ABSENT));
        assertEquals(8, table.merge(text, 7, 5, 3, Math::max));
        assertEquals(8, table.merge(view, 3, Math::max));
        assertEquals(1, table.merge("world".getBytes(UTF_8), 0, Math::max));
        assertEquals(9, table.compute(text, 7, 5, 0, value -> value + 1));
        assertEquals(10, table.compute(view, 0, value -> value + 1));
        assertEquals(8, table.compute(array, 0, value -> value - 2));
        assertEquals(6, table.compute("new".getBytes(UTF_8), 5, value -> value + 1));
        assertEquals(6, table.remove("new".getBytes(UTF_8), ABSENT));
        assertTrue(table.containsKey(text, 7, 5));
        assertTrue(table.containsKey(view));
        assertFalse(table.containsKey("World!".getBytes(UTF_8)));
        try (Guard guard = domain.pin()) {
          assertEquals(9, table.addTo(guard, text, 7, 5, 1));
          assertEquals(10, table.addTo(guard, heap, 7, 5, 1));
          assertEquals(11, table.addTo(guard, view, 1));
          assertEquals(12, table.addTo(guard, array, 1));
          assertEquals(12, table.get(guard, text, 7, 5, ABSENT));
          assertEquals(12, table.get(guard, view, ABSENT));
          assertEquals(12, table.get(guard, array, ABSENT));
          assertTrue(table.containsKey(guard, text, 7, 5));
          assertTrue(table.containsKey(guard, view));
          assertFalse(table.containsKey(guard, new byte[0]));
          List<StringView> kept = new ArrayList<>();
          table.forEach(guard, (key, value) -> kept.add(key));
          assertEquals(2, kept.size());
        }
        assertEquals(Map.of("World", 12L, "world", 1L), contents(table));
        assertEquals(12, table.remove(view, ABSENT));
        assertEquals(1, table.remove("world".getBytes(UTF_8), ABSENT));
        assertEquals(ABSENT, table.remove(heap, 7, 5, ABSENT));
      }
    });
  }

  @Test
  void addTo_guardOfAnotherDomain_throws() {
    run(table -> {
      try (ReclamationDomain other = smallDomain();
          Guard guard = other.pin()) {
        assertThrows(IllegalArgumentException.class, () -> table.addTo(guard, key(1), 1));
        assertThrows(IllegalArgumentException.class, () -> table.get(guard, key(1), 1));
        assertThrows(IllegalArgumentException.class, () -> table.forEach(guard, (k, v) -> {}));
      }
      assertTrue(table.isEmpty());
    });
  }

  @Test
  void put_badRange_throwsAndChangesNothing() {
    run(table -> {
      MemorySegment segment = MemorySegment.ofArray(new byte[8]);
      assertThrows(IndexOutOfBoundsException.class, () -> table.put(segment, 1, 8, 0, 0));
      assertThrows(IndexOutOfBoundsException.class, () -> table.addTo(segment, -1, 2, 0));
      Arena arena = Arena.ofConfined();
      MemorySegment closed = arena.allocate(8);
      assertThrows(IndexOutOfBoundsException.class, () -> table.get(closed, 1, 8, 0));
      arena.close();
      assertThrows(IllegalStateException.class, () -> table.put(closed, 0, 8, 0, 0));
      assertTrue(table.isEmpty());
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void everyOperation_atRandom_agreesWithHashMap(TestAllocators kind) {
    kind.run(allocator -> {
      agreesWithHashMap(allocator, TINY);
      agreesWithHashMap(allocator, TableShape.ofCells(8));
    });
  }

  @Test
  void everyOperation_onSlabs_agreesWithHashMap() {
    LeakCheck.run(parent -> {
      try (LeakCheck check = new LeakCheck(Allocators.accounted(new SlabAllocator(parent)))) {
        agreesWithHashMap(check.allocator(), TINY);
      }
    });
  }

  /** Grows, shrinks and grows again, with all sorts of operations. */
  private static void agreesWithHashMap(Allocator allocator, TableShape shape) {
    long seed = System.nanoTime();
    System.out.println("ConcurrentBytesLongTable at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    try (ReclamationDomain domain = smallDomain();
        ConcurrentBytesLongTable table = new ConcurrentBytesLongTable(allocator, domain, shape)) {
      Map<String, Long> model = new HashMap<>();
      for (int i = 0; i < 8_000; i++) {
        boolean growing = i / 2000 % 2 == 0;
        step(random, table, model, growing);
        if (i % 997 == 0) {
          table.checkInvariants();
          assertEquals(model, contents(table));
          assertEquals(model.size(), table.size());
        }
      }
      table.checkInvariants();
      assertEquals(model, contents(table));
      table.clear();
      assertTrue(table.isEmpty());
      table.checkInvariants();
    }
  }

  private static void step(
      SplittableRandom random,
      ConcurrentBytesLongTable table,
      Map<String, Long> model,
      boolean growing) {
    byte[] key = key(random.nextInt(800));
    String text = new String(key, UTF_8);
    long value = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(3);
    long old = model.getOrDefault(text, ABSENT);
    switch (random.nextInt(growing ? 6 : 12)) {
      case 0 -> {
        assertEquals(old, table.put(key, value, ABSENT));
        model.put(text, value);
      }
      case 1 -> {
        assertEquals(old, table.putIfAbsent(key, value, ABSENT));
        model.putIfAbsent(text, value);
      }
      case 2 -> assertEquals(model.merge(text, value, Long::sum), table.addTo(key, value));
      case 3 ->
          assertEquals(
              model.merge(text, value, (a, b) -> a * 31 + b),
              table.merge(key, value, (a, b) -> a * 31 + b));
      case 4 -> {
        long computed = (old == ABSENT ? 7 : old) + 1;
        assertEquals(computed, table.compute(key, 7, v -> v + 1));
        model.put(text, computed);
      }
      case 5 -> {
        assertEquals(old, table.get(key, ABSENT));
        assertEquals(old != ABSENT, table.containsKey(key));
      }
      default -> {
        assertEquals(old, table.remove(key, ABSENT));
        model.remove(text);
      }
    }
  }

  @Test
  void remove_ofMost_shrinksAndGivesMemoryBack() {
    try (AccountedAllocator allocator = Allocators.system();
        ReclamationDomain domain = smallDomain();
        ConcurrentBytesLongTable table = new ConcurrentBytesLongTable(allocator, domain)) {
      for (int i = 0; i < 20_000; i++) {
        table.addTo(key(i), i);
      }
      long most = table.slots();
      assertTrue(most >= 20_000, "only " + most + " slots");
      for (int i = 100; i < 20_000; i++) {
        assertEquals(i, table.remove(key(i), ABSENT));
      }
      for (int i = 0; i < 2000; i++) {
        table.addTo(key(i % 100), 1); // writers move what is left
      }
      assertTrue(table.slots() <= most / 8, table.slots() + " slots of " + most);
      domain.drain();
      long live = allocator.stats().liveBytes();
      assertTrue(live < 100_000, live + " bytes for 100 entries");
      table.checkInvariants();
      assertEquals(100, contents(table).size());
    }
  }

  @Test
  void putAndRemove_again_takesNoMoreMemory() {
    try (AccountedAllocator allocator = Allocators.system();
        ReclamationDomain domain = smallDomain();
        ConcurrentBytesLongTable table = new ConcurrentBytesLongTable(allocator, domain)) {
      for (int i = 0; i < 30_000; i++) {
        table.put(key(i), i, 0);
        assertEquals(i, table.remove(key(i), ABSENT));
      }
      assertTrue(table.slots() <= 64, table.slots() + " slots for one entry");
      assertTrue(allocator.stats().peakBytes() < 200_000, () -> allocator.stats().toString());
    }
  }

  private static long entry(ReclamationDomain domain, ConcurrentBytesLongTable table, byte[] key) {
    try (Guard guard = domain.pin()) {
      return table.entry(guard, key);
    }
  }

  /** A value that has no code at the address of its entry goes to another one. */
  @Test
  void addTo_sumWithoutACode_isHeldByAnotherEntry() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentBytesLongTable table = new ConcurrentBytesLongTable(allocator, domain, TINY)) {
        for (long bit = 0; bit <= 1; bit++) {
          for (int i = 0; i < 20; i++) {
            byte[] key = key(i);
            long now = table.addTo(key, i);
            long before = entry(domain, table, key);
            long wanted = ConcurrentBytesLongTable.mask(before) ^ bit;
            assertEquals(wanted, table.addTo(key, wanted - now));
            assertEquals(wanted, table.get(key, ABSENT));
            assertNotEquals(before, entry(domain, table, key));
            assertEquals(i, table.put(key, i, ABSENT) - wanted + i);
          }
          table.checkInvariants();
        }
        assertEquals(20, table.size());
      }
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    long swept =
        OomSweep.of(allocator ->
                OnDomain.<ConcurrentBytesLongTable>open(
                    (memory, domain) ->
                        new ConcurrentBytesLongTable(memory, domain, new TableShape(8, 64, 64)),
                    allocator))
            .steps(1, "get", (held, i) -> held.structure().get(key(i), 0))
            .step("put", held -> held.structure().put(key(0), 1, 0))
            .step("put again", held -> held.structure().put(key(0), 2, 0))
            .step("remove", held -> held.structure().remove(key(0), 0))
            .step("merge", held -> held.structure().merge(key(1), 1, Long::sum))
            .step("compute", held -> held.structure().compute(key(2), 1, v -> v + 1))
            .step("putIfAbsent", held -> held.structure().putIfAbsent(key(3), 1, 0))
            .contents(held -> contents(held.structure()))
            .invariants(held -> held.structure().checkInvariants())
            .run();
    assertTrue(swept >= 6, swept + " allocations");
  }

  /** Who moves a chunk for others absorbs a failure: what was asked of him is done. */
  @Test
  void growAndShrink_failingAllocations_losesNothing() {
    OomSweep<OnDomain<ConcurrentBytesLongTable>> sweep =
        OomSweep.of(allocator -> OnDomain.open(ConcurrentBytesLongTableTest::tiny, allocator));
    for (int i = 0; i < 40; i++) {
      byte[] key = key(i);
      sweep.absorbingStep("add " + i, held -> held.structure().putIfAbsent(key, 1, 0));
    }
    for (int i = 0; i < 36; i++) {
      byte[] key = key(i);
      sweep.absorbingStep("remove " + i, held -> held.structure().remove(key, 0));
    }
    long swept =
        sweep
            .contents(held -> contents(held.structure()))
            .invariants(held -> held.structure().checkInvariants())
            .run();
    assertTrue(swept > 45, swept + " allocations");
  }

  @Test
  void open_allocatorOfOneThread_throws() {
    LeakCheck.run(parent -> {
      try (ReclamationDomain domain = smallDomain();
          Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(
            IllegalArgumentException.class, () -> new ConcurrentBytesLongTable(arena, domain));
      }
    });
  }

  // ---- limits -----------------------------------------------------------------------------------

  @Test
  void remove_garbageAtTheHardLimit_isRefusedAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder()
                  .slots(1)
                  .bagCapacity(1)
                  .hardLimit(2048, LimitPolicy.fail())
                  .build();
          ConcurrentBytesLongTable table = new ConcurrentBytesLongTable(allocator, domain, TINY)) {
        for (int i = 0; i < 100; i++) {
          table.addTo(key(i), i);
        }
        Map<String, Long> before;
        try (Guard guard = domain.pin()) {
          assertEquals(domain, guard.domain());
          assertThrows(ReclamationLimitException.class, () -> table.clear());
          before = contents(table);
          assertEquals(before, contents(table));
          assertTrue(domain.stats().chargedBytes() <= 2048);
        }
        assertTrue(before.size() > 10, "only " + before.size() + " are left");
        table.clear();
        assertTrue(table.isEmpty());
      }
    });
  }

  @Test
  void addTo_stalledReader_growsWithinTheLimitOrIsRefused() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder()
                  .slots(4)
                  .bagCapacity(1)
                  .hardLimit(1024, LimitPolicy.block(Duration.ofMillis(200)))
                  .build();
          ConcurrentBytesLongTable table = new ConcurrentBytesLongTable(allocator, domain, TINY)) {
        int added = 0;
        try (Guard reader = domain.pin()) {
          assertEquals(domain, reader.domain());
          try {
            for (; added < 2000; added++) {
              table.addTo(key(added), 1);
            }
          } catch (ReclamationLimitException e) {
            assertTrue(domain.stats().chargedBytes() <= 1024);
          }
          for (int i = 0; i < added; i++) {
            assertEquals(1, table.get(key(i), ABSENT));
          }
        }
        assertTrue(added > 50, "refused after " + added);
        for (; added < 2000; added++) {
          table.addTo(key(added), 1);
        }
        assertEquals(2000, table.size());
        table.checkInvariants();
      }
    });
  }

  // ---- close ------------------------------------------------------------------------------------

  @Test
  void everyOperation_afterClose_throws() {
    run(table -> {
      table.addTo(key(1), 1);
      assertEquals("ConcurrentBytesLongTable(open)", table.toString());
      table.close();
      table.close();
      MemorySegment segment = MemorySegment.ofArray(new byte[8]);
      List<Runnable> operations =
          List.of(
              () -> table.get(key(1), 0),
              () -> table.get(segment, 0, 8, 0),
              () -> table.containsKey(key(1)),
              () -> table.put(key(1), 0, 0),
              () -> table.putIfAbsent(key(1), 0, 0),
              () -> table.addTo(key(1), 0),
              () -> table.merge(key(1), 0, Long::sum),
              () -> table.compute(key(1), 0, v -> v),
              () -> table.remove(key(1), 0),
              () -> table.forEach((key, value) -> {}),
              table::clear,
              table::isEmpty,
              table::size);
      for (Runnable operation : operations) {
        assertThrows(IllegalStateException.class, operation::run);
      }
      assertEquals("ConcurrentBytesLongTable(closed)", table.toString());
    });
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    OnDomain.assertCloseWaitsForGuards(
        ConcurrentBytesLongTableTest::tiny,
        table -> table.addTo(key(7), 7),
        table -> table.addTo(key(8), 8));
  }

  @Test
  void close_whileOthersWrite_freesEverything() {
    OnDomain.assertCloseWhileOthersWorkFreesEverything(
        30,
        ConcurrentBytesLongTableTest::tiny,
        (table, i) -> {
          table.addTo(key(i % 300), 1);
          if (i % 3 == 0) {
            table.remove(key((i * 7) % 300), 0);
          }
        });
  }

  // ---- many threads -----------------------------------------------------------------------------

  private static final int EACH = 8_000;

  /** The sums of what was added and of what was removed are the same, whatever was removed when. */
  @Test
  void addToAndRemove_fromManyThreads_conserveEveryAddition() {
    run(table -> {
      int threads = 4;
      int keys = 200;
      AtomicLong added = new AtomicLong();
      AtomicLong removed = new AtomicLong();
      long seed = System.nanoTime();
      System.out.println("addToAndRemove_fromManyThreads: seed " + seed);
      try (Workers workers = new Workers()) {
        for (int t = 0; t < threads; t++) {
          SplittableRandom random = new SplittableRandom(seed + t);
          workers.add(() -> {
            for (int i = 0; i < EACH; i++) {
              byte[] key = key((long) (keys * random.nextDouble() * random.nextDouble()));
              if (random.nextInt(4) == 0) {
                removed.addAndGet(table.remove(key, 0));
              } else {
                long delta = random.nextInt(1, 10);
                table.addTo(key, delta);
                added.addAndGet(delta);
              }
            }
          });
        }
        workers.run();
      }
      table.checkInvariants();
      table.forEach((key, value) -> removed.addAndGet(value));
      assertEquals(added.get(), removed.get(), "seed " + seed);
    });
  }

  /** Waves of insertions and removals, so that it grows and shrinks under all; each key by one. */
  @Test
  void growAndShrink_underReaders_showsEachKeyThatStays() {
    run(table -> {
      int stays = 50;
      for (int i = 0; i < stays; i++) {
        table.put(key(i), i, 0);
      }
      AtomicInteger running = new AtomicInteger(2);
      try (Workers workers = new Workers()) {
        for (int w = 0; w < 2; w++) {
          int worker = w;
          workers.add(() -> {
            try {
              for (int wave = 0; wave < 8; wave++) {
                wave(table, stays + worker * 1000);
              }
            } finally {
              running.decrementAndGet();
            }
          });
        }
        workers.add(() -> {
          while (running.get() > 0) {
            for (int i = 0; i < stays; i++) {
              assertEquals(i, table.get(key(i), ABSENT));
            }
          }
        });
        workers.add(() -> {
          while (running.get() > 0) {
            AtomicLongArray seen = new AtomicLongArray(stays);
            table.forEach((key, value) -> {
              if (value < stays) {
                seen.incrementAndGet((int) value);
              }
            });
            for (int i = 0; i < stays; i++) {
              assertEquals(1, seen.get(i), "key " + i);
            }
          }
        });
        workers.run();
      }
      assertEquals(stays, table.size());
      table.checkInvariants();
    });
  }

  private static void wave(ConcurrentBytesLongTable table, int first) {
    for (int i = first; i < first + 600; i++) {
      assertEquals(ABSENT, table.put(key(i), i, ABSENT));
    }
    for (int i = first; i < first + 600; i++) {
      assertEquals(i, table.remove(key(i), ABSENT));
    }
  }

  /** Of all that insert a key at once, one does. */
  @Test
  void putIfAbsent_ofManyThreads_insertsEachKeyOnce() {
    run(table -> {
      int keys = 3000;
      AtomicLong inserted = new AtomicLong();
      try (Workers workers = new Workers()) {
        for (int t = 0; t < 4; t++) {
          int worker = t;
          workers.add(() -> {
            for (int i = 0; i < keys; i++) {
              if (table.putIfAbsent(key(i), worker, ABSENT) == ABSENT) {
                inserted.incrementAndGet();
              }
            }
          });
        }
        workers.run();
      }
      assertEquals(keys, inserted.get());
      assertEquals(keys, table.size());
      table.checkInvariants();
    });
  }

  // ---- layout -----------------------------------------------------------------------------------

  @Test
  void entry_isAFingerprintAndAWord() {
    assertEquals(16, BytesEntry.SIZE);
    assertEquals(0, BytesEntry.FINGERPRINT);
    assertEquals(8, BytesEntry.WORD);
    assertEquals(8, EntrySlot.SIZE);
    assertEquals(EntrySlot.SIZE, 1L << EntrySlot.SIZE_SHIFT);
    long word = EntrySlot.word(-1L, 0x7fff_ffff_fff0L);
    assertEquals(0x7fff_ffff_fff0L, EntrySlot.entry(word | EntrySlot.FROZEN));
    assertTrue(EntrySlot.hasTagOf(word, -1L));
    assertFalse(EntrySlot.hasTagOf(word, 0));
    for (long state :
        new long[] {EntrySlot.EMPTY, EntrySlot.TOMBSTONE, EntrySlot.MOVED, EntrySlot.SEALED}) {
      assertFalse(EntrySlot.isEntry(state));
    }
  }
}
