package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.util.ConcurrentModificationException;

/**
 * Walks over the entries of a table of longs, in the order of their slots, and may remove them.
 *
 * <p>Removal moves later entries down by one, never to before the slot just emptied; so that slot
 * is looked at again. Memory is offered back at the end, for that moves everything.
 */
final class LongTableWalk {

  private final LongTableCore core;
  private int modifications;
  private long next;

  /** The address of the slot that the walk is at, or NULL. */
  private long slot = Memory.NULL;

  private boolean removed;

  /** Begins before the first entry. */
  LongTableWalk(LongTableCore core) {
    core.requireOpen();
    this.core = core;
    this.modifications = core.modifications;
  }

  /** Moves on, and says whether there was another entry. */
  boolean next() {
    requireUnchanged();
    long index = core.nextFull(next);
    if (index < 0) {
      end();
      return false;
    }
    next = index + 1;
    slot = core.slot(index);
    return true;
  }

  private void end() {
    next = Long.MAX_VALUE;
    slot = Memory.NULL;
    if (removed) {
      removed = false;
      core.shrinkIfSparse();
      modifications = core.modifications;
    }
  }

  /** Returns the address of the slot that the walk is at. */
  long slot() {
    requireUnchanged();
    if (slot == Memory.NULL) {
      throw new IllegalStateException("at no entry; call next() first");
    }
    return slot;
  }

  /** Removes the entry; the walk is then at none. */
  void remove() {
    core.erase(slot());
    modifications = core.modifications;
    slot = Memory.NULL;
    next--;
    removed = true;
  }

  private void requireUnchanged() {
    if (core.modifications != modifications) {
      throw new ConcurrentModificationException("the table was changed by other means meanwhile");
    }
  }
}
