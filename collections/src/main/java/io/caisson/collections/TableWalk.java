package io.caisson.collections;

import java.util.ConcurrentModificationException;

/** Walks over the entries of a table, in no order, each once, though it removes some on the way. */
final class TableWalk {

  /*
   * Removal moves later entries of the same run of full slots up by some slots, cyclically. A walk
   * that starts right after an empty slot meets every run from its start, and that slot stays empty;
   * so what moves has not been met, unless it moves into the slot just emptied, which is looked at
   * again. Memory is offered back at the end: to rehash on the way would shuffle all entries.
   */

  private final TableCore core;
  private final long start;
  private int modifications;
  private long distance;
  private boolean atEntry;
  private boolean removed;

  /** Begins before the first entry. */
  TableWalk(TableCore core) {
    core.requireOpen();
    this.core = core;
    this.start = core.emptySlot();
    this.modifications = core.modifications;
  }

  /** Moves on, and says whether there was another entry. */
  boolean next() {
    requireUnchanged();
    long found = core.nextFull(start, distance + 1);
    atEntry = found >= 0;
    distance = atEntry ? found : core.mask;
    if (!atEntry && removed) {
      removed = false;
      core.shrinkIfSparse();
      modifications = core.modifications;
      distance = core.mask; // so that there is none the next time either
    }
    return atEntry;
  }

  /** Returns the address of the slot that the walk is at. */
  long slot() {
    requireUnchanged();
    if (!atEntry) {
      throw new IllegalStateException("at no entry; call next() first");
    }
    return core.slot((start + distance) & core.mask);
  }

  /** Removes the entry, whose content the face has dealt with; the walk is then at none. */
  void remove() {
    core.erase((start + distance) & core.mask);
    modifications = core.modifications;
    distance--;
    atEntry = false;
    removed = true;
  }

  private void requireUnchanged() {
    if (core.modifications != modifications) {
      throw new ConcurrentModificationException("the table was changed by other means meanwhile");
    }
  }
}
