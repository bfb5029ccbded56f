package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * The part of concurrent tables whose values are bytes that changes them: a value follows the key
 * in its entry, which never changes, so that another value is another entry.
 *
 * <p>Thread-safe. Every method that takes a guard borrows addresses under it, and returns such.
 */
final class EntryValues {

  /*
   * The values of an EntryTable, which has the essay. The size of an entry is in the entry, which
   * may be read only under a guard, and the guard is made with room for it. So who replaces or
   * removes pins with an estimate, and when the entry is larger he lets go and pins again with what
   * it takes. By then another may be there, hence the loop; it goes round only when others changed
   * the value meanwhile.
   *
   * A key, and a value, is at an offset in a segment, or, if that is null, at an address.
   *
   * A change does not get the guard, which would be made on the Java heap if it were passed to what
   * is not inlined; it returns the entry that it unlinked, and who has the guard hands that over.
   */

  /** What is done to a key that is there, or not. */
  enum Mode {
    PUT,
    IF_ABSENT,
    IF_PRESENT,
    IF_EXPECTED,
    REMOVE,
    REMOVE_EXPECTED;

    private boolean inserts() {
      return this == PUT || this == IF_ABSENT;
    }

    private boolean removes() {
      return this == REMOVE || this == REMOVE_EXPECTED;
    }

    private boolean expects() {
      return this == IF_EXPECTED || this == REMOVE_EXPECTED;
    }
  }

  /** Makes the entry that is to be in the place of one. */
  @FunctionalInterface
  interface Maker {
    /**
     * Makes an entry.
     *
     * @param fingerprint that of the key
     * @param key where the key is
     * @param entry the entry that there is, or NULL
     * @return a new entry, by {@link #newEntry}, or NULL for none
     */
    long make(long fingerprint, long key, long entry);
  }

  /** The room in bytes that an operation asks for before it knows the size of the entry. */
  private static final long ESTIMATE = 256;

  private final EntryTable core;

  EntryValues(EntryTable core) {
    this.core = core;
  }

  // ---- entries ----------------------------------------------------------------------------------

  /** Makes an entry, the caller's, of a key and a value. */
  long newEntry(
      long fingerprint, long key, @Nullable MemorySegment source, long at, long byteSize) {
    long entry = core.newEntry(fingerprint, key, byteSize);
    BytesEntry.setWord(entry, byteSize);
    if (source == null) {
      Memory.copy(at, BytesEntry.value(entry), byteSize);
      return entry;
    }
    try {
      Memory.copyFrom(source, at, BytesEntry.value(entry), byteSize);
    } catch (RuntimeException | Error e) { // it is closed, for one
      freeEntry(entry);
      throw e;
    }
    return entry;
  }

  /** Frees an entry that is nobody else's, or none if it is NULL. */
  private void freeEntry(long entry) {
    if (entry != Memory.NULL) {
      core.freeEntry(entry, core.byteSizeOf(entry));
    }
  }

  private static boolean hasValue(long entry, long value, long byteSize) {
    return BytesEntry.word(entry) == byteSize
        && Bytes.equal(BytesEntry.value(entry), value, byteSize);
  }

  /** Hands over an entry that the caller unlinked by a change. */
  void retire(Guard guard, Generation root, long entry, Mode mode) {
    core.retire(guard, entry, core.byteSizeOf(entry));
    retired(root, entry, mode);
  }

  /** The entry is readable as long as the guard. */
  private void retired(Generation root, long entry, Mode mode) {
    if (mode.removes()) {
      core.removed(root, BytesEntry.fingerprint(entry));
    }
    core.help(root);
  }

  // ---- changing by mode -------------------------------------------------------------------------

  /**
   * Does a change. The value that is expected, if one is, has the size of the new one, and is at
   * the address behind it.
   *
   * @param root where the search begins
   * @param room the size of the largest entry that the guard has room for
   * @return the entry that was there, which is unlinked now, to be {@linkplain #retire retired},
   *     unless the change is IF_ABSENT; NULL if there was none, or another value than the one that
   *     is expected; or, negated, the room that it takes, and then nothing has changed
   */
  long write(
      Generation root,
      long room,
      long fingerprint,
      long key,
      @Nullable MemorySegment source,
      long at,
      long byteSize,
      Mode mode) {
    long fresh = Memory.NULL;
    try {
      for (int n = 0; ; ) {
        long slot =
            mode.inserts()
                ? core.locate(root, fingerprint, key)
                : EntryTable.find(root, fingerprint, key);
        if (slot == Memory.NULL) {
          return Memory.NULL;
        }
        long word = slot < 0 ? EntrySlot.EMPTY : EntrySlot.getAcquire(slot);
        if (slot > 0 && !EntrySlot.isEntry(word)) {
          continue; // it was moved or removed
        }
        long entry = EntrySlot.entry(word);
        if (entry != Memory.NULL) {
          if (mode == Mode.IF_ABSENT) {
            return entry;
          }
          if (mode.expects() && !hasValue(entry, at + byteSize, byteSize)) {
            return Memory.NULL;
          }
          if (core.byteSizeOf(entry) > room) {
            return -core.byteSizeOf(entry);
          }
        }
        if (!mode.removes() && fresh == Memory.NULL) {
          fresh = newEntry(fingerprint, key, source, at, byteSize);
        }
        if (link(root, slot, entry, fresh, fingerprint)) {
          fresh = Memory.NULL;
          return entry;
        }
        if (entry != Memory.NULL) {
          Spin.once(n++); // somebody moves it, or was faster
        }
      }
    } finally {
      freeEntry(fresh);
    }
  }

