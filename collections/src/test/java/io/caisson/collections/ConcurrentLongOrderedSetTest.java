package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.Allocator;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConcurrentLongOrderedSetTest {

  private static final long ABSENT = Long.MIN_VALUE;

  record Held(ReclamationDomain domain, ConcurrentLongOrderedSet set) implements AutoCloseable {
    @Override
    public void close() {
      set.close();
      domain.close();
    }
  }

  private static Held hold(Allocator allocator) {
    ReclamationDomain domain = ReclamationDomain.builder().slots(4).bagCapacity(4).build();
    try {
      return new Held(domain, new ConcurrentLongOrderedSet(allocator, domain));
    } catch (RuntimeException | Error e) {
      domain.close();
      throw e;
    }
  }

  private static List<Long> contents(ConcurrentLongOrderedSet set) {
    List<Long> contents = new ArrayList<>();
    set.forEach(contents::add);
    return contents;
  }

  private static List<Long> keys(ConcurrentLongOrderedSet.Cursor cursor) {
    List<Long> keys = new ArrayList<>();
    while (cursor.next()) {
      keys.add(cursor.key());
    }
    return keys;
  }

  private static long or(Long value) {
    return value == null ? ABSENT : value;
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void everyOperation_atRandom_agreesWithTreeSet(TestAllocators kind) {
    kind.run(ConcurrentLongOrderedSetTest::agreesWithTreeSet);
  }

  private static void agreesWithTreeSet(Allocator allocator) {
    long seed = System.nanoTime();
    System.out.println("ConcurrentLongOrderedSetTest at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    try (Held held = hold(allocator)) {
      ConcurrentLongOrderedSet set = held.set;
      TreeSet<Long> model = new TreeSet<>();
      for (int i = 0; i < 5000; i++) {
        long key = random.nextLong(-150, 150);
        switch (random.nextInt(8)) {
          case 0 -> assertEquals(or(model.pollFirst()), set.pollFirst(ABSENT));
          case 1 -> assertEquals(or(model.pollLast()), set.pollLast(ABSENT));
          case 2, 3 -> assertEquals(model.remove(key), set.remove(key));
          default -> assertEquals(model.add(key), set.add(key));
        }
        long other = random.nextLong(-150, 150);
        assertEquals(model.contains(other), set.contains(other));
        assertEquals(or(model.floor(other)), set.floor(other, ABSENT));
        assertEquals(or(model.lower(other)), set.lower(other, ABSENT));
        assertEquals(or(model.ceiling(other)), set.ceiling(other, ABSENT));
        assertEquals(or(model.higher(other)), set.higher(other, ABSENT));
        assertEquals(model.isEmpty(), set.isEmpty());
        if (i % 499 == 0) {
          compare(set, model, -100, 100);
        }
      }
      set.clear();
      assertTrue(set.isEmpty());
    }
  }

  private static void compare(
      ConcurrentLongOrderedSet set, NavigableSet<Long> model, long least, long most) {
    set.checkInvariants();
    assertEquals(List.copyOf(model), contents(set));
    assertEquals(model.size(), set.size());
    assertEquals(model.isEmpty() ? ABSENT : model.first(), set.first(ABSENT));
    assertEquals(model.isEmpty() ? ABSENT : model.last(), set.last(ABSENT));
    List<Long> some = new ArrayList<>(model.subSet(least, true, most, true));
    assertEquals(some, keys(set.cursor(least, most)));
    Collections.reverse(some);
    assertEquals(some, keys(set.descendingCursor(most, least)));
  }

  @Test
  void contains_underAGuardOfTheCaller_findsWhatIsThere() {
    LeakCheck.run(allocator -> {
      try (Held held = hold(allocator)) {
        ConcurrentLongOrderedSet set = held.set;
        set.add(10);
        set.add(20);
        try (Guard guard = held.domain.pin()) {
          assertTrue(set.contains(guard, 10));
          assertFalse(set.contains(guard, 11));
          assertEquals(10, set.floor(guard, 19, ABSENT));
          assertEquals(10, set.lower(guard, 20, ABSENT));
          assertEquals(20, set.ceiling(guard, 11, ABSENT));
          assertEquals(20, set.higher(guard, 10, ABSENT));
          assertEquals(10, set.first(guard, ABSENT));
          assertEquals(20, set.last(guard, ABSENT));
        }
      }
    });
  }

  @Test
  void add_failingAllocations_leavesTheSetUnchanged() {
    long swept =
        OomSweep.of(ConcurrentLongOrderedSetTest::hold)
            .steps(10, "add", (held, i) -> held.set.add(i))
            .steps(3, "remove", (held, i) -> held.set.remove(i))
            .step("add again", held -> held.set.add(1))
            .contents(held -> contents(held.set))
            .invariants(held -> held.set.checkInvariants())
            .run();
    assertEquals(12, swept);
  }

  @Test
  void everyOperation_afterClose_throws() {
    LeakCheck.run(allocator -> {
      try (Held held = hold(allocator)) {
        ConcurrentLongOrderedSet set = held.set;
        set.add(1);
        assertTrue(set.toString().endsWith("(open)"), set::toString);
        set.close();
        set.close();
        for (Runnable operation :
            List.<Runnable>of(
                () -> set.contains(1),
                () -> set.add(1),
                () -> set.remove(1),
                () -> set.first(0),
                () -> set.last(0),
                () -> set.floor(1, 0),
                () -> set.lower(1, 0),
                () -> set.ceiling(1, 0),
                () -> set.higher(1, 0),
                () -> set.pollFirst(0),
                () -> set.pollLast(0),
                () -> set.cursor(0, 1),
                () -> set.descendingCursor(1, 0),
                () -> set.forEach(key -> {}),
                set::size,
                set::isEmpty,
                set::clear)) {
          assertThrows(IllegalStateException.class, operation::run);
        }
        assertTrue(set.toString().endsWith("(closed)"), set::toString);
      }
    });
  }

  @Test
  void addAndRemove_fromManyThreads_haveOneWinnerEach() {
    LeakCheck.run(allocator -> {
      try (Held held = hold(allocator)) {
        LongAdder balance = new LongAdder();
        try (Workers workers = new Workers()) {
          for (int w = 0; w < 4; w++) {
            int worker = w;
            workers.add(() -> {
              SplittableRandom random = new SplittableRandom(worker);
              for (int i = 0; i < 5000; i++) {
                long key = random.nextInt(16);
                if (random.nextBoolean()) {
                  balance.add(held.set.add(key) ? 1 : 0);
                } else {
                  balance.add(held.set.remove(key) ? -1 : 0);
                }
              }
            });
          }
          workers.run();
        }
        held.set.checkInvariants();
        assertEquals(balance.sum(), held.set.size());
        assertEquals(balance.sum(), contents(held.set).size());
      }
    });
  }
}
