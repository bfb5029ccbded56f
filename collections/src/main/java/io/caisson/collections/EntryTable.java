package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The part of concurrent tables whose keys are bytes that finds keys, links and unlinks entries,
 * grows and shrinks: entries, and the slots that lead to them.
 *
 * <p>Thread-safe. Every method that deals with addresses is called under a guard of the domain, and
 * addresses are borrowed under it.
 */
final class EntryTable implements Generations.Cells {

  /*
   * Purpose. A hash table of immutable keys in blocks of their own, whose readers never wait, and
   * which changes its size a chunk at a time on the way of its writers.
   *
   * Source. Open addressing with a word a slot; Generations has how a table changes its size, and
   * where that is from. Deviation: nothing here is found by a garbage collector, so a flag in the
   * slot keeps an entry from being retired while two slots lead to it.
   *
   * Layout. EntrySlot has the word and its states, BytesEntry the block. The slots are the cells of
   * Generations; probing is linear and wraps at the end of a bank. A bank of 8192 slots of which
   * three in four are used is full by bad luck in no lifetime, and if it is, the next generation
   * takes what comes.
   *
   * Invariants.
   * E1  A slot goes through the states that EntrySlot has. So a run never gets shorter, and an
   *     entry that is looked for is in front of the end of its run, or was moved.
   * E2  No two live entries have one key. For an entry is inserted by a CAS at the first EMPTY of
   *     its run in a generation without a next one; of two who insert a key both want the same
   *     slot. Once there is a next generation the end of the run is sealed before anybody inserts
   *     there.
   * E3  An entry is unlinked by a CAS on a slot that leads to it and is not frozen; who succeeds
   *     retires it.
   * E4  While two slots lead to an entry, the one in the older generation is frozen, and whoever
   *     looks for the key finds that one first: a search goes along the chain, and on when a key is
   *     not found.
   *
   * How a slot is moved, by who claimed its chunk. EMPTY becomes SEALED by a CAS. An entry is
   * frozen by a CAS, linked in a later generation, and only then MOVED. (Without the flag the entry
   * could be retired through the old slot after it is linked by the new one, through which it is
   * then read: a use after free.) The bank that an entry goes to is made before that. If there is
   * no room for another that is needed, the slot is set back, and the chunk given back.
   *
   * Linearization points. Insertion: the CAS that puts the entry into its slot. Replacement and
   * removal: the CAS on the slot, or, of a value that is a long, on the word of the entry. A search
   * that finds: the read of the slot. One that does not: the read of the end of the run in a
   * generation without a next one; or, if that end was EMPTY and there is a next one, either that
   * or the moment when the key was removed from there, since while the end is EMPTY nobody inserts
   * the key in later ones.
   *
   * Ordering. R1, the CAS that puts an entry into a slot, pairs with A1, the acquiring read of the
   * slot: who sees the address sees the entry. That a slot was MOVED or SEALED is seen before the
   * link to the next generation is read, which was set before.
   *
   * Progress. Searching is lock-free and allocates nothing. Inserting is lock-free but for what it
   * allocates: an entry, and the bank that it is the first in. Replacing and removing wait for who
   * moves that very entry between freezing and MOVED, the only wait in here. (To help him instead,
   * one would have to rule out that a helper who stalls brings back an entry that was removed
   * meanwhile.)
   *
   * Reclamation. Entries are retired by who unlinks them, under a guard with room for them; banks
   * by Generations.
   *
   * Close. Generations lets nobody in and waits for who is in; then everything is freed.
   *
   * Length. Searching, changing and moving share the states of a slot, and are proved together.
   */

  /** A table of fewer slots looks at its load at each removal, others at one in so many. */
  private static final long SMALL = 1024;

  private static final long SAMPLE_MASK = 15;

  private final String type;
  private final Allocator allocator;
  private final ReclamationDomain domain;
  private final int allocatorNumber;
  private final boolean valuesAreBytes;
  private final long seed = Memory.SIMULATED ? 0 : ThreadLocalRandom.current().nextLong();
  private final KeyScratches scratches;
  private final StripedCount size = new StripedCount();
  private final Generations generations;

  /**
   * Creates an empty table.
   *
   * @param type the name of its type, for messages
   * @param valuesAreBytes whether the value follows the key in an entry, and the word is its size
   */
  EntryTable(
      String type,
      Allocator allocator,
      ReclamationDomain domain,
      TableShape shape,
      boolean valuesAreBytes) {
    this.type = type;
    this.allocator = allocator;
    this.domain = domain;
    this.valuesAreBytes = valuesAreBytes;
    allocatorNumber = domain.register(allocator);
    scratches = new KeyScratches(allocator);
    generations = new Generations(type, allocator, domain, shape, this);
  }

