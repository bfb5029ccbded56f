package io.caisson.collections;

import static io.caisson.collections.OnDomain.smallDomain;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConcurrentBytesTableTest {

  /** Banks of 16 slots: it moves often, and in many banks. */
  private static final TableShape TINY = new TableShape(8, 16, 4);

  private static ConcurrentBytesTable tiny(Allocator allocator, ReclamationDomain domain) {
    return new ConcurrentBytesTable(allocator, domain, TINY);
  }

  private static void run(Consumer<ConcurrentBytesTable> test) {
    OnDomain.run(ConcurrentBytesTableTest::tiny, test);
  }

  private static byte[] key(long i) {
    return ("key-" + i * 7919).getBytes(UTF_8);
  }

  /**
   * A value of 8 to 519 bytes, on both sides of what is reserved at first, that tells if it is
   * whole.
   */
  private static byte[] value(long i) {
    return ByteBuffer.allocate(Long.BYTES + (int) (i & 511)).putLong(i).array();
  }

  private static long decode(byte[] bytes) {
    long i = ByteBuffer.wrap(bytes).getLong();
    assertArrayEquals(value(i), bytes);
    return i;
  }

  private static Map<String, Long> contents(ConcurrentBytesTable table) {
    Map<String, Long> entries = new HashMap<>();
    table.forEach(
        (key, value) -> assertNull(entries.put(key.toString(), decode(value.toByteArray()))));
    return entries;
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void get_emptyTable_answersAbsentWithoutAllocating() {
    try (AccountedAllocator allocator = Allocators.system();
        Arena arena = Arena.ofConfined();
        ReclamationDomain domain = smallDomain();
        ConcurrentBytesTable table = new ConcurrentBytesTable(allocator, domain)) {
      MemorySegment key = arena.allocateFrom("key");
      assertFalse(table.get(key, bytes -> {}));
      assertFalse(table.remove(key));
      assertFalse(table.replace(key, key));
      assertEquals(ConcurrentBytesTable.ABSENT, table.valueByteSize(key));
      assertEquals(ConcurrentBytesTable.ABSENT, table.copyValue(key, key));
      assertTrue(table.isEmpty());
      assertEquals(Map.of(), contents(table));
      table.clear();
      assertEquals(0, allocator.stats().allocations());
    }
  }

  @Test
  void put_everyFormOfKey_isOneKey() {
    LeakCheck.run(allocator -> {
      try (Arena arena = Arena.ofConfined();
          ReclamationDomain domain = smallDomain();
          ConcurrentBytesTable table = new ConcurrentBytesTable(allocator, domain)) {
        MemorySegment text = arena.allocate(5);
        text.copyFrom(MemorySegment.ofArray("World".getBytes(UTF_8)));
        MemorySegment heap = MemorySegment.ofArray("World".getBytes(UTF_8));
        StringView view = StringView.of(text);
        byte[] array = "World".getBytes(UTF_8);
        assertTrue(table.put(text, heap));
        assertFalse(table.put(heap, text));
        assertFalse(table.put(view, view));
        assertFalse(table.put(array, value(3)));
        assertFalse(table.putIfAbsent(text, heap));
        assertFalse(table.putIfAbsent(heap, heap));
        assertFalse(table.putIfAbsent(view, view));
        assertFalse(table.putIfAbsent(array, array));
        assertArrayEquals(value(3), table.get(array));
        assertEquals(11, table.valueByteSize(text));
        assertEquals(11, table.valueByteSize(heap));
        assertEquals(11, table.valueByteSize(view));
        assertEquals(11, table.valueByteSize(array));
        assertTrue(table.containsKey(text));
        assertTrue(table.containsKey(view));
        assertTrue(table.containsKey(array));
        assertTrue(table.get(text, bytes -> assertEquals(11, bytes.size())));
        assertTrue(table.get(view, bytes -> assertEquals(3, bytes.getByte(7))));
        assertTrue(table.get(array, bytes -> assertEquals(0, bytes.getByte(0))));
        try (Guard guard = domain.pin()) {
          StringView before = table.get(guard, text);
          assertEquals(before, table.get(guard, view));
          assertEquals(before, table.get(guard, array));
          assertTrue(table.containsKey(guard, text));
          assertEquals(11, table.valueByteSize(guard, array));
          assertTrue(table.replace(array, value(300)));
          assertNotNull(before);
          assertArrayEquals(value(3), before.toByteArray(), "the view is of the old value");
          assertEquals(308, table.copyValue(guard, text, MemorySegment.ofArray(new byte[308])));
        }
        assertTrue(table.replace(text, heap));
        assertTrue(table.replace(view, view));
        byte[] target = new byte[6];
        assertEquals(5, table.copyValue(text, MemorySegment.ofArray(target)));
        assertEquals("World\0", new String(target, UTF_8));
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> table.copyValue(text, MemorySegment.ofArray(new byte[4])));
        assertTrue(table.remove(view));
        assertFalse(table.remove(text));
        assertFalse(table.remove(array));
        assertTrue(table.put(new byte[0], new byte[0]));
        assertArrayEquals(new byte[0], table.get(new byte[0]));
      }
    });
  }

  @Test
  void compute_functionOfTheValue_insertsReplacesAndRemoves() {
    run(table -> {
      byte[] key = key(1);
      assertFalse(
          table.compute(
              key,
              old -> {
                assertNull(old);
                return null;
              }));
      assertTrue(table.isEmpty());
      assertTrue(table.compute(key, old -> MemorySegment.ofArray(value(1))));
      assertTrue(
          table.compute(
              key,
              old -> {
                assertNotNull(old);
                return MemorySegment.ofArray(value(1 + decode(old.toByteArray())));
              }));
      assertArrayEquals(value(2), table.get(key));
      assertTrue(
          table.merge(
              key,
              MemorySegment.ofArray(value(400)),
              (old, wanted) ->
                  MemorySegment.ofArray(value(decode(old.toByteArray()) + wanted.byteSize()))));
      assertArrayEquals(value(410), table.get(key));
      assertFalse(table.compute(key, old -> null));
      assertTrue(table.isEmpty());
      assertTrue(table.merge(key, MemorySegment.ofArray(value(5)), (old, wanted) -> null));
      assertFalse(table.merge(key, MemorySegment.ofArray(value(5)), (old, wanted) -> null));
      assertThrows(
          ArithmeticException.class,
          () ->
              table.compute(
                  key,
                  old -> {
                    throw new ArithmeticException();
                  }));
      assertTrue(table.isEmpty());
    });
  }

  @Test
  void put_closedSegment_throwsAndChangesNothing() {
    run(table -> {
      Arena arena = Arena.ofConfined();
      MemorySegment closed = arena.allocate(8);
      arena.close();
      MemorySegment key = MemorySegment.ofArray(key(1));
      assertThrows(IllegalStateException.class, () -> table.put(closed, key));
      assertThrows(IllegalStateException.class, () -> table.put(key, closed));
      assertThrows(IllegalStateException.class, () -> table.compute(key, old -> closed));
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

  private static void agreesWithHashMap(Allocator allocator, TableShape shape) {
    long seed = System.nanoTime();
    System.out.println("ConcurrentBytesTable at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    try (ReclamationDomain domain = smallDomain();
        ConcurrentBytesTable table = new ConcurrentBytesTable(allocator, domain, shape)) {
      Map<String, Long> model = new HashMap<>();
      for (int i = 0; i < 6_000; i++) {
        step(random, table, model, i / 1000 % 2 == 0);
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
      ConcurrentBytesTable table,
      Map<String, Long> model,
      boolean growing) {
    byte[] key = key(random.nextInt(500));
    String text = new String(key, UTF_8);
    long value = random.nextInt(1000);
    Long old = model.get(text);
    switch (random.nextInt(growing ? 5 : 10)) {
      case 0 -> {
        assertEquals(old == null, table.put(key, value(value)));
        model.put(text, value);
      }
      case 1 -> {
        assertEquals(old == null, table.putIfAbsent(key, value(value)));
        model.putIfAbsent(text, value);
      }
      case 2 -> {
        assertEquals(old != null, table.replace(key, value(value)));
        model.replace(text, value);
      }
      case 3 -> {
        byte[] found = table.get(key);
        assertEquals(old, found == null ? null : (Long) decode(found));
      }
      case 4 -> {
        table.merge(
            key,
            MemorySegment.ofArray(value(value)),
            (was, wanted) ->
                value % 3 == 0
                    ? null
                    : MemorySegment.ofArray(value(decode(was.toByteArray()) + value)));
        model.merge(text, value, (was, wanted) -> value % 3 == 0 ? null : (Long) (was + wanted));
      }
      default -> {
        assertEquals(old != null, table.remove(key));
        model.remove(text);
      }
    }
  }

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    OomSweep<OnDomain<ConcurrentBytesTable>> sweep =
        OomSweep.of(allocator -> OnDomain.open(ConcurrentBytesTableTest::tiny, allocator));
    for (int i = 0; i < 16; i++) {
      int n = i;
      sweep.absorbingStep("put " + i, held -> held.structure().put(key(n), value(n)));
      sweep.absorbingStep("replace " + i, held -> held.structure().replace(key(n), value(n + 1)));
      sweep.absorbingStep(
          "compute " + i,
          held -> held.structure().compute(key(n), old -> MemorySegment.ofArray(value(n + 2))));
    }
    for (int i = 0; i < 13; i++) {
      byte[] key = key(i);
      sweep.absorbingStep("remove " + i, held -> held.structure().remove(key));
    }
    long swept =
        sweep
            .contents(held -> contents(held.structure()))
            .invariants(held -> held.structure().checkInvariants())
            .run();
    assertTrue(swept > 48, swept + " allocations");
  }

  @Test
  void open_allocatorOfOneThread_throws() {
    LeakCheck.run(parent -> {
      try (ReclamationDomain domain = smallDomain();
          Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(IllegalArgumentException.class, () -> new ConcurrentBytesTable(arena, domain));
      }
    });
  }

  // ---- limits -----------------------------------------------------------------------------------

  @Test
  void replace_garbageAtTheHardLimit_isRefusedAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder()
                  .slots(1)
                  .bagCapacity(1)
                  .hardLimit(2048, LimitPolicy.fail())
                  .build();
          ConcurrentBytesTable table = new ConcurrentBytesTable(allocator, domain, TINY)) {
        assertThrows(
            IllegalArgumentException.class, () -> table.put(key(1), new byte[4096]), "too large");
        for (int i = 0; i < 10; i++) {
          table.put(key(i), value(100 + i));
        }
        Map<String, Long> before;
        try (Guard guard = domain.pin()) {
          assertEquals(domain, guard.domain());
          assertThrows(
              ReclamationLimitException.class,
              () -> {
                for (int i = 0; i < 1000; i++) {
                  table.put(key(i % 10), value(100 + i));
                }
              });
          before = contents(table);
          assertThrows(ReclamationLimitException.class, () -> table.put(key(0), value(500)));
          assertThrows(ReclamationLimitException.class, () -> table.remove(key(0)));
          assertEquals(before, contents(table));
          assertTrue(domain.stats().chargedBytes() <= 2048);
        }
        assertTrue(table.replace(key(0), value(1)));
        assertTrue(table.remove(key(0)));
      }
    });
  }

  // ---- close ------------------------------------------------------------------------------------

  @Test
  void everyOperation_afterClose_throws() {
    run(table -> {
      table.put(key(1), value(1));
      assertEquals("ConcurrentBytesTable(open)", table.toString());
      table.close();
      table.close();
      MemorySegment segment = MemorySegment.ofArray(new byte[8]);
      List<Runnable> operations =
          List.of(
              () -> table.get(key(1)),
              () -> table.get(key(1), bytes -> {}),
              () -> table.copyValue(segment, segment),
              () -> table.valueByteSize(key(1)),
              () -> table.containsKey(segment),
              () -> table.put(key(1), value(1)),
              () -> table.putIfAbsent(segment, segment),
              () -> table.replace(key(1), value(1)),
              () -> table.compute(key(1), old -> null),
              () -> table.merge(key(1), segment, (old, value) -> value),
              () -> table.remove(key(1)),
              () -> table.forEach((key, value) -> {}),
              table::clear,
              table::isEmpty,
              table::size);
      for (Runnable operation : operations) {
        assertThrows(IllegalStateException.class, operation::run);
      }
      assertEquals("ConcurrentBytesTable(closed)", table.toString());
    });
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    OnDomain.assertCloseWaitsForGuards(
        ConcurrentBytesTableTest::tiny,
        table -> table.put(key(7), value(7)),
        table -> table.put(key(8), value(8)));
  }

  @Test
  void close_whileOthersWrite_freesEverything() {
    OnDomain.assertCloseWhileOthersWorkFreesEverything(
        25,
        ConcurrentBytesTableTest::tiny,
        (table, i) -> {
          table.put(key(i % 300), value(i));
          if (i % 3 == 0) {
            table.remove(key((i * 7) % 300));
          }
        });
  }

  // ---- many threads -----------------------------------------------------------------------------

  /** Each thread adds ones; nothing may be lost, while the table grows and shrinks under it. */
  @Test
  void compute_fromManyThreads_losesNoUpdate() {
    run(table -> {
      int threads = 4;
      int keys = 40;
      int each = 2_400;
      try (Workers workers = new Workers()) {
        for (int t = 0; t < threads; t++) {
          int own = 1000 * (t + 1);
          workers.add(() -> {
            for (int i = 0; i < each; i++) {
              table.compute(
                  key(i % keys),
                  old ->
                      MemorySegment.ofArray(
                          value(old == null ? 1 : 1 + decode(old.toByteArray()))));
              byte[] mine = key(own + i % 600);
              if (i / 600 % 2 == 0) {
                assertTrue(table.put(mine, value(i)));
              } else {
                assertTrue(table.remove(mine));
              }
            }
          });
        }
        workers.run();
      }
      table.checkInvariants();
      long sum = 0;
      for (int i = 0; i < keys; i++) {
        sum += decode(table.get(key(i)));
      }
      assertEquals((long) threads * each, sum);
    });
  }

  /** Readers see whole values of their key only, in views and copies, and never miss one. */
  @Test
  void put_underReaders_showsWholeValues() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          ConcurrentBytesTable table = new ConcurrentBytesTable(allocator, domain, TINY)) {
        int keys = 30;
        for (int i = 0; i < keys; i++) {
          table.put(key(i), value(i));
        }
        AtomicInteger running = new AtomicInteger(2);
        try (Workers workers = new Workers()) {
          for (int w = 0; w < 2; w++) {
            int own = 1000 * (w + 1);
            workers.add(() -> {
              try {
                for (int i = 0; i < 6_000; i++) {
                  table.put(key(i % keys), value(i % keys + (long) keys * (i % 50)));
                  if (i / 300 % 2 == 0) {
                    table.put(key(own + i % 300), value(i));
                  } else {
                    table.remove(key(own + i % 300));
                  }
                }
              } finally {
                running.decrementAndGet();
              }
            });
          }
          for (int r = 0; r < 2; r++) {
            workers.add(() -> {
              while (running.get() > 0) {
                try (Guard guard = domain.pin()) {
                  for (int i = 0; i < keys; i++) {
                    StringView value = table.get(guard, key(i));
                    assertNotNull(value, "key " + i);
                    assertEquals(i, decode(value.toByteArray()) % keys);
                  }
                }
              }
            });
          }
          workers.run();
        }
        table.checkInvariants();
      }
    });
  }
}
