package io.caisson.collections;

import io.caisson.alloc.Allocations;
import io.caisson.alloc.Allocator;
import io.caisson.alloc.internal.Memory;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The untyped skip list under every ordered concurrent collection: nodes that are searched, linked,
 * unlinked and handed to a domain, in the order of a word and, where that is the same, of bytes.
 *
 * <p>Thread-safe. Addresses of nodes are borrowed under a guard of the domain.
 */
final class SkipListCore {

  /*
   * Source. K. Fraser, "Practical lock-freedom" (2004), and M. Herlihy and N. Shavit, "The Art of
   * Multiprocessor Programming", ch. 14; each level is a list by T. Harris (2001) as M. Michael
   * (2002) walks it; that an entry ends with its value is as in D. Lea's ConcurrentSkipListMap.
   * Deviations: levels of a node are counted, so that it is known when nothing leads to it; walks go
   * past marked nodes when they may not unlink; who inserts searches anew for each upper level,
   * since there is nowhere to keep the nodes before it: one insertion in four has any.
   *
   * Layout. See SkipNode. The head is a node before all others with every level there is; its levels
   * are how many any node has had, where searches begin.
   *
   * Invariants.
   * I1  On each level links lead from the head in the order of keys. Of a key there is at most one
   *     node on level 0 whose value is not DEAD.
   * I2  DEAD is for ever. A node is marked only when it is DEAD, from its top level down; a marked
   *     link is never changed again.
   * I3  A node is unlinked from a level only when it is marked there, by changing an unmarked link
   *     before it; nothing links it there again.
   * I4  A new node of a key is linked on level 0 only after every older one was marked on all levels
   *     and unlinked from level 0. So on upper levels an older one is never behind it.
   * I5  The count in a node is at least the number of levels that link it: it begins with all levels,
   *     those still to be linked included, and who gives up linking takes off what is left. Who
   *     brings it to zero retires it, and nobody else.
   * Not invariant: that a node is linked on the levels under one that links it. It is when it is
   * linked there, but levels are unlinked in any order.
   *
   * Linearization points. Inserting: the CAS of the link on level 0. Changing: the CAS of the value.
   * Removing: the CAS of the value to DEAD. Finding a key: the read of its value; not finding it: the
   * read of a link on level 0 that leads past where it would be, or, if that comes from a node that
   * was unlinked meanwhile, just before that; or the death of the node found. Finding a neighbour: the read that
   * shows that the unmarked link before the gap still leads to dead nodes alone; see next and previous.
   *
   * Ordering. R1, the CAS of a link, pairs with A1, each acquiring read of one: who sees a node sees
   * what is in it. R2, the CAS of a value, pairs with A2: who sees a value sees what it leads to.
   *
   * Walking. Within a level a walk may go through marked nodes: what the link of one leads to was
   * linked when that one was unlinked, hence after the walk was pinned, if it was linked then. Down
   * a walk goes from the last node only that it saw unmarked: by I2 that was not marked below either
   * then, hence linked. A marked one may have been unlinked below long before, and what its
   * link leads to there be freed. Who is going to change the link below, or relies on it, begins anew if it
   * is marked; marks come from the top down, so he does not go that way again.
   *
   * Progress. All is lock-free, save that inserting allocates, and that pins of changes may wait for
   * room. Who begins anew does so because another marked a node or changed a link. A change unlinks and retires what
   * is marked on its way as far as its reservation goes; an insertion that cannot get on without begins
   * anew with another, a removal leaves the rest to who comes next.
   *
   * Reclamation. When the count is zero no link leads to the node, I5, I3: a guard pinned afterwards
   * does not reach it. A slow inserter that links a level of a node that died meanwhile sees the mark
   * after its CAS, and searches again to have it unlinked; if it marked later, the remover's search comes
   * later too. ABA: a CAS of a link expects a node that was read under its guard, hence is not freed, and
   * never linked there again.
   *
   * Close. After its exchange nobody gets the head; who has it has a guard, which close waits for.
   * Then the lists are walked from the top: nodes that are left on upper levels alone are freed there,
   * everything else on level 0.
   *
   * Length. Searching, linking and unlinking share the marks, and are proved together.
   */

  private static final long CLOSED = -1;
  private static final int HEAD = 0;

  /** Blocks that a change reserves for, its own and those that it meets. */
  private static final int WANTED_BLOCKS = 8;

  /** Where the level is in a step; addresses have 56 bits at most. */
  private static final int LEVEL_SHIFT = 56;