  // ---- guards -----------------------------------------------------------------------------------

  /** Pins to read, or to write what retires nothing. */
  Guard pin() {
    return domain.pin();
  }

  /** Pins with room to retire one entry of at most this size. */
  Guard pin(long byteSize) {
    return domain.pin(1, byteSize);
  }

  /** Returns how much an operation may ask for that would like so much. */
  long reservable(long byteSize) {
    return Math.min(byteSize, domain.maxByteSize());
  }

  /** Checks that a guard of a caller's protects what is in here. */
  void requireOwn(Guard guard) {
    if (guard.domain() != domain) {
      throw new IllegalArgumentException(
          "a guard of domain '"
              + guard.domain().name()
              + "'; expected one of '"
              + domain.name()
              + "', to which this "
              + type
              + " belongs");
    }
  }

  /**
   * Returns the generation to begin with; an operation that has begun may go on from there even
   * when the table is closed.
   */
  Generation root(Guard guard) {
    return generations.current(guard);
  }

  boolean isClosed() {
    return generations.isClosed();
  }

  /** Moves a chunk if there is one to be moved; after a write and under its guard. */
  void help(Generation root) {
    if (root.next() != null) {
      generations.help();
    }
  }

  /** What who was refused by {@link Generations.NoRoom} does before he begins again. */
  void makeRoom() {
    generations.makeRoom();
  }

  // ---- keys of callers --------------------------------------------------------------------------

  /** Takes scratch memory if a key is on the Java heap, to be given back under the same guard. */
  @Nullable KeyScratch scratchFor(@Nullable MemorySegment key) {
    return key == null || key.isNative() ? null : scratch();
  }

  /** Takes scratch memory, to be given back under the same guard. */
  KeyScratch scratch() {
    generations.current(); // a table that is closed takes no memory
    return scratches.take();
  }

  void give(@Nullable KeyScratch scratch) {
    scratches.give(scratch);
  }

  /**
   * Returns the address of a key at an offset in a segment, or of its copy in scratch memory; or,
   * if the segment is null, what is its address already.
   */
  static long locate(
      @Nullable KeyScratch scratch, @Nullable MemorySegment source, long at, long byteSize) {
    if (source == null) {
      return at;
    }
    return scratch == null
        ? KeyScratch.locateNative(source, at, byteSize)
        : scratch.locate(source, at, byteSize);
  }

  long fingerprint(long key, long byteSize) {
    return BytesKeys.fingerprint(key, byteSize, seed);
  }

  // ---- entries ----------------------------------------------------------------------------------

  long byteSizeOf(long entry) {
    return BytesEntry.SIZE
        + BytesEntry.keyByteSize(entry)
        + (valuesAreBytes ? BytesEntry.word(entry) : 0);
  }

  /** Checks that an entry of a size could be removed. */
  void requireRetirable(long byteSize) {
    if (byteSize > domain.maxByteSize()) {
      throw new IllegalArgumentException(
          "an entry of "
              + byteSize
              + " bytes could not be removed; the domain lets an operation retire "
              + domain.maxByteSize()
              + " bytes at most");
    }
  }

  /**
   * Allocates an entry with its key, the caller's, whose word is to be set.
   *
   * @param valueByteSize the bytes to be had after the key
   */
  long newEntry(long fingerprint, long key, long valueByteSize) {
    long keyByteSize = fingerprint & BytesSlot.SIZE_MASK;
    long byteSize = Allocations.sum(BytesEntry.SIZE + keyByteSize, valueByteSize);
    requireRetirable(byteSize);
    long entry = Allocations.allocate(allocator, byteSize, BytesEntry.ALIGNMENT);
    if (entry >>> Long.numberOfTrailingZeros(EntrySlot.ADDRESS_LIMIT) != 0) {
      freeEntry(entry, byteSize);
      throw new IllegalStateException(
          "allocator '"
              + allocator.name()
              + "' gave the address 0x"
              + Long.toHexString(entry)
              + "; expected one below 2^48, for a slot of a "
              + type
              + " has no more bits");
    }
    BytesEntry.setKey(entry, fingerprint, key);
    return entry;
  }

