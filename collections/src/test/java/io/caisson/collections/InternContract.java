package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.MockAllocator;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.CharBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every intern table does. */
abstract class InternContract {

  /** A table under test: the methods of {@link InternTable}. */
  interface Table extends AutoCloseable {
    int find(MemorySegment source, long offset, long byteSize);

    int find(StringView bytes);

    int find(byte[] bytes);

    int find(CharSequence chars);

    int acquire(MemorySegment source, long offset, long byteSize);

    int acquire(StringView bytes);

    int acquire(byte[] bytes);

    int acquire(CharSequence chars);

    void retain(int handle);

    boolean release(int handle);

    StringView view(int handle);

    long address(int handle);

    int byteSize(int handle);

    String toString(int handle);

    int references(int handle);

    String name();

    long size();

    InternStats stats();

    void reserve(long entries);

    void checkInvariants();

    @Override
    void close();
  }

  private static final int NONE = InternTable.NONE;

  /** Makes a table of any size, called "test". */
  abstract Table create(Allocator allocator);

  /** Makes a table of one size. */
  abstract Table createForIds(Allocator allocator, int byteSize);

  /** Calls the methods of a table, which have the names of those of the interface. */
  static Table of(AutoCloseable table) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          Class<?> type = table.getClass();
          String name = method.getName();
          Method target =
              method.getDeclaringClass() == Object.class
                  ? method
                  : type.getDeclaredMethod(name, method.getParameterTypes());
          try {
            return target.invoke(table, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    Class<?>[] types = {Table.class};
    return (Table) Proxy.newProxyInstance(Table.class.getClassLoader(), types, handler);
  }

  @Test
  void acquire_sameBytesInEveryForm_isOneHandle() {
    LeakCheck.run(allocator -> {
      try (Arena arena = Arena.ofConfined();
          Table table = create(allocator)) {
        MemorySegment text = arena.allocateFrom("say größer!");
        MemorySegment heap = MemorySegment.ofArray("größer".getBytes(UTF_8));
        StringView view = StringView.of(text).subView(4, 12);
        assertEquals(NONE, table.find("größer"));
        int handle = table.acquire("größer");
        assertNotEquals(NONE, handle);
        assertEquals(handle, table.acquire(CharBuffer.wrap("größer")));
        assertEquals(handle, table.acquire(text, 4, 8));
        assertEquals(handle, table.acquire(heap, 0, 8));
        assertEquals(handle, table.acquire(view));
        assertEquals(handle, table.acquire("größer".getBytes(UTF_8)));
        assertEquals(6, table.references(handle));
        assertEquals(handle, table.find("größer"));
        assertEquals(handle, table.find(text, 4, 8));
        assertEquals(handle, table.find(view));
        assertEquals(handle, table.find("größer".getBytes(UTF_8)));
        assertEquals(6, table.references(handle));
        assertEquals("größer", table.toString(handle));
        assertEquals(8, table.byteSize(handle));
        assertEquals(table.view(handle), view);
        assertEquals(table.address(handle), table.view(handle).address());
        int other = table.acquire("größeR");
        assertNotEquals(handle, other);
        assertNotEquals(table.address(handle), table.address(other));
        assertEquals(new InternStats(2, 7, 16, 56), table.stats());
        assertEquals(3.5, table.stats().dedupRatio());
        table.checkInvariants();
      }
    });
  }

  @Test
  void stats_emptyTable_haveARatioOfOne() {
    LeakCheck.run(allocator -> {
      try (Table table = create(allocator)) {
        assertEquals(1, table.stats().dedupRatio());
        int empty = table.acquire("");
        assertEquals("", table.toString(empty));
        assertEquals(0, table.address(empty));
        assertEquals(empty, table.find(new byte[0]));
        assertEquals(1, table.stats().dedupRatio());
        assertTrue(table.release(empty));
        assertEquals("test", table.name());
      }
    });
  }

  @Test
  void release_last_freesTheBytesAndTheHandleIsStale() {
    try (AccountedAllocator allocator = Allocators.system();
        Table table = create(allocator)) {
      table.reserve(100);
      table.find(new byte[40]);
      long before = allocator.stats().liveBytes();
      int handle = table.acquire("a text");
      table.retain(handle);
      assertFalse(table.release(handle));
      assertTrue(table.release(handle));
      assertEquals(before, allocator.stats().liveBytes());
      assertEquals(NONE, table.find("a text"));
      assertRefused(table, handle);
      int again = table.acquire("a text"); // the same place, another generation
      assertNotEquals(handle, again);
      assertRefused(table, handle);
      assertRefused(table, NONE);
      assertRefused(table, -1);
      table.checkInvariants();
    }
  }

  private static void assertRefused(Table table, int handle) {
    List<IntConsumer> uses =
        List.of(
            table::retain,
            table::release,
            table::view,
            table::address,
            table::byteSize,
            table::toString,
            table::references);
    for (IntConsumer use : uses) {
      assertThrows(IllegalArgumentException.class, () -> use.accept(handle));
    }
  }

  @Test
  void generations_wrapAround_neverMakeNone() {
    LeakCheck.run(allocator -> {
      try (Table table = create(allocator)) {
        for (int i = 0; i < 200; i++) {
          int handle = table.acquire("text");
          assertNotEquals(NONE, handle);
          assertTrue(table.release(handle));
          assertRefused(table, handle);
        }
        table.checkInvariants();
      }
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 32})
  void ofIds_otherSizes_areRefused(int byteSize) {
    LeakCheck.run(allocator -> {
      try (Table table = createForIds(allocator, byteSize)) {
        Random random = new Random(byteSize);
        Map<Integer, byte[]> ids = new HashMap<>();
        for (int i = 0; i < 500; i++) {
          byte[] id = new byte[byteSize];
          random.nextBytes(id);
          ids.put(table.acquire(id), id);
        }
        assertEquals(500, ids.size());
        ids.forEach((handle, id) -> assertEquals(handle, table.find(id)));
        for (int bad : new int[] {0, byteSize - 1, byteSize + 1}) {
          assertThrows(IllegalArgumentException.class, () -> table.acquire(new byte[bad]));
          assertThrows(IllegalArgumentException.class, () -> table.find(new byte[bad]));
        }
        table.checkInvariants();
      }
      assertThrows(IllegalArgumentException.class, () -> createForIds(allocator, 0));
    });
  }

  @Test
  void views_tableGrows_stayValid() {
    LeakCheck.run(allocator -> {
      try (Table table = create(allocator)) {
        StringView first = table.view(table.acquire("the first"));
        for (int i = 0; i < 5000; i++) {
          table.acquire("text " + i);
        }
        assertEquals("the first", first.toString());
        assertEquals(first.address(), table.address(table.find("the first")));
      }
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void operations_random_agreeWithHashMap(TestAllocators source) {
    runAtRandom(source);
  }

  /** Does the same to a table and to a map. */
  final void runAtRandom(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println(getClass().getSimpleName() + " over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      try (Table table = create(allocator)) {
        Map<String, Integer> counts = new HashMap<>();
        Map<String, Integer> handles = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
          String text = "token".repeat(1 + i % 3) + random.nextInt(i < 5000 ? 800 : 100);
          int handle = table.find(text);
          assertEquals(handles.getOrDefault(text, NONE), handle, () -> "seed " + seed);
          switch (random.nextInt(4)) {
            case 0 -> {
              if (handle != NONE) {
                table.retain(handle);
                counts.merge(text, 1, Integer::sum);
              }
            }
            case 1 -> {
              handles.put(text, table.acquire(text));
              counts.merge(text, 1, Integer::sum);
            }
            default -> {
              if (handle != NONE) {
                int left = counts.merge(text, -1, Integer::sum);
                assertEquals(left == 0, table.release(handle));
                if (left == 0) {
                  counts.remove(text);
                  handles.remove(text);
                }
              }
            }
          }
          if (i % 997 == 0) {
            table.checkInvariants();
          }
        }
        assertEquals(counts.size(), table.size());
        handles.forEach((text, handle) -> {
          assertEquals(text, table.toString(handle));
          assertEquals(counts.get(text), table.references(handle));
        });
        assertEquals(handles.size(), new HashSet<>(handles.values()).size());
      }
    });
  }

  /** Of an index of two or three chunks each is passed by some entry, sooner or later. */
  @Test
  void find_everyChunkWasPassed_ends() {
    LeakCheck.run(allocator -> {
      try (Table table = create(allocator)) {
        Random random = new Random(1);
        int[] handles = new int[400];
        for (int i = 0; i < 50_000; i++) {
          int number = random.nextInt(handles.length);
          String text = "text " + number;
          assertEquals(handles[number], table.find(text));
          if (handles[number] != NONE) {
            table.release(handles[number]);
            handles[number] = NONE;
          } else if (table.size() < 22) {
            handles[number] = table.acquire(text);
          }
        }
        table.checkInvariants();
      }
    });
  }

  @Test
  void everyOperation_afterClose_throws() {
    LeakCheck.run(allocator -> {
      Table table = create(allocator);
      int handle = table.acquire("text");
      table.acquire("other");
      table.close();
      table.close();
      MemorySegment heap = MemorySegment.ofArray(new byte[4]);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment off = arena.allocate(4);
        StringView view = StringView.of(off);
        List<Runnable> uses =
            List.of(
                () -> table.find("text"),
                () -> table.find(heap, 0, 4),
                () -> table.find(off, 0, 4),
                () -> table.find(view),
                () -> table.find(new byte[4]),
                () -> table.acquire("text"),
                () -> table.acquire(heap, 0, 4),
                () -> table.acquire(off, 0, 4),
                () -> table.acquire(view),
                () -> table.acquire(new byte[4]),
                () -> table.retain(handle),
                () -> table.release(handle),
                () -> table.view(handle),
                () -> table.address(handle),
                () -> table.byteSize(handle),
                () -> table.toString(handle),
                () -> table.references(handle),
                table::size,
                table::stats,
                () -> table.reserve(1));
        for (int i = 0; i < uses.size(); i++) {
          assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
        }
      }
      assertTrue(table.toString().endsWith("InternTable(test, closed)"));
    });
  }

  @Test
  void badArguments_areRefused() {
    LeakCheck.run(allocator -> {
      try (Table table = create(allocator)) {
        MemorySegment heap = MemorySegment.ofArray(new byte[4]);
        assertThrows(IndexOutOfBoundsException.class, () -> table.acquire(heap, 2, 3));
        assertThrows(IllegalArgumentException.class, () -> table.acquire("\ud800"));
        assertThrows(IllegalArgumentException.class, () -> table.reserve(-1));
        assertThrows(IllegalArgumentException.class, () -> table.reserve((1L << 26) + 1));
        assertEquals(0, table.size());
      }
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    OomSweep<Table> sweep = OomSweep.of(this::create);
    for (int i = 0; i < 40; i++) {
      String text = "token " + i % 30;
      sweep.absorbingStep("acquire", table -> table.acquire(text));
    }
    long swept =
        sweep
            .absorbingStep("find", table -> table.find("x".repeat(200)))
            .absorbingStep("reserve", table -> table.reserve(200))
            .contents(InternContract::contents)
            .invariants(Table::checkInvariants)
            .run();
    assertTrue(swept > 10, "only " + swept + " allocations");
  }

  private static Map<String, Integer> contents(Table table) {
    Map<String, Integer> contents = new HashMap<>();
    for (int i = 0; i < 30; i++) {
      int handle = table.find("token " + i);
      if (handle != NONE) {
        contents.put("token " + i, table.references(handle));
      }
    }
    return contents;
  }

  @Test
  void acquire_noRoom_takesNothing() {
    for (int limit : new int[] {100, 150, 250}) {
      for (int byteSize : new int[] {1, 400}) {
        acquireUntilRefused(limit, byteSize);
      }
    }
  }

  private void acquireUntilRefused(int limit, int byteSize) {
    try (AccountedAllocator account = Allocators.system()) {
      MockAllocator mock = new MockAllocator(account).failAbove(limit);
      try (Table table = create(mock);
          Arena arena = Arena.ofConfined()) {
        MemorySegment bytes = arena.allocate(byteSize);
        AllocationException refused = null;
        for (int i = 0; refused == null; i++) {
          bytes.set(ValueLayout.JAVA_BYTE, 0, (byte) i);
          InternStats before = table.stats();
          try {
            table.acquire(bytes, 0, byteSize);
          } catch (AllocationException e) {
            refused = e;
            assertEquals(before, table.stats());
          }
        }
        table.checkInvariants();
      }
    }
  }
}
