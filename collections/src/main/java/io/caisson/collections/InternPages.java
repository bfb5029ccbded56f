package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.BlockMap;
import io.caisson.alloc.internal.Memory;
import java.util.Arrays;

/** Keeps byte strings, each with a count, at places that have a number and never move. */
final class InternPages {

  /*
   * Purpose. A string costs its bytes and its count: no block of its own, no size, no address.
   *
   * Layout. A page has up to 64 records of one size, so its number says where a record is and how
   * long its bytes are, and one word which places are taken. Pages of one size are a kind; the first
   * ones of a kind are small, so that a few strings do not take a page each. Bytes longer than
   * MAX_PAYLOAD have blocks of their own, and their pages hold where. See docs/decisions/020.
   *
   * A place is named by the number of its page and 6 bits. Numbers are given anew, to pages of any
   * kind; the generations of the places stay with the number.
   *
   * Invariants.
   * P1  A page has memory if it has an entry. One without entries keeps its memory only if the
   *     allocator does not free blocks one by one.
   * P2  The list of a kind has, once, every page of it with memory and a free place. Other pages on
   *     it have lost their memory, and leave it when they come first.
   * P3  The list of numbers has, once, every page without memory that is on no other list.
   *
   * Checked memory. Each record is registered as a block inside its page, so that the use of a
   * released one, or an overrun into the next, is found.
   */

  /** The longest bytes that are kept in a page. */
  static final int MAX_PAYLOAD = 255;

  /** How many bits of a place's number are its place in the page. */
  static final int PLACE_BITS = Integer.numberOfTrailingZeros(InternPage.MAX_PLACES);

  private static final int PLACE_MASK = InternPage.MAX_PLACES - 1;
  private static final int APART_KIND = MAX_PAYLOAD + 1;
  private static final int NO_PAGE = -1;
  private static final long ALIGNMENT = 1;
  private static final int FIRST_PLACES = 4;

  /** How many pages there may be, for a handle has no more bits. */
  static final int MAX_PAGES = 1 << (Integer.SIZE - InternPage.GENERATION_BITS - PLACE_BITS);

  private final Allocator allocator;
  private final int maxPages;
  private final InternPageTable pages;

  /** By kind: the first page with a free place. */
  private int[] first = {};

  /** By kind: how many pages have memory. */
  private int[] count = {};

  private int firstNumber = NO_PAGE;

  InternPages(Allocator allocator, int maxPages) {
    this.allocator = allocator;
    this.maxPages = maxPages;
    this.pages = new InternPageTable(allocator);
  }

  // ---- places -----------------------------------------------------------------------------------

  /** Returns the page of a place that there is. */
  long pageOf(int place) {
    return pages.at(place >>> PLACE_BITS);
  }

  /** Returns the record at a place of a page. */
  static long record(long page, int place) {
    return InternPage.record(page, place & PLACE_MASK);
  }

  /** Returns the generation of a place of a page. */
  static int generation(long page, int place) {
    return InternPage.generation(page, place & PLACE_MASK);
  }

  /** Returns the page of a place, or NULL if there is no such place, or no entry at it. */
  long livePageOf(int place) {
    long page = pages.find(place >>> PLACE_BITS);
    return page != Memory.NULL && ((InternPage.live(page) >>> (place & PLACE_MASK)) & 1) != 0
        ? page
        : Memory.NULL;
  }

  /** Returns the first place at or after another that holds an entry, or -1. */
  int nextLive(int from) {
    int place = from;
    while (place >>> PLACE_BITS < pages.size()) {
      long live = InternPage.live(pageOf(place)) >>> (place & PLACE_MASK);
      if (live != 0) {
        return place + Long.numberOfTrailingZeros(live);
      }
      place = (place | PLACE_MASK) + 1;
    }
    return -1;
  }

  // ---- insertion --------------------------------------------------------------------------------

  /**
   * Keeps a copy of bytes, without references, and returns its place. Throws AllocationException
   * and changes nothing if there is no room.
   */
  int add(long address, long byteSize) {
    return byteSize <= MAX_PAYLOAD ? addWithin(address, byteSize) : addApart(address, byteSize);
  }

  private int addWithin(long address, long byteSize) {
    int place = take((int) byteSize);
    if (byteSize > 0) {
      long page = pageOf(place);
      Memory.copy(address, InternPage.bytesAddress(page, record(page, place)), byteSize);
    }
    return place;
  }

  private int addApart(long address, long byteSize) {
    long bytes = Allocations.allocate(allocator, byteSize, ALIGNMENT);
    int place;
    try {
      place = take(APART_KIND);
    } catch (RuntimeException | Error e) {
      allocator.free(bytes, byteSize, ALIGNMENT);
      throw e;
    }
    Memory.copy(address, bytes, byteSize);
    InternPage.setBytesApart(record(pageOf(place), place), bytes, byteSize);
    return place;
  }

  private int take(int kind) {
    int number = pageWithRoom(kind);
    long page = pages.at(number);
    long free = InternPage.free(page);
    int place = Long.numberOfTrailingZeros(free);
    InternPage.setLive(page, InternPage.live(page) | Long.lowestOneBit(free));
    if (free == Long.lowestOneBit(free)) {
      first[kind] = InternPage.next(page);
    }
    long record = InternPage.record(page, place);
    if (BlockMap.ACTIVE) {
      BlockMap.allocated(this, record, InternPage.recordByteSize(page), ALIGNMENT);
    }
    InternPage.setReferences(record, 0);
    return number << PLACE_BITS | place;
  }

