package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.caisson.alloc.internal.Memory;
import io.caisson.testkit.LeakCheck;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests {@link LongTableCore} with mixed keys that no honest mix makes. */
class LongTableCoreTest {

  private static final long STRIDE = 2 * Long.BYTES;

  private static void put(LongTableCore core, Map<Long, Long> model, long mixed, long value) {
    long slot = LongTableCore.find(core, mixed, STRIDE);
    if (slot == Memory.NULL) {
      slot = core.insert(mixed);
    }
    Memory.putLong(slot + Long.BYTES, value);
    model.put(mixed, value);
  }

  private static void check(LongTableCore core, Map<Long, Long> model) {
    core.checkInvariants();
    assertEquals(model.size(), core.size);
    long index = -1;
    for (Map.Entry<Long, Long> entry : model.entrySet()) { // in order, as the slots are
      index = core.nextFull(index + 1);
      assertEquals(entry.getKey(), Memory.getLong(core.slot(index)));
      assertEquals(entry.getValue(), Memory.getLong(core.slot(index) + Long.BYTES));
      assertEquals(core.slot(index), LongTableCore.find(core, entry.getKey(), STRIDE));
    }
    assertEquals(-1, core.nextFull(index + 1));
  }

  /** Keys crowd at both ends, in the middle, or are anywhere; the table is as full as it may be. */
  @ParameterizedTest
  @CsvSource({"0", "64", "131072"})
  void insertAndRemove_crowdedKeys_keepInvariants(long taggedCapacity) {
    long seed = System.nanoTime();
    System.out.println("LongTableCore, tags up to " + taggedCapacity + ": seed " + seed);
    Random random = new Random(seed);
    LeakCheck.run(allocator -> {
      for (int round = 0; round < 40; round++) {
        LongTableCore core = new LongTableCore(allocator, STRIDE, taggedCapacity);
        TreeMap<Long, Long> model = new TreeMap<>();
        int most = 1 + random.nextInt(round % 4 == 0 ? 500 : 60);
        LongSupplier keys = keys(random, round % 5);
        for (int i = 0; i < 600; i++) {
          long mixed = keys.getAsLong();
          if (model.size() < most) {
            put(core, model, mixed, i);
          } else {
            Long next = model.ceilingKey(mixed);
            long removed = next == null ? model.firstKey() : next;
            core.removeAt(LongTableCore.find(core, removed, STRIDE));
            model.remove(removed);
          }
          if (i % 50 == 0) {
            check(core, model);
            assertEquals(
                model.containsKey(mixed), LongTableCore.find(core, mixed, STRIDE) != Memory.NULL);
          }
        }
        check(core, model);
        core.trimToSize();
        check(core, model);
        core.close();
      }
    });
  }

  private static LongSupplier keys(Random random, int kind) {
    return switch (kind) {
      case 0 -> random::nextLong;
      case 1 -> () -> Long.MAX_VALUE - 1 - random.nextInt(1000);
      case 2 -> () -> Long.MIN_VALUE + random.nextInt(1000);
      case 3 -> () -> random.nextInt(1000);
      default -> () -> (random.nextLong() >> (63 - random.nextInt(64))) | (0x7ffL << 52);
    };
  }

  @Test
  void insert_theKeyOfEmptySlots_changesTheSeed() {
    LeakCheck.run(allocator -> {
      try (LongLongTable table = new LongLongTable(allocator, 64)) {
        for (long i = 0; i < 300; i++) {
          long key = table.keyOfEmpty();
          assertEquals(-1, table.get(key, -1));
          assertEquals(-1, table.remove(key, -1));
          assertEquals(-1, table.put(key, i, -1));
          assertNotEquals(key, table.keyOfEmpty());
          assertEquals(i, table.get(key, -1));
          table.checkInvariants();
        }
        assertEquals(300, table.size());
        long[] sum = {0};
        table.forEach((key, value) -> sum[0] += value);
        assertEquals(299 * 300 / 2, sum[0]);
      }
    });
  }

  @Test
  void checkInvariants_brokenTable_throws() {
    LeakCheck.run(allocator -> {
      LongTableCore core = new LongTableCore(allocator, STRIDE, 64);
      long first = core.insert(-5);
      core.checkInvariants();
      Memory.putLong(first, 5);
      assertThrows(AssertionError.class, core::checkInvariants);
      core.close();
    });
  }

  @Test
  void mix_anyKey_canBeUndone() {
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      long key = random.nextLong() >> i % 64;
      long seed = random.nextLong();
      assertEquals(key, LongMix.unmix(LongMix.mix(key, seed), seed));
    }
  }
}
