package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AccountedAllocator;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.Allocators;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.SlabAllocator;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import io.caisson.testkit.LeakCheck;
import io.caisson.testkit.OomSweep;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every concurrent stack does; its elements stand for longs. */
abstract class StackContract {

  /** A stack under test. */
  interface Stack extends AutoCloseable {
    void push(long value);

    /** Returns null if there is none. */
    Long pop();

    Long peek();

    void forEach(Consumer<Long> consumer);

    void clear();

    long size();

    boolean isEmpty();

    void checkInvariants();

    @Override
    void close();

    /** Every public method that needs an open stack. */
    List<Runnable> operations();

    default List<Long> contents() {
      List<Long> values = new ArrayList<>();
      forEach(values::add);
      return values;
    }
  }

  /** A stack with a domain of its own, closed together. */
  record Held(ReclamationDomain domain, Stack stack) implements AutoCloseable {
    @Override
    public void close() {
      stack.close();
      domain.close();
    }
  }

  abstract Stack open(Allocator allocator, ReclamationDomain domain);

  private static ReclamationDomain smallDomain() {
    return ReclamationDomain.builder().slots(4).bagCapacity(4).build();
  }

  private void run(Consumer<Stack> test) {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          Stack stack = open(allocator, domain)) {
        test.accept(stack);
      }
    });
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void pop_emptyStack_answersAbsentWithoutAllocating() {
    try (AccountedAllocator allocator = Allocators.system();
        ReclamationDomain domain = smallDomain();
        Stack stack = open(allocator, domain)) {
      assertNull(stack.pop());
      assertNull(stack.peek());
      assertTrue(stack.isEmpty());
      assertEquals(0, stack.size());
      stack.clear();
      stack.checkInvariants();
      assertEquals(List.of(), stack.contents());
      assertEquals(0, allocator.stats().allocations());
    }
  }

  @Test
  void pop_afterPushes_returnsTheNewestFirst() {
    run(stack -> {
      for (long i = 0; i < 10; i++) {
        stack.push(i);
      }
      assertEquals(9, stack.peek());
      assertEquals(10, stack.size());
      assertFalse(stack.isEmpty());
      for (long i = 9; i >= 0; i--) {
        assertEquals(i, stack.pop());
      }
      assertNull(stack.pop());
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void everyOperation_atRandom_agreesWithArrayDeque(TestAllocators kind) {
    kind.run(this::agreesWithArrayDeque);
  }

  @Test
  void everyOperation_onSlabs_agreesWithArrayDeque() {
    LeakCheck.run(parent -> {
      try (LeakCheck check = new LeakCheck(Allocators.accounted(new SlabAllocator(parent)))) {
        agreesWithArrayDeque(check.allocator());
      }
    });
  }

  private void agreesWithArrayDeque(Allocator allocator) {
    long seed = System.nanoTime();
    System.out.println(getClass().getSimpleName() + " at random: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    try (ReclamationDomain domain = smallDomain();
        Stack stack = open(allocator, domain)) {
      Deque<Long> model = new ArrayDeque<>();
      for (int i = 0; i < 5000; i++) {
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            long value = random.nextLong();
            stack.push(value);
            model.push(value);
          }
          case 2, 3 -> assertEquals(model.poll(), stack.pop());
          default -> assertEquals(model.peek(), stack.peek());
        }
        assertEquals(model.isEmpty(), stack.isEmpty());
        if (i % 499 == 0) {
          stack.checkInvariants();
          assertEquals(List.copyOf(model), stack.contents());
          assertEquals(model.size(), stack.size());
        }
      }
      stack.clear();
      assertTrue(stack.isEmpty());
    }
  }

  @Test
  void pop_ofMany_givesNodesBackOnTheWay() {
    try (AccountedAllocator allocator = Allocators.system();
        ReclamationDomain domain = smallDomain();
        Stack stack = open(allocator, domain)) {
      for (long i = 0; i < 10_000; i++) {
        stack.push(i);
        stack.pop();
      }
      assertTrue(allocator.stats().peakBytes() < 100_000, () -> allocator.stats().toString());
    }
  }

  @Test
  void forEach_consumerChangesTheStack_seesTheSnapshot() {
    run(stack -> {
      stack.push(1);
      stack.push(2);
      List<Long> seen = new ArrayList<>();
      stack.forEach(value -> {
        seen.add(value);
        stack.pop();
        stack.push(value + 10);
      });
      assertEquals(List.of(2L, 1L), seen);
      assertEquals(List.of(11L, 1L), stack.contents());
    });
  }

  @Test
  void everyOperation_failingAllocations_leavesTheStackUnchanged() {
    long swept =
        OomSweep.of(
                allocator -> {
                  ReclamationDomain domain = smallDomain();
                  return new Held(domain, open(allocator, domain));
                })
            .steps(10, "push", (held, i) -> held.stack.push(i))
            .steps(5, "pop", (held, i) -> held.stack.pop())
            .steps(5, "push again", (held, i) -> held.stack.push(i))
            .step("clear", held -> held.stack.clear())
            .contents(held -> held.stack.contents())
            .invariants(held -> held.stack.checkInvariants())
            .run();
    assertEquals(15, swept);
  }

  @Test
  void open_allocatorOfOneThread_throws() {
    LeakCheck.run(parent -> {
      try (ReclamationDomain domain = smallDomain();
          Allocator arena = new ArenaAllocator(parent, "test", 4096)) {
        assertThrows(IllegalArgumentException.class, () -> open(arena, domain));
      }
    });
  }

  // ---- limits -----------------------------------------------------------------------------------

  @Test
  void pop_garbageAtTheHardLimit_isRefusedAndChangesNothing() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder()
                  .slots(1)
                  .bagCapacity(1)
                  .hardLimit(512, LimitPolicy.fail())
                  .build();
          Stack stack = open(allocator, domain)) {
        for (long i = 0; i < 100; i++) {
          stack.push(i);
        }
        List<Long> before;
        try (Guard guard = domain.pin()) {
          assertEquals(domain, guard.domain());
          assertThrows(ReclamationLimitException.class, () -> stack.clear());
          before = stack.contents();
          assertThrows(ReclamationLimitException.class, () -> stack.pop());
          assertEquals(before, stack.contents());
          assertTrue(domain.stats().chargedBytes() <= 512);
        }
        assertTrue(before.size() > 50, "only " + before.size() + " are left");
        assertEquals(before.get(0), stack.pop());
        stack.clear();
        assertNull(stack.pop());
      }
    });
  }

  // ---- close ------------------------------------------------------------------------------------

  @Test
  void everyOperation_afterClose_throws() {
    run(stack -> {
      stack.push(1);
      assertTrue(stack.toString().endsWith("(open)"), stack::toString);
      stack.close();
      stack.close();
      for (Runnable operation : stack.operations()) {
        assertThrows(IllegalStateException.class, operation::run);
      }
      assertTrue(stack.toString().endsWith("(closed)"), stack::toString);
    });
  }

  @Test
  void close_afterItsDomain_freesItsNodes() {
    LeakCheck.run(allocator -> {
      ReclamationDomain domain = smallDomain();
      Stack stack = open(allocator, domain);
      stack.push(1);
      domain.close();
      assertThrows(IllegalStateException.class, stack::pop);
      stack.close();
    });
  }

  @Test
  void close_guardOpenElsewhere_throwsAndCanBeTriedAgain() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain =
              ReclamationDomain.builder().closeTimeout(Duration.ofMillis(20)).build();
          Stack stack = open(allocator, domain)) {
        stack.push(7);
        Guard reader = domain.pin();
        assertThrows(IllegalStateException.class, stack::close);
        assertThrows(IllegalStateException.class, () -> stack.push(8));
        assertThrows(IllegalStateException.class, stack::close);
        reader.close();
        stack.close();
      }
    });
  }

  @Test
  void close_duringForEachOfAnotherThread_waitsForIt() {
    LeakCheck.run(allocator -> {
      try (ReclamationDomain domain = smallDomain();
          Stack stack = open(allocator, domain);
          Workers workers = new Workers()) {
        for (long i = 0; i < 100; i++) {
          stack.push(i);
        }
        AtomicInteger seen = new AtomicInteger();
        workers.start();
        // The closer runs from within the iteration, and must not free what is still iterated.
        stack.forEach(value -> {
          if (seen.getAndIncrement() == 0) {
            workers.add(stack::close);
            while (!stack.toString().endsWith("(closed)")) {
              Thread.onSpinWait();
            }
          }
        });
        workers.run();
        assertEquals(100, seen.get());
      }
    });
  }

  @Test
  void close_whileOthersPushAndPop_freesEverything() {
    for (int round = 0; round < 100; round++) {
      LeakCheck.run(allocator -> {
        try (ReclamationDomain domain = smallDomain();
            Stack stack = open(allocator, domain);
            Workers workers = new Workers()) {
          for (int i = 0; i < 2; i++) {
            workers.add(() -> untilClosed(stack));
          }
          workers.add(stack::close).run();
        }
      });
    }
  }

  private static void untilClosed(Stack stack) {
    try {
      for (long i = 0; ; i++) {
        stack.push(i);
        if ((i & 1) == 0) {
          stack.pop();
        }
      }
    } catch (IllegalStateException closed) {
      assertTrue(stack.toString().endsWith("(closed)"), closed::toString);
    }
  }

  // ---- many threads -----------------------------------------------------------------------------

  private static final int EACH = 5_000;

  @Test
  void pushAndPop_fromManyThreads_conservesEveryElement() {
    int producers = 3;
    Tally tally = new Tally(producers, EACH);
    run(stack -> {
      try (Workers workers = new Workers()) {
        for (int p = 0; p < producers; p++) {
          int producer = p;
          workers.add(() -> {
            for (int i = 0; i < EACH; i++) {
              stack.push(Tally.value(producer, i));
            }
          });
        }
        for (int c = 0; c < 3; c++) {
          workers.add(() -> popUntilComplete(stack, tally));
        }
        workers.add(() -> {
          while (!tally.isComplete()) {
            assertNewestFirst(stack.contents(), producers);
          }
        });
        workers.run();
      }
      assertNull(stack.pop());
      tally.assertEachOnce();
    });
  }

  private static void popUntilComplete(Stack stack, Tally tally) {
    while (!tally.isComplete()) {
      Long value = stack.pop();
      if (value == null) {
        Thread.onSpinWait();
      } else {
        tally.take(value);
      }
    }
  }

  /** What one thread pushed lies in a snapshot in the order of its pushes, the newest on top. */
  private static void assertNewestFirst(List<Long> snapshot, int producers) {
    int[] above = new int[producers];
    Arrays.fill(above, Integer.MAX_VALUE);
    for (long value : snapshot) {
      int producer = (int) (value >>> 32);
      assertTrue((int) value < above[producer], () -> "out of order: " + snapshot);
      above[producer] = (int) value;
    }
  }

  @Test
  void pushThenPop_byEveryThread_seesEveryElementOnce() {
    int threads = 4;
    Tally tally = new Tally(threads, EACH);
    run(stack -> {
      try (Workers workers = new Workers()) {
        for (int w = 0; w < threads; w++) {
          int worker = w;
          workers.add(() -> {
            for (int i = 0; i < EACH; i++) {
              stack.push(Tally.value(worker, i));
              tally.take(stack.pop()); // each pushed before it pops, so there is always one
            }
          });
        }
        workers.run();
      }
      tally.assertEachOnce();
      assertTrue(stack.isEmpty());
    });
  }
}