  /** Gives an entry back that was never linked. */
  void freeEntry(long entry, long byteSize) {
    allocator.free(entry, byteSize, BytesEntry.ALIGNMENT);
  }

  /** Hands over an entry that was unlinked under this guard. */
  void retire(Guard guard, long entry, long byteSize) {
    guard.retire(entry, byteSize, BytesEntry.ALIGNMENT, allocatorNumber);
  }

  // ---- searching --------------------------------------------------------------------------------

  private static long hash(long fingerprint) {
    return BytesSlot.hash(fingerprint);
  }

  /** Returns the address of a slot of a bank on the way of a key: of the i-th. */
  private static long slot(Generation generation, long bank, long hash, long i) {
    return bank + ((hash + i & generation.cellMask) << EntrySlot.SIZE_SHIFT);
  }

  private static boolean isOf(long word, long fingerprint, long key) {
    return EntrySlot.hasTagOf(word, fingerprint)
        && EntrySlot.isEntry(word)
        && BytesEntry.holds(EntrySlot.entry(word), fingerprint, key);
  }

  /** Returns the entry of a key, or NULL. */
  static long findEntry(Generation root, long fingerprint, long key) {
    long hash = hash(fingerprint);
    Generation generation = root;
    do {
      long bank = generation.bank(generation.bankOf(hash));
      for (long i = 0; bank > 0 && i <= generation.cellMask; i++) {
        long word = EntrySlot.getAcquire(slot(generation, bank, hash, i)); // A1
        if (isOf(word, fingerprint, key)) {
          return EntrySlot.entry(word);
        }
        if (EntrySlot.isEnd(word)) {
          break;
        }
      }
      generation = generation.next(); // after the search: E4
    } while (generation != null);
    return Memory.NULL;
  }

  /** Returns the entry of a key in a segment, or, if that is null, at an address; or NULL. */
  long findEntry(Generation root, @Nullable MemorySegment source, long at, long byteSize) {
    KeyScratch scratch = scratchFor(source);
    try {
      long key = locate(scratch, source, at, byteSize);
      return findEntry(root, fingerprint(key, byteSize), key);
    } finally {
      give(scratch);
      Reference.reachabilityFence(source);
    }
  }

  /** Returns the slot in which the entry of a key was a moment ago, or NULL if there was none. */
  static long find(Generation root, long fingerprint, long key) {
    long hash = hash(fingerprint);
    Generation generation = root;
    do {
      long bank = generation.bank(generation.bankOf(hash));
      for (long i = 0; bank > 0 && i <= generation.cellMask; i++) {
        long slot = slot(generation, bank, hash, i);
        long word = EntrySlot.getAcquire(slot); // A1
        if (isOf(word, fingerprint, key)) {
          return slot;
        }
        if (EntrySlot.isEnd(word)) {
          break;
        }
      }
      generation = generation.next(); // after the search: E4
    } while (generation != null);
    return Memory.NULL;
  }

  /**
   * Returns the slot in which the entry of a key was a moment ago, or, negated, the one that was
   * EMPTY where it belongs.
   *
   * @throws io.caisson.alloc.AllocationException if there is no room for a bank
   * @throws Generations.NoRoom if another generation is needed
   */
  long locate(Generation root, long fingerprint, long key) {
    Generation generation = root;
    for (; ; ) {
      long slot = locateIn(generation, fingerprint, key);
      if (slot != Memory.NULL) {
        return slot;
      }
      generation = nextOf(generation, generation.bankOf(hash(fingerprint)));
    }
  }

  /** Does the same in one generation; returns NULL if the key is in the next one, or nowhere. */
  private long locateIn(Generation generation, long fingerprint, long key) {
    long hash = hash(fingerprint);
    long bank = generations.bankToInsert(generation, generation.bankOf(hash));
    for (long i = 0; bank > 0 && i <= generation.cellMask; i++) {
      long slot = slot(generation, bank, hash, i);
      long word = EntrySlot.getAcquire(slot); // A1
      if (word == EntrySlot.EMPTY) {
        if (generation.next() == null) {
          return -slot;
        }
        word = EntrySlot.seal(slot); // E2
      }
      if (isOf(word, fingerprint, key)) {
        return slot;
      }
      if (word == EntrySlot.SEALED) {
        break;
      }
    }
    return Memory.NULL;
  }

