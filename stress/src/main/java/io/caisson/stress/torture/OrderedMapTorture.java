package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentLongLongOrderedMap;
import io.caisson.collections.OrderedMaps;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Threads put, add to, remove, poll, look up and walk; values tell their key, what was added to a
 * key is in the map or came out of it, and walks are in order.
 */
record OrderedMapTorture(Crew crew, Supplier<Stage> stages, boolean stalled) implements Torture {

  private static final int KEYS = 48;
  private static final long NONE = -1;
  private static final long LIMIT = 8192;

  /** How far apart keys are in values; values are a key's multiple of it, and what was added. */
  private static final int KEY_SHIFT = 40;

  static OrderedMapTorture with(int threadsPerCore, int slots, int bagCapacity) {
    return new OrderedMapTorture(
        Crew.of(threadsPerCore),
        () -> new Stage(ReclamationDomain.builder().slots(slots).bagCapacity(bagCapacity)),
        false);
  }

  static OrderedMapTorture of(Crew crew) {
    return new OrderedMapTorture(crew, Stage::small, false);
  }

  /** With a reader that stalls, and room for few nodes. */
  static OrderedMapTorture withStalledReader() {
    return new OrderedMapTorture(Crew.of(2), () -> Stage.withLimit(LIMIT), true);
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = stages.get();
    ConcurrentLongLongOrderedMap map =
        OrderedMaps.withHeights(stage.allocator, stage.domain, 1, 2, 1, 3, 2, 1, 4, 1);
    Work work = new Work(stage, map);
    if (stalled) {
      crew.run(seed, duration, work, work::walkAndStall);
    } else {
      crew.run(seed, duration, work);
    }
    work.requireAll();
    map.close();
    stage.strike();
  }

  /** What threads do with it. */
  private static final class Work implements Crew.Work {
    private final Stage stage;
    private final ConcurrentLongLongOrderedMap map;
    private final LongAdder balance = new LongAdder();

    Work(Stage stage, ConcurrentLongLongOrderedMap map) {
      this.stage = stage;
      this.map = map;
    }

    @Override
    public void step(SplittableRandom random) {
      try {
        work(random);
      } catch (ReclamationLimitException e) {
        Stage.require(e.hardLimit() == stage.limit, "refused without need: " + e);
      }
    }

    private void work(SplittableRandom random) {
      long key = random.nextInt(KEYS);
      switch (random.nextInt(16)) {
        case 0 -> walk(() -> pauseOrDie(random));
        case 1 -> walkDown();
        case 2 -> stage.domain.drain();
        case 3 -> map.pollFirst(this::takenOut);
        case 4 -> map.pollLast(this::takenOut);
        case 5 -> look(key);
        case 6, 7, 8, 9 -> takenOut(key, map.remove(key, NONE));
        case 10 -> replace(key);
        default -> add(key, random.nextInt(100));
      }
    }

    /** A value of a key to which a number was added; some need a cell. */
    private static long value(long key, long added) {
      return (key % 3 == 0 ? OrderedMaps.inCell(0) : 0) + (key << KEY_SHIFT) + added;
    }

    private static long added(long key, long value) {
      long added = value - value(key, 0);
      Stage.require(added >= 0 && added < 1L << KEY_SHIFT, key + " has the value " + value);
      return added;
    }

    private void add(long key, long number) {
      map.merge(key, value(key, number), (old, fresh) -> old + added(key, fresh));
      balance.add(number);
    }

    private void replace(long key) {
      long old = map.put(key, value(key, 1), NONE);
      balance.add(1);
      takenOut(key, old);
    }

    private void takenOut(long key, long value) {
      if (value != NONE) {
        balance.add(-added(key, value));
      }
    }

    private void look(long key) {
      long value = map.get(key, NONE);
      if (value != NONE) {
        added(key, value);
      }
      long floor = map.floorKey(key, NONE);
      long higher = map.higherKey(key, NONE);
      Stage.require(floor <= key, key + " has the floor " + floor);
      Stage.require(higher == NONE || higher > key, higher + " is not above " + key);
    }

    /** Lets others remove what is about to be read, now and then. */
    private static void pauseOrDie(SplittableRandom random) {
      if (random.nextInt(64) == 0) {
        LockSupport.parkNanos(1);
      }
      Crew.dieOrLive(random);
    }

    /** Stalls at one key, which others remove, and what is behind it. */
    void walkAndStall(SplittableRandom random) {
      int[] left = {random.nextInt(KEYS / 2)};
      walk(() -> {
        if (left[0]-- == 0) {
          stage.stall(random, () -> {});
        }
      });
    }

    private void walk(Runnable atEach) {
      long[] last = {NONE};
      map.forEach((key, value) -> {
        Stage.require(key > last[0], key + " came after " + last[0]);
        last[0] = key;
        added(key, value);
        atEach.run();
      });
    }

    private void walkDown() {
      long last = KEYS;
      var cursor = map.all().descendingCursor();
      while (cursor.next()) {
        Stage.require(cursor.key() < last, cursor.key() + " came before " + last);
        last = cursor.key();
        added(last, cursor.value());
      }
    }

    /** What was added and did not come out is there. */
    void requireAll() {
      OrderedMaps.check(map);
      stage.domain.drain();
      map.forEach(this::takenOut);
      Stage.require(balance.sum() == 0, "not balanced: " + balance.sum());
      long blocks = OrderedMaps.blocksWithDead(map);
      long live = stage.allocator.stats().liveBlocks();
      Stage.require(live == blocks, live + " blocks are out, and " + blocks + " in the map");
    }
  }
}