  private int pageWithRoom(int kind) {
    knowKind(kind);
    while (first[kind] != NO_PAGE) {
      int number = first[kind];
      long page = pages.at(number);
      if (InternPage.address(page) != Memory.NULL) {
        return number;
      }
      first[kind] = InternPage.next(page);
      giveNumber(number);
    }
    return newPage(kind);
  }

  private void knowKind(int kind) {
    if (kind >= first.length) {
      int known = first.length;
      count = Arrays.copyOf(count, kind + 1);
      first = Arrays.copyOf(first, kind + 1);
      Arrays.fill(first, known, kind + 1, NO_PAGE);
    }
  }

  private int newPage(int kind) {
    if (firstNumber == NO_PAGE) {
      addNumber();
    }
    int number = firstNumber;
    long page = pages.at(number);
    int places = Math.min(InternPage.MAX_PLACES, FIRST_PLACES << Math.min(count[kind], 4));
    boolean apart = kind == APART_KIND;
    InternPage.setForm(page, apart ? InternPage.APART_PAYLOAD : kind, apart, places);
    long byteSize = InternPage.byteSize(page);
    long address = Allocations.allocate(allocator, byteSize, ALIGNMENT);
    if (BlockMap.ACTIVE) {
      BlockMap.carved(address, byteSize);
    }
    InternPage.setAddress(page, address);
    firstNumber = InternPage.next(page);
    InternPage.setNext(page, NO_PAGE);
    first[kind] = number;
    count[kind]++;
    return number;
  }

  private void addNumber() {
    int number = pages.size();
    if (number == maxPages) {
      throw new IllegalStateException(
          "all " + maxPages + " pages are in use; expected fewer entries");
    }
    pages.append();
    giveNumber(number);
  }

  private void giveNumber(int number) {
    InternPage.setNext(pages.at(number), firstNumber);
    firstNumber = number;
  }

  // ---- removal ----------------------------------------------------------------------------------

  /** Frees the bytes at a place, and makes its handles stale. */
  void remove(int place) {
    int number = place >>> PLACE_BITS;
    long page = pages.at(number);
    int inPage = place & PLACE_MASK;
    long record = InternPage.record(page, inPage);
    freeBytesApart(page, record);
    if (BlockMap.ACTIVE) {
      BlockMap.freed(this, record, InternPage.recordByteSize(page), ALIGNMENT);
    }
    InternPage.advance(page, inPage);
    if (InternPage.free(page) == 0) {
      int kind = kindOf(page);
      InternPage.setNext(page, first[kind]);
      first[kind] = number;
    }
    InternPage.setLive(page, InternPage.live(page) & ~(1L << inPage));
    if (InternPage.live(page) == 0 && allocator.freesIndividually()) {
      freePage(page);
      count[kindOf(page)]--;
    }
  }

  private static int kindOf(long page) {
    return InternPage.isApart(page) ? APART_KIND : (int) InternPage.payload(page);
  }

  private void freeBytesApart(long page, long record) {
    if (InternPage.isApart(page)) {
      allocator.free(
          InternPage.bytesAddress(page, record), InternPage.bytesByteSize(page, record), ALIGNMENT);
    }
  }

  private void freePage(long page) {
    allocator.free(InternPage.address(page), InternPage.byteSize(page), ALIGNMENT);
    InternPage.setAddress(page, Memory.NULL);
  }

  // ---- the whole --------------------------------------------------------------------------------

  /** Makes room for what is kept of the pages of a number of entries, not for their bytes. */
  void reserve(long entries) {
    pages.reserve((entries + PLACE_MASK) >>> PLACE_BITS);
  }

  void close() {
    for (int place = nextLive(0); place >= 0; place = nextLive(place + 1)) {
      freeBytesApart(pageOf(place), record(pageOf(place), place));
    }
    for (int number = 0; number < pages.size(); number++) {
      if (InternPage.address(pages.at(number)) != Memory.NULL) {
        freePage(pages.at(number));
      }
    }
    pages.close();
  }

  // ---- invariants -------------------------------------------------------------------------------

  /** Throws AssertionError if an invariant does not hold. */
  void checkInvariants() {
    int[] seen = new int[pages.size()];
    for (int kind = 0; kind < first.length; kind++) {
      walk(first[kind], seen, "P2, kind " + kind);
    }
    walk(firstNumber, seen, "P3");
    int[] withMemory = new int[count.length];
    for (int number = 0; number < pages.size(); number++) {
      long page = pages.at(number);
      if (InternPage.address(page) == Memory.NULL) {
        check(InternPage.live(page) == 0, "P1: page " + number);
        check(seen[number] == 1, "P3: page " + number);
      } else {
        withMemory[kindOf(page)]++;
        check(InternPage.live(page) != 0 || !allocator.freesIndividually(), "P1: page " + number);
        check(seen[number] == (InternPage.free(page) == 0 ? 0 : 1), "P2: page " + number);
      }
    }
    check(Arrays.equals(withMemory, count), "the numbers of pages");
  }

  private void walk(int head, int[] seen, String invariant) {
    for (int number = head; number != NO_PAGE; number = InternPage.next(pages.at(number))) {
      check(seen[number]++ == 0, invariant + ": page " + number);
    }
  }

  private static void check(boolean holds, String invariant) {
    if (!holds) {
      throw new AssertionError(invariant);
    }
  }
}