  /** What linking returns at its end. */
  private static final long LINKED = -1;

  /** The level of a step that unlinks what died. */
  private static final int SWEEPING = SkipNode.MOST_LEVELS + 1;

  /** A bound of a search: nodes before the key. */
  static final int BEFORE = 0;

  /** A bound of a search: nodes before the key, and its own. */
  static final int UP_TO = 1;

  private final String type;
  private final Allocator allocator;
  private final ReclamationDomain domain;
  private final int allocatorNumber;
  private final IntSupplier heights;
  private final LongConsumer freeValue;
  private final PaddedWords words = new PaddedWords(1);
  private final StripedCount count = new StripedCount();
  private final int reservedBlocks;

  /** The size of the largest block that may have to be retired. */
  private final AtomicLong largest = new AtomicLong(SkipNode.MOST_BYTE_SIZE);

  /** What close took and could not free yet; only who holds the lock of this object uses it. */
  private long chain = Memory.NULL;

  /**
   * Creates an empty list.
   *
   * @param type the name of its type, for messages
   * @param heights gives the number of levels of each new node, at least 1
   * @param freeValue frees what a value that is not DEAD leads to
   */
  SkipListCore(
      String type,
      Allocator allocator,
      ReclamationDomain domain,
      IntSupplier heights,
      LongConsumer freeValue) {
    this.type = type;
    this.allocator = allocator;
    this.domain = domain;
    this.heights = heights;
    this.freeValue = freeValue;
    allocatorNumber = domain.register(allocator);
    reservedBlocks = Math.min(WANTED_BLOCKS, domain.maxBlocks());
    if (domain.maxByteSize() < SkipNode.MOST_BYTE_SIZE) {
      throw new IllegalArgumentException(
          "domain '"
              + domain.name()
              + "' lets an operation retire "
              + domain.maxByteSize()
              + " bytes at most; a node may have "
              + SkipNode.MOST_BYTE_SIZE);
    }
    long head =
        Allocations.allocate(
            allocator, SkipNode.byteSize(SkipNode.MOST_LEVELS, 0), SkipNode.ALIGNMENT);
    SkipNode.prepare(head, Long.MIN_VALUE, 0, SkipNode.MOST_LEVELS, 0);
    SkipNode.lower(head);
    words.setRelease(HEAD, head);
  }

  /** Returns heights of which one in four is higher than one less. */
  static IntSupplier randomHeights() {
    return () -> 1 + Long.numberOfTrailingZeros(ThreadLocalRandom.current().nextLong()) / 2;
  }

  Allocator allocator() {
    return allocator;
  }

  // ---- guards -----------------------------------------------------------------------------------

  /** Pins for an operation that only reads. */
  Guard pin() {
    return domain.pin();
  }

  /** Pins for an operation that may retire; before the head is read. */
  SkipChange change() {
    long others = Math.max(0, reservedBlocks - 2) * SkipNode.MOST_BYTE_SIZE;
    long byteSize = Math.min(domain.maxByteSize(), 2 * largest.getOpaque() + others);
    return new SkipChange(
        domain.pin(reservedBlocks, byteSize), allocatorNumber, reservedBlocks, byteSize);
  }

  /** Says how large a block that is about to be linked is, so that changes reserve for it. */
  void announce(long byteSize) {
    for (long known = largest.getOpaque(); known < byteSize; known = largest.getOpaque()) {
      largest.compareAndSet(known, byteSize);
    }
  }

  /** Checks that a caller's guard is one that holds back what is retired here. */
  Guard mine(Guard guard) {
    if (guard.domain() != domain) {
      throw new IllegalArgumentException(
          "a guard of domain '"
              + guard.domain().name()
              + "'; expected one of '"
              + domain.name()
              + "'");
    }
    return guard;
  }

  /** Returns the head, under a guard that was there before. */
  long head(Guard guard) {
    long head = words.getAcquire(HEAD);
    if (head == CLOSED) {
      throw new IllegalStateException("this " + type + " is closed");
    }
    return head;
  }

  // ---- searching --------------------------------------------------------------------------------

  /** Compares a node with a key: below 0 if the node comes before. */
  static int compare(long node, long word, @Nullable BytesKey key) {
    long nodeWord = SkipNode.word(node);
    if (nodeWord != word) {
      return nodeWord < word ? -1 : 1;
    }
    return key == null ? 0 : key.compare(node);
  }

