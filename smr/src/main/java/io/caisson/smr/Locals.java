package io.caisson.smr;

import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The locals of a domain: one for each slot, and spare ones for guards that found none. Thread-safe
 * and lock-free, save that making a spare one takes a lock.
 */
final class Locals {

  /*
   * Invariants.
   * D1  A local is touched only by who holds its slot, or who took it off the spare ones and is in a
   *     counter. It is given back before the slot is, or the counter.
   */

  private final Pins pins;
  private final Local[] slots;
  private final Roll<Local> spareRoll;
  private final VersionedStack<Local> spares;

  Locals(Pins pins, Limbo limbo, int slotCount) {
    this.pins = pins;
    slots = new Local[slotCount];
    for (int slot = 0; slot < slotCount; slot++) {
      slots[slot] = limbo.newLocal(slot);
    }
    spareRoll = new Roll<>(limbo::newLocal);
    spares = new VersionedStack<>(spareRoll);
  }

  Local ofSlot(int slot) {
    return slots[slot];
  }

  /** Returns the local of a place that has one. */
  Local at(long place) {
    return Place.isSlot(place) ? slots[Place.slot(place)] : spareRoll.get(Place.local(place));
  }

  /** Gives a local to who is at a place; the Java heap may be exhausted when one is made. */
  Local take(long place) {
    if (Place.isSlot(place)) {
      return slots[Place.slot(place)];
    }
    Local spare = spares.pop();
    return spare != null ? spare : spareRoll.add();
  }

  /** Returns a place that says which local it has. */
  static long withLocal(long place, Local local) {
    return Place.isSlot(place) ? place : Place.withLocal(place, local.number);
  }

  /** Gives back a local, if it is a spare one, and then the place. D1 */
  void leave(long place, @Nullable Local local) {
    if (local != null && !Place.isSlot(place)) {
      spares.push(local);
    }
    pins.unpin(place);
  }

  /** Does something with each local that nobody has; the caller holds a slot or is in a counter. */
  void sweep(Consumer<Local> action) {
    for (int slot = 0; slot < slots.length; slot++) {
      if (pins.tryClaim(slot)) {
        try {
          action.accept(slots[slot]);
        } finally {
          pins.unpin(slot);
        }
      }
    }
    Local spare = spares.takeAll();
    while (spare != null) {
      Local under = spares.under(spare);
      action.accept(spare);
      spares.push(spare);
      spare = under;
    }
  }

  /** Does something with every local; for who knows that nobody has one, or only reads counts. */
  void forEach(Consumer<Local> action) {
    for (Local local : slots) {
      action.accept(local);
    }
    for (int number = 0; number < spareRoll.size(); number++) {
      action.accept(spareRoll.get(number));
    }
  }

  /** Sums up a count over all. */
  long sum(ToLongFunction<Local> count) {
    long sum = 0;
    for (Local local : slots) {
      sum += count.applyAsLong(local);
    }
    for (int number = 0; number < spareRoll.size(); number++) {
      sum += count.applyAsLong(spareRoll.get(number));
    }
    return sum;
  }

  /** Returns the blocks retired and not freed. What is freed is read first: never too little. */
  long garbageBlocks() {
    long freed = sum(Local::freedBlocks);
    return sum(Local::retiredBlocks) - freed;
  }

  /** Returns the bytes of these. */
  long garbageBytes() {
    long freed = sum(Local::freedBytes);
    return sum(Local::retiredBytes) - freed;
  }
}
