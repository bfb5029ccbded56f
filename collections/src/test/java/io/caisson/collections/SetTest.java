package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocators;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests {@link LongSet} and {@link BytesSet}. */
class SetTest {

  private static Set<Long> contents(LongSet set) {
    Set<Long> values = new HashSet<>();
    set.forEach(value -> assertTrue(values.add(value)));
    return values;
  }

  private static Set<String> contents(BytesSet set) {
    Set<String> values = new HashSet<>();
    set.forEach(value -> assertTrue(values.add(value.toString())));
    return values;
  }

  private static byte[] bytes(int i) {
    return ("value-" + i * 7919 + "-".repeat(i % 40)).getBytes(UTF_8);
  }

  @ParameterizedTest
  @EnumSource
  void longSet_atRandom_agreesWithHashSet(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("LongSet over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      try (LongSet set = new LongSet(allocator)) {
        Set<Long> model = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
          long value = random.nextInt(i < 10_000 ? 1500 : 200) - 100L;
          switch (random.nextInt(3)) {
            case 0 -> assertEquals(model.add(value), set.add(value));
            case 1 -> assertEquals(model.remove(value), set.remove(value));
            default -> assertEquals(model.contains(value), set.contains(value));
          }
          if (i % 997 == 0) {
            set.checkInvariants();
            assertEquals(model, contents(set), () -> "seed " + seed);
          }
        }
        LongSet.Cursor cursor = set.cursor();
        while (cursor.next()) {
          if (cursor.value() % 3 == 0) {
            assertTrue(model.remove(cursor.value()));
            cursor.remove();
          }
        }
        assertEquals(model, contents(set));
        assertEquals(model.size(), set.size());
      }
    });
  }

  @ParameterizedTest
  @EnumSource
  void bytesSet_atRandom_agreesWithHashSet(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("BytesSet over " + source + ": seed " + seed);
    Random random = new Random(seed);
    source.run(allocator -> {
      try (BytesSet set = new BytesSet(allocator)) {
        Set<String> model = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
          byte[] value = bytes(random.nextInt(i < 5000 ? 1000 : 150));
          String text = new String(value, UTF_8);
          switch (random.nextInt(3)) {
            case 0 -> assertEquals(model.add(text), set.add(value));
            case 1 -> assertEquals(model.remove(text), set.remove(value));
            default -> assertEquals(model.contains(text), set.contains(value));
          }
          if (i % 997 == 0) {
            set.checkInvariants();
            assertEquals(model, contents(set), () -> "seed " + seed);
          }
        }
        BytesSet.Cursor cursor = set.cursor();
        while (cursor.next()) {
          assertEquals(cursor.valueByteSize(), cursor.value().byteSize());
          if (cursor.valueByteSize() % 2 == 0) {
            assertTrue(model.remove(cursor.value().toString()));
            cursor.remove();
          }
        }
        assertEquals(model, contents(set));
      }
    });
  }

  @Test
  void bytesSet_everyFormOfValue_isOneValue() {
    LeakCheck.run(allocator -> {
      try (Arena arena = Arena.ofConfined();
          BytesSet set = new BytesSet(allocator)) {
        MemorySegment text = arena.allocateFrom("Hello, World!");
        StringView view = StringView.of(text).subView(7, 12);
        assertTrue(set.add(text, 7, 5));
        assertFalse(set.add(view));
        assertFalse(set.add("World".getBytes(UTF_8)));
        assertTrue(set.contains(view));
        assertTrue(set.contains(text, 7, 5));
        assertTrue(set.contains("World".getBytes(UTF_8)));
        assertTrue(set.remove(view));
        assertFalse(set.remove(text, 7, 5));
        assertFalse(set.remove("World".getBytes(UTF_8)));
        assertTrue(set.add(new byte[0]));
        assertTrue(set.contains(new byte[0]));
        assertEquals(Set.of(""), contents(set));
      }
    });
  }

  @Test
  void sets_shrinkClearReserveAndTrim_giveMemoryBack() {
    try (AccountedAllocator allocator = Allocators.system();
        LongSet longs = new LongSet(allocator);
        BytesSet bytes = new BytesSet(allocator)) {
      longs.reserve(1000);
      bytes.reserve(1000);
      assertTrue(longs.capacity() >= 1000 && bytes.capacity() >= 1000);
      for (int i = 0; i < 1000; i++) {
        longs.add(i);
        bytes.add(bytes(i));
      }
      longs.clear();
      bytes.clear();
      assertTrue(longs.isEmpty() && bytes.isEmpty());
      longs.trimToSize();
      bytes.trimToSize();
      assertEquals(0, allocator.stats().liveBytes());
      assertThrows(IllegalArgumentException.class, () -> longs.reserve(-1));
    }
  }

  @Test
  void longSet_slots_takeNineBytes() {
    try (AccountedAllocator allocator = Allocators.system();
        LongSet set = new LongSet(allocator)) {
      set.reserve(896);
      assertEquals(1024 * 9 + HomeGroup.SIZE, allocator.stats().liveBytes());
    }
  }

  @Test
  void forEach_consumerChangesTheSet_throws() {
    LeakCheck.run(allocator -> {
      try (LongSet longs = new LongSet(allocator);
          BytesSet bytes = new BytesSet(allocator)) {
        longs.add(1);
        bytes.add(bytes(1));
        assertThrows(
            ConcurrentModificationException.class, () -> longs.forEach(value -> longs.add(2)));
        assertThrows(
            ConcurrentModificationException.class, () -> bytes.forEach(value -> bytes.close()));
      }
    });
  }

  @Test
  void everyOperation_afterClose_throws() {
    LeakCheck.run(allocator -> {
      LongSet longs = new LongSet(allocator);
      BytesSet bytes = new BytesSet(allocator);
      longs.add(1);
      bytes.add(bytes(1));
      longs.close();
      longs.close();
      bytes.close();
      bytes.close();
      MemorySegment heap = MemorySegment.ofArray(bytes(1));
      try (Arena arena = Arena.ofConfined()) {
        StringView view = StringView.of(arena.allocateFrom("x"));
        List<Runnable> uses =
            List.of(
                () -> longs.add(1),
                () -> longs.contains(1),
                () -> longs.remove(1),
                longs::cursor,
                () -> longs.forEach(value -> {}),
                longs::size,
                longs::isEmpty,
                longs::capacity,
                longs::clear,
                () -> longs.reserve(1),
                longs::trimToSize,
                () -> bytes.add(heap, 0, 1),
                () -> bytes.add(view),
                () -> bytes.add(bytes(1)),
                () -> bytes.contains(heap, 0, 1),
                () -> bytes.contains(view),
                () -> bytes.contains(bytes(1)),
                () -> bytes.remove(heap, 0, 1),
                () -> bytes.remove(view),
                () -> bytes.remove(bytes(1)),
                bytes::cursor,
                () -> bytes.forEach(value -> {}),
                bytes::size,
                bytes::isEmpty,
                bytes::capacity,
                bytes::clear,
                () -> bytes.reserve(1),
                bytes::trimToSize);
        for (int i = 0; i < uses.size(); i++) {
          assertThrows(IllegalStateException.class, uses.get(i)::run, "use " + i);
        }
      }
      assertEquals("LongSet(closed) BytesSet(closed)", longs + " " + bytes);
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheSetUnchanged() {
    long swept =
        OomSweep.of(LongSet::new)
            .steps(100, "add", LongSet::add)
            .step("reserve", set -> set.reserve(300))
            .absorbingStep("remove", set -> removeAll(set))
            .step("trimToSize", LongSet::trimToSize)
            .contents(SetTest::contents)
            .invariants(LongSet::checkInvariants)
            .run();
    assertTrue(swept >= 6, "only " + swept + " allocations");
    swept =
        OomSweep.of(BytesSet::new)
            .steps(60, "add", (set, i) -> set.add(bytes(i)))
            .step("reserve", set -> set.reserve(300))
            .step("trimToSize", BytesSet::trimToSize)
            .contents(SetTest::contents)
            .invariants(BytesSet::checkInvariants)
            .run();
    assertTrue(swept >= 65, "only " + swept + " allocations");
  }

  private static void removeAll(LongSet set) {
    List<Long> values = new ArrayList<>(contents(set));
    values.forEach(set::remove);
  }
}
