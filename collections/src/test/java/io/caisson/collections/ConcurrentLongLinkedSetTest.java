package io.caisson.collections;

import static io.caisson.collections.OnDomain.smallDomain;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConcurrentLongLinkedSetTest {

  private static final long ABSENT = 0x5ca1ab1e_0ddba11L;

  private static void run(Consumer<ConcurrentLongLinkedSet> test) {
    OnDomain.run(ConcurrentLongLinkedSet::new, test);
  }

  private static List<Long> contents(ConcurrentLongLinkedSet set) {
    List<Long> values = new ArrayList<>();
    set.forEach(values::add);
    return values;
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void node_isALinkAndAValue() {
    assertEquals(16, LinkedSetNode.SIZE);
    assertEquals(8, LinkedSetNode.ALIGNMENT);
    assertEquals(0, LinkedSetNode.LINK);
    assertEquals(8, LinkedSetNode.VALUE);
  }

  @Test
  void newSet_isEmpty() {
    run(set -> {
      assertTrue(set.isEmpty());
      assertEquals(0, set.size());
      assertEquals(ABSENT, set.first(ABSENT));
      assertFalse(set.contains(0));
      assertFalse(set.remove(0));
      assertEquals(List.of(), contents(set));
      set.clear();
      assertEquals(0, set.checkInvariants());
    });
  }

  @Test
  void add_valuesInAnyOrder_keepsThemSortedAndOnce() {
    run(set -> {
      for (long value : new long[] {5, Long.MAX_VALUE, -5, 0, Long.MIN_VALUE}) {
        assertTrue(set.add(value));
        assertFalse(set.add(value));
        assertTrue(set.contains(value));
      }
      assertEquals(List.of(Long.MIN_VALUE, -5L, 0L, 5L, Long.MAX_VALUE), contents(set));
      assertEquals(5, set.size());
      assertEquals(Long.MIN_VALUE, set.first(ABSENT));
      assertFalse(set.contains(1));
      assertFalse(set.isEmpty());
    });
  }

  @Test
  void remove_values_unlinksThem() {
    run(set -> {
      for (long value = 0; value < 5; value++) {
        set.add(value);
      }
      assertTrue(set.remove(0));
      assertFalse(set.remove(0));
      assertTrue(set.remove(2));
      assertTrue(set.remove(4));
      assertEquals(List.of(1L, 3L), contents(set));
      assertEquals(1, set.first(ABSENT));
      assertFalse(set.contains(2));
      assertTrue(set.add(2));
      assertEquals(List.of(1L, 2L, 3L), contents(set));
      assertEquals(0, set.checkInvariants());
      set.clear();
      assertTrue(set.isEmpty());
    });
  }

  @Test
  void guardForms_doTheSame() {
    LeakCheck.run(allocator -> {
      try (OnDomain<ConcurrentLongLinkedSet> held =
              OnDomain.open(ConcurrentLongLinkedSet::new, allocator);
          ReclamationDomain other = new ReclamationDomain()) {
        ConcurrentLongLinkedSet set = held.structure();
        set.add(7);
        try (Guard guard = held.domain().pin()) {
          assertTrue(set.contains(guard, 7));
          assertFalse(set.contains(guard, 8));
          assertEquals(7, set.first(guard, ABSENT));
          assertEquals(1, set.size(guard));
          List<Long> seen = new ArrayList<>();
          set.forEach(guard, seen::add);
          assertEquals(List.of(7L), seen);
        }
        try (Guard stranger = other.pin()) {
          assertThrows(IllegalArgumentException.class, () -> set.contains(stranger, 7));
          assertThrows(IllegalArgumentException.class, () -> set.first(stranger, 7));
          assertThrows(IllegalArgumentException.class, () -> set.size(stranger));
          assertThrows(IllegalArgumentException.class, () -> set.forEach(stranger, value -> {}));
        }
      }
    });
  }

  @Test
  void forEach_consumerRemovesAndAdds_goesOn() {
    run(set -> {
      for (long value = 0; value < 100; value += 10) {
        set.add(value);
      }
      List<Long> seen = new ArrayList<>();
      set.forEach(value -> {
        seen.add(value);
        set.remove(value);
        if (value % 10 == 0) {
          set.add(value + 1); // comes behind, but the link from the removed one does not lead there
          set.add(value - 1);
        }
      });
      assertEquals(List.of(0L, 10L, 20L, 30L, 40L, 50L, 60L, 70L, 80L, 90L), seen);
      assertEquals(20, set.size());
      assertEquals(0, set.checkInvariants());
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void everyOperation_atRandom_agreesWithTreeSet(TestAllocators kind) {
    long seed = System.nanoTime();
    System.out.println("ConcurrentLongLinkedSetTest at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    kind.run(allocator -> {
      try (OnDomain<ConcurrentLongLinkedSet> held =
          OnDomain.open(ConcurrentLongLinkedSet::new, allocator)) {
        TreeSet<Long> model = new TreeSet<>();
        for (int i = 0; i < 5000; i++) {
          long value = random.nextInt(-40, 40);
          switch (random.nextInt(4)) {
            case 0, 1 -> assertEquals(model.add(value), held.structure().add(value));
            case 2 -> assertEquals(model.remove(value), held.structure().remove(value));
            default -> assertEquals(model.contains(value), held.structure().contains(value));
          }
          assertEquals(model.isEmpty() ? ABSENT : model.first(), held.structure().first(ABSENT));
          if (i % 100 == 0) {
            assertEquals(List.copyOf(model), contents(held.structure()));
            assertEquals(model.size(), held.structure().size());
            assertEquals(0, held.structure().checkInvariants());
          }
        }
      }
    });
  }

  // ---- memory -----------------------------------------------------------------------------------

  @Test
  void everyOperation_failingAllocations_leavesTheSetUnchanged() {
    long swept =
        OomSweep.of(allocator -> OnDomain.open(ConcurrentLongLinkedSet::new, allocator))
            .steps(10, "add", (held, i) -> held.structure().add(-i))
            .steps(5, "remove", (held, i) -> held.structure().remove(-i))
            .steps(5, "add again", (held, i) -> held.structure().add(-i))
            .steps(5, "add what is there", (held, i) -> held.structure().add(-i))
            .step("clear", held -> held.structure().clear())
            .contents(held -> contents(held.structure()))
            .invariants(held -> held.structure().checkInvariants())
            .run();
    assertEquals(16, swept);
  }

  @Test
  void remove_ofMany_givesNodesBackOnTheWay() {
    try (AccountedAllocator allocator = Allocators.system();
        OnDomain<ConcurrentLongLinkedSet> held =
            OnDomain.open(ConcurrentLongLinkedSet::new, allocator)) {
      for (long i = 0; i < 10_000; i++) {
        held.structure().add(i);
        held.structure().remove(i);
      }
      assertTrue(allocator.stats().peakBytes() < 100_000, () -> allocator.stats().toString());
    }
  }

  @Test
  void open_allocatorOfOneThread_throws() {
    LeakCheck.run(parent -> {
      try (ReclamationDomain domain = smallDomain();
          Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(
            IllegalArgumentException.class, () -> new ConcurrentLongLinkedSet(arena, domain));
      }
    });
  }

  @Test
  void remove_garbageAtTheHardLimit_isRefusedAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder()
                  .slots(1)
                  .bagCapacity(1)
                  .hardLimit(512, LimitPolicy.fail())
                  .build();
          ConcurrentLongLinkedSet set = new ConcurrentLongLinkedSet(allocator, domain)) {
        for (long i = 0; i < 100; i++) {
          set.add(i);
        }
        List<Long> before;
        try (Guard guard = domain.pin()) {
          assertEquals(domain, guard.domain());
          assertThrows(ReclamationLimitException.class, set::clear);
          before = contents(set);
          assertThrows(ReclamationLimitException.class, () -> set.remove(99));
          assertEquals(before, contents(set));
          assertTrue(set.add(1000)); // needs no room
          assertTrue(domain.stats().chargedBytes() <= 512);
        }
        assertTrue(before.size() > 50, "only " + before.size() + " are left");
        set.clear();
        assertTrue(set.isEmpty());
      }
    });
  }

  // ---- close ------------------------------------------------------------------------------------

  @Test
  void everyOperation_afterClose_throws() {
    LeakCheck.run(allocator -> {
      try (OnDomain<ConcurrentLongLinkedSet> held =
          OnDomain.open(ConcurrentLongLinkedSet::new, allocator)) {
        ConcurrentLongLinkedSet set = held.structure();
        set.add(1);
        assertEquals("ConcurrentLongLinkedSet(open)", set.toString());
        set.close();
        set.close();
        assertEquals("ConcurrentLongLinkedSet(closed)", set.toString());
        try (Guard guard = held.domain().pin()) {
          List<Runnable> uses =
              List.of(
                  () -> set.add(1),
                  () -> set.remove(1),
                  set::clear,
                  () -> set.contains(1),
                  () -> set.contains(guard, 1),
                  () -> set.first(0),
                  () -> set.first(guard, 0),
                  set::isEmpty,
                  set::size,
                  () -> set.size(guard),
                  () -> set.forEach(value -> {}),
                  () -> set.forEach(guard, value -> {}));
          for (Runnable use : uses) {
            assertThrows(IllegalStateException.class, use::run);
          }
        }
      }
    });
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    OnDomain.assertCloseWaitsForGuards(
        ConcurrentLongLinkedSet::new, set -> set.add(7), set -> set.add(8));
  }

  @Test
  void close_afterItsDomain_freesItsNodes() {
    LeakCheck.run(allocator -> {
      ReclamationDomain domain = smallDomain();
      ConcurrentLongLinkedSet set = new ConcurrentLongLinkedSet(allocator, domain);
      set.add(1);
      domain.close();
      assertThrows(IllegalStateException.class, () -> set.remove(1));
      set.close();
    });
  }

  @Test
  void close_whileOthersAddAndRemove_freesEverything() {
    OnDomain.assertCloseWhileOthersWorkFreesEverything(
        100,
        ConcurrentLongLinkedSet::new,
        (set, i) -> {
          set.add(i & 7);
          set.remove((3 * i) & 7);
          set.size();
        });
  }

  // ---- many threads -----------------------------------------------------------------------------

  private static final int THREADS = 4;
  private static final int ROUNDS = 10_000;
  private static final int VALUES = 16;

  /** For each value, adds that succeed are one more than, or as many as, removals that do. */
  @Test
  void addAndRemove_fromManyThreads_conserveEveryValue() {
    AtomicLongArray balance = new AtomicLongArray(VALUES);
    run(set -> {
      onEveryThread(thread -> {
        SplittableRandom random = new SplittableRandom(thread);
        for (int i = 0; i < ROUNDS; i++) {
          int value = random.nextInt(VALUES);
          if (random.nextBoolean()) {
            balance.addAndGet(value, set.add(value) ? 1 : 0);
          } else {
            balance.addAndGet(value, set.remove(value) ? -1 : 0);
          }
        }
      });
      set.checkInvariants();
      for (int value = 0; value < VALUES; value++) {
        assertEquals(set.contains(value) ? 1 : 0, balance.get(value), "of " + value);
      }
    });
  }

  private interface ThreadTask {
    void run(int thread);
  }

  private static void onEveryThread(ThreadTask task) {
    try (Workers workers = new Workers()) {
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        workers.add(() -> task.run(thread));
      }
      workers.run();
    }
  }

  /** Even values stay; odd ones come and go, next to them. */
  @Test
  void looking_whileOthersChange_findsWhatStaysInOrder() {
    AtomicInteger changing = new AtomicInteger(2);
    run(set -> {
      for (long value = 0; value < VALUES; value += 2) {
        set.add(value);
      }
      onEveryThread(thread -> {
        if (thread < 2) {
          for (int i = 0; i < ROUNDS; i++) {
            long odd = 2L * (i % (VALUES / 2)) + 1;
            if (!set.remove(odd)) {
              set.add(odd);
            }
          }
          changing.decrementAndGet();
          return;
        }
        do {
          look(set);
        } while (changing.get() > 0);
      });
    });
  }

  private static void look(ConcurrentLongLinkedSet set) {
    long[] next = {0, -1};
    set.forEach(value -> {
      assertTrue(value > next[1], () -> value + " came after " + next[1]);
      next[1] = value;
      if ((value & 1) == 0) {
        assertEquals(next[0], value);
        next[0] += 2;
      }
    });
    assertEquals(VALUES, next[0]);
    for (long value = 0; value < VALUES; value += 2) {
      assertTrue(set.contains(value));
    }
    assertFalse(set.contains(-1));
    assertEquals(0, set.first(ABSENT));
    assertFalse(set.isEmpty());
    assertTrue(set.size() >= VALUES / 2);
    set.checkInvariants();
  }

  /** Everybody removes the same values: each has one who did. */
  @Test
  void remove_fromManyThreads_hasOneWinner() {
    AtomicLongArray winners = new AtomicLongArray(500);
    run(set -> {
      for (long value = 0; value < 500; value++) {
        set.add(value);
      }
      onEveryThread(thread -> {
        for (int value = 499; value >= 0; value--) {
          winners.addAndGet(value, set.remove(value) ? 1 : 0);
        }
      });
      assertTrue(set.isEmpty());
      for (int value = 0; value < 500; value++) {
        assertEquals(1, winners.get(value), "of " + value);
      }
    });
  }
}