  /** Returns the node of a key, which was not DEAD when it was looked at, or NULL. */
  static long find(long head, long word, @Nullable BytesKey key) {
    long before = head;
    for (int level = SkipNode.levels(head) - 1; level >= 0; level--) {
      long node = SkipNode.unmarked(SkipNode.link(before, level)); // A1; see Walking
      while (node != Memory.NULL) {
        int order = compare(node, word, key);
        if (order > 0) {
          break;
        }
        if (order == 0 && !SkipNode.isDead(node)) {
          return node;
        }
        long next = SkipNode.link(node, level); // A1
        if (!SkipNode.isMarked(next)) {
          if (order == 0) {
            break; // dead, and not marked yet: by I4 nothing of this key is behind it
          }
          before = node;
        }
        node = SkipNode.unmarked(next);
      }
    }
    return Memory.NULL;
  }

  /**
   * Returns the last node that is linked unmarked on a level and comes before a bound, or the head.
   * Marked nodes on the way are unlinked, if they are not larger than the room; if one of them is
   * to be retired then, it is returned marked.
   */
  static long search(
      long head, long word, @Nullable BytesKey key, int bound, int lowest, long room) {
    long before = head;
    int level = Math.max(SkipNode.levels(head) - 1, lowest);
    while (true) {
      long node = SkipNode.link(before, level); // A1
      if (SkipNode.isMarked(node)) { // must not go down there; see Walking
        before = head;
        level = Math.max(SkipNode.levels(head) - 1, lowest);
        continue;
      }
      boolean adjacent = true;
      while (node != Memory.NULL) {
        int order = compare(node, word, key);
        if (order > 0) {
          break;
        }
        long next = SkipNode.link(node, level); // A1
        if (!SkipNode.isMarked(next)) {
          if (order >= bound) {
            break;
          }
          before = node;
          adjacent = true;
          node = next;
        } else if (room == 0 || !adjacent || SkipNode.byteSize(node) > room) {
          adjacent = false;
          node = SkipNode.unmarked(next);
        } else if (SkipNode.compareAndSetLink(before, level, node, SkipNode.unmarked(next))) { // R1
          if (SkipNode.release(node, 1)) {
            return SkipNode.marked(node);
          }
          node = SkipNode.unmarked(next);
        } else {
          node = SkipNode.link(before, level); // A1
          if (SkipNode.isMarked(node)) {
            break;
          }
        }
      }
      if (SkipNode.isMarked(node)) {
        continue; // with the mark seen again, from the head
      }
      if (level == lowest) {
        return before;
      }
      level--;
    }
  }

  /**
   * Returns the first live node that does not come before a bound, or NULL. It was the first at one
   * moment of the call: all between it and an unmarked link are dead and marked, and that link
   * still led there then.
   */
  static long next(long head, long word, @Nullable BytesKey key, int bound) {
    for (; ; ) {
      long before = search(head, word, key, bound, 0, 0);
      long first = SkipNode.link(before, 0); // A1
      if (SkipNode.isMarked(first)) {
        continue;
      }
      long node = first;
      while (node != Memory.NULL) {
        if (compare(node, word, key) >= bound && !SkipNode.isDead(node)) {
          break;
        }
        if (!SkipNode.isDead(node)) {
          before = node; // came meanwhile, before the bound
          first = SkipNode.link(before, 0); // A1
          node = SkipNode.unmarked(first);
        } else {
          SkipNode.mark(node);
          node = SkipNode.unmarked(SkipNode.link(node, 0)); // A1
        }
      }
      if (isUnchanged(before, first, node) && (node == Memory.NULL || !SkipNode.isDead(node))) {
        return node;
      }
    }
  }

  /** Says whether a node is behind an unmarked link, with dead nodes between them at most. */
  private static boolean isUnchanged(long before, long first, long node) {
    return !SkipNode.isMarked(first) && (node == first || SkipNode.link(before, 0) == first); // A1
  }

  /** Returns the last live node that comes before a bound, or NULL; as {@link #next}. */
  static long previous(long head, long word, @Nullable BytesKey key, int bound) {
    for (; ; ) {
      long before = search(head, word, key, bound, 0, 0);
      long first = SkipNode.link(before, 0); // A1
      long node = SkipNode.unmarked(first);
      while (node != Memory.NULL && compare(node, word, key) < bound) {
        long next = SkipNode.link(node, 0); // A1
        if (!SkipNode.isMarked(next)) {
          first = SkipNode.marked(first); // came meanwhile: search again
          break;
        }
        node = SkipNode.unmarked(next);
      }
      if (!isUnchanged(before, first, node)) {
        continue;
      }
      if (before == head) {
        return Memory.NULL;
      }
      if (!SkipNode.isDead(before)) {
        return before;
      }
      SkipNode.mark(before); // so that searches go past it
    }
  }

