package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentInternTable;
import io.caisson.collections.InternStats;
import io.caisson.collections.Interns;
import io.caisson.collections.StringView;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads acquire few strings, read them, and release them for themselves and for each other; and
 * all that they have of a string at a time is one handle.
 *
 * @param crew the threads
 */
record InternTorture(Crew crew) implements Torture {

  private static final int STRINGS = 48;
  private static final int SHARDS = 2;
  private static final int NONE = ConcurrentInternTable.NONE;

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = Stage.small();
    ConcurrentInternTable table = new ConcurrentInternTable(stage.allocator, "torture", SHARDS);
    Work work = new Work(table);
    crew.run(seed, duration, work);
    work.releaseAll();
    Interns.check(table);
    InternStats stats = table.stats();
    Stage.require(stats.equals(new InternStats(0, 0, 0, 0)), "left: " + stats);
    table.close();
    stage.strike();
  }

  /** Returns a string: of ten sizes, and one in eight so long that it has a block of its own. */
  static byte[] string(int number) {
    byte[] string = new byte[1 + number % 10 + (number % 8 == 0 ? 300 : 0)];
    Arrays.fill(string, (byte) number);
    return string;
  }

  /** What threads do with it. */
  private static final class Work implements Crew.Work {
    private final ConcurrentInternTable table;
    private final byte[][] strings = new byte[STRINGS][];

    /** Of each string a handle with a reference that anybody may take, or NONE. */
    private final AtomicIntegerArray kept = new AtomicIntegerArray(STRINGS);

    Work(ConcurrentInternTable table) {
      this.table = table;
      for (int i = 0; i < STRINGS; i++) {
        strings[i] = string(i);
      }
    }

    @Override
    public void step(SplittableRandom random) {
      int number = random.nextInt(STRINGS);
      int handle = table.acquire(strings[number]);
      if (random.nextInt(64) == 0) {
        LockSupport.parkNanos(1); // others release theirs meanwhile
      }
      requireRight(handle, number);
      if (random.nextInt(8) == 0) {
        table.retain(handle);
        Stage.require(!table.release(handle), "there is one reference left");
      }
      boolean keep = random.nextInt(4) == 0;
      int other = kept.getAndSet(number, keep ? handle : NONE);
      if (other != NONE) {
        Stage.require(other == handle, "a string has handles " + other + " and " + handle);
        requireRight(other, number);
        table.release(other);
      }
      if (!keep) {
        requireRight(handle, number);
        table.release(handle);
      }
    }

    private void requireRight(int handle, int number) {
      StringView view = table.view(handle);
      boolean right = view.byteSize() == strings[number].length;
      for (long i = 0; right && i < view.byteSize(); i++) {
        right = view.byteAt(i) == number;
      }
      Stage.require(right, "use after free: string " + number + " is another");
    }

    void releaseAll() {
      for (int i = 0; i < STRINGS; i++) {
        int handle = kept.getAndSet(i, NONE);
        Stage.require(handle == NONE || table.release(handle), "string " + i + " stays");
      }
    }
  }
}