  /** Makes a next generation after one in which a bank is full. */
  private Generation grow(Generation full, int number) {
    int cells = full.cellMask + 1;
    long bank = full.bank(number);
    long[] entries = {0};
    if (bank > 0) {
      forEachEntry(bank, cells, entry -> entries[0]++);
    }
    return generations.grow(full, size.sum(), entries[0] > cells / 2);
  }

  /** Returns the next generation, which is made if there is none because a bank is full. */
  private Generation nextOf(Generation generation, int bank) {
    Generation next = generation.next();
    return next != null ? next : grow(generation, bank);
  }

  // ---- changing ---------------------------------------------------------------------------------

  /** Links an entry, which is complete, in a slot that was EMPTY; returns whether it still was. */
  boolean insert(long slot, long fingerprint, long entry) {
    return EntrySlot.compareAndSet( // R1
        slot, EntrySlot.EMPTY, EntrySlot.word(fingerprint, entry));
  }

  /** Counts an entry that was inserted; it is time to grow, perhaps. */
  void inserted(Generation root, long fingerprint) {
    size.add(1);
    Generation last = last(root);
    int bank = last.bankOf(hash(fingerprint));
    last.use(bank);
    if (Generations.isFull(last, bank)) {
      tryGrow(last, bank);
    }
  }

  private void tryGrow(Generation last, int bank) {
    try {
      grow(last, bank);
    } catch (Generations.NoRoom e) {
      // What was asked for is done; who finds a bank full will be told.
      return;
    }
  }

  /**
   * Puts another word in the place of an entry: one of another entry of the key, or TOMBSTONE.
   *
   * @param slot where the entry was a moment ago, or NULL
   * @return whether it was still there and not frozen; E3
   */
  static boolean replace(long slot, long entry, long word) {
    if (slot == Memory.NULL) {
      return false;
    }
    long before = EntrySlot.getAcquire(slot);
    return EntrySlot.entry(before) == entry
        && !EntrySlot.isFrozen(before)
        && EntrySlot.compareAndSet(slot, before, word);
  }

  /** Counts an entry that was unlinked; it is time to shrink, perhaps. */
  void removed(Generation root, long fingerprint) {
    size.add(-1);
    Generation last = last(root);
    if (last.capacity() <= SMALL || (fingerprint >>> Integer.SIZE & SAMPLE_MASK) == 0) {
      generations.shrink(last, size.sum());
    }
  }

  /** Returns the generation that is inserted to. */
  private static Generation last(Generation root) {
    Generation last = root;
    for (Generation next = last.next(); next != null; next = last.next()) {
      last = next;
    }
    return last;
  }

  // ---- moving -----------------------------------------------------------------------------------

  @Override
  public void move(Generation from, long bank, int first, int end) {
    for (long i = first; i < end; i++) {
      moveSlot(from, bank + (i << EntrySlot.SIZE_SHIFT));
    }
  }

  private void moveSlot(Generation from, long slot) {
    long word = EntrySlot.getAcquire(slot); // A1
    for (; ; ) {
      if (word == EntrySlot.EMPTY) {
        word = EntrySlot.seal(slot);
      }
      if (!EntrySlot.isEntry(word)) {
        return;
      }
      long hash = hash(BytesEntry.fingerprint(EntrySlot.entry(word)));
      Generation to = from.following();
      long unused = generations.bankToInsert(to, to.bankOf(hash)); // before anybody waits
      assert unused != Generation.MISSING;
      if (EntrySlot.compareAndSet(slot, word, word | EntrySlot.FROZEN)) {
        moveFrozen(to, slot, word, hash);
        return;
      }
      word = EntrySlot.getAcquire(slot); // it was replaced, or removed
    }
  }

  private void moveFrozen(Generation to, long slot, long word, long hash) {
    boolean linked = false;
    try {
      link(to, word, hash);
      linked = true;
    } finally {
      EntrySlot.setRelease(slot, linked ? EntrySlot.MOVED : word);
    }
  }

  /** Links an entry in the first generation from one on that takes it. */
  private void link(Generation to, long word, long hash) {
    Generation generation = to;
    while (!linkIn(generation, word, hash)) {
      generation = nextOf(generation, generation.bankOf(hash));
    }
  }

