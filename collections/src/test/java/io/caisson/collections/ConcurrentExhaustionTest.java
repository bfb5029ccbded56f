package io.caisson.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocator;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.LeakCheck;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Allocations that fail while several threads change a structure lose and break nothing. */
class ConcurrentExhaustionTest {

  private static final int THREADS = 3;
  private static final int TURNS = 1_000;
  private static final int SWEPT_TURNS = 24;
  private static final int KEYS_OF_A_THREAD = 64;
  private static final int ONE_IN = 6;

  private final long seed = new Random().nextLong();

  /** A thread, which alone uses its keys and so knows what they have, beside others. */
  private static final class Member {
    private final SharedEntries entries;
    private final SharedEntries.Kind kind;
    private final int first;
    private final Random random;
    private final Map<Long, Long> model = new HashMap<>();

    Member(SharedEntries entries, SharedEntries.Kind kind, int number, long seed) {
      this.entries = entries;
      this.kind = kind;
      this.first = number * KEYS_OF_A_THREAD;
      this.random = new Random(seed + number);
    }

    void work(int turns) {
      for (int i = 0; i < turns; i++) {
        long key = (long) first + random.nextInt(KEYS_OF_A_THREAD);
        try {
          change(key);
        } catch (AllocationException e) {
          check(key); // is as it was
        }
      }
    }

    private void change(long key) {
      if (random.nextInt(3) > 0) {
        long value = random.nextInt(1_000_000);
        entries.put(key, value);
        model.put(key, kind.valueOf(key, value));
      } else {
        assertEquals(model.containsKey(key), entries.remove(key));
        model.remove(key);
      }
    }

    void check(long key) {
      long value = insistently(() -> entries.get(key));
      assertEquals(model.getOrDefault(key, SharedEntries.ABSENT), value, () -> "key " + key);
    }

    void checkAll() {
      for (long key = first; key < first + KEYS_OF_A_THREAD; key++) {
        check(key);
      }
    }
  }

  private static <T> T insistently(Supplier<T> operation) {
    while (true) {
      try {
        return operation.get();
      } catch (AllocationException e) {
        Thread.onSpinWait(); // the next one may pass
      }
    }
  }

  /** Several threads work on entries whose allocator fails; then all must be as they left it. */
  private void work(SharedEntries.Kind kind, UnreliableAllocator allocator, int turns) {
    try (ReclamationDomain domain = new ReclamationDomain();
        SharedEntries entries = kind.open(allocator, domain)) {
      work(entries, kind, allocator, turns);
    }
  }

  private void work(
      SharedEntries entries, SharedEntries.Kind kind, UnreliableAllocator allocator, int turns) {
    Member[] members = new Member[THREADS];
    allocator.setReliable(false);
    try (Workers workers = new Workers()) {
      for (int i = 0; i < THREADS; i++) {
        Member member = new Member(entries, kind, i, seed);
        members[i] = member;
        workers.add(() -> member.work(turns));
      }
      workers.run();
    } finally {
      allocator.setReliable(true);
    }
    long expected = 0;
    for (Member member : members) {
      member.checkAll();
      expected += member.model.size();
    }
    assertEquals(expected, entries.size());
    entries.checkInvariants();
  }

  @ParameterizedTest
  @EnumSource
  void changes_oneAllocationInSixFails_areDoneOrChangeNothing(SharedEntries.Kind kind) {
    System.out.println("seed " + seed);
    LeakCheck.run(parent -> {
      UnreliableAllocator allocator = UnreliableAllocator.failingOneIn(ONE_IN, seed, parent);
      do {
        work(kind, allocator, TURNS);
      } while (allocator.failures() == 0); // a table has few, which may all have passed
    });
  }

  @ParameterizedTest
  @EnumSource
  void changes_eachAllocationFailsInTurn_areDoneOrChangeNothing(SharedEntries.Kind kind) {
    System.out.println("seed " + seed);
    AtomicLong calls = new AtomicLong(Long.MAX_VALUE);
    for (long n = 1; n <= calls.get(); n++) {
      long failing = n;
      LeakCheck.run(parent -> {
        UnreliableAllocator allocator = new UnreliableAllocator(parent, call -> call == failing);
        work(kind, allocator, SWEPT_TURNS);
        calls.set(allocator.calls());
      });
    }
  }

  /** Takes an entry away before it knows that there is room for another. */
  private record Hasty(SharedEntries entries) implements SharedEntries {
    @Override
    public long get(long key) {
      return entries.get(key);
    }

