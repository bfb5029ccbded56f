package io.caisson.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;

/**
 * The patterns of mimalloc-bench that churn, in two threads where they have threads: what an
 * allocator's memory looks like after a while. churn.c is the same from C, step for step.
 */
final class Churn {

  /** What is live at the end of a pattern, and how many blocks it allocated on the way. */
  record Outcome(long allocations, long liveBytes) {}

  /** The names of the patterns. */
  static final List<String> PATTERNS =
      List.of(
          "larson",
          "xmalloc-test",
          "alloc-test",
          "glibc-simple",
          "large-set",
          "mstress",
          "rptest",
          "cache-scratch");

  /** Those that show whether memory stays flat: threads come and go, or free what others made. */
  static final List<String> REPEATED = List.of("larson", "xmalloc-test", "mstress", "rptest");

  /** Those in which no thread frees what another allocated. */
  static final List<String> CONFINED = List.of("alloc-test", "glibc-simple", "large-set");

  private static final long ALIGNMENT = SlotPatterns.ALIGNMENT;
  private static final int THREADS = 2;

  private final Subject subject;

  /** By how much the whole is smaller than it is: 1, or more to warm up. */
  private final int fraction;

  Churn(Subject subject, int fraction) {
    this.subject = subject;
    this.fraction = fraction;
  }

  Outcome run(String pattern) {
    return switch (pattern) {
      case "larson" -> larson();
      case "xmalloc-test" -> xmallocTest();
      case "alloc-test" -> allocTest();
      case "glibc-simple" -> glibcSimple();
      case "large-set" -> largeSet();
      case "mstress" -> mstress();
      case "rptest" -> rptest();
      case "cache-scratch" -> cacheScratch();
      default -> throw new IllegalArgumentException("no pattern " + pattern);
    };
  }

