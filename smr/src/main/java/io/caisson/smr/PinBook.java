package io.caisson.smr;

import java.lang.System.Logger.Level;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Who pinned, with stacks, in checked memory mode; it finds guards that nobody closed. */
final class PinBook {

  /** One open guard. */
  static final class Entry extends PhantomReference<Guard> {
    private final PinBook book;
    final long place;
    final Throwable stack;

    Entry(Guard guard, PinBook book, long place) {
      super(guard, book.unreachable);
      this.book = book;
      this.place = place;
      stack = new Throwable("pinned by " + Thread.currentThread());
    }

    /** Strikes the guard off; false if that was done before. */
    boolean remove() {
      return book.entries.remove(this);
    }
  }

  private final String domain;
  private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
  private final ReferenceQueue<Guard> unreachable = new ReferenceQueue<>();
  private final AtomicLong leaked = new AtomicLong();

  PinBook(String domain) {
    this.domain = domain;
  }

  Entry add(Guard guard, long place) {
    reportUnreachable();
    Entry entry = new Entry(guard, this, place);
    entries.add(entry);
    return entry;
  }

  /** Warns of each guard that became unreachable while it was open; it stays pinned. */
  void reportUnreachable() {
    for (Reference<?> found = unreachable.poll(); found != null; found = unreachable.poll()) {
      if (found instanceof Entry entry && entries.contains(entry)) {
        leaked.incrementAndGet();
        System.getLogger("io.caisson.smr")
            .log(Level.WARNING, "a guard of domain '" + domain + "' was never closed", entry.stack);
      }
    }
  }

  /** Returns how many guards were found that nobody closed. */
  long leaked() {
    reportUnreachable();
    return leaked.get();
  }

  /** Returns the stack that pinned a slot, or null if it is not known. */
  @Nullable Throwable stackOf(long place) {
    for (Entry entry : entries) {
      if (entry.place == place) {
        return entry.stack;
      }
    }
    return null;
  }

  /** Returns the stack of some guard without a slot, or null if none is known. */
  @Nullable Throwable stackOfOverflow() {
    for (Entry entry : entries) {
      if (!Place.isSlot(entry.place)) {
        return entry.stack;
      }
    }
    return null;
  }
}
