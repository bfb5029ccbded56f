package io.caisson.bench;

import io.caisson.alloc.Allocator;
import io.caisson.collections.ConcurrentBytesStack;
import io.caisson.collections.ConcurrentBytesTable;
import io.caisson.collections.ConcurrentLongLongOrderedMap;
import io.caisson.collections.ConcurrentLongLongTable;
import io.caisson.collections.MpmcUnboundedLongQueue;
import io.caisson.smr.ReclamationDomain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.LongAdder;

/**
 * Concurrent structures of a constant size, whose entries threads replace, each those of its own
 * places. What is removed must be what was put in.
 */
final class ReplacedEntries implements AutoCloseable {

  private static final int LONGS = 1_000_000;
  private static final int ORDERED = 200_000;
  private static final int BYTES = 200_000;
  private static final int BURST = 64;
  private static final int MAX_KEY_BYTE_SIZE = 100;
  private static final int MAX_VALUE_BYTE_SIZE = 1_000;
  private static final long ABSENT = Long.MIN_VALUE;

  private final ReclamationDomain domain = new ReclamationDomain();
  private final ConcurrentLongLongTable longs;
  private final ConcurrentLongLongOrderedMap ordered;
  private final ConcurrentBytesTable bytes;
  private final MpmcUnboundedLongQueue queue;
  private final ConcurrentBytesStack stack;
  private final int threads;
  private final LongAdder replaced = new LongAdder();

  /** Which entry each place holds: counts up when it is replaced. Its thread's alone. */
  private final int[] versions = new int[LONGS];

  private volatile boolean stopped;

  ReplacedEntries(Allocator allocator, int threads) {
    this.threads = threads;
    longs = new ConcurrentLongLongTable(allocator, domain);
    ordered = new ConcurrentLongLongOrderedMap(allocator, domain);
    bytes = new ConcurrentBytesTable(allocator, domain);
    queue = new MpmcUnboundedLongQueue(allocator);
    stack = new ConcurrentBytesStack(allocator, domain);
  }

  /** Returns how many entries have been replaced so far. */
  long replaced() {
    return replaced.sum();
  }

  /** Makes {@link #work} return. */
  void stop() {
    stopped = true;
  }

  /** Fills the places of a thread, and replaces what they hold until it is stopped. */
  void work(int thread) {
    try (Arena arena = Arena.ofConfined()) {
      Worker worker = new Worker(thread, arena);
      worker.fill();
      while (!stopped) {
        worker.replaceSome();
      }
    }
  }

  /** A different number for each version of each place. */
  private static long key(int place, int version) {
    return Xorshift.next(Xorshift.next(((long) version << 32 | place) + Xorshift.SEED));
  }

  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError("an entry was lost, or was there twice");
    }
  }

  /** A thread with its places, which are every so manieth. */
  private final class Worker {
    private final int thread;
    private final Xorshift random;
    private final MemorySegment key;
    private final MemorySegment value;

    Worker(int thread, Arena arena) {
      this.thread = thread;
      this.random = new Xorshift(thread);
      this.key = arena.allocate(MAX_KEY_BYTE_SIZE);
      this.value = arena.allocate(MAX_VALUE_BYTE_SIZE);
    }

    void fill() {
      for (int place = thread; place < LONGS; place += threads) {
        insert(place);
      }
    }

    void replaceSome() {
      for (int i = 0; i < BURST; i++) {
        int place = random.next(LONGS / threads) * threads + thread;
        remove(place);
        versions[place]++;
        insert(place);
      }
      for (int i = 0; i < BURST; i++) {
        queue.offer(i);
        stack.push(value, 0, 1L + i);
      }
      for (int i = 0; i < BURST; i++) {
        check(queue.poll(ABSENT) != ABSENT);
        check(stack.pop(value, 0) > 0);
      }
      replaced.add(BURST);
    }

    private void insert(int place) {
      long number = key(place, versions[place]);
      check(longs.put(number, place, ABSENT) == ABSENT);
      if (place < ORDERED) {
        check(ordered.put(number, place, ABSENT) == ABSENT);
      }
      if (place < BYTES) {
        check(bytes.put(keyOf(number), valueOf(number)));
      }
    }

    private void remove(int place) {
      long number = key(place, versions[place]);
      check(longs.remove(number, ABSENT) == place);
      if (place < ORDERED) {
        check(ordered.remove(number, ABSENT) == place);
      }
      if (place < BYTES) {
        check(bytes.remove(keyOf(number)));
      }
    }

    private MemorySegment keyOf(long number) {
      key.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, number);
      return key.asSlice(0, Long.BYTES + Long.remainderUnsigned(number, MAX_KEY_BYTE_SIZE - 8));
    }

    private MemorySegment valueOf(long number) {
      return value.asSlice(0, Long.remainderUnsigned(number >>> 7, MAX_VALUE_BYTE_SIZE));
    }
  }

  @Override
  public void close() {
    longs.close();
    ordered.close();
    bytes.close();
    queue.close();
    stack.close();
    domain.close();
  }
}
