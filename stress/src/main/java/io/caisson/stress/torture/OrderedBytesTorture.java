package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentBytesOrderedMap;
import io.caisson.collections.OrderedMaps;
import io.caisson.collections.Slice;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationLimitException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Threads put, replace and remove values that tell their keys; each key is there as often as it was
 * put and not removed, walks are in order, and no value is seen in part.
 */
record OrderedBytesTorture(Crew crew, boolean stalled) implements Torture {

  private static final int KEYS = 32;
  private static final int LARGEST = 8;
  private static final long LIMIT = 8192;

  static OrderedBytesTorture of(Crew crew) {
    return new OrderedBytesTorture(crew, false);
  }

  /** With a reader that stalls, and room for few nodes and values. */
  static OrderedBytesTorture withStalledReader() {
    return new OrderedBytesTorture(Crew.of(2), true);
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = stalled ? Stage.withLimit(LIMIT) : Stage.small();
    Work work = new Work(stage, new ConcurrentBytesOrderedMap(stage.allocator, stage.domain));
    if (stalled) {
      crew.run(seed, duration, work, work::readAndStall);
    } else {
      crew.run(seed, duration, work);
    }
    work.requireBalance();
    stage.strike();
  }

  /** What threads do with it. */
  private static final class Work implements Crew.Work {
    private final Stage stage;
    private final ConcurrentBytesOrderedMap map;

    /** How often each key was put where there was none, less how often it was removed. */
    private final AtomicIntegerArray balance = new AtomicIntegerArray(KEYS);

    Work(Stage stage, ConcurrentBytesOrderedMap map) {
      this.stage = stage;
      this.map = map;
    }

    /** Every other key has no more bytes than are compared first. */
    private static byte[] key(int number) {
      String key = number % 2 == 0 ? "k" : "a-longer-key-";
      return (key + (char) ('a' + number)).getBytes(StandardCharsets.US_ASCII);
    }

    /** The key again and again, so that a value tells whose it is, and whether it is whole. */
    private static byte[] value(byte[] key, int times) {
      byte[] value = new byte[key.length * times];
      for (int i = 0; i < value.length; i++) {
        value[i] = key[i % key.length];
      }
      return value;
    }

    private static byte[] bytes(Slice slice) {
      return slice.segment().toArray(ValueLayout.JAVA_BYTE);
    }

    private static void check(byte[] key, Slice value) {
      byte[] bytes = bytes(value);
      Stage.require(
          Arrays.equals(bytes, value(key, bytes.length / key.length)),
          "not a value of " + Arrays.toString(key) + ": " + Arrays.toString(bytes));
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
      int number = random.nextInt(KEYS);
      byte[] key = key(number);
      byte[] value = value(key, 1 + random.nextInt(LARGEST));
      switch (random.nextInt(12)) {
        case 0 -> walk(random);
        case 1, 2 -> look(key);
        case 3 -> stage.domain.drain();
        case 4 -> map.replace(key, value);
        case 5 -> balance.addAndGet(number, map.putIfAbsent(key, value) ? 1 : 0);
        case 6, 7, 8 -> balance.addAndGet(number, map.put(key, value) ? 1 : 0);
        default -> balance.addAndGet(number, map.remove(key) ? -1 : 0);
      }
    }

    private void look(byte[] key) {
      map.get(MemorySegment.ofArray(key), value -> check(key, value));
    }

    private void walk(SplittableRandom random) {
      byte[][] last = {new byte[0]};
      map.forEach((name, value) -> {
        byte[] key = bytes(name);
        Stage.require(Arrays.compareUnsigned(last[0], key) < 0, "out of order");
        last[0] = key;
        check(key, value);
        Crew.dieOrLive(random);
      });
    }

    /** Keeps what it found under a guard, and looks at it again and again. */
    void readAndStall(SplittableRandom random) {
      try (Guard guard = stage.domain.pin()) {
        List<Runnable> looks = new ArrayList<>();
        for (int number = 0; number < KEYS; number++) {
          byte[] key = key(number);
          Slice value = map.get(guard, MemorySegment.ofArray(key));
          if (value != null) {
            byte[] copy = bytes(value);
            looks.add(() -> Stage.require(Arrays.equals(bytes(value), copy), "another value"));
          }
        }
        stage.stall(random, () -> looks.forEach(Runnable::run));
      }
    }

    void requireBalance() {
      OrderedMaps.check(map);
      for (int number = 0; number < KEYS; number++) {
        int expected = map.containsKey(key(number)) ? 1 : 0;
        Stage.require(
            balance.get(number) == expected,
            number + " is there " + balance.get(number) + " times");
      }
      map.close();
    }
  }
}
