package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a concurrent table, gathered to be looked at one by one, those of one part of all
 * hashes after the other. Not thread-safe; its entries are borrowed under the guard that was open
 * when they were gathered.
 */
final class EntryBatch {

  /*
   * An entry that is moved while it is looked for may be seen in both generations, and where it was
   * replaced in between, as two entries of one key. So generations are read in the order in which
   * entries go through them, lest one is missed, and what is found in a later one is compared with
   * what there is. The part is that of a bank of the first generation.
   *
   * In one generation a key may be twice, if it is removed and put back while it is looked for. So
   * who wants each key once has all entries compared.
   */

  private static final int LEAST = 64;

  private final EntryTable table;
  private final boolean keysOnce;

  /** The generation at the beginning, and the next of its banks. */
  private @Nullable Generation first;

  private int unit;

  private long[] entries = new long[LEAST];
  private int count;

  /** Where keys of the batch are, by hash, plus one; empty while there is one generation only. */
  private int[] index = {};

  /**
   * Creates one before the first part, with nothing in it.
   *
   * @param keysOnce whether each key is wanted once at most
   */
  EntryBatch(EntryTable table, boolean keysOnce) {
    this.table = table;
    this.keysOnce = keysOnce;
  }

  /** Gathers the next part; returns whether there was one, and if not, there is nothing in it. */
  boolean gatherNext(Guard guard) {
    count = 0;
    Generation begin = first;
    if (begin != null && unit == begin.banks) {
      return false;
    }
    Generation root = table.root(guard); // lest it is closed; and before entries are read
    if (begin == null) {
      begin = root;
      first = root;
    }
    gather(begin, unit++);
    return true;
  }

  /** Gathers what is in a bank of a generation, and what of it went on to later ones. */
  private void gather(Generation begin, int bank) {
    index = new int[0];
    if (keysOnce) {
      index(2 * LEAST);
    }
    gatherFrom(begin, bank, keysOnce ? this::addIfNew : this::add);
    for (Generation later = begin.next(); later != null; later = later.next()) {
      if (index.length == 0) {
        index(2 * LEAST);
      }
      gatherLater(later, begin, bank);
    }
  }

  private static void gatherFrom(
      Generation generation, int number, EntryTable.EntryConsumer consumer) {
    long bank = generation.bank(number);
    if (bank > 0) {
      EntryTable.forEachEntry(bank, generation.cellMask + 1, consumer);
    }
  }

  /**
   * Banks are told by the upper bits of a hash: the part is several smaller ones, or in a larger
   * one.
   */
  private void gatherLater(Generation later, Generation begin, int bank) {
    int from = (int) ((long) bank * later.banks / begin.banks);
    int end = Math.max(from + 1, (int) ((bank + 1L) * later.banks / begin.banks));
    for (int number = from; number < end; number++) {
      gatherFrom(
          later,
          number,
          entry -> {
            if (begin.bankOf(BytesSlot.hash(BytesEntry.fingerprint(entry))) == bank) {
              addIfNew(entry);
            }
          });
    }
  }

  private void add(long entry) {
    if (count == entries.length) {
      entries = Arrays.copyOf(entries, 2 * count);
    }
    entries[count++] = entry;
  }

  private void index(int least) {
    index = new int[Math.max(least, Integer.highestOneBit(4 * count + 1))];
    for (int i = 0; i < count; i++) {
      index[place(entries[i])] = i + 1;
    }
  }

  /** Returns the place of a key in the index, or the free one where it belongs. */
  private int place(long entry) {
    long fingerprint = BytesEntry.fingerprint(entry);
    int at = (int) (fingerprint >>> Integer.SIZE);
    for (; ; at++) {
      int found = index[at & index.length - 1];
      if (found == 0 || BytesEntry.holds(entries[found - 1], fingerprint, BytesEntry.key(entry))) {
        return at & index.length - 1;
      }
    }
  }

  private void addIfNew(long entry) {
    if (2 * count >= index.length) {
      index(2 * index.length);
    }
    int place = place(entry);
    if (index[place] == 0) {
      add(entry);
      index[place] = count;
    }
  }

  int count() {
    return count;
  }

  /** Returns one of the entries. */
  long entry(int number) {
    return entries[number];
  }

  void forEach(EntryTable.EntryConsumer consumer) {
    for (int i = 0; i < count; i++) {
      assert entries[i] != Memory.NULL;
      consumer.accept(entries[i]);
    }
  }
}
