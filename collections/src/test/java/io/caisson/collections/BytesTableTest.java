package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BytesTableTest {

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] key(int i) {
    return bytes("key-" + i * 7919 + "-".repeat(i % 40));
  }

  private static Map<String, String> contents(BytesTable table) {
    Map<String, String> entries = new HashMap<>();
    table.forEach((key, value) -> assertNull(entries.put(key.toString(), value.toString())));
    return entries;
  }

  private static String get(BytesTable table, String key) {
    StringView value = table.get(bytes(key));
    return value == null ? null : value.toString();
  }

  @Test
  void put_everyForm_isOneKey() {
    LeakCheck.run(allocator -> {
      try (Arena arena = Arena.ofConfined();
          BytesTable table = new BytesTable(allocator)) {
        MemorySegment world = arena.allocateFrom("World").asSlice(0, 5);
        MemorySegment one = MemorySegment.ofArray(bytes("one"));
        StringView view = StringView.of(world);
        assertTrue(table.put(world, one));
        assertFalse(table.put(view, view));
        assertFalse(table.put(bytes("World"), bytes("second")));
        assertFalse(table.putIfAbsent(world, one));
        assertFalse(table.putIfAbsent(view, view));
        assertFalse(table.putIfAbsent(bytes("World"), bytes("third")));
        assertEquals("second", get(table, "World"));
        assertEquals("second", String.valueOf(table.get(world)));
        assertEquals("second", String.valueOf(table.get(view)));
        assertEquals(6, table.valueByteSize(world));
        assertEquals(6, table.valueByteSize(view));
        assertEquals(BytesTable.ABSENT, table.valueByteSize(bytes("none")));
        assertTrue(table.containsKey(world) && table.containsKey(view));
        assertFalse(table.containsKey(bytes("none")));
        byte[] destination = new byte[8];
        MemorySegment heap = MemorySegment.ofArray(destination);
        assertEquals(6, table.copyValue(world, heap));
        assertArrayEquals(bytes("second\0\0"), destination);
        assertEquals(BytesTable.ABSENT, table.copyValue(one, heap));
        assertThrows(
            IndexOutOfBoundsException.class, () -> table.copyValue(world, heap.asSlice(0, 5)));
        assertTrue(table.remove(world));
        assertFalse(table.remove(view));
        assertFalse(table.remove(bytes("World")));
      }
    });
  }

  @Test
  void put_emptyKeysAndValues_areLikeOthers() {
    LeakCheck.run(allocator -> {
      try (BytesTable table = new BytesTable(allocator)) {
        assertTrue(table.put(new byte[0], new byte[0]));
        assertTrue(table.put(bytes("a"), new byte[0]));
        assertEquals("", get(table, ""));
        table.put(new byte[0], bytes("b"));
        assertEquals(Map.of("", "b", "a", ""), contents(table));
        table.put(new byte[0], new byte[0]);
        assertEquals("", get(table, ""));
        table.checkInvariants();
      }
    });
  }

  @Test
  void put_valueOfAnotherEntryOrItself_isCopiedFirst() {
    LeakCheck.run(allocator -> {
      try (BytesTable table = new BytesTable(allocator)) {
        table.put(bytes("a"), bytes("a long value"));
        StringView value = table.get(bytes("a"));
        assertNotNull(value);
        table.put(StringView.of(value.segment()), value);
        table.put(bytes("b"), bytes("b"));
        table.put(StringView.of(MemorySegment.NULL), value);
        StringView own = table.get(bytes("a"));
        assertNotNull(own);
        MemorySegment tail = own.subView(2, 6).segment();
        table.put(MemorySegment.ofArray(bytes("a")), tail);
        assertEquals("long", get(table, "a"));
        assertEquals("a long value", get(table, "a long value"));
        assertEquals("a long value", get(table, ""));
      }
    });
  }

  @Test
  void get_view_staysValidWhenTheTableGrows() {
    LeakCheck.run(allocator -> {
      try (BytesTable table = new BytesTable(allocator)) {
        table.put(bytes("first"), bytes("value"));
        StringView value = table.get(bytes("first"));
        for (int i = 0; i < 1000; i++) {
          table.put(key(i), key(i));
        }
        assertEquals("value", String.valueOf(value));
      }
    });
  }

  @Test
  void put_closedValue_throwsAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (BytesTable table = new BytesTable(allocator)) {
        table.put(bytes("a"), bytes("b"));
        MemorySegment dead;
        try (Arena arena = Arena.ofConfined()) {
          dead = arena.allocate(10);
        }
        for (String key : List.of("a", "new")) {
          MemorySegment heap = MemorySegment.ofArray(bytes(key));
          assertThrows(IllegalStateException.class, () -> table.put(heap, dead));
        }
        assertEquals(Map.of("a", "b"), contents(table));
        table.checkInvariants();
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void operations_random_agreeWithHashMap(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("BytesTable over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      try (BytesTable table = new BytesTable(allocator)) {
        Map<String, String> model = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
          String key = new String(key(random.nextInt(i < 5000 ? 1000 : 150)), UTF_8);
          String value = "v".repeat(random.nextInt(30)) + i;
          switch (random.nextInt(4)) {
            case 0 ->
                assertEquals(model.put(key, value) == null, table.put(bytes(key), bytes(value)));
            case 1 ->
                assertEquals(
                    model.putIfAbsent(key, value) == null,
                    table.putIfAbsent(bytes(key), bytes(value)));
            case 2 -> assertEquals(model.remove(key) != null, table.remove(bytes(key)));
            default -> assertEquals(model.get(key), get(table, key));
          }
          assertEquals(model.size(), table.size());
          if (i % 997 == 0) {
            table.checkInvariants();
            assertEquals(model, contents(table), () -> "seed " + seed);
          }
        }
        BytesTable.Cursor cursor = table.cursor();
        while (cursor.next()) {
          assertEquals(cursor.keyByteSize(), cursor.key().byteSize());
          assertEquals(model.get(cursor.key().toString()), cursor.value().toString());
          if (cursor.keyByteSize() % 2 == 0) {
            model.remove(cursor.key().toString());
            cursor.remove();
          }
        }
        assertEquals(model, contents(table));
        table.checkInvariants();
      }
    });
  }

  @Test
  void remove_atConstantSize_keepsMemory() {
    try (AccountedAllocator allocator = Allocators.system();
        BytesTable table = new BytesTable(allocator)) {
      for (int i = 0; i < 896; i++) {
        byte[] key = bytes(String.format("%08d", i));
        table.put(key, key);
      }
      long bytes = allocator.stats().liveBytes();
      for (int i = 0; i < 20_000; i++) {
        assertTrue(table.remove(bytes(String.format("%08d", i))));
        byte[] key = bytes(String.format("%08d", i + 896));
        table.put(key, key);
      }
      table.checkInvariants();
      assertEquals(bytes, allocator.stats().liveBytes());
      table.clear();
      table.trimToSize();
      assertEquals(0, allocator.stats().liveBytes());
    }
  }

  @Test
  void everyOperation_afterClose_throws() {
    LeakCheck.run(allocator -> {
      BytesTable table = new BytesTable(allocator);
      byte[] array = {1};
      table.put(array, array);
      table.close();
      table.close();
      MemorySegment heap = MemorySegment.ofArray(array);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment off = arena.allocate(1);
        StringView view = StringView.of(off);
        List<Runnable> uses =
            List.of(
                () -> table.get(heap),
                () -> table.get(off),
                () -> table.get(view),
                () -> table.get(array),
                () -> table.valueByteSize(heap),
                () -> table.valueByteSize(view),
                () -> table.valueByteSize(array),
                () -> table.copyValue(off, heap),
                () -> table.containsKey(off),
                () -> table.containsKey(view),
                () -> table.containsKey(array),
                () -> table.put(heap, heap),
                () -> table.put(off, heap),
                () -> table.put(view, view),
                () -> table.put(array, array),
                () -> table.putIfAbsent(off, heap),
                () -> table.putIfAbsent(view, view),
                () -> table.putIfAbsent(array, array),
                () -> table.remove(off),
                () -> table.remove(view),
                () -> table.remove(array),
                table::cursor,
                () -> table.forEach((key, value) -> {}),
                table::size,
                table::isEmpty,
                table::capacity,
                table::clear,
                () -> table.reserve(1),
                table::trimToSize);
        for (int i = 0; i < uses.size(); i++) {
          assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
        }
      }
      assertEquals("BytesTable(closed)", table.toString());
    });
  }

  @Test
  void cursor_tableChanged_throws() {
    LeakCheck.run(allocator -> {
      try (BytesTable table = new BytesTable(allocator)) {
        table.put(key(1), key(1));
        BytesTable.Cursor cursor = table.cursor();
        assertTrue(cursor.next());
        table.put(key(2), key(2));
        assertThrows(ConcurrentModificationException.class, cursor::key);
        assertThrows(ConcurrentModificationException.class, cursor::next);
        assertThrows(
            ConcurrentModificationException.class,
            () -> table.forEach((key, value) -> table.clear()));
      }
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    long swept =
        OomSweep.of(BytesTable::new)
            .steps(40, "put", (table, i) -> table.put(key(i), key(i + 1)))
            .steps(20, "put another size", (table, i) -> table.put(key(i), key(i + 2)))
            .steps(20, "putIfAbsent", (table, i) -> table.putIfAbsent(key(i + 30), key(i)))
            .step("reserve", table -> table.reserve(200))
            .step("trimToSize", BytesTable::trimToSize)
            .contents(BytesTableTest::contents)
            .invariants(BytesTable::checkInvariants)
            .run();
    assertTrue(swept > 75, "only " + swept + " allocations");
  }
}