  /** Returns the node behind one on level 0, dead or not, or NULL. */
  static long behind(long node) {
    return SkipNode.unmarked(SkipNode.link(node, 0)); // A1
  }

  // ---- inserting --------------------------------------------------------------------------------

  /** Returns how many levels the next node has. */
  int newLevels() {
    return Math.min(heights.getAsInt(), SkipNode.MOST_LEVELS);
  }

  /**
   * Allocates a node, the caller's, or throws and changes nothing. It has at most one level more
   * than any before it.
   */
  long newNode(long head, long word, long value, int wanted, long keyByteSize) {
    int levels = Math.min(wanted, SkipNode.levels(head) + 1);
    long node =
        Allocations.allocate(allocator, SkipNode.byteSize(levels, keyByteSize), SkipNode.ALIGNMENT);
    SkipNode.prepare(node, word, value, levels, keyByteSize);
    return node;
  }

  /** Gives a node back that was never linked. */
  void freeNode(long node) {
    allocator.free(node, SkipNode.byteSize(node), SkipNode.ALIGNMENT);
  }

  /** Links a new node whose key is a word; returns false if the caller is to begin anew. */
  boolean insert(long word, long value) {
    int levels = newLevels();
    return levels == 1 ? insertLow(word, value) : insertTall(word, value, levels);
  }

  /**
   * The same with one level: it has nothing to retire unless a marked node is in its way, so it
   * need not reserve, and its guard is not allocated.
   */
  private boolean insertLow(long word, long value) {
    boolean inserted;
    try (Guard guard = pin()) {
      long head = head(guard);
      long node = newNode(head, word, value, 1, 0);
      inserted = link(head, word, null, node, 0) == node;
      if (inserted) {
        count.add(1);
      } else {
        freeNode(node);
      }
    }
    if (!inserted) {
      clearWay(word);
    }
    return inserted;
  }

  private void clearWay(long word) {
    try (SkipChange change = change()) {
      sweep(change, head(change.guard()), word, null, Memory.NULL);
    }
  }

  private boolean insertTall(long word, long value, int levels) {
    try (SkipChange change = change()) {
      long head = head(change.guard());
      return insert(change, head, word, null, newNode(head, word, value, levels, 0));
    }
  }

  /*
   * A guard is not passed to what is too large to be compiled into the operation, for then it would
   * be allocated. So linking returns how far it got and what is to be retired, and is called again.
   */

  /**
   * Links a new node; or frees it and returns false if its key came meanwhile, or what is left of
   * the reservation is too little to get on: the caller begins anew.
   */
  boolean insert(SkipChange change, long head, long word, @Nullable BytesKey key, long node) {
    long byteSize = SkipNode.byteSize(node);
    for (int level = 0; ; ) {
      long step =
          linkFrom(level, head, word, key, node, change.room(), change.roomBeside(byteSize));
      if (step == LINKED) {
        return true;
      }
      level = levelOf(step);
      long victim = nodeOf(step);
      if (victim != Memory.NULL) {
        change.retireNode(victim);
      }
      if (level == 0 && (victim == Memory.NULL || change.room() < byteSize)) {
        freeNode(node);
        return false;
      }
    }
  }

  private static long step(int level, long node) {
    return ((long) level << LEVEL_SHIFT) | node;
  }

  private static int levelOf(long step) {
    return (int) (step >>> LEVEL_SHIFT);
  }

  private static long nodeOf(long step) {
    return step & ~(-1L << LEVEL_SHIFT);
  }

  /**
   * Links a node from a level on. Returns LINKED when it is, or died meanwhile and is unlinked
   * again; else the level to go on from, and a node to be retired before; or level 0 and NULL if it
   * cannot be linked.
   */
  private long linkFrom(
      int from,
      long head,
      long word,
      @Nullable BytesKey key,
      long node,
      long room,
      long roomBeside) {
    if (from > 0) {
      return raise(from, head, word, key, node, room, roomBeside);
    }
    long result = link(head, word, key, node, room);
    if (result != node) {
      return step(0, result);
    }
    count.add(1);
    return SkipNode.levels(node) == 1 ? LINKED : raise(1, head, word, key, node, room, roomBeside);
  }

