package io.caisson.collections;

import io.caisson.alloc.AllocationException;
import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import io.caisson.smr.ReclamationLimitException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a concurrent table: a chain of generations, of which all but the last are being
 * moved on to the one after them, chunk by chunk, by whoever writes.
 *
 * <p>It does not know what a cell is; the table does, its {@link Cells}. What a table does:
 *
 * <ul>
 *   <li>It pins; reads {@link #current}; and looks for its key in {@link Generation#bankOf its
 *       bank} there. {@link Generation#MISSING}: the key is not there. {@link Generation#GONE} or
 *       {@link Generation#NEVER}, both negative, or a cell that says so: it goes on to {@link
 *       Generation#next}, and so on.
 *   <li>To insert, it takes {@link #bankToInsert}. Once there is a next generation, it inserts
 *       nothing in a cell that is empty, but {@linkplain Cells seals} it and goes on. If the bank
 *       {@link #isFull}, it calls {@link #grow}; for each cell it takes, {@link Generation#use}.
 *   <li>After a write, and still under its guard, it calls {@link #help} if the generation that it
 *       began with has a next one. After a removal it calls {@link #shrink}, not each time.
 *   <li>{@link NoRoom} ends an operation that needs a generation while the domain refuses what was
 *       moved: it closes its guard, calls {@link #makeRoom}, and begins again.
 * </ul>
 *
 * <p>Thread-safe. Addresses of banks are borrowed under a guard of the domain.
 */
final class Generations {

  /*
   * Source. C. Click, "A Lock-Free Hash Table" (JavaOne 2007) for a chain of tables that writers move
   * on; M. Herlihy and N. Shavit, "The Art of Multiprocessor Programming", 13. Deviations: a table is
   * in banks, which come and go one by one; a chunk has one mover; chains may be of any length.
   *
   * Layout. A generation's books are on the Java heap, for they outlive close and its readers. Off heap there
   * are banks only: cells, zeroed when a bank is allocated, which is when it is first inserted into.
   * So no operation clears a large block, and a bank of a generation that was moved on is handed to
   * the domain by itself: garbage comes in pieces of a bank, and while a table moves there is hardly more
   * memory than before and after.
   *
   * Invariants.
   * I1  A generation with a next one is moved on to it. Next is set once, and later only moved over
   *     generations that have been moved on themselves.
   * I2  A cell that was sealed stays so: nothing is decided in it any more. For each key there is one
   *     generation that decides: the first in which its search does not end in a sealed cell or in a
   *     bank that is negative. It only ever becomes a later one.
   * I3  A chunk has one mover at a time. Until a cell is sealed, nobody but its mover touches its key in
   *     later generations, which are, for that key, a table of the mover's own.
   * I4  A bank's chunks are complete when all its cells are sealed. Only then does its place say GONE,
   *     which one thread does, who retires it. A place that says NEVER, or GONE, says so for ever.
   * I5  Once all banks are gone, current moves on.
   *
   * Why moving is sound. By I3 the mover's copies in later generations are nobody's business until he seals the cell,
   * by a CAS from the very contents that he copied last. So at that moment the later generations
   * hold what the cell held, and the generation that decides changes without a change of what is decided. A
   * removal, or a new value, that comes first makes the CAS fail, and he copies again. Nothing can be resurrected,
   * since there is no second mover, and a mover who gives up takes his copy back. A key that has no cell
   * has no mover: whoever inserts it seals the empty cell at which its search ended, if another does
   * not take it first; so it cannot come up behind him. That later generations may
   * have begun to move themselves does not matter to the mover: he is to them like any other writer.
   *
   * Progress. Nobody waits for a mover: while he stalls, his chunk's keys are found where they are,
   * and if the next generation is filled meanwhile, it gets a next one itself. What he holds up is his
   * bank and the last step, I5; a generation that was moved on in the middle of the chain is left
   * out of it. Banks that the domain has no room for stay where they are, until somebody helps when there is room;
   * who needs yet another generation then waits for it, or is refused, as the domain's policy says, so that
   * what is moved but not freed is never more than two generations.
   *
   * Ordering. R1, the CAS in setBank, pairs with A1, the acquiring read in bank(): a bank is zeroed before
   * it is reached. The books are read and written by volatile means; a cell is ordered by its table.
   *
   * Reclamation. A bank is unreachable for who pins after its place says GONE, since the place is read
   * after the pin; who retires it has reserved room by a pin of his own, before.
   */

  /** What a table knows of the cells that are moved. */
  interface Cells {

    /**
     * Seals each of some cells, after it has put what is in it into the next generation. For each
     * cell: copies its contents; seals it if they are still the same, by CAS; else copies again. If
     * it was sealed by an earlier mover, nothing is done.
     *
     * @param from the generation, which has a next one
     * @param bank the address of the bank, under a guard
     * @param first the index in the bank of the first cell
     * @param end the index after the last
     * @throws AllocationException if there is no room; what was copied of a cell that is not sealed
     *     was taken back
     * @throws NoRoom likewise
     */
    void move(Generation from, long bank, int first, int end);

    /**
     * Frees what belongs to the cells of a bank that is freed at close; nobody else is there.
     *
     * @param bank the address of the bank
     * @param cells the number of its cells
     */
    default void free(long bank, int cells) {}
  }

  /** A generation is needed, and the domain has no room for what was moved. Carries nothing. */
  static final class NoRoom extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private NoRoom() {
      super("the domain has no room for the banks that were moved", null, false, false);
    }
  }

  /** What banks are aligned to: a cache line. */
  private static final long ALIGNMENT = 64;

  private static final VarHandle CURRENT;

  static {
    try {
      CURRENT =
          MethodHandles.lookup().findVarHandle(Generations.class, "current", Generation.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String type;
  private final Allocator allocator;
  private final ReclamationDomain domain;
  private final int allocatorNumber;
  private final TableShape shape;
  private final Cells cells;
  private final NoRoom noRoom = new NoRoom();

  /** The oldest generation that is not moved on; null once closed. */
  private volatile @Nullable Generation current;

  /** What close has not freed yet; only who holds the lock of this object uses it. */
  private @Nullable Generation closed;

  /**
   * Creates the memory of an empty table; allocates none.
   *
   * @param type the name of its type, for messages
   * @param cells what moves its cells
   */
  Generations(
      String type, Allocator allocator, ReclamationDomain domain, TableShape shape, Cells cells) {
    this.type = type;
    this.allocator = allocator;
    this.domain = domain;
    this.shape = shape;
    this.cells = cells;
    allocatorNumber = domain.register(allocator);
    current = new Generation(shape, shape.leastCells());
  }

  /** Returns the generation to begin with, under a guard that was there before. */
  Generation current(Guard guard) {
    return current();
  }

  /**
   * Does the same for who does not pass his guard on: one that is passed to what is not compiled
   * into the same method is made on the Java heap.
   */
  Generation current() {
    Generation generation = current;
    if (generation == null) {
      throw closed();
    }
    return generation;
  }

  private IllegalStateException closed() {
    return new IllegalStateException("this " + type + " is closed");
  }

  boolean isClosed() {
    return current == null;
  }

  /** Throws if it is closed. */
  void requireOpen() {
    if (isClosed()) {
      throw closed();
    }
  }

  private long byteSizeOfBank(Generation generation) {
    return (generation.cellMask + 1L) * shape.cellByteSize();
  }

  // ---- making room ------------------------------------------------------------------------------

  /**
   * Returns the address of a bank to insert into, allocating it if need be; or a negative number if
   * keys of that bank are to be inserted in the next generation. Under a guard.
   */
  long bankToInsert(Generation at, int index) {
    long bank = at.bank(index);
    return bank == Generation.MISSING ? provide(at, index) : bank;
  }

  private long provide(Generation at, int index) {
    if (at.next() != null) {
      at.setBank(index, Generation.MISSING, Generation.NEVER);
      return at.bank(index);
    }
    long byteSize = byteSizeOfBank(at);
    long made = Allocations.allocateZeroed(allocator, byteSize, ALIGNMENT);
    if (at.setBank(index, Generation.MISSING, made)) { // R1
      return made;
    }
    allocator.free(made, byteSize, ALIGNMENT);
    return at.bank(index);
  }

  /** Says whether so many cells of a bank are used that it is time to move on: three quarters. */
  static boolean isFull(Generation at, int bank) {
    int cells = at.cellMask + 1;
    return at.used(bank) >= cells - cells / 4;
  }

  /**
   * Returns the generation after one in which a bank is full, which it makes if there is none: as
   * large as a number of entries wants, hence of the same size if many cells are used by none.
   */
  Generation grow(Generation from, long entries) {
    return grow(from, entries, from.used() < from.capacity() / 2); // then this bank had bad luck
  }

  /**
   * Does the same for a table that knows whether a bank is full by bad luck, and not because keys
   * were removed from it and put back again and again.
   *
   * @param crowded whether there are too many entries in that bank for its size
   */
  Generation grow(Generation from, long entries, boolean crowded) {
    long capacity = capacityFor(entries);
    return start(from, crowded ? Math.max(capacity, 2 * from.capacity()) : capacity);
  }

  /** The same when a generation does not do for another reason; the next one has another salt. */
  Generation renew(Generation from, long entries) {
    return start(from, capacityFor(entries));
  }

  /** Gives a generation a next one if it has none, and is far too large for a number of entries. */
  void shrink(Generation from, long entries) {
    long capacity = capacityFor(entries);
    if (capacity <= from.capacity() / 4 && from.next() == null && from == current) {
      start(from, capacity);
    }
  }

  /** Returns how many cells are for a number of entries: at most 2/5 of them are used at once. */
  private long capacityFor(long entries) {
    return shape.capacityOf(2 * entries + entries / 2);
  }

  private Generation start(Generation from, long capacity) {
    Generation next = from.next();
    if (next != null) {
      return next;
    }
    if (from != current && hasUnburied()) {
      throw noRoom;
    }
    return from.follow(new Generation(shape, capacity));
  }

  // ---- moving -----------------------------------------------------------------------------------

  /**
   * Moves a chunk of the oldest generation that has one, if there is one, and hands over what is
   * done with. Leaves it if there is no room. Under a guard.
   */
  void help(Guard guard) {
    help();
  }

  /** Does the same for who does not pass his guard on; see {@link #current()}. */
  void help() {
    Generation from = current;
    while (from != null && from.next() != null) {
      from.skipMoved();
      int chunk = from.claimChunk();
      if (chunk != Generation.NONE) {
        tryMove(from, chunk);
        return;
      }
      buryOne(from);
      from = from.next();
    }
  }

  private void tryMove(Generation from, int chunk) {
    try {
      move(from, chunk);
    } catch (AllocationException | NoRoom e) {
      // What was asked for is done. Who cannot do without the room will be told.
      return;
    }
  }

  /**
   * Moves the chunk with a cell of a bank, and returns true; or false if somebody has done it, or
   * is doing it.
   *
   * @throws AllocationException if there is no room
   * @throws NoRoom likewise
   */
  boolean moveChunkOf(Generation from, int bank, int cell) {
    int chunk = from.claimChunkOf(bank, cell);
    if (chunk == Generation.NONE) {
      return false;
    }
    move(from, chunk);
    return true;
  }

  private void move(Generation from, int chunk) {
    int index = Generation.bankOfChunk(chunk);
    boolean done = false;
    try {
      from.setBank(index, Generation.MISSING, Generation.NEVER);
      long bank = from.bank(index); // A1: pairs with R1
      if (bank > 0) {
        cells.move(from, bank, from.firstOf(chunk), from.endOf(chunk));
      }
      done = true;
    } finally {
      if (!done) {
        from.giveBack(chunk);
      }
    }
    if (from.complete(chunk)) {
      endBank(from, index);
    }
  }

  private void endBank(Generation from, int index) {
    if (from.bank(index) == Generation.NEVER) {
      from.bankIsGone();
      promote();
    } else {
      from.addUnburied(1);
      tryBury(from, index);
    }
  }

  /** Moves current on, I5. */
  private void promote() {
    Generation from = current;
    while (from != null && from.isMoved()) {
      CURRENT.compareAndSet(this, from, from.following());
      from = current;
    }
  }

  // ---- handing over -----------------------------------------------------------------------------

  /** Hands over a bank that is complete, if there is room, and says whether there was. */
  private boolean tryBury(Generation from, int index) {
    try (Guard guard = domain.tryPin(1, byteSizeOfBank(from))) {
      if (guard != null) {
        bury(guard, from, index);
      }
      return guard != null;
    }
  }

  /** Hands over a bank that is complete, unless another does; I4. */
  private void bury(Guard guard, Generation from, int index) {
    long bank = from.bank(index);
    if (bank > 0 && from.setBank(index, bank, Generation.GONE)) {
      from.addUnburied(-1); // first, for who frees may wait, and others would be refused meanwhile
      guard.retire(bank, byteSizeOfBank(from), ALIGNMENT, allocatorNumber);
      from.bankIsGone();
      promote();
    }
  }

  private static boolean isUnburied(Generation from, int index) {
    return from.isComplete(index) && from.bank(index) > 0;
  }

  /** Hands over one of the banks for which there was no room, if there is some now. */
  private void buryOne(Generation from) {
    for (int index = 0; from.unburied() > 0 && index < from.banks; index++) {
      if (isUnburied(from, index)) {
        tryBury(from, index);
        return;
      }
    }
  }

  private boolean hasUnburied() {
    for (Generation from = current; from != null; from = from.next()) {
      if (from.unburied() > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Hands over all that was moved, and waits for room if there is none. Without a guard of one's
   * own.
   *
   * @throws ReclamationLimitException if the domain refuses it
   */
  void makeRoom() {
    for (Generation from = current; from != null; from = from.next()) {
      for (int index = 0; from.unburied() > 0 && index < from.banks; index++) {
        if (isUnburied(from, index)) {
          try (Guard guard = domain.pin(1, byteSizeOfBank(from))) {
            bury(guard, from, index);
          }
        }
      }
    }
  }

  // ---- the end ----------------------------------------------------------------------------------

  /** Lets nobody in, waits for who is in, and frees all. */
  synchronized void close() {
    Generation open = (Generation) CURRENT.getAndSet(this, null);
    if (open != null) {
      closed = open;
    }
    if (closed != null) {
      Readers.await(domain, type);
      for (; closed != null; closed = closed.next()) {
        free(closed);
      }
    }
  }

  private void free(Generation generation) {
    for (int index = 0; index < generation.banks; index++) {
      long bank = generation.bank(index);
      if (bank > 0) {
        cells.free(bank, generation.cellMask + 1);
        allocator.free(bank, byteSizeOfBank(generation), ALIGNMENT);
      }
    }
  }

  /** When nobody is in an operation. */
  void checkInvariants() {
    for (Generation from = current; from != null; from = from.next()) {
      long gone = 0;
      for (int index = 0; index < from.banks; index++) {
        boolean complete = from.isComplete(index);
        long bank = from.bank(index);
        gone += complete && bank < 0 ? 1 : 0;
        if (bank == Generation.GONE ? !complete : complete && bank == Generation.MISSING) {
          throw new AssertionError("I4: bank " + index + " is at " + bank);
        }
      }
      if (gone == from.banks || (gone > 0 && from.next() == null)) {
        throw new AssertionError("I5: " + gone + " of " + from.banks + " banks are gone");
      }
    }
  }

  @Override
  public String toString() {
    return type + (isClosed() ? "(closed)" : "(open)");
  }
}