  private static void inThreads(int count, IntConsumer work) {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      int number = t;
      threads.add(Thread.ofPlatform().start(() -> work.accept(number)));
    }
    threads.forEach(SlotPatterns::join);
  }

  /** Slots that know the sizes of their blocks; 0 is empty. */
  private final class Sized {
    final BlockSlots slots;
    final int[] sizes;

    Sized(int count) {
      slots = subject.slots(count);
      sizes = new int[count];
    }

    void allocate(int slot, int byteSize) {
      slots.allocate(slot, byteSize, ALIGNMENT);
      sizes[slot] = byteSize;
    }

    void free(int slot) {
      slots.free(slot, sizes[slot], ALIGNMENT);
      sizes[slot] = 0;
    }

    void replace(int slot, int byteSize) {
      if (sizes[slot] != 0) {
        free(slot);
      }
      allocate(slot, byteSize);
    }

    void swap(int slot, Sized others, int other) {
      slots.swap(slot, others.slots, other);
      int mine = sizes[slot];
      sizes[slot] = others.sizes[other];
      others.sizes[other] = mine;
    }

    long liveBytes() {
      long live = 0;
      for (int byteSize : sizes) {
        live += byteSize;
      }
      return live;
    }

    /** Ends a pattern: what is live stays so if this was the whole, for its memory is measured. */
    long finish() {
      long live = liveBytes();
      for (int i = 0; i < sizes.length && fraction != 1; i++) {
        if (sizes[i] != 0) {
          free(i);
        }
      }
      return live;
    }
  }

  // ---- larson -----------------------------------------------------------------------------------

  private static final int LARSON_SLOTS = 1000;
  private static final int LARSON_REPLACEMENTS = 100 * LARSON_SLOTS;
  private static final int LARSON_GENERATIONS = 64;

  private Outcome larson() {
    int generations = LARSON_GENERATIONS / Math.min(fraction, 8);
    long[] live = new long[THREADS];
    inThreads(
        THREADS,
        number -> {
          Sized slots = new Sized(LARSON_SLOTS);
          for (int i = 0; i < generations; i++) {
            Xorshift random = new Xorshift(number * generations + i);
            SlotPatterns.join(Thread.ofPlatform().start(() -> larsonThread(slots, random)));
          }
          live[number] = slots.finish();
        });
    return new Outcome((long) THREADS * generations * LARSON_REPLACEMENTS, live[0] + live[1]);
  }

  private void larsonThread(Sized slots, Xorshift random) {
    for (int i = 0; i < LARSON_REPLACEMENTS; i++) {
      slots.replace(random.next(LARSON_SLOTS), 8 + random.next(993));
    }
  }

  private static final int XMALLOC_BATCH = 4096;
  private static final int XMALLOC_BATCHES = 1024;
  private static final int[] XMALLOC_SIZES = {
    8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048
  };

  private Outcome xmallocTest() {
    int batches = XMALLOC_BATCHES / Math.min(fraction, 8);
    BatchQueue queue = new BatchQueue(XMALLOC_BATCH);
    Sized handed = new Sized(queue.slots());
    Xorshift random = new Xorshift(0);
    inThreads(
        THREADS,
        number -> {
          for (int i = 0; i < batches; i++) {
            if (number == 0) {
              produce(queue, handed, random);
            } else {
              consume(queue, handed);
            }
          }
        });
    return new Outcome((long) batches * XMALLOC_BATCH, 0);
  }

  private void produce(BatchQueue queue, Sized handed, Xorshift random) {
    int first = queue.beginWrite();
    for (int i = first; i < first + XMALLOC_BATCH; i++) {
      handed.allocate(i, XMALLOC_SIZES[random.next(XMALLOC_SIZES.length)]);
    }
    queue.endWrite();
  }

  private void consume(BatchQueue queue, Sized handed) {
    int first = queue.beginRead();
    for (int i = first; i < first + XMALLOC_BATCH; i++) {
      handed.free(i);
    }
    queue.endRead();
  }

  private static final int ALLOC_TEST_SLOTS = 1 << 18;
  private static final int ALLOC_TEST_STEPS = 1 << 22;

  private Outcome allocTest() {
    int count = ALLOC_TEST_SLOTS / THREADS / fraction;
    long[] live = new long[THREADS];
    long[] allocations = new long[THREADS];
    inThreads(
        THREADS,
        number -> {
          Sized slots = new Sized(count);
          Xorshift random = new Xorshift(number);
          allocations[number] = allocTestThread(slots, count, random);
          live[number] = slots.finish();
        });
    return new Outcome(allocations[0] + allocations[1], live[0] + live[1]);
  }

  private long allocTestThread(Sized slots, int count, Xorshift random) {
    long allocations = 0;
    for (int i = 0; i < ALLOC_TEST_STEPS; i++) {
      int slot = pareto(random, count);
      if (slots.sizes[slot] != 0) {
        slots.free(slot);
      } else {
        slots.allocate(slot, mostlySmall(random.next()));
        allocations++;
      }
    }
    return allocations;
  }

  /** Returns a slot; four of five are in the first fifth. */
  private static int pareto(Xorshift random, int count) {
    int fifth = count / 5;
    return random.next(5) != 0 ? random.next(fifth) : fifth + random.next(count - fifth);
  }

  /** Returns a size from 5 to 1024; half as many in each class of twice the size. */
  private static int mostlySmall(long bits) {
    int base = 4 << Long.numberOfTrailingZeros((bits >>> 32) | 128);
    return base + 1 + ((int) (bits >>> 20) & (base - 1));
  }

  private static final int GLIBC_ROUNDS = 400;
  private static final int[] GLIBC_SIZES = {16, 32, 64};
  private static final int[] GLIBC_BATCHES = {25, 100, 400, 1600};

  private Outcome glibcSimple() {
    BlockSlots slots = subject.slots(1600);
    long allocations = 0;
    for (int round = 0; round < GLIBC_ROUNDS / Math.min(fraction, 2); round++) {
      for (int byteSize : GLIBC_SIZES) {
        for (int batch : GLIBC_BATCHES) {
          glibcBatch(slots, byteSize, batch);
          allocations += batch;
        }
      }
    }
    return new Outcome(allocations, 0);
  }

  /** Half is freed first in first out, the other half last in first out. */
  private static void glibcBatch(BlockSlots slots, int byteSize, int batch) {
    for (int i = 0; i < batch; i++) {
      slots.allocate(i, byteSize, ALIGNMENT);
    }
    for (int i = 0; i < batch / 2; i++) {
      slots.free(i, byteSize, ALIGNMENT);
    }
    for (int i = batch - 1; i >= batch / 2; i--) {
      slots.free(i, byteSize, ALIGNMENT);
    }
  }

  private static final int LARGE_SET_SLOTS = 1 << 18;

  /** Not of mimalloc-bench: 128 MiB live, each block replaced four times. */
  private Outcome largeSet() {
    int count = LARGE_SET_SLOTS / fraction;
    Sized slots = new Sized(count);
    Xorshift random = new Xorshift(0);
    for (int i = 0; i < count; i++) {
      slots.allocate(i, 1 + random.next(1024));
    }
    for (int i = 0; i < 4 * LARGE_SET_SLOTS; i++) {
      slots.replace(random.next(count), 1 + random.next(1024));
    }
    return new Outcome(4L * LARGE_SET_SLOTS + count, slots.finish());
  }

  // ---- mstress, rptest, cache-scratch -----------------------------------------------------------

  private static final int MSTRESS_SCALE = 50;
  private static final int MSTRESS_ITERATIONS = 64;
  private static final int MSTRESS_TRANSFERS = 1000;

  private Outcome mstress() {
    Sized transfers = new Sized(MSTRESS_TRANSFERS);
    AtomicIntegerArray locks = new AtomicIntegerArray(MSTRESS_TRANSFERS);
    int iterations = MSTRESS_ITERATIONS / Math.min(fraction, 4);
    for (int i = 0; i < iterations; i++) {
      int seed = i * THREADS;
      inThreads(
          THREADS, number -> mstressThread(number, transfers, locks, new Xorshift(seed + number)));
    }
    long allocations = (100L * MSTRESS_SCALE * 3) * 3 / 2 * iterations;
    return new Outcome(allocations, transfers.finish());
  }

  private void mstressThread(
      int number, Sized transfers, AtomicIntegerArray locks, Xorshift random) {
    int toAllocate = 100 * MSTRESS_SCALE * (number % 8 + 1);
    int toRetain = toAllocate / 2;
    Sized data = new Sized(toAllocate);
    Sized retained = new Sized(toRetain);
    int top = 0;
    int retainedTop = 0;
    while (toAllocate > 0 || toRetain > 0) {
      if (toRetain == 0 || (random.next(2) == 0 && toAllocate > 0)) {
        toAllocate--;
        data.allocate(top++, mstressSize(random));
      } else {
        toRetain--;
        retained.allocate(retainedTop++, mstressSize(random));
      }
      if (random.next(3) != 0 && top > 0) {
        int victim = random.next(top);
        if (data.sizes[victim] != 0) {
          data.free(victim);
        }
      }
      if (random.next(4) == 0 && top > 0) {
        exchange(data, random.next(top), transfers, random.next(MSTRESS_TRANSFERS), locks);
      }
    }
    freeAll(data);
    freeAll(retained);
  }

  private static int mstressSize(Xorshift random) {
    int byteSize = 8 << random.next(5);
    return random.next(100) == 0 ? 100 * byteSize : byteSize;
  }

  private void exchange(
      Sized data, int slot, Sized transfers, int transfer, AtomicIntegerArray locks) {
    while (!locks.compareAndSet(transfer, 0, 1)) {
      Thread.onSpinWait();
    }
    data.swap(slot, transfers, transfer);
    locks.setRelease(transfer, 0); // release: pairs with the CAS above
  }

  private void freeAll(Sized slots) {
    for (int i = 0; i < slots.sizes.length; i++) {
      if (slots.sizes[i] != 0) {
        slots.free(i);
      }
    }
  }

  private static final int RPTEST_SLOTS = 1000;
  private static final int RPTEST_LOOPS = 8000;
  private static final int RPTEST_OPERATIONS = 100;

  /** Sizes from 8 to 16000; every second loop a batch goes to the other thread, which frees it. */
  private Outcome rptest() {
    int loops = RPTEST_LOOPS / Math.min(fraction, 4);
    BatchQueue[] queues = new BatchQueue[THREADS];
    Sized[] handed = new Sized[THREADS];
    for (int t = 0; t < THREADS; t++) {
      queues[t] = new BatchQueue(RPTEST_OPERATIONS);
      handed[t] = new Sized(queues[t].slots());
    }
    long[] live = new long[THREADS];
    inThreads(
        THREADS,
        number -> {
          int other = THREADS - 1 - number;
          Sized slots = new Sized(RPTEST_SLOTS);
          Xorshift random = new Xorshift(number);
          for (int loop = 0; loop < loops; loop++) {
            for (int i = 0; i < RPTEST_OPERATIONS; i++) {
              slots.replace(random.next(RPTEST_SLOTS), 8 + random.next(15993));
            }
            if (loop % 2 == 0) {
              int first = queues[number].beginWrite();
              for (int i = first; i < first + RPTEST_OPERATIONS; i++) {
                handed[number].allocate(i, 8 + random.next(15993));
              }
              queues[number].endWrite();
            } else {
              int first = queues[other].beginRead();
              for (int i = first; i < first + RPTEST_OPERATIONS; i++) {
                handed[other].free(i);
              }
              queues[other].endRead();
            }
          }
          live[number] = slots.finish();
        });
    return new Outcome((long) THREADS * loops * RPTEST_OPERATIONS * 3 / 2, live[0] + live[1]);
  }

  private static final int SCRATCH_ITERATIONS = 400;
  private static final int SCRATCH_WRITES = 50_000;

  /** Shows an allocator that puts blocks of two threads on one cache line. */
  private Outcome cacheScratch() {
    int iterations = SCRATCH_ITERATIONS / Math.min(fraction, 4);
    BlockSlots slots = subject.slots(THREADS * 16);
    for (int t = 0; t < THREADS; t++) {
      slots.allocate(t * 16, 8, ALIGNMENT);
    }
    inThreads(
        THREADS,
        number -> {
          int slot = number * 16;
          slots.free(slot, 8, ALIGNMENT);
          for (int i = 0; i < iterations; i++) {
            slots.allocate(slot, 8, ALIGNMENT);
            for (int write = 0; write < SCRATCH_WRITES; write++) {
              slots.write(slot, write & 7, (byte) write);
            }
            slots.free(slot, 8, ALIGNMENT);
          }
        });
    return new Outcome((long) THREADS * iterations * SCRATCH_WRITES, 0);
  }
}
