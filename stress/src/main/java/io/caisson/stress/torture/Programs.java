package io.caisson.stress.torture;

import io.caisson.collections.WaitStrategy;
import io.caisson.stress.PooledBlocks;
import io.caisson.stress.UntaggedBlocks;
import io.caisson.stress.torture.BytesTableTorture.Reader;
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
          right("pool", new PoolTorture(PooledBlocks::new)),
          canary("untagged-pool", new PoolTorture(UntaggedBlocks::new)),
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
          right("table-longs-4x", TableTorture.of(Crew.of(4))),
          right("table-longs-16x", TableTorture.of(Crew.of(16))),
          right("table-longs-limit", TableTorture.withLimit()),
          right("table-longs-stalled", TableTorture.withStalledReader()),
          right("table-longs-mortals", TableTorture.of(Crew.ofMortals(2))),
          right("table-longs-virtual", TableTorture.of(Crew.ofVirtual(32))),
          right("ordered-1x", OrderedMapTorture.with(1, 4, 8)),
          right("ordered-4x", OrderedMapTorture.with(4, 4, 8)),
          right("ordered-overflow", OrderedMapTorture.with(4, 1, 8)),
          right("ordered-short", OrderedMapTorture.with(4, 4, 1)),
          right("ordered-late-link", new LateLink()),
          right("ordered-stalled", OrderedMapTorture.withStalledReader()),
          right("ordered-mortals", OrderedMapTorture.of(Crew.ofMortals(2))),
          right("ordered-virtual", OrderedMapTorture.of(Crew.ofVirtual(32))),
          right("ordered-bytes-4x", OrderedBytesTorture.of(Crew.of(4))),
          right("ordered-bytes-stalled", OrderedBytesTorture.withStalledReader()),
          right("ordered-bytes-mortals", OrderedBytesTorture.of(Crew.ofMortals(2))),
          right("ordered-bytes-virtual", OrderedBytesTorture.of(Crew.ofVirtual(32))),
          right("bytes-tables-1x", BytesTableTorture.of(Crew.of(1))),
          right("bytes-tables-8x", BytesTableTorture.of(Crew.of(8))),
          right("bytes-tables-stalled", BytesTableTorture.with(Reader.STALLED)),
          canary("bytes-tables-unguarded", BytesTableTorture.with(Reader.UNGUARDED)),
          right("bytes-tables-mortals", BytesTableTorture.of(Crew.ofMortals(2))),
          right("bytes-tables-virtual", BytesTableTorture.of(Crew.ofVirtual(32))),
          right("append-1x", AppendTorture.of(Crew.of(1))),
          right("append-4x", AppendTorture.of(Crew.of(4))),
          right("append-stalled", AppendTorture.withStalledReader()),
          right("append-mortals", AppendTorture.of(Crew.ofMortals(2))),
          right("append-virtual", AppendTorture.of(Crew.ofVirtual(32))),
          right("linked-1x", LinkedSetTorture.of(Crew.of(1))),
          right("linked-4x", LinkedSetTorture.of(Crew.of(4))),
          right("linked-16x", LinkedSetTorture.of(Crew.of(16))),
          right("linked-stalled", LinkedSetTorture.withStalledReader()),
          right("linked-mortals", LinkedSetTorture.of(Crew.ofMortals(2))),
          right("linked-virtual", LinkedSetTorture.of(Crew.ofVirtual(32))),
          right("intern-4x", new InternTorture(Crew.of(4))),
          right("intern-virtual", new InternTorture(Crew.ofVirtual(32))),
          right("intern-closing", new InternClosing()),
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

  private static Program canary(String name, Torture torture) {
    return new Program(name, true, torture);
  }
}
