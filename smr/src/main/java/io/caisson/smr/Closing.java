package io.caisson.smr;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The end of a domain: nobody pins any more, who is pinned is waited for, and then, and only then,
 * everything is freed. Thread-safe; of several who close, one does it and the others wait for that.
 */
final class Closing {

  private final SharedWords words;
  private final Pins pins;
  private final Limbo limbo;
  private final Locals locals;
  private final @Nullable PinBook book;
  private final @Nullable Reclaimer reclaimer;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable CloseReport report;

  Closing(
      SharedWords words,
      Pins pins,
      Limbo limbo,
      Locals locals,
      @Nullable PinBook book,
      @Nullable Reclaimer reclaimer) {
    this.words = words;
    this.pins = pins;
    this.limbo = limbo;
    this.locals = locals;
    this.book = book;
    this.reclaimer = reclaimer;
  }

  /** Closes, goes on closing, or says how that ended. */
  CloseReport close(Deadline deadline) {
    while (!lock.tryLock()) {
      if (!deadline.pause()) {
        return unfinished();
      }
    }
    try {
      CloseReport before = report;
      if (before != null && before.clean()) {
        return before;
      }
      CloseReport now = finish(deadline);
      report = now;
      return now;
    } finally {
      lock.unlock();
    }
  }

  private CloseReport finish(Deadline deadline) {
    pins.close();
    if (reclaimer != null) {
      reclaimer.stop();
    }
    if (!pins.awaitNone(deadline)) {
      return unfinished();
    }
    freeEverything();
    return new CloseReport(true, 0, 0, limbo.failures().count(), List.of());
  }

  /** Nobody is pinned, holds a slot or will: everything is this thread's. */
  private void freeEverything() {
    locals.forEach(limbo::flush);
    limbo.freeAll(locals.ofSlot(0));
    limbo.flush(locals.ofSlot(0));
  }

  private CloseReport unfinished() {
    List<CloseReport.StuckGuard> stuck = new ArrayList<>();
    for (int slot = 0; slot < words.slots(); slot++) {
      long word = words.slotOpaque(slot);
      if (SlotWord.isPinned(word) || word == SlotWord.CLAIMED) {
        long behind = SlotWord.isPinned(word) ? pins.lastEpoch() - SlotWord.epoch(word) : -1;
        stuck.add(
            new CloseReport.StuckGuard(slot, behind, book == null ? null : book.stackOf(slot)));
      }
    }
    Throwable stack = book == null ? null : book.stackOfOverflow();
    for (long pin = pins.pinnedInCounters(); pin > 0; pin--) {
      stuck.add(new CloseReport.StuckGuard(-1, -1, stack));
    }
    return new CloseReport(
        false, locals.garbageBlocks(), locals.garbageBytes(), limbo.failures().count(), stuck);
  }
}
