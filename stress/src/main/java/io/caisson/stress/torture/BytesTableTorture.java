package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentBytesLongTable;
import io.caisson.collections.ConcurrentBytesTable;
import io.caisson.collections.StringView;
import io.caisson.collections.TinyBytesTables;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads count in one table and keep values in another, both of which grow and shrink by waves: no
 * count may be lost, no value be seen in part or under another key.
 */
record BytesTableTorture(int threadsPerCore) implements Torture {

  private static final int LEAST_SLOTS = 4;
  private static final int BANK_SLOTS = 16;
  private static final int KEYS = 400;
  private static final int HOT_KEYS = 10;
  private static final int STEPS_IN_WAVE = 20_000;

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = new Stage(ReclamationDomain.builder().slots(4).bagCapacity(2));
    Work work = new Work(stage);
    Crew.run(threadsPerCore * Runtime.getRuntime().availableProcessors(), seed, duration, work);
    work.requireAll();
    stage.strike();
  }

  /** What threads do with them. */
  private static final class Work implements Crew.Work {
    private final Stage stage;
    private final ConcurrentBytesLongTable counts;
    private final ConcurrentBytesTable values;
    private final LongAdder balance = new LongAdder();
    private final AtomicInteger steps = new AtomicInteger();

    Work(Stage stage) {
      this.stage = stage;
      counts = TinyBytesTables.longs(stage.allocator, stage.domain, LEAST_SLOTS, BANK_SLOTS);
      values = TinyBytesTables.bytes(stage.allocator, stage.domain, LEAST_SLOTS, BANK_SLOTS);
    }

    private static byte[] key(int number) {
      return ("key-" + number).getBytes(StandardCharsets.US_ASCII);
    }

    /** The key again and again, so that a value tells whose it is, and whether it is whole. */
    private static byte[] value(byte[] key, int times) {
      byte[] value = new byte[key.length * times];
      for (int i = 0; i < value.length; i++) {
        value[i] = key[i % key.length];
      }
      return value;
    }

    private static void check(byte[] key, StringView value) {
      for (long i = 0; i < value.byteSize(); i++) {
        Stage.require(value.byteAt(i) == key[(int) (i % key.length)], "not of this key: " + value);
      }
    }

    @Override
    public void step(SplittableRandom random) {
      boolean growing = steps.getAndIncrement() / STEPS_IN_WAVE % 2 == 0;
      boolean hot = random.nextInt(4) == 0;
      byte[] key = key(hot ? random.nextInt(HOT_KEYS) : random.nextInt(KEYS));
      int action = random.nextInt(16);
      if (action < 3) {
        look(key, random);
      } else if (action < 4) {
        stage.domain.drain();
      } else if (action < (growing ? 9 : 5)) {
        counts.addTo(key, 1);
        balance.increment();
      } else if (action < 10) {
        balance.add(-counts.remove(key, 0));
      } else if (action < (growing ? 15 : 11)) {
        values.put(key, value(key, 1 + random.nextInt(8)));
      } else {
        values.remove(key);
      }
    }

    private void look(byte[] key, SplittableRandom random) {
      try (Guard guard = stage.domain.pin()) {
        StringView value = values.get(guard, key);
        if (value != null) {
          if (random.nextInt(64) == 0) {
            LockSupport.parkNanos(1); // a reader that stalls
          }
          check(key, value);
        }
        Stage.require(counts.get(guard, key, 0) >= 0, "made up");
      }
      if (random.nextInt(256) == 0) {
        values.forEach((name, value) -> check(name.toByteArray(), value));
      }
    }

    /** What is left is what was counted and not removed. */
    void requireAll() {
      counts.forEach((key, count) -> balance.add(-count));
      Stage.require(balance.sum() == 0, "counts are lost: " + balance.sum());
      TinyBytesTables.blocks(counts);
      TinyBytesTables.blocks(values);
      counts.close();
      values.close();
    }
  }
}
