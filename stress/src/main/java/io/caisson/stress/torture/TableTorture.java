package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentLongLongTable;
import io.caisson.collections.TinyTables;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationLimitException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads put and remove numbers while the table grows and shrinks by turns; the sum of what every
 * write replaced must come out, and a value must be its key's.
 */
record TableTorture(Crew crew, boolean limited, boolean stalled) implements Torture {

  /** A key is below; a value is the key times this, and a little more. */
  private static final long FACTOR = 1 << 20;

  private static final int KEYS = 3000;
  private static final int COUNTERS = 8;

  /** Keys above the others that stay, each with its first value. */
  private static final int RESIDENTS = 16;

  private static final int STEPS_OF_A_TIDE = 20_000;
  private static final int BANK_CELLS = 256;
  private static final long LIMIT = 8L * 16 * BANK_CELLS;
  private static final long LONGEST_STALL_NANOS = 3_000_000;

  static TableTorture of(Crew crew) {
    return new TableTorture(crew, false, false);
  }

  /** With room for a few banks only, so that who needs more waits, or is refused. */
  static TableTorture withLimit() {
    return new TableTorture(Crew.of(4), true, false);
  }

  /** The same, with a reader that stalls. */
  static TableTorture withStalledReader() {
    return new TableTorture(Crew.of(2), true, true);
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = limited ? Stage.withLimit(LIMIT) : Stage.small();
    Work work = new Work(stage);
    if (stalled) {
      crew.run(seed, duration, work, work::readAndStall);
    } else {
      crew.run(seed, duration, work);
    }
    work.finish();
    stage.strike();
  }

  /** What threads do with it. */
  private static final class Work implements Crew.Work {
    private final Stage stage;
    private final ConcurrentLongLongTable table;
    private final LongAdder sum = new LongAdder();
    private final LongAdder added = new LongAdder();
    private final AtomicLong steps = new AtomicLong();
    private final AtomicLong guests = new AtomicLong();

    Work(Stage stage) {
      this.stage = stage;
      this.table = TinyTables.longs(stage.allocator, stage.domain, 4, BANK_CELLS);
      for (int i = 0; i < RESIDENTS; i++) {
        sum.add(valueOf(resident(i)) - table.put(resident(i), valueOf(resident(i)), 0));
      }
    }

    private static long resident(int number) {
      return (long) COUNTERS + KEYS + number;
    }

    private static long valueOf(long resident) {
      return resident * FACTOR + 1;
    }

    @Override
    public void step(SplittableRandom random) {
      try {
        write(random);
      } catch (ReclamationLimitException e) {
        Stage.require(e.hardLimit() == stage.limit, "refused without need: " + e);
      }
    }

    private void write(SplittableRandom random) {
      boolean flood = steps.incrementAndGet() / STEPS_OF_A_TIDE % 2 == 0;
      long key = COUNTERS + random.nextInt(KEYS);
      long value = key * FACTOR + 1 + random.nextInt(1000);
      int choice = random.nextInt(17);
      if (choice < (flood ? 8 : 2)) {
        sum.add(value - check(key, table.put(key, value, 0)));
      } else if (choice < 10) {
        sum.add(-check(key, table.remove(key, 0)));
      } else {
        other(choice, key, value, random);
      }
    }

    private void other(int choice, long key, long value, SplittableRandom random) {
      switch (choice) {
        case 10 -> sum.add(check(key, table.putIfAbsent(key, value, 0)) == 0 ? value : 0);
        case 11 -> replace(key, value);
        case 12 -> {
          table.addTo(random.nextInt(COUNTERS), 3);
          added.add(3);
        }
        case 13 -> readUnderAGuard(random);
        case 14 -> visit(random);
        case 15 -> passThrough();
        default -> check(key, table.get(key, 0));
      }
    }

    private static long check(long key, long value) {
      Stage.require(value == 0 || value / FACTOR == key, "key " + key + " has value " + value);
      return value;
    }

    private void replace(long key, long value) {
      long old = check(key, table.get(key, 0));
      if (old == 0) {
        long replaced = check(key, table.replace(key, value, 0));
        sum.add(replaced == 0 ? 0 : value - replaced);
        return;
      }
      if (table.compareAndReplace(key, old, value)) {
        sum.add(value - old);
      } else if (table.compareAndRemove(key, old)) {
        sum.add(-old);
      }
    }

    /** A key that nobody else knows is found, wherever the table is moving, and comes out again. */
    private void passThrough() {
      long key = resident(RESIDENTS) + guests.getAndIncrement();
      long value = key * FACTOR;
      sum.add(value - table.put(key, value, 0));
      Stage.require(table.get(key, 0) == value, "key " + key + " is lost");
      long removed = table.remove(key, 0);
      sum.add(-removed);
      Stage.require(removed == value, "key " + key + " went with " + removed);
    }

    private void readUnderAGuard(SplittableRandom random) {
      try (Guard guard = stage.domain.pin()) {
        for (int i = 0; i < 8; i++) {
          long key = COUNTERS + random.nextInt(KEYS);
          check(key, table.get(guard, key, 0));
          if (random.nextInt(2000) == 0) {
            LockSupport.parkNanos(random.nextLong(LONGEST_STALL_NANOS));
          }
        }
      }
    }

    /** Those that stay are there under a guard, however long it is open, wherever they move. */
    void readAndStall(SplittableRandom random) {
      try (Guard guard = stage.domain.pin()) {
        stage.stall(
            random,
            () -> {
              for (int i = 0; i < RESIDENTS; i++) {
                long value = table.get(guard, resident(i), 0);
                Stage.require(value == valueOf(resident(i)), resident(i) + " has " + value);
              }
            });
      }
    }

    private void visit(SplittableRandom random) {
      if (random.nextInt(100) == 0) {
        int[] residents = {0};
        table.forEach((key, value) -> {
          if (key >= COUNTERS) {
            check(key, value);
            residents[0] += key >= resident(0) && key < resident(RESIDENTS) ? 1 : 0;
          }
          Crew.dieOrLive(random);
        });
        Stage.require(residents[0] == RESIDENTS, residents[0] + " of those that stay");
        stage.domain.drain();
      }
    }

    /** Nobody else is there: what is in it must be what was put in, less what came out. */
    void finish() {
      long[] found = {0, 0};
      table.forEach((key, value) -> found[key < COUNTERS ? 1 : 0] += value);
      Stage.require(found[0] == sum.sum(), "the sum is " + found[0] + ", not " + sum.sum());
      Stage.require(found[1] == added.sum(), "counted " + found[1] + ", not " + added.sum());
      int banks = TinyTables.banks(table);
      stage.domain.drain();
      long blocks = stage.allocator.stats().liveBlocks();
      Stage.require(blocks == banks, blocks + " blocks are out, and " + banks + " banks");
      table.close();
    }
  }
}
