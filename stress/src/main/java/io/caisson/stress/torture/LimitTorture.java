package io.caisson.stress.torture;

import io.caisson.smr.DomainStats;
import io.caisson.smr.Epochs;
import io.caisson.smr.Guard;
import io.caisson.smr.LimitPolicy;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One guard stalls while others churn against a hard limit: what is in limbo or reserved never
 * exceeds it, and all is freed when the guard is gone.
 */
record LimitTorture(boolean stalled) implements Torture {

  private static final long LIMIT = 64 * Stage.SIZE;
  private static final Duration WAIT = Duration.ofMillis(20);

  @Override
  public void run(long seed, Duration duration) throws Exception {
    Stage stage =
        new Stage(
            ReclamationDomain.builder()
                .slots(4)
                .bagCapacity(4)
                .hardLimit(LIMIT, LimitPolicy.block(WAIT)));
    Churn churn = new Churn(stage);
    Duration time = stalled ? stallOf(duration) : duration;
    Guard reader = stalled ? stage.domain.pin() : null;
    Crew.of(2).run(seed, time, churn);
    if (reader != null) {
      DomainStats stats = stage.domain.stats();
      Stage.require(stats.oldestPinNanos() > 0, "nobody noticed the stall: " + stats);
      reader.close();
    }
    stage.freeBlock(churn.root.get());
    Stage.require(stage.domain.drain(), "drain() is false: " + stage.domain.stats());
    System.out.println(
        "limbo + reserved at most "
            + churn.most.get()
            + " of "
            + LIMIT
            + " bytes; replaced "
            + churn.replaced.get()
            + ", refused "
            + stage.domain.stats().refused()
            + "; garbage after drain "
            + stage.domain.stats().garbageBytes());
    stage.strike();
  }

  /** Two seconds or more, and at most ten. */
  private static Duration stallOf(Duration duration) {
    return Duration.ofMillis(Math.clamp(duration.toMillis(), 2_000, 10_000));
  }

  /** Replaces a block, and looks at what is charged. */
  private static final class Churn implements Crew.Work {
    final Stage stage;
    final AtomicLong root;
    final AtomicLong most = new AtomicLong();
    final AtomicLong replaced = new AtomicLong();

    Churn(Stage stage) {
      this.stage = stage;
      root = new AtomicLong(stage.newBlock(0));
    }

    @Override
    public void step(SplittableRandom random) {
      if (random.nextInt(64) == 0) {
        requireReservation();
      }
      long made = stage.newBlock(random.nextLong());
      try (Guard guard = stage.domain.pin(1, Stage.SIZE)) {
        look();
        long old = root.getAndSet(made);
        Stage.check(old);
        guard.retire(old, Stage.SIZE, Stage.ALIGNMENT, stage.number);
        replaced.incrementAndGet();
      } catch (ReclamationLimitException e) {
        stage.freeBlock(made);
      }
      look();
    }

    /** A guard admits no more than it has reserved. */
    private void requireReservation() {
      long block = stage.newBlock(1);
      try (Guard guard = stage.domain.pin(1, Stage.SIZE - 1)) {
        guard.retire(block, Stage.SIZE, Stage.ALIGNMENT, stage.number);
      } catch (IllegalStateException | ReclamationLimitException e) {
        stage.freeBlock(block);
        return;
      }
      throw new AssertionError("retired more than was reserved");
    }

    private void look() {
      long charged = Epochs.charged(stage.domain);
      most.accumulateAndGet(charged, Math::max);
      if (charged > LIMIT || charged < 0) {
        throw new AssertionError(charged + " bytes charged; the hard limit is " + LIMIT);
      }
    }
  }
}
