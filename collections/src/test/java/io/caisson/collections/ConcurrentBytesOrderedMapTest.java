package io.caisson.collections;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConcurrentBytesOrderedMapTest {

  record Held(ReclamationDomain domain, ConcurrentBytesOrderedMap map) implements AutoCloseable {
    @Override
    public void close() {
      map.close();
      domain.close();
    }
  }

  private static Held hold(Allocator allocator) {
    ReclamationDomain domain = ReclamationDomain.builder().slots(4).bagCapacity(4).build();
    try {
      return new Held(domain, new ConcurrentBytesOrderedMap(allocator, domain));
    } catch (RuntimeException | Error e) {
      domain.close();
      throw e;
    }
  }

  private static void run(Consumer<Held> test) {
    LeakCheck.run(allocator -> {
      try (Held held = hold(allocator)) {
        test.accept(held);
      }
    });
  }

  private static MemorySegment segment(byte... bytes) {
    return MemorySegment.ofArray(bytes);
  }

  private static byte[] array(Slice slice) {
    return slice.segment().toArray(ValueLayout.JAVA_BYTE);
  }

  /** Entries as text, so that they compare. */
  private static List<String> contents(ConcurrentBytesOrderedMap map) {
    List<String> contents = new ArrayList<>();
    map.forEach((key, value) -> contents.add(text(array(key), array(value))));
    return contents;
  }

  private static String text(byte[] key, byte[] value) {
    return Arrays.toString(key) + "=" + Arrays.toString(value);
  }

  private static List<String> contents(Map<byte[], byte[]> model) {
    List<String> contents = new ArrayList<>();
    model.forEach((key, value) -> contents.add(text(key, value)));
    return contents;
  }

  /** Short keys of few different bytes, many of which begin others. */
  private static byte[] randomKey(SplittableRandom random) {
    byte[] alphabet = {0, 1, 'a', (byte) 0x80, (byte) 0xff};
    byte[] key = new byte[random.nextInt(4) == 0 ? 7 + random.nextInt(12) : random.nextInt(4)];
    for (int i = 0; i < key.length; i++) {
      key[i] = i > 2 && i < 16 ? 1 : alphabet[random.nextInt(alphabet.length)];
    }
    return key;
  }

  private static byte[] randomValue(SplittableRandom random) {
    byte[] value = new byte[random.nextInt(40)];
    random.nextBytes(value);
    return value;
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void everyOperation_atRandom_agreesWithTreeMap(TestAllocators kind) {
    kind.run(ConcurrentBytesOrderedMapTest::agreesWithTreeMap);
  }

  private static void agreesWithTreeMap(Allocator allocator) {
    long seed = System.nanoTime();
    System.out.println("ConcurrentBytesOrderedMapTest at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    try (Held held = hold(allocator)) {
      ConcurrentBytesOrderedMap map = held.map;
      NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
      for (int i = 0; i < 4000; i++) {
        change(map, model, random.nextInt(9), randomKey(random), randomValue(random));
        look(map, model, randomKey(random));
        if (i % 499 == 0) {
          map.checkInvariants();
          assertEquals(contents(model), contents(map));
          assertEquals(model.size(), map.size());
          compareRange(map, model, randomKey(random), randomKey(random));
        }
      }
      map.clear();
      assertTrue(map.isEmpty());
      map.checkInvariants();
    }
  }

  private static void change(
      ConcurrentBytesOrderedMap map,
      NavigableMap<byte[], byte[]> model,
      int operation,
      byte[] key,
      byte[] value) {
    switch (operation) {
      case 0 -> assertEquals(model.putIfAbsent(key, value) == null, map.putIfAbsent(key, value));
      case 1 -> assertEquals(model.replace(key, value) != null, map.replace(key, value));
      case 2 -> assertPolled(model.pollFirstEntry(), map, true);
      case 3 -> assertPolled(model.pollLastEntry(), map, false);
      case 4 -> assertEquals(model.remove(key) != null, map.remove(key));
      default -> assertEquals(model.put(key, value) == null, map.put(key, value));
    }
  }

  private static void assertPolled(
      Map.Entry<byte[], byte[]> expected, ConcurrentBytesOrderedMap map, boolean first) {
    List<String> polled = new ArrayList<>();
    ConcurrentBytesOrderedMap.EntryConsumer consumer =
        (key, value) -> polled.add(text(array(key), array(value)));
    assertEquals(expected != null, first ? map.pollFirst(consumer) : map.pollLast(consumer));
    assertEquals(
        expected == null ? List.of() : List.of(text(expected.getKey(), expected.getValue())),
        polled);
  }

  private static void look(
      ConcurrentBytesOrderedMap map, NavigableMap<byte[], byte[]> model, byte[] key) {
    assertArrayEquals(model.get(key), map.get(key));
    assertEquals(model.containsKey(key), map.containsKey(key));
    assertFound(model.floorEntry(key), map::floor, key);
    assertFound(model.lowerEntry(key), map::lower, key);
    assertFound(model.ceilingEntry(key), map::ceiling, key);
    assertFound(model.higherEntry(key), map::higher, key);
    assertFound(model.firstEntry(), (any, consumer) -> map.first(consumer), key);
    assertFound(model.lastEntry(), (any, consumer) -> map.last(consumer), key);
  }

  private interface Finder {
    boolean find(MemorySegment key, ConcurrentBytesOrderedMap.EntryConsumer consumer);
  }

  private static void assertFound(Map.Entry<byte[], byte[]> expected, Finder finder, byte[] key) {
    List<String> found = new ArrayList<>();
    boolean any =
        finder.find(segment(key), (found1, value) -> found.add(text(array(found1), array(value))));
    assertEquals(expected != null, any);
    assertEquals(
        expected == null ? List.of() : List.of(text(expected.getKey(), expected.getValue())),
        found);
  }

  private static void compareRange(
      ConcurrentBytesOrderedMap map, NavigableMap<byte[], byte[]> model, byte[] from, byte[] to) {
    List<String> expected =
        Arrays.compareUnsigned(from, to) > 0 ? List.of() : contents(model.subMap(from, to));
    List<String> met = new ArrayList<>();
    map.forEach(
        segment(from), segment(to), (key, value) -> met.add(text(array(key), array(value))));
    assertEquals(expected, met);
    met.clear();
    map.forEachDescending(
        segment(from), segment(to), (key, value) -> met.add(text(array(key), array(value))));
    Collections.reverse(met);
    assertEquals(expected, met);
    met.clear();
    map.forEachDescending((key, value) -> met.add(text(array(key), array(value))));
    Collections.reverse(met);
    assertEquals(contents(model), met);
  }

  @Test
  void forEach_overManyEntries_meetsEachOnce() {
    run(held -> {
      for (int i = 0; i < 1000; i++) {
        held.map.put(Integer.toString(i).getBytes(US_ASCII), new byte[i % 9]);
      }
      assertEquals(1000, contents(held.map).stream().distinct().count());
    });
  }

  @Test
  void get_underAGuardOfTheCaller_staysReadableAfterRemoval() {
    run(held -> {
      held.map.put(new byte[] {1}, new byte[] {2, 3});
      try (Guard guard = held.domain.pin()) {
        Slice value = held.map.get(guard, segment((byte) 1));
        held.map.remove(new byte[] {1});
        held.domain.drain();
        assertArrayEquals(new byte[] {2, 3}, array(value));
        assertNull(held.map.get(guard, segment((byte) 1)));
      }
      assertFalse(held.map.get(segment((byte) 1), bytes -> {}));
    });
  }

  @Test
  void put_tooLargeForItsDomain_throws() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder().hardLimit(1000, LimitPolicy.fail()).build();
          ConcurrentBytesOrderedMap map = new ConcurrentBytesOrderedMap(allocator, domain)) {
        assertThrows(IllegalArgumentException.class, () -> map.put(new byte[500], new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> map.put(new byte[1], new byte[500]));
        assertTrue(map.put(new byte[300], new byte[400]));
        assertTrue(map.remove(new byte[300]));
        assertTrue(map.isEmpty());
      }
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheMapUnchanged() {
    long swept =
        OomSweep.of(ConcurrentBytesOrderedMapTest::hold)
            .steps(5, "put", (held, i) -> held.map.put(new byte[i], new byte[i]))
            .steps(3, "put again", (held, i) -> held.map.put(new byte[i], new byte[10]))
            .step("putIfAbsent", held -> held.map.putIfAbsent(new byte[9], new byte[9]))
            .step("replace", held -> held.map.replace(new byte[9], new byte[8]))
            .step("remove", held -> held.map.remove(new byte[9]))
            .step("clear", held -> held.map.clear())
            .contents(held -> contents(held.map))
            .invariants(held -> held.map.checkInvariants())
            .run();
    assertEquals(1 + 10 + 3 + 2 + 1, swept);
  }

  @Test
  void everyOperation_afterClose_throws() {
    run(held -> {
      ConcurrentBytesOrderedMap map = held.map;
      byte[] key = {1};
      map.put(key, key);
      assertTrue(map.toString().endsWith("(open)"), map::toString);
      map.close();
      map.close();
      for (Runnable operation :
          List.<Runnable>of(
              () -> map.get(key),
              () -> map.get(segment(key), bytes -> {}),
              () -> map.containsKey(key),
              () -> map.put(key, key),
              () -> map.putIfAbsent(key, key),
              () -> map.replace(key, key),
              () -> map.remove(key),
              () -> map.first((k, v) -> {}),
              () -> map.last((k, v) -> {}),
              () -> map.floor(segment(key), (k, v) -> {}),
              () -> map.lower(segment(key), (k, v) -> {}),
              () -> map.ceiling(segment(key), (k, v) -> {}),
              () -> map.higher(segment(key), (k, v) -> {}),
              () -> map.pollFirst((k, v) -> {}),
              () -> map.pollLast((k, v) -> {}),
              () -> map.forEach((k, v) -> {}),
              () -> map.forEachDescending((k, v) -> {}),
              map::size,
              map::isEmpty,
              map::clear)) {
        assertThrows(IllegalStateException.class, operation::run);
      }
      assertTrue(map.toString().endsWith("(closed)"), map::toString);
    });
  }

  /** Values repeat their key; whoever reads one sees a whole one. */
  @Test
  void putAndRemove_fromManyThreads_leaveWholeValues() {
    run(held -> {
      try (Workers workers = new Workers()) {
        for (int w = 0; w < 4; w++) {
          int worker = w;
          workers.add(() -> {
            SplittableRandom random = new SplittableRandom(worker);
            for (int i = 0; i < 3000; i++) {
              byte[] key = {(byte) random.nextInt(12)};
              switch (random.nextInt(4)) {
                case 0 -> held.map.remove(key);
                case 1 -> assertWhole(key, held.map.get(key));
                case 2 -> held.map.pollFirst((k, v) -> assertWhole(array(k), array(v)));
                default -> {
                  byte[] value = new byte[random.nextInt(30)];
                  Arrays.fill(value, key[0]);
                  held.map.put(key, value);
                }
              }
            }
          });
        }
        workers.add(() -> {
          for (int i = 0; i < 100; i++) {
            held.map.forEach((k, v) -> assertWhole(array(k), array(v)));
            held.map.forEachDescending((k, v) -> assertWhole(array(k), array(v)));
          }
        });
        workers.run();
      }
      held.map.checkInvariants();
      assertEquals(held.map.size(), contents(held.map).size());
    });
  }

  private static void assertWhole(byte[] key, byte[] value) {
    if (value != null) {
      byte[] expected = new byte[value.length];
      Arrays.fill(expected, key[0]);
      assertArrayEquals(expected, value);
    }
  }
}
