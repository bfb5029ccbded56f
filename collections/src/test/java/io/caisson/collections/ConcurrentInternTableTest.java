package io.caisson.collections;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caisson.alloc.Allocator;
import io.caisson.alloc.ArenaAllocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import io.caisson.testkit.LeakCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConcurrentInternTableTest extends InternContract {

  private static final int NONE = ConcurrentInternTable.NONE;
  private static final int SHARDS = 4;
  private static final int THREADS = 4;

  @Override
  Table create(Allocator allocator) {
    return of(new ConcurrentInternTable(allocator, "test", SHARDS));
  }

  @Override
  Table createForIds(Allocator allocator, int byteSize) {
    return of(ConcurrentInternTable.ofIds(allocator, "ids", byteSize, SHARDS));
  }

  // ---- shards -----------------------------------------------------------------------------------

  @Test
  void create_badArguments_areRefused() {
    LeakCheck.run(allocator -> {
      for (int shards : new int[] {-1, 0, 3, 12, 512, Integer.MIN_VALUE}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> new ConcurrentInternTable(allocator, "test", shards));
      }
      try (ArenaAllocator arena = new ArenaAllocator(allocator, "test", 4096)) {
        assertThrows(
            IllegalArgumentException.class, () -> new ConcurrentInternTable(arena, "test"));
      }
    });
  }

  @Test
  void defaultShards_anyMachine_areAPowerOfTwo() {
    LeakCheck.run(allocator -> {
      try (ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test")) {
        assertEquals(ConcurrentInternTable.defaultShards(), table.shards());
        assertEquals(1, Integer.bitCount(table.shards()));
        assertTrue(table.shards() >= 16 && table.shards() <= ConcurrentInternTable.MAX_SHARDS);
      }
    });
  }

  @Test
  void acquire_manyStrings_spreadOverAllShards() {
    LeakCheck.run(allocator -> {
      int shards = ConcurrentInternTable.MAX_SHARDS;
      try (ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test", shards)) {
        int[] counts = new int[shards];
        for (int i = 0; i < 40 * shards; i++) {
          int handle = table.acquire("string " + i);
          assertEquals(handle, table.find("string " + i));
          assertEquals("string " + i, table.toString(handle));
          counts[handle & (shards - 1)]++;
        }
        for (int count : counts) {
          assertTrue(count > 0 && count < 200, count + " in a shard");
        }
        table.checkInvariants();
      }
    });
  }

  /** A shard whose handles have room for the number of one page only. */
  @Test
  void acquire_pageNumbersUsedUp_throwsAndChangesNothing() {
    LeakCheck.run(allocator -> {
      int bits = 20;
      InternKeys keys = InternKeys.ofAnySize("test");
      InternCore core = new InternCore(allocator, keys, 0, bits);
      try (Arena arena = Arena.ofConfined()) {
        StringView[] inShard = inShard(keys, bits, arena);
        for (int i = 0; i < 4; i++) {
          acquire(core, keys, inShard[i]);
        }
        core.checkInvariants();
        InternStats before = core.stats();
        assertThrows(IllegalStateException.class, () -> acquire(core, keys, inShard[4]));
        assertEquals(before, core.stats());
        core.checkInvariants();
      }
      core.close();
    });
  }

  private static int acquire(InternCore core, InternKeys keys, StringView bytes) {
    long hash = keys.hash(bytes.address(), bytes.byteSize());
    return core.acquire(bytes.address(), bytes.byteSize(), hash);
  }

  /** Finds strings whose hashes belong to the first shard of so many as an index can tell. */
  private static StringView[] inShard(InternKeys keys, int bits, Arena arena) {
    StringView[] found = new StringView[5];
    MemorySegment bytes = arena.allocate(found.length * 8L);
    for (int i = 0, number = 0; i < found.length; number++) {
      StringView view = StringView.of(bytes.asSlice(i * 8L, 8));
      bytes.set(ValueLayout.JAVA_INT, i * 8L, number);
      if ((InternIndex.spareBits(keys.hash(view.address(), 8)) & ((1 << bits) - 1)) == 0) {
        found[i++] = view;
      }
    }
    return found;
  }

  // ---- one thread -------------------------------------------------------------------------------

  @Test
  void operations_onExistingBytes_allocateNothingOnTheHeap() {
    assumeTrue(Memory.MODE == MemoryMode.NATIVE, "checked mode has a book of its own");
    LeakCheck.run(allocator -> {
      try (Arena arena = Arena.ofConfined();
          ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test")) {
        MemorySegment text = arena.allocateFrom("some text with tokens in it");
        StringView view = StringView.of(text).subView(5, 9);
        int handle = table.acquire(view);
        table.acquire("größer");
        assertTrue(
            HeapBytes.allocatesNothing(() -> {
              for (int i = 0; i < 100_000; i++) {
                if (table.acquire(text, 5, 4) != handle
                    || table.release(handle)
                    || table.acquire("größer") == NONE
                    || table.find(view) != handle
                    || table.byteSize(handle) != 4
                    || table.find(text, 0, 4) != NONE) {
                  throw new AssertionError("round " + i);
                }
              }
            }));
      }
    });
  }

  /** So many pages that what is known of them is in many segments. */
  @Test
  void handles_manyPages_allLeadToTheirBytes() {
    LeakCheck.run(allocator -> {
      try (ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test", 1)) {
        int[] handles = new int[20_000];
        for (int i = 0; i < handles.length; i++) {
          handles[i] = table.acquire("string ".repeat(1 + i % 5) + i);
        }
        for (int i = 0; i < handles.length; i++) {
          assertEquals("string ".repeat(1 + i % 5) + i, table.toString(handles[i]));
        }
        table.checkInvariants();
      }
    });
  }

  @Test
  void scratch_largeBytes_isNotKept() {
    LeakCheck.run(allocator -> {
      try (ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test", 1)) {
        byte[] large = new byte[200_000];
        int handle = table.acquire(large);
        assertEquals(handle, table.find(large));
        assertTrue(table.release(handle));
        assertEquals(NONE, table.find(large));
      }
    });
  }

  /** A caller's characters run under the lock of the scratch memory. */
  @Test
  void acquire_charactersThatUseTheTable_areRefused() {
    LeakCheck.run(allocator -> {
      try (ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test", 1)) {
        CharSequence nested = new UsingTable(table);
        assertThrows(IllegalStateException.class, () -> table.acquire(nested));
        assertEquals(0, table.size());
        assertEquals(table.acquire("text"), table.find("text"));
      }
    });
  }

  /** Four characters, of which each interns a string. */
  private record UsingTable(ConcurrentInternTable table) implements CharSequence {
    private static final int LENGTH = 4;

    @Override
    public int length() {
      return LENGTH;
    }

    @Override
    public char charAt(int index) {
      table.release(table.acquire("nested ".repeat(20)));
      return 'x';
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      throw new UnsupportedOperationException();
    }
  }

  // ---- many threads -----------------------------------------------------------------------------

  /** Strings that threads intern; of two sizes each, short ones and one in eight by itself. */
  private static byte[] string(int number) {
    String text = "string " + number + "-".repeat(number % 8 == 0 ? 300 : number % 3);
    return text.getBytes(UTF_8);
  }

  @ParameterizedTest
  @EnumSource(
      value = TestAllocators.class,
      names = {"ARENA", "FIXED"},
      mode = EnumSource.Mode.EXCLUDE) // these belong to one thread
  void threads_acquireAndRelease_agreeAndLeaveNothing(TestAllocators source) {
    long seed = Long.getLong("caisson.test.seed", System.nanoTime());
    System.out.println("ConcurrentInternTableTest over " + source + ": seed " + seed);
    source.run(allocator -> {
      try (ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test", SHARDS);
          Workers workers = new Workers()) {
        Exchange exchange = new Exchange(table);
        for (int i = 0; i < THREADS; i++) {
          SplittableRandom random = new SplittableRandom(seed + i);
          workers.add(() -> exchange.work(random, 4000));
        }
        workers.run();
        table.checkInvariants();
        exchange.releaseAll();
        table.checkInvariants();
        assertEquals(new InternStats(0, 0, 0, 0), table.stats());
      }
    });
  }

  @Test
  void virtualThreads_acquireAndRelease_agreeAndLeaveNothing() {
    LeakCheck.run(allocator -> {
      try (ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test", 1);
          Workers workers = new Workers()) {
        Exchange exchange = new Exchange(table);
        for (int i = 0; i < 8 * THREADS; i++) {
          SplittableRandom random = new SplittableRandom(i);
          AtomicBoolean done = new AtomicBoolean();
          Thread thread =
              Thread.ofVirtual()
                  .unstarted(() -> {
                    exchange.work(random, 200);
                    done.set(true);
                  });
          workers.add(() -> {
            thread.start();
            thread.join();
            assertTrue(done.get());
          });
        }
        workers.run();
        exchange.releaseAll();
        assertEquals(new InternStats(0, 0, 0, 0), table.stats());
      }
    });
  }

  /** Who keeps a reference reads without a lock, while pages come and go, and others share his. */
  @Test
  void view_othersAddAndRemovePages_showsTheSameBytes() {
    LeakCheck.run(allocator -> {
      try (ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test", 1);
          Workers workers = new Workers()) {
        int[] handles = new int[16];
        for (int i = 0; i < handles.length; i++) {
          handles[i] = table.acquire(string(i));
        }
        CountDownLatch done = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
          int worker = i;
          workers.add(() -> {
            try {
              comeAndGo(table, worker);
            } finally {
              done.countDown();
            }
          });
          workers.add(() -> {
            do {
              for (int number = 0; number < handles.length; number++) {
                assertArrayEquals(string(number), table.view(handles[number]).toByteArray());
              }
            } while (done.getCount() > 0);
          });
        }
        workers.run();
        table.checkInvariants();
      }
    });
  }

  private static void comeAndGo(ConcurrentInternTable table, int worker) {
    int[] handles = new int[500];
    for (int round = 0; round < 6; round++) {
      for (int i = 0; i < handles.length; i++) {
        handles[i] = table.acquire("-".repeat(i % 10) + worker + " string " + round + " " + i);
      }
      for (int handle : handles) {
        assertTrue(table.release(handle));
      }
    }
  }

  @Test
  void close_othersAcquireAndRelease_tellsThemAndFreesAll() {
    for (int round = 0; round < 20; round++) {
      int seed = round;
      LeakCheck.run(allocator -> {
        try (Workers workers = new Workers()) {
          ConcurrentInternTable table = new ConcurrentInternTable(allocator, "test", SHARDS);
          CountDownLatch used = new CountDownLatch(THREADS);
          for (int i = 0; i < THREADS; i++) {
            SplittableRandom random = new SplittableRandom(seed * THREADS + i);
            workers.add(() -> useUntilClosed(table, random, used));
          }
          workers.add(() -> {
            used.await();
            table.close();
          });
          workers.add(() -> {
            used.await();
            table.close();
          });
          workers.run();
          assertThrows(IllegalStateException.class, table::size);
        }
      });
    }
  }

  private static void useUntilClosed(
      ConcurrentInternTable table, SplittableRandom random, CountDownLatch used) {
    try {
      for (int i = 0; ; i++) {
        int handle = table.acquire(string(random.nextInt(64)));
        if (random.nextBoolean()) {
          table.release(handle);
        }
        if (i == 50) {
          used.countDown();
        }
      }
    } catch (IllegalStateException e) {
      assertEquals("the table is closed", e.getMessage());
    }
  }

  /** Handles that threads acquire, compare with those of others, and release for each other. */
  private static final class Exchange {
    private static final int STRINGS = 64;
    private final ConcurrentInternTable table;
    private final byte[][] strings = new byte[STRINGS][];

    /** Of each string a handle with a reference, or NONE. */
    private final AtomicIntegerArray kept = new AtomicIntegerArray(STRINGS);

    Exchange(ConcurrentInternTable table) {
      this.table = table;
      for (int i = 0; i < STRINGS; i++) {
        strings[i] = string(i);
      }
    }

    void work(SplittableRandom random, int steps) {
      for (int i = 0; i < steps; i++) {
        int number = random.nextInt(STRINGS);
        int handle = table.acquire(strings[number]);
        requireBytes(handle, number);
        if (random.nextInt(4) == 0) {
          table.retain(handle);
          assertTrue(table.references(handle) >= 2);
          assertFalse(table.release(handle));
        }
        boolean keep = random.nextBoolean();
        int other = kept.getAndSet(number, keep ? handle : NONE);
        if (other != NONE) { // a reference that is ours now
          assertEquals(handle, other);
          requireBytes(other, number);
          table.release(other);
        }
        if (!keep) {
          requireBytes(handle, number);
          table.release(handle);
        }
      }
    }

    private void requireBytes(int handle, int number) {
      assertEquals(strings[number].length, table.byteSize(handle));
      assertArrayEquals(strings[number], table.view(handle).toByteArray());
    }

    void releaseAll() {
      for (int i = 0; i < STRINGS; i++) {
        int handle = kept.getAndSet(i, NONE);
        if (handle != NONE) {
          assertTrue(table.release(handle));
        }
      }
    }
  }
}