  /** Links a node on level 0, and returns it; or a node to be retired; or NULL if it cannot. */
  private static long link(long head, long word, @Nullable BytesKey key, long node, long room) {
    for (; ; ) {
      long before = search(head, word, key, BEFORE, 0, room);
      if (SkipNode.isMarked(before)) {
        return SkipNode.unmarked(before);
      }
      long next = SkipNode.link(before, 0); // A1
      if (SkipNode.isMarked(next)) {
        continue;
      }
      int order = next == Memory.NULL ? 1 : compare(next, word, key);
      if (order <= 0) {
        if (order == 0) {
          if (!SkipNode.isDead(next)) {
            return Memory.NULL;
          }
          SkipNode.mark(next); // I4
        }
        if (SkipNode.isMarked(SkipNode.link(next, 0)) && SkipNode.byteSize(next) > room) {
          return Memory.NULL;
        }
        continue;
      }
      SkipNode.setLink(node, 0, next);
      if (SkipNode.compareAndSetLink(before, 0, next, node)) { // R1
        return node;
      }
      Thread.onSpinWait();
    }
  }

  /** Links the upper levels of a node that is linked below, as long as it lives; I5. */
  private static long raise(
      int from,
      long head,
      long word,
      @Nullable BytesKey key,
      long node,
      long room,
      long roomBeside) {
    int levels = SkipNode.levels(node);
    SkipNode.raise(head, levels);
    int level = from;
    boolean marked = from == SWEEPING;
    while (level < levels && !marked) {
      long result = linkAbove(head, word, key, node, level, roomBeside);
      if (result != node && result != Memory.NULL) {
        return step(level, result);
      }
      if (result == node) {
        marked = SkipNode.isMarked(SkipNode.link(node, level));
        level++;
      } else {
        marked = true;
      }
    }
    if (!marked) {
      return LINKED;
    }
    return level < levels && SkipNode.release(node, levels - level)
        ? step(SWEEPING, node)
        : sweepStep(head, word, key, room);
  }

  private static long sweepStep(long head, long word, @Nullable BytesKey key, long room) {
    long result = room > 0 ? search(head, word, key, BEFORE, 0, room) : Memory.NULL;
    return SkipNode.isMarked(result) ? step(SWEEPING, SkipNode.unmarked(result)) : LINKED;
  }

  /**
   * Links a node on an upper level, and returns it; or a node to be retired; or NULL to give up.
   */
  private static long linkAbove(
      long head, long word, @Nullable BytesKey key, long node, int level, long room) {
    for (; ; ) {
      long before = search(head, word, key, BEFORE, level, room);
      if (SkipNode.isMarked(before)) {
        return SkipNode.unmarked(before);
      }
      long own = SkipNode.link(node, level);
      long next = SkipNode.link(before, level); // A1
      if (SkipNode.isMarked(own)) {
        return Memory.NULL;
      }
      if (SkipNode.isMarked(next)) {
        continue;
      }
      int order = next == Memory.NULL ? 1 : compare(next, word, key);
      if (order < 0 && !SkipNode.isMarked(SkipNode.link(next, level))) {
        continue; // came meanwhile
      }
      if (order <= 0 || !SkipNode.compareAndSetLink(node, level, own, next)) {
        return Memory.NULL;
      }
      if (SkipNode.compareAndSetLink(before, level, next, node)) { // R1
        return node;
      }
      Thread.onSpinWait();
    }
  }

  // ---- removing ---------------------------------------------------------------------------------

  /** Unlinks a node that the caller has made DEAD, as far as the reservation goes. */
  void bury(SkipChange change, long head, long word, @Nullable BytesKey key, long node) {
    count.add(-1);
    SkipNode.mark(node);
    sweep(change, head, word, key, node);
  }

  /**
   * Unlinks what is marked on the way to a key, and of the key, and retires it; until it has
   * retired a certain node, or there is no more.
   */
  private static void sweep(
      SkipChange change, long head, long word, @Nullable BytesKey key, long last) {
    long victim = Memory.NULL;
    do {
      long room = change.room();
      long result = room > 0 ? search(head, word, key, BEFORE, 0, room) : Memory.NULL;
      victim = SkipNode.isMarked(result) ? SkipNode.unmarked(result) : Memory.NULL;
      if (victim != Memory.NULL) {
        change.retireNode(victim);
      }
    } while (victim != Memory.NULL && victim != last);
  }

