package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BytesLongTableTest {

  private static final long ABSENT = Long.MIN_VALUE;

  private static byte[] key(int i) {
    return ("key-" + i * 7919 + "-".repeat(i % 40)).getBytes(UTF_8);
  }

  private static Map<String, Long> contents(BytesLongTable table) {
    Map<String, Long> entries = new HashMap<>();
    table.forEach((key, value) -> assertEquals(null, entries.put(key.toString(), value)));
    return entries;
  }

  @Test
  void get_emptyTable_answersAbsent() {
    try (AccountedAllocator allocator = Allocators.system();
        Arena arena = Arena.ofConfined();
        BytesLongTable table = new BytesLongTable(allocator)) {
      MemorySegment source = arena.allocateFrom("key");
      assertEquals(ABSENT, table.get(source, 0, 3, ABSENT));
      assertEquals(ABSENT, table.remove(source, 0, 3, ABSENT));
      assertTrue(table.isEmpty());
      assertEquals(0, allocator.stats().allocations());
    }
  }

  @Test
  void put_everyFormOfKey_isOneKey() {
    LeakCheck.run(allocator -> {
      try (Arena arena = Arena.ofConfined();
          BytesLongTable table = new BytesLongTable(allocator)) {
        MemorySegment text = arena.allocateFrom("Hello, World!");
        MemorySegment heap = MemorySegment.ofArray("Hello, World!".getBytes(UTF_8));
        StringView view = StringView.of(text).subView(7, 12);
        assertEquals(ABSENT, table.put(text, 7, 5, 1, ABSENT));
        assertEquals(1, table.put(heap, 7, 5, 2, ABSENT));
        assertEquals(2, table.put(view, 3, ABSENT));
        assertEquals(3, table.put("World".getBytes(UTF_8), 4, ABSENT));
        assertEquals(4, table.get(text, 7, 5, ABSENT));
        assertEquals(4, table.get(heap, 7, 5, ABSENT));
        assertEquals(4, table.get(view, ABSENT));
        assertEquals(4, table.get("World".getBytes(UTF_8), ABSENT));
        assertEquals(5, table.addTo(text, 7, 5, 1));
        assertEquals(6, table.addTo(heap, 7, 5, 1));
        assertEquals(7, table.addTo(view, 1));
        assertEquals(8, table.addTo("World".getBytes(UTF_8), 1));
        assertEquals(1, table.addTo("world".getBytes(UTF_8), 1));
        assertEquals(8, table.putIfAbsent(text, 7, 5, 9, ABSENT));
        assertEquals(8, table.putIfAbsent(view, 9, ABSENT));
        assertEquals(8, table.putIfAbsent("World".getBytes(UTF_8), 9, ABSENT));
        assertEquals(8, table.merge(text, 7, 5, 3, Math::max));
        assertEquals(8, table.merge(view, 3, Math::max));
        assertEquals(1, table.merge("world".getBytes(UTF_8), 0, Math::max));
        assertEquals(9, table.compute(text, 7, 5, 0, value -> value + 1));
        assertEquals(10, table.compute(view, 0, value -> value + 1));
        assertEquals(8, table.compute("World".getBytes(UTF_8), 0, value -> value - 2));
        assertEquals(6, table.compute("new".getBytes(UTF_8), 5, value -> value + 1));
        assertEquals(6, table.remove("new".getBytes(UTF_8), ABSENT));
        assertTrue(table.containsKey(text, 7, 5));
        assertTrue(table.containsKey(view));
        assertFalse(table.containsKey("World!".getBytes(UTF_8)));
        assertThrows(
            ConcurrentModificationException.class,
            () -> table.merge(view, 1, (a, b) -> table.put(new byte[1], 1, ABSENT)));
        assertEquals(1, table.remove(new byte[1], ABSENT));
        assertEquals(Map.of("World", 8L, "world", 1L), contents(table));
        assertEquals(8, table.remove(view, ABSENT));
        assertEquals(1, table.remove("world".getBytes(UTF_8), ABSENT));
        assertEquals(ABSENT, table.remove(heap, 7, 5, ABSENT));
      }
    });
  }

  @Test
  void put_viewLargerThanAKeyMayBe_throws(@TempDir Path directory) throws IOException {
    Path sparse = directory.resolve("sparse");
    try (AccountedAllocator allocator = Allocators.system();
        BytesLongTable table = new BytesLongTable(allocator);
        Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(
                sparse,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.SPARSE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      MemorySegment large = channel.map(FileChannel.MapMode.READ_WRITE, 0, (1L << 32) + 5, arena);
      assertThrows(
          IllegalArgumentException.class, () -> table.put(StringView.of(large), 7, ABSENT));
      assertThrows(
          IllegalArgumentException.class, () -> table.put(large, 0, large.byteSize(), 7, ABSENT));
      assertTrue(table.isEmpty());
    }
  }

  @Test
  void put_keyChangedAfterwards_keepsTheCopy() {
    LeakCheck.run(allocator -> {
      try (BytesLongTable table = new BytesLongTable(allocator)) {
        byte[] key = {1, 2, 3};
        table.put(key, 5, ABSENT);
        key[0] = 9;
        assertEquals(ABSENT, table.get(key, ABSENT));
        assertEquals(5, table.get(new byte[] {1, 2, 3}, ABSENT));
      }
    });
  }

  @Test
  void put_emptyAndZeroKeys_areKeysLikeOthers() {
    LeakCheck.run(allocator -> {
      try (BytesLongTable table = new BytesLongTable(allocator)) {
        for (int size = 0; size < 300; size++) {
          assertEquals(ABSENT, table.put(new byte[size], size, ABSENT));
        }
        for (int size = 0; size < 300; size++) {
          assertEquals(size, table.get(new byte[size], ABSENT));
        }
        table.checkInvariants();
        assertEquals(300, table.size());
        assertEquals(0, table.remove(new byte[0], ABSENT));
        assertEquals(ABSENT, table.get(new byte[0], ABSENT));
      }
    });
  }

  @Test
  void put_keyOutsideItsSegment_throws() {
    LeakCheck.run(allocator -> {
      try (BytesLongTable table = new BytesLongTable(allocator)) {
        MemorySegment heap = MemorySegment.ofArray(new byte[10]);
        assertThrows(IndexOutOfBoundsException.class, () -> table.put(heap, 5, 6, 1, ABSENT));
        assertThrows(IndexOutOfBoundsException.class, () -> table.put(heap, -1, 2, 1, ABSENT));
        assertThrows(IndexOutOfBoundsException.class, () -> table.put(heap, 1, -2, 1, ABSENT));
        MemorySegment dead;
        try (Arena arena = Arena.ofConfined()) {
          dead = arena.allocate(10);
        }
        assertThrows(IllegalStateException.class, () -> table.put(dead, 0, 10, 1, ABSENT));
        assertTrue(table.isEmpty());
      }
    });
  }

  @ParameterizedTest
  @EnumSource(TestAllocators.class)
  void everyOperation_atRandom_agreesWithHashMap(TestAllocators kind) {
    long seed = System.nanoTime();
    System.out.println("BytesLongTable at random: seed " + seed);
    Random random = new Random(seed);
    kind.run(allocator -> {
      try (BytesLongTable table = new BytesLongTable(allocator)) {
        Map<String, Long> model = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
          byte[] key = key(random.nextInt(i < 5000 ? 1000 : 150));
          String text = new String(key, UTF_8);
          long value = random.nextLong();
          switch (random.nextInt(4)) {
            case 0 -> assertEquals(previous(model.put(text, value)), table.put(key, value, ABSENT));
            case 1 ->
                assertEquals((long) model.merge(text, value, Long::sum), table.addTo(key, value));
            default -> assertEquals(previous(model.remove(text)), table.remove(key, ABSENT));
          }
          assertEquals(model.size(), table.size());
          if (i % 997 == 0) {
            table.checkInvariants();
            assertEquals(model, contents(table));
          }
        }
        model.forEach((key, value) -> assertEquals(value, table.get(key.getBytes(UTF_8), ABSENT)));
      }
    });
  }

  private static long previous(Long value) {
    return value == null ? ABSENT : value;
  }

  @Test
  void remove_atConstantSize_keepsMemory() {
    try (AccountedAllocator allocator = Allocators.system();
        BytesLongTable table = new BytesLongTable(allocator)) {
      for (int i = 0; i < 896; i++) {
        table.put(String.format("%08d", i).getBytes(UTF_8), i, ABSENT);
      }
      long bytes = allocator.stats().liveBytes();
      for (int i = 0; i < 20_000; i++) {
        assertEquals(i, table.remove(String.format("%08d", i).getBytes(UTF_8), ABSENT));
        table.put(String.format("%08d", i + 896).getBytes(UTF_8), i + 896, ABSENT);
      }
      table.checkInvariants();
      assertEquals(bytes, allocator.stats().liveBytes());
    }
  }

  @Test
  void clearAndTrim_freeTheKeysAndThenAll() {
    try (AccountedAllocator allocator = Allocators.system();
        BytesLongTable table = new BytesLongTable(allocator)) {
      for (int i = 0; i < 1000; i++) {
        table.put(key(i), i, ABSENT);
      }
      table.clear();
      assertTrue(table.isEmpty());
      assertTrue(allocator.stats().liveBlocks() <= 2);
      table.put(key(3), 3, ABSENT);
      assertEquals(3, table.get(key(3), ABSENT));
      table.remove(key(3), ABSENT);
      table.trimToSize();
      assertEquals(0, allocator.stats().liveBlocks());
    }
  }

  @Test
  void cursor_walksOverEveryEntryOnceAndUpdatesInPlace() {
    LeakCheck.run(allocator -> {
      try (BytesLongTable table = new BytesLongTable(allocator)) {
        for (int i = 0; i < 100; i++) {
          table.put(key(i), i, ABSENT);
        }
        BytesLongTable.Cursor cursor = table.cursor();
        assertThrows(IllegalStateException.class, cursor::value);
        int entries = 0;
        while (cursor.next()) {
          entries++;
          assertEquals(cursor.key().byteSize(), cursor.keyByteSize());
          assertEquals(cursor.value(), table.get(cursor.key(), ABSENT));
          cursor.setValue(cursor.value() * 2);
        }
        assertEquals(100, entries);
        for (int i = 0; i < 100; i++) {
          assertEquals(i * 2L, table.get(key(i), ABSENT));
        }
        BytesLongTable.Cursor removing = table.cursor();
        while (removing.next()) {
          if (removing.value() >= 100) {
            removing.remove();
          }
        }
        assertEquals(50, table.size());
        table.checkInvariants();
        BytesLongTable.Cursor stale = table.cursor();
        assertTrue(stale.next());
        table.remove(key(1), ABSENT);
        assertThrows(ConcurrentModificationException.class, stale::key);
        assertThrows(ConcurrentModificationException.class, stale::next);
        assertThrows(
            ConcurrentModificationException.class,
            () -> table.forEach((key, value) -> table.close()));
      }
    });
  }

  @Test
  void everyOperation_afterClose_throws() {
    LeakCheck.run(allocator -> {
      BytesLongTable table = new BytesLongTable(allocator);
      MemorySegment heap = MemorySegment.ofArray(new byte[] {1});
      table.put(heap, 0, 1, 1, ABSENT);
      table.close();
      table.close();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment off = arena.allocate(8);
        StringView view = StringView.of(off);
        List<Consumer<BytesLongTable>> operations =
            Arrays.asList(
                t -> t.get(heap, 0, 1, ABSENT),
                t -> t.get(off, 0, 1, ABSENT),
                t -> t.get(view, ABSENT),
                t -> t.get(new byte[] {1}, ABSENT),
                t -> t.put(heap, 0, 1, 1, ABSENT),
                t -> t.put(off, 0, 1, 1, ABSENT),
                t -> t.put(view, 1, ABSENT),
                t -> t.addTo(heap, 0, 1, 1),
                t -> t.addTo(off, 0, 1, 1),
                t -> t.addTo(view, 1),
                t -> t.putIfAbsent(heap, 0, 1, 1, ABSENT),
                t -> t.putIfAbsent(view, 1, ABSENT),
                t -> t.merge(heap, 0, 1, 1, Long::sum),
                t -> t.merge(view, 1, Long::sum),
                t -> t.compute(heap, 0, 1, 1, value -> value),
                t -> t.compute(view, 1, value -> value),
                t -> t.containsKey(heap, 0, 1),
                t -> t.containsKey(view),
                t -> t.remove(heap, 0, 1, ABSENT),
                t -> t.remove(off, 0, 1, ABSENT),
                t -> t.remove(view, ABSENT),
                BytesLongTable::cursor,
                t -> t.forEach((key, value) -> {}),
                BytesLongTable::size,
                BytesLongTable::isEmpty,
                BytesLongTable::capacity,
                BytesLongTable::clear,
                t -> t.reserve(10),
                BytesLongTable::trimToSize);
        for (Consumer<BytesLongTable> operation : operations) {
          assertThrows(IllegalStateException.class, () -> operation.accept(table));
        }
      }
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    long swept =
        OomSweep.of(BytesLongTable::new)
            .steps(40, "put", (table, i) -> table.put(key(i), i, ABSENT))
            .steps(20, "addTo", (table, i) -> table.addTo(key(i + 30), i))
            .steps(20, "putIfAbsent", (table, i) -> table.putIfAbsent(key(i + 45), i, ABSENT))
            .steps(20, "merge", (table, i) -> table.merge(key(i + 55), i, Long::sum))
            .steps(20, "compute", (table, i) -> table.compute(key(i + 70), i, value -> value + 1))
            .step("get", table -> table.get(key(3), ABSENT))
            .step("reserve", table -> table.reserve(200))
            .absorbingStep("remove", table -> removeAll(table, 75))
            .step("trimToSize", BytesLongTable::trimToSize)
            .step("put after trim", table -> table.put(key(141), 1, ABSENT))
            .contents(BytesLongTableTest::contents)
            .invariants(BytesLongTable::checkInvariants)
            .run();
    assertTrue(swept > 55, "only " + swept + " allocations");
  }

  private static void removeAll(BytesLongTable table, int keys) {
    for (int i = 0; i < keys; i++) {
      table.remove(key(i), ABSENT);
    }
  }

  @Test
  void put_growthFails_freesTheKeyAgain() {
    try (AccountedAllocator account = Allocators.system()) {
      MockAllocator mock = new MockAllocator(account).failAbove(300);
      try (BytesLongTable table = new BytesLongTable(mock)) {
        for (int i = 0; i < 7; i++) {
          table.put(key(i), i, ABSENT);
        }
        long blocks = account.stats().liveBlocks();
        assertThrows(AllocationException.class, () -> table.put(key(7), 7, ABSENT));
        assertEquals(blocks, account.stats().liveBlocks());
        assertFalse(contents(table).containsValue(7L));
      }
    }
  }
}
