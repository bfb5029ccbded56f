package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentBytesLongTable;
import io.caisson.collections.ConcurrentBytesTable;
import io.caisson.collections.StringView;
import io.caisson.collections.TinyBytesTables;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationLimitException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads count in one table and keep values in another, both of which grow and shrink by waves: no
 * count may be lost, no value be seen in part or under another key.
 */
record BytesTableTorture(Crew crew, Reader reader) implements Torture {

  private static final int LEAST_SLOTS = 4;
  private static final int BANK_SLOTS = 16;
  private static final int KEYS = 400;
  private static final int HOT_KEYS = 10;
  private static final int STEPS_IN_WAVE = 20_000;

  /** Keys that stay in both tables; values are put in the place of theirs, too. */
  private static final int RESIDENTS = 8;

  private static final long LIMIT = 64 << 10;

  /** Who reads beside the crew. */
  enum Reader {
    NOBODY,
    /** Who stalls, and keeps views as long as his guard. */
    STALLED,
    /** Who keeps them longer, and so must be seen to read what is freed: a canary. */
    UNGUARDED
  }

  static BytesTableTorture of(Crew crew) {
    return new BytesTableTorture(crew, Reader.NOBODY);
  }

  /** With one more reader, and room for little garbage. */
  static BytesTableTorture with(Reader reader) {
    return new BytesTableTorture(Crew.of(2), reader);
  }

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = reader == Reader.NOBODY ? Stage.small() : Stage.withLimit(LIMIT);
    Work work = new Work(stage);
    if (reader == Reader.NOBODY) {
      crew.run(seed, duration, work);
    } else {
      crew.run(seed, duration, work, random -> work.readAndStall(random, reader));
    }
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
    private final AtomicInteger guests = new AtomicInteger();

    Work(Stage stage) {
      this.stage = stage;
      counts = TinyBytesTables.longs(stage.allocator, stage.domain, LEAST_SLOTS, BANK_SLOTS);
      values = TinyBytesTables.bytes(stage.allocator, stage.domain, LEAST_SLOTS, BANK_SLOTS);
      for (int i = 0; i < RESIDENTS; i++) {
        counts.put(resident(i), 1, 0);
        balance.increment();
        values.put(resident(i), value(resident(i), 1));
      }
    }

    private static byte[] resident(int number) {
      return key(KEYS + number);
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
      try {
        work(random);
      } catch (ReclamationLimitException e) {
        Stage.require(e.hardLimit() == stage.limit, "refused without need: " + e);
      }
    }

    private void work(SplittableRandom random) {
      boolean growing = steps.getAndIncrement() / STEPS_IN_WAVE % 2 == 0;
      boolean hot = random.nextInt(4) == 0;
      byte[] key = key(hot ? random.nextInt(HOT_KEYS) : random.nextInt(KEYS));
      int action = random.nextInt(16);
      if (action == 0 && hot) {
        byte[] resident = resident(random.nextInt(RESIDENTS));
        values.put(resident, value(resident, 1 + random.nextInt(8)));
        counts.put(resident, 1, 0);
        passThrough();
      } else if (action < 3) {
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

    /** A key that nobody else knows is found, wherever the table is moving, and comes out again. */
    private void passThrough() {
      byte[] key = key(-guests.incrementAndGet());
      long count = counts.addTo(key, 1);
      balance.add(count);
      Stage.require(count == 1 && counts.get(key, 0) == 1, "not there by itself: " + count);
      long removed = counts.remove(key, 0);
      balance.add(-removed);
      Stage.require(removed == 1, "went with " + removed);
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
        int[] residents = {0};
        values.forEach((name, value) -> {
          check(name.toByteArray(), value);
          residents[0] += isResident(name) ? 1 : 0;
          Crew.dieOrLive(random);
        });
        Stage.require(residents[0] == RESIDENTS, residents[0] + " of those that stay");
      }
    }

    private static boolean isResident(StringView name) {
      return Integer.parseInt(name.toString().substring("key-".length())) >= KEYS;
    }

    /** Keeps what it found under a guard, and looks at it again and again. */
    void readAndStall(SplittableRandom random, Reader reader) {
      Guard guard = stage.domain.pin();
      try {
        List<Runnable> looks = new ArrayList<>();
        values.forEach(guard, (name, value) -> looks.add(look(name, value)));
        for (int i = 0; i < RESIDENTS; i++) {
          byte[] resident = resident(i);
          StringView value = values.get(guard, resident);
          Stage.require(value != null, "one is gone that stays");
          looks.add(() -> check(resident, value));
          looks.add(() -> Stage.require(counts.get(guard, resident, 0) == 1, "one is not counted"));
        }
        if (reader == Reader.UNGUARDED) {
          guard.close();
        }
        stage.stall(random, () -> looks.forEach(Runnable::run));
      } finally {
        guard.close();
      }
    }

    private static Runnable look(StringView name, StringView value) {
      byte[] key = name.toByteArray();
      String text = name.toString();
      long byteSize = value.byteSize();
      return () -> {
        Stage.require(name.contentEquals(text), "another name");
        Stage.require(value.byteSize() == byteSize, "another size");
        check(key, value);
      };
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