  /** Links an entry, whose key nobody inserts meanwhile, at the first EMPTY of its run; E4. */
  private boolean linkIn(Generation generation, long word, long hash) {
    int number = generation.bankOf(hash);
    long bank = generations.bankToInsert(generation, number);
    for (long i = 0; bank > 0 && i <= generation.cellMask; i++) {
      long slot = slot(generation, bank, hash, i);
      long found = EntrySlot.getAcquire(slot);
      if (found == EntrySlot.EMPTY) {
        if (EntrySlot.compareAndSet(slot, EntrySlot.EMPTY, word)) { // R1
          generation.use(number);
          return true;
        }
        found = EntrySlot.getAcquire(slot);
      }
      if (found == EntrySlot.SEALED) {
        return false;
      }
    }
    return false;
  }

  @Override
  public void free(long bank, int cells) {
    forEachEntry(bank, cells, entry -> freeEntry(entry, byteSizeOf(entry)));
  }

  // ---- the whole table --------------------------------------------------------------------------

  /** Takes an entry. */
  interface EntryConsumer {
    void accept(long entry);
  }

  /** Passes on what is in a bank. */
  static void forEachEntry(long bank, int cells, EntryConsumer consumer) {
    for (long i = 0; i < cells; i++) {
      long word = EntrySlot.getAcquire(bank + (i << EntrySlot.SIZE_SHIFT)); // A1
      if (EntrySlot.isEntry(word)) {
        consumer.accept(EntrySlot.entry(word));
      }
    }
  }

  void requireOpen() {
    if (isClosed()) {
      throw new IllegalStateException("this " + type + " is closed");
    }
  }

  long size() {
    requireOpen();
    return size.sum();
  }

  /**
   * Passes on every entry that is there throughout once, and others perhaps. Entries that are
   * removed and put back meanwhile may come twice.
   *
   * @param guard what protects the entries; it is refreshed now and then if it may be
   */
  void forEach(Guard guard, boolean mayRefresh, EntryConsumer consumer) {
    EntryBatch batch = new EntryBatch(this, false);
    while (batch.gatherNext(guard)) {
      batch.forEach(consumer);
      if (mayRefresh) {
        guard.refresh();
      }
    }
  }

  /** Passes on copies of the keys that are there, a bank at a time, and under no guard. */
  void forEachKey(Consumer<byte[]> consumer) {
    EntryBatch batch = new EntryBatch(this, false);
    List<byte[]> keys = new ArrayList<>();
    for (boolean more = true; more; ) {
      try (Guard guard = pin()) {
        more = batch.gatherNext(guard);
        batch.forEach(entry ->
            keys.add(
                new StringView(BytesEntry.key(entry), BytesEntry.keyByteSize(entry))
                    .toByteArray()));
      }
      keys.forEach(consumer);
      keys.clear();
    }
  }

  /** Lets nobody in, waits for who is in, and frees everything. */
  synchronized void close() {
    generations.close();
    scratches.free();
  }

  /** Throws AssertionError if an invariant does not hold; nobody else works on the table. */
  void checkInvariants() {
    generations.checkInvariants();
    try (Guard guard = pin()) {
      long[] entries = {0};
      forEach(
          guard,
          false,
          entry -> {
            entries[0]++;
            checkEntry(root(guard), entry);
          });
      if (entries[0] != size()) {
        throw new AssertionError(entries[0] + " entries; expected " + size());
      }
    }
  }

  private void checkEntry(Generation root, long entry) {
    long fingerprint = BytesEntry.fingerprint(entry);
    long key = BytesEntry.key(entry);
    if (fingerprint != fingerprint(key, BytesEntry.keyByteSize(entry))) {
      throw new AssertionError("an entry has not the fingerprint of its key");
    }
    long slot = find(root, fingerprint, key);
    if (slot == Memory.NULL || EntrySlot.entry(EntrySlot.getAcquire(slot)) != entry) {
      throw new AssertionError("an entry is not found, or another one of its key is");
    }
    if (EntrySlot.isFrozen(EntrySlot.getAcquire(slot))) {
      throw new AssertionError("an entry is frozen, and nobody moves it");
    }
  }

  /** Returns how many blocks the table has, for tests; nobody else works on it. */
  long blocks() {
    try (Guard guard = pin()) {
      long[] blocks = {scratches.count()};
      forEach(guard, false, entry -> blocks[0]++);
      for (Generation at = root(guard); at != null; at = at.next()) {
        for (int number = 0; number < at.banks; number++) {
          blocks[0] += at.bank(number) > 0 ? 1 : 0;
        }
      }
      return blocks[0];
    }
  }

  /** Returns how many slots the last generation has. */
  long slots() {
    try (Guard guard = pin()) {
      return last(root(guard)).capacity();
    }
  }

  @Override
  public String toString() {
    return generations.toString();
  }
}
