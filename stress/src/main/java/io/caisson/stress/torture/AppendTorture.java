package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentLongVector;
import io.caisson.smr.Guard;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Threads append to a vector, read it, and close it for another when it is large enough. */
record AppendTorture(Crew crew, boolean stalled) implements Torture {

  private static final long LARGE = 2000;
  private static final long MARK = 0x5EED_0000_0000_0000L;

  static AppendTorture of(Crew crew) {
    return new AppendTorture(crew, false);
  }

  /** With a reader that stalls, for which close must wait. */
  static AppendTorture withStalledReader() {
    return new AppendTorture(Crew.of(2), true);
  }

  /** A vector, how much was appended to it, and whether it is closed and its memory freed. */
  private record Volume(ConcurrentLongVector vector, AtomicLong elements, AtomicBoolean freed) {}

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage = Stage.small();
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
    private volatile Volume current;

    Work(Stage stage) {
      this.stage = stage;
      current = newVolume();
    }

    private Volume newVolume() {
      return new Volume(
          new ConcurrentLongVector(stage.allocator, stage.domain),
          new AtomicLong(),
          new AtomicBoolean());
    }

    @Override
    public void step(SplittableRandom random) {
      Volume volume = current;
      try {
        switch (random.nextInt(8)) {
          case 0 ->
              volume.vector.forEach(value -> {
                check(value);
                Crew.dieOrLive(random);
              });
          case 1 -> lookUnderOneGuard(volume.vector, random);
          case 2 -> appendMany(volume, random.nextInt(40));
          case 3 -> lookAtLast(volume.vector);
          default -> append(volume);
        }
      } catch (IllegalStateException e) {
        Stage.require(isClosed(volume), "it is not closed: " + e);
      }
      if (volume.elements.get() > LARGE && replace(volume)) {
        volume.vector.close();
        volume.freed.set(true);
      }
    }

    /** An element is there, the same, until the vector is closed, and that frees nothing yet. */
    void readAndStall(SplittableRandom random) {
      Volume volume = current;
      try (Guard guard = stage.domain.pin()) {
        long size = volume.vector.size(guard);
        long index = size == 0 ? 0 : random.nextLong(size);
        stage.stall(
            random,
            () -> {
              Stage.require(!volume.freed.get(), "freed under a guard");
              if (size > 0 && !isClosed(volume)) {
                check(volume.vector.get(guard, index));
              }
            });
      } catch (IllegalStateException e) {
        Stage.require(isClosed(volume), "it is not closed: " + e);
      }
    }

    private synchronized boolean replace(Volume volume) {
      if (current != volume) {
        return false;
      }
      current = newVolume();
      return true;
    }

    private static boolean isClosed(Volume volume) {
      return volume.vector.toString().endsWith("(closed)");
    }

    private static void check(long value) {
      Stage.require((value & MARK) == MARK, "nobody appended " + Long.toHexString(value));
    }

    private static void lookAtLast(ConcurrentLongVector vector) {
      long size = vector.size();
      if (size > 0) {
        check(vector.get(size - 1));
      }
    }

    private static void append(Volume volume) {
      long value = MARK | volume.elements.getAndIncrement();
      long index = volume.vector.add(value);
      Stage.require(volume.vector.get(index) == value, "another element is at " + index);
    }

    private static void appendMany(Volume volume, int count) {
      long[] values = new long[count];
      long next = MARK | volume.elements.getAndAdd(count);
      for (int i = 0; i < count; i++) {
        values[i] = next + i;
      }
      long first = volume.vector.addAll(values, 0, count);
      for (int i = 0; i < count; i++) {
        Stage.require(volume.vector.get(first + i) == values[i], "another is at " + (first + i));
      }
    }

    private void lookUnderOneGuard(ConcurrentLongVector vector, SplittableRandom random) {
      try (Guard guard = stage.domain.pin()) {
        for (int i = 0; i < 5; i++) {
          long size = vector.size(guard);
          if (size > 0) {
            check(vector.get(guard, random.nextLong(size)));
          }
        }
      }
    }

    /** Every element of the last vector is there, once. */
    void finish() {
      ConcurrentLongVector vector = current.vector;
      long count = current.elements.get();
      long[] sum = {0};
      vector.forEach(value -> sum[0] += value & ~MARK);
      Stage.require(
          vector.size() == count && sum[0] == count * (count - 1) / 2,
          vector.size() + " elements of " + count);
      vector.close();
    }
  }
}