  // ---- figures and the end ----------------------------------------------------------------------

  /** Returns the number of live nodes, right when nobody changes it. */
  long size() {
    requireOpen();
    return Math.max(0, count.sum());
  }

  void requireOpen() {
    if (isClosed()) {
      throw new IllegalStateException("this " + type + " is closed");
    }
  }

  boolean isClosed() {
    return words.getOpaque(HEAD) == CLOSED;
  }

  /** Lets nobody in, waits for who has a guard, and frees everything. */
  synchronized void close() {
    long head = words.getAndSet(HEAD, CLOSED);
    if (head != CLOSED) {
      chain = head;
    }
    if (chain != Memory.NULL) {
      Readers.await(domain, type);
      for (int level = SkipNode.MOST_LEVELS - 1; level > 0; level--) {
        freeRemains(level);
      }
      freeChain();
    }
  }

  /** Takes marked nodes off an upper level, and frees those that nothing else links. */
  private void freeRemains(int level) {
    long before = chain;
    for (long node = SkipNode.link(before, level); node != Memory.NULL; ) {
      long link = SkipNode.link(node, level);
      long next = SkipNode.unmarked(link);
      if (!SkipNode.isMarked(link)) {
        before = node;
      } else {
        SkipNode.setLink(before, level, next);
        if (SkipNode.release(node, 1)) {
          freeNode(node);
        }
      }
      node = next;
    }
  }

  private void freeChain() {
    long head = chain;
    for (long node = SkipNode.link(head, 0); node != Memory.NULL; ) {
      long next = behind(node);
      long value = SkipNode.value(node);
      if (value != ValueWord.DEAD) {
        freeValue.accept(value);
      }
      freeNode(node);
      node = next;
    }
    chain = Memory.NULL;
    allocator.free(head, SkipNode.byteSize(SkipNode.MOST_LEVELS, 0), SkipNode.ALIGNMENT);
  }

  // ---- for tests --------------------------------------------------------------------------------

  /** Returns the links that lead to each node; nobody may change the list meanwhile. */
  private static Map<Long, Integer> linked(long head) {
    Map<Long, Integer> linked = new HashMap<>();
    for (int level = SkipNode.MOST_LEVELS - 1; level >= 0; level--) {
      for (long node = SkipNode.link(head, level);
          node != Memory.NULL;
          node = SkipNode.unmarked(SkipNode.link(node, level))) {
        linked.merge(node, 1, Integer::sum);
      }
    }
    return linked;
  }

  /** Counts the nodes that are linked anywhere, dead ones too; nobody may change it meanwhile. */
  long nodes() {
    try (Guard guard = pin()) {
      return linked(head(guard)).size();
    }
  }

  /** Checks I1, I5 and the count; nobody may change the list meanwhile. */
  void checkInvariants() {
    try (Guard guard = pin()) {
      long head = head(guard);
      for (int level = SkipNode.MOST_LEVELS - 1; level >= 0; level--) {
        checkOrder(head, level);
      }
      linked(head)
          .forEach((node, links) ->
              require(SkipNode.linked(node) == links, "I5: a node's count is not its links"));
      long live = 0;
      for (long node = behind(head); node != Memory.NULL; node = behind(node)) {
        live += SkipNode.isDead(node) ? 0 : 1;
      }
      require(live == count.sum(), "count " + count.sum() + " of " + live + " live nodes");
    }
  }

  private static void checkOrder(long head, int level) {
    long last = Memory.NULL;
    for (long node = SkipNode.link(head, level); node != Memory.NULL; ) {
      require(SkipNode.levels(node) > level, "a node on a level that it does not have");
      if (last != Memory.NULL) {
        long word = SkipNode.word(node);
        BytesKey key = SkipNode.keyByteSize(node) == 0 ? null : BytesKey.ofNode(node);
        int order = compare(last, word, key);
        require(order < 0 || (order == 0 && SkipNode.isDead(last)), "I1: out of order");
      }
      long link = SkipNode.link(node, level);
      require(!SkipNode.isMarked(link) || SkipNode.isDead(node), "I2: marked, and not dead");
      last = node;
      node = SkipNode.unmarked(link);
    }
  }

  private static void require(boolean right, String what) {
    if (!right) {
      throw new AssertionError(what);
    }
  }

  @Override
  public String toString() {
    return type + (isClosed() ? "(closed)" : "(open)");
  }
}
