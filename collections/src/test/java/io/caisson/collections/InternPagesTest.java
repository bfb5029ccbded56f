package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.CheckedMemoryException;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an intern table does with the memory of its entries. */
class InternPagesTest {

  private static InternTable create(Allocator allocator) {
    return new InternTable(allocator, "test");
  }

  /** Makes bytes of a size, of which some tell one number from another. */
  private static byte[] bytes(int byteSize, int number) {
    byte[] bytes = new byte[byteSize];
    Arrays.fill(bytes, (byte) '.');
    for (int i = 0; i < Math.min(byteSize, Integer.BYTES); i++) {
      bytes[byteSize - 1 - i] = (byte) (number >>> (Byte.SIZE * i));
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 254, 255, 256, 257, 5000})
  void acquire_anySize_keepsTheBytes(int byteSize) {
    LeakCheck.run(allocator -> {
      try (InternTable table = create(allocator)) {
        int count = byteSize == 0 ? 1 : 200;
        List<Integer> handles = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          handles.add(table.acquire(bytes(byteSize, i)));
        }
        assertEquals(count, new HashSet<>(handles).size());
        for (int i = 0; i < count; i++) {
          assertEquals(byteSize, table.byteSize(handles.get(i)));
          byte[] kept = table.view(handles.get(i)).segment().toArray(ValueLayout.JAVA_BYTE);
          assertTrue(Arrays.equals(bytes(byteSize, i), kept));
        }
        table.checkInvariants();
        handles.forEach(table::release);
        table.checkInvariants();
      }
    });
  }

  @Test
  void release_lastOfAPage_givesItBack() {
    try (AccountedAllocator allocator = Allocators.system();
        InternTable table = create(allocator)) {
      table.reserve(2000);
      table.find(new byte[300]);
      long before = allocator.stats().liveBytes();
      List<Integer> handles = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        handles.add(table.acquire(bytes(20 + i % 3, i)));
      }
      assertTrue(allocator.stats().liveBytes() > before + 20_000);
      for (int i = 0; i < 1000; i += 2) {
        table.release(handles.get(i));
      }
      table.checkInvariants();
      for (int i = 1; i < 1000; i += 2) {
        table.release(handles.get(i));
      }
      table.checkInvariants();
      assertEquals(before, allocator.stats().liveBytes());
    }
  }

  @Test
  void acquire_afterRelease_usesThePlacesAgain() {
    LeakCheck.run(allocator -> {
      try (InternTable table = create(allocator)) {
        Set<Long> addresses = new HashSet<>();
        List<Integer> handles = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          handles.add(table.acquire(bytes(30, i)));
          addresses.add(table.address(handles.get(i)));
        }
        for (int i = 10; i < 90; i += 3) {
          table.release(handles.get(i));
        }
        for (int i = 10; i < 90; i += 3) {
          assertTrue(addresses.contains(table.address(table.acquire(bytes(30, 1000 + i)))));
        }
        table.checkInvariants();
      }
    });
  }

  /** A page that is given back takes its number with it to another size; its generations stay. */
  @Test
  void handles_ofAPageGivenBack_areStale() {
    LeakCheck.run(allocator -> {
      try (InternTable table = create(allocator)) {
        Set<Integer> stale = new HashSet<>();
        for (int round = 0; round < 20; round++) {
          List<Integer> handles = new ArrayList<>();
          for (int i = 0; i < 84; i++) {
            handles.add(table.acquire(bytes(10 + round, i)));
          }
          handles.forEach(handle -> assertFalse(stale.contains(handle)));
          handles.forEach(table::release);
          stale.addAll(handles);
          for (int handle : stale) {
            assertThrows(IllegalArgumentException.class, () -> table.view(handle));
          }
          table.checkInvariants();
        }
      }
    });
  }

  @Test
  void release_arenaThatFreesNothing_usesPagesAgain() {
    LeakCheck.run(parent -> {
      ArenaAllocator arena = new ArenaAllocator(parent, "test", 4096);
      try (AccountedAllocator account = Allocators.accounted(arena);
          InternTable table = create(account)) {
        long live = 0;
        for (int round = 0; round < 50; round++) {
          List<Integer> handles = new ArrayList<>();
          for (int i = 0; i < 300; i++) {
            handles.add(table.acquire(bytes(16, i)));
          }
          handles.forEach(table::release);
          table.checkInvariants();
          live = round == 0 ? account.stats().liveBytes() : live;
          assertEquals(live, account.stats().liveBytes());
        }
      }
    });
  }

  @Test
  void view_afterRelease_isFoundInCheckedMode() {
    assumeTrue(Memory.MODE == MemoryMode.CHECKED, "only checked mode finds it");
    LeakCheck.run(allocator -> {
      try (InternTable table = create(allocator)) {
        int handle = table.acquire("some text");
        table.acquire("more text");
        StringView view = table.view(handle);
        assertEquals("some text", view.toString());
        table.release(handle);
        assertThrows(CheckedMemoryException.class, () -> view.byteAt(0));
        long other = table.address(table.find("more text"));
        assertThrows(CheckedMemoryException.class, () -> Memory.getByte(other + 9));
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void operations_randomSizes_agreeWithHashMap(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("InternPagesTest over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      try (InternTable table = create(allocator)) {
        Map<Integer, Integer> handles = new HashMap<>();
        for (int i = 0; i < 6000; i++) {
          int number = random.nextInt(i / 1000 % 2 == 0 ? 700 : 70);
          byte[] bytes = bytes(4 + number % 3 * 126, number);
          Integer handle = handles.get(number);
          if (handle == null) {
            int made = table.acquire(bytes);
            assertFalse(handles.containsValue(made), () -> "seed " + seed);
            handles.put(number, made);
          } else if (random.nextBoolean()) {
            assertEquals(handle, table.find(bytes), () -> "seed " + seed);
          } else {
            assertTrue(table.release(handle), () -> "seed " + seed);
            handles.remove(number);
            assertEquals(InternTable.NONE, table.find(bytes));
          }
          if (i % 499 == 0) {
            table.checkInvariants();
          }
        }
        assertEquals(handles.size(), table.size());
      }
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheTableUnchanged() {
    OomSweep<InternTable> sweep = OomSweep.of(InternPagesTest::create);
    for (int i = 0; i < 30; i++) {
      byte[] bytes = bytes(i % 3 == 0 ? 300 : 5, i);
      sweep.absorbingStep("acquire", table -> table.acquire(bytes));
      if (i % 5 == 4) {
        byte[] before = bytes(i % 3 == 0 ? 5 : 300, i - 1);
        sweep.absorbingStep(
            "release",
            table -> {
              int handle = table.find(before);
              if (handle != InternTable.NONE) {
                table.release(handle);
              }
            });
      }
    }
    long swept = sweep.contents(InternTable::stats).invariants(InternTable::checkInvariants).run();
    assertTrue(swept > 15, "only " + swept + " allocations");
  }

  /** Each size leaves half a page unused or so, which counts until there are thousands of it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 61})
  void memory_manyEntries_isLittleBesideTheBytes(int sizes) {
    try (AccountedAllocator allocator = Allocators.system();
        InternTable table = create(allocator)) {
      table.find(new byte[64]); // scratch memory, which is not of the entries
      long scratch = allocator.stats().liveBytes();
      for (int i = 1; i <= 60_000; i++) {
        table.acquire(bytes(4 + i % sizes, i));
        if (i % 1000 == 0 && i >= 1000 * sizes) {
          long live = allocator.stats().liveBytes() - scratch - table.stats().keptBytes();
          assertTrue(live < 14L * i, live + " bytes beside those of " + i);
        }
      }
      long live = allocator.stats().liveBytes() - scratch - table.stats().keptBytes();
      assertTrue(live < 15L * 60_000, live + " bytes beside those of 60,000");
    }
  }

  @Test
  void index_drained_givesItsMemoryBack() {
    try (AccountedAllocator allocator = Allocators.system();
        InternTable table = create(allocator)) {
      List<Integer> handles = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        handles.add(table.acquire(bytes(8, i)));
      }
      long full = allocator.stats().liveBytes();
      for (int handle : handles) {
        assertTrue(table.release(handle));
      }
      table.checkInvariants();
      // what stays is what tells old handles from new ones
      assertTrue(allocator.stats().liveBytes() < full / 8, allocator.stats()::toString);
      assertNotEquals(InternTable.NONE, table.acquire(bytes(8, 1)));
    }
  }
}