  /**
   * Puts an entry, or none if it is NULL, in the place of one, or where the slot was EMPTY if that
   * is NULL; returns whether it could.
   */
  private boolean link(Generation root, long slot, long entry, long fresh, long fingerprint) {
    if (entry != Memory.NULL) {
      long word = fresh == Memory.NULL ? EntrySlot.TOMBSTONE : EntrySlot.word(fingerprint, fresh);
      return EntryTable.replace(slot, entry, word);
    }
    if (!core.insert(-slot, fingerprint, fresh)) {
      return false;
    }
    core.inserted(root, fingerprint);
    core.help(root);
    return true;
  }

  /** Gives a key a value unless it has one; says whether it has one. */
  boolean putIfAbsent(
      @Nullable MemorySegment source,
      long at,
      long byteSize,
      @Nullable MemorySegment value,
      long valueAt,
      long valueByteSize) {
    long found = -1;
    do {
      try (Guard guard = core.pin()) {
        KeyScratch scratch = core.scratchFor(source);
        try {
          long key = EntryTable.locate(scratch, source, at, byteSize);
          long fingerprint = core.fingerprint(key, byteSize);
          found =
              write(
                  core.root(guard),
                  0,
                  fingerprint,
                  key,
                  value,
                  valueAt,
                  valueByteSize,
                  Mode.IF_ABSENT);
        } finally {
          core.give(scratch);
          Reference.reachabilityFence(source);
        }
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    } while (found < 0);
    return found != Memory.NULL;
  }

  /** Does a change that may unlink an entry; says whether the key was there. */
  boolean write(
      @Nullable MemorySegment source,
      long at,
      long byteSize,
      @Nullable MemorySegment value,
      long valueAt,
      long valueByteSize,
      Mode mode) {
    long room = core.reservable(Math.max(ESTIMATE, BytesEntry.SIZE + byteSize + valueByteSize));
    long found = -1;
    do {
      try (Guard guard = core.pin(room)) {
        KeyScratch scratch = core.scratchFor(source);
        try {
          long key = EntryTable.locate(scratch, source, at, byteSize);
          long fingerprint = core.fingerprint(key, byteSize);
          Generation root = core.root(guard);
          found = write(root, room, fingerprint, key, value, valueAt, valueByteSize, mode);
          room = Math.max(room, -found);
          if (found > 0) {
            retire(guard, root, found, mode);
          }
        } finally {
          core.give(scratch);
          Reference.reachabilityFence(source);
        }
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    } while (found < 0);
    return found != Memory.NULL;
  }

  // ---- computing --------------------------------------------------------------------------------

  /**
   * Puts what a function makes in the place of what there is.
   *
   * @param guard what has so much room
   * @return what the function made, or, negated, the room that it takes, and then nothing has
   *     changed
   */
  long compute(Guard guard, long room, long fingerprint, long key, Maker maker) {
    Generation root = core.root(guard);
    for (int n = 0; ; Spin.once(n++)) {
      long slot = core.locate(root, fingerprint, key);
      long word = slot < 0 ? EntrySlot.EMPTY : EntrySlot.getAcquire(slot);
      if (slot > 0 && !EntrySlot.isEntry(word)) {
        continue; // it was moved or removed
      }
      long entry = EntrySlot.entry(word);
      if (entry != Memory.NULL && core.byteSizeOf(entry) > room) {
        return -core.byteSizeOf(entry);
      }
      long fresh = maker.make(fingerprint, key, entry);
      if (fresh == Memory.NULL && entry == Memory.NULL) {
        return Memory.NULL;
      }
      if (link(root, slot, entry, fresh, fingerprint)) {
        if (entry != Memory.NULL) {
          retire(guard, root, entry, fresh == Memory.NULL ? Mode.REMOVE : Mode.PUT);
        }
        return fresh;
      }
      freeEntry(fresh);
    }
  }

  /** Does so for a key in a segment or at an address; says whether it has a value after that. */
  boolean compute(@Nullable MemorySegment source, long at, long byteSize, Maker maker) {
    long room = core.reservable(ESTIMATE + byteSize);
    long made = -1;
    do {
      try (Guard guard = core.pin(room)) {
        KeyScratch scratch = core.scratchFor(source);
        try {
          long key = EntryTable.locate(scratch, source, at, byteSize);
          made = compute(guard, room, core.fingerprint(key, byteSize), key, maker);
          room = Math.max(room, -made);
        } finally {
          core.give(scratch);
          Reference.reachabilityFence(source);
        }
      } catch (Generations.NoRoom e) {
        core.makeRoom();
      }
    } while (made < 0);
    return made != Memory.NULL;
  }

  /** Removes what is there, entry by entry. */
  void clear() {
    core.forEachKey(
        key -> write(MemorySegment.ofArray(key), 0, key.length, null, 0, 0, Mode.REMOVE));
  }
}
