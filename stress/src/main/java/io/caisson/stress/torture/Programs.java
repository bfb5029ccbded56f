package io.caisson.stress.torture;

import io.caisson.collections.WaitStrategy;
import io.caisson.stress.PooledBlocks;
import io.caisson.stress.UntaggedBlocks;
import io.caisson.stress.torture.QueueTorture.Kind;
import java.util.List;

/** Every torture program; one more is a line here. */
final class Programs {

  /**
   * One of them.
   *
   * @param name what it is called on the command line
   * @param canary whether it is broken, and must fail
   * @param torture what it does
   */
  record Program(String name, boolean canary, Torture torture) {}

  static final List<Program> ALL =
      List.of(
          new Program("pool", false, new PoolTorture(PooledBlocks::new)),
          new Program("untagged-pool", true, new PoolTorture(UntaggedBlocks::new)),
          right("cell-1x", CellTorture.with(1)),
          right("cell-4x", CellTorture.with(4)),
          right("cell-16x", CellTorture.with(16)),
          right("cell-overflow", CellTorture.withOneSlot()),
          right("cell-limit", CellTorture.withLimit()),
          right("cell-reclaimer", CellTorture.withReclaimer()),
          right("cell-mortals", CellTorture.withMortals()),
          right("longs-1x", StackTorture.ofLongs(1)),
          right("longs-4x", StackTorture.ofLongs(4)),
          right("longs-16x", StackTorture.ofLongs(16)),
          right("bytes-4x", StackTorture.ofBytes(4)),
          right("bytes-16x", StackTorture.ofBytes(16)),
          right("table-longs-4x", TableTorture.of(4)),
          right("table-longs-16x", TableTorture.of(16)),
          right("table-longs-limit", TableTorture.withLimit()),
          right("ordered-1x", OrderedMapTorture.with(1, 4, 8)),
          right("ordered-4x", OrderedMapTorture.with(4, 4, 8)),
          right("ordered-overflow", OrderedMapTorture.with(4, 1, 8)),
          right("ordered-short", OrderedMapTorture.with(4, 4, 1)),
          right("ordered-late-link", new LateLink()),
          right("bytes-tables-1x", new BytesTableTorture(1)),
          right("bytes-tables-8x", new BytesTableTorture(8)),
          right("append-1x", new AppendTorture(1)),
          right("append-4x", new AppendTorture(4)),
          right("linked-1x", new LinkedSetTorture(1)),
          right("linked-4x", new LinkedSetTorture(4)),
          right("linked-16x", new LinkedSetTorture(16)),
          right("parked", new ParkedTorture()),
          right("limit", new LimitTorture(false)),
          right("stalled-reader", new LimitTorture(true)),
          right("closing", new ClosingTorture(4)),
          right("closing-overflow", new ClosingTorture(1)),
          right("close-stuck", new StuckClose()),
          right("spsc-1x", QueueTorture.of(Kind.SPSC, 1)),
          right("mpsc-1x", QueueTorture.of(Kind.MPSC, 1)),
          right("mpsc-16x", QueueTorture.of(Kind.MPSC, 16)),
          right("mpmc-4x", QueueTorture.of(Kind.MPMC, 4)),
          right("mpmc-least-4x", QueueTorture.of(Kind.MPMC_LEAST, 4)),
          right("unbounded-1x", QueueTorture.of(Kind.UNBOUNDED, 1)),
          right("unbounded-4x", QueueTorture.of(Kind.UNBOUNDED, 4)),
          right("unbounded-16x", QueueTorture.of(Kind.UNBOUNDED, 16)),
          right("unbounded-virtual", QueueTorture.ofVirtualThreads(Kind.UNBOUNDED)),
          right("ring-one", new RingTorture(true, 2)),
          right("ring-many", new RingTorture(false, 4)),
          right("blocking", new BlockingTorture(WaitStrategy.PARK, false)),
          right("blocking-virtual", new BlockingTorture(WaitStrategy.PARK, true)),
          right("blocking-yield", new BlockingTorture(WaitStrategy.YIELD, false)),
          right("closing-mpsc", new QueueClosing(QueueClosing.Kind.MPSC)),
          right("closing-unbounded", new QueueClosing(QueueClosing.Kind.UNBOUNDED)),
          right("closing-blocking", new QueueClosing(QueueClosing.Kind.BLOCKING)));

  private Programs() {}

  private static Program right(String name, Torture torture) {
    return new Program(name, false, torture);
  }
}