    @Override
    public void put(long key, long value) {
      entries.remove(key);
      entries.put(key, value);
    }

    @Override
    public boolean remove(long key) {
      return entries.remove(key);
    }

    @Override
    public long size() {
      return entries.size();
    }

    @Override
    public void checkInvariants() {
      entries.checkInvariants();
    }

    @Override
    public void close() {
      entries.close();
    }
  }

  @Test
  void changes_entryIsLostWhenAnAllocationFails_isFoundOut() {
    SharedEntries.Kind kind = SharedEntries.Kind.BYTES_TABLE;
    LeakCheck.run(parent -> {
      UnreliableAllocator allocator = UnreliableAllocator.failingOneIn(ONE_IN, seed, parent);
      try (ReclamationDomain domain = new ReclamationDomain();
          SharedEntries entries = new Hasty(kind.open(allocator, domain))) {
        assertThrows(AssertionError.class, () -> work(entries, kind, allocator, TURNS));
      }
    });
  }

  // ---- what is not found by a key ---------------------------------------------------------------

  /** Puts each number in, however often it is refused, and takes one out now and then. */
  private void passThrough(UnreliableAllocator allocator, Passage passage) {
    Tally tally = new Tally(THREADS, TURNS);
    allocator.setReliable(false);
    try (Workers workers = new Workers()) {
      for (int i = 0; i < THREADS; i++) {
        int producer = i;
        workers.add(() -> {
          for (int number = 0; number < TURNS; number++) {
            long value = Tally.value(producer, number);
            insistently(() -> passage.add(value));
            if (number % 2 == 0) {
              take(passage, tally);
            }
          }
        });
      }
      workers.run();
    }
    allocator.setReliable(true);
    while (!tally.isComplete()) {
      take(passage, tally);
    }
    tally.assertEachOnce();
    assertEquals(SharedEntries.ABSENT, passage.take());
    assertTrue(allocator.failures() > 0, "no allocation failed");
  }

  /** For what allocates seldom: the first one fails. */
  private static UnreliableAllocator failingEverySecond(Allocator parent) {
    return new UnreliableAllocator(parent, call -> call % 2 == 1);
  }

  private static void take(Passage passage, Tally tally) {
    long value = passage.take();
    if (value != SharedEntries.ABSENT) {
      tally.take(value);
    }
  }

  /** What numbers are put into and come out of. */
  private interface Passage {
    boolean add(long value);

    long take();
  }

  @Test
  void stack_allocationsFail_givesBackEachOnce() {
    LeakCheck.run(parent -> {
      UnreliableAllocator allocator = UnreliableAllocator.failingOneIn(ONE_IN, seed, parent);
      try (ReclamationDomain domain = new ReclamationDomain();
          ConcurrentLongStack stack = new ConcurrentLongStack(allocator, domain)) {
        passThrough(
            allocator,
            new Passage() {
              @Override
              public boolean add(long value) {
                stack.push(value);
                return true;
              }

              @Override
              public long take() {
                return stack.pop(SharedEntries.ABSENT);
              }
            });
      }
    });
  }

  @Test
  void unboundedQueue_allocationsFail_givesBackEachOnce() {
    LeakCheck.run(parent -> {
      UnreliableAllocator allocator = failingEverySecond(parent);
      try (MpmcUnboundedLongQueue queue = new MpmcUnboundedLongQueue(allocator)) {
        passThrough(
            allocator,
            new Passage() {
              @Override
              public boolean add(long value) {
                return queue.offer(value);
              }

              @Override
              public long take() {
                return queue.poll(SharedEntries.ABSENT);
              }
            });
      }
    });
  }

  @Test
  void vector_allocationsFail_hasEachOnce() {
    LeakCheck.run(parent -> {
      UnreliableAllocator allocator = failingEverySecond(parent);
      try (ReclamationDomain domain = new ReclamationDomain();
          ConcurrentLongVector vector = new ConcurrentLongVector(allocator, domain)) {
        AtomicLong next = new AtomicLong();
        passThrough(
            allocator,
            new Passage() {
              @Override
              public boolean add(long value) {
                return vector.add(value) >= 0;
              }

              @Override
              public long take() { // each element in its turn, once it is there
                long index = next.get();
                return index < vector.size() && next.compareAndSet(index, index + 1)
                    ? vector.get(index)
                    : SharedEntries.ABSENT;
              }
            });
      }
    });
  }
}
