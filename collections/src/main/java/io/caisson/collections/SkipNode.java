package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A node of a skip list.
 *
 * <pre>
 *   0  word   the key, or the part of it that decides most comparisons
 *   8  value  a value as ValueWord has it, or DEAD
 *  16  meta   8 bits of levels; 8 bits of how many levels link it; 48 bits of the key's size in bytes
 *  24  links  the next node of each level, or NULL; with bit 0, the mark, it is never changed again
 *   …  key    the bytes of a key that does not fit into the word
 * </pre>
 */
final class SkipNode {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("word"),
          ValueLayout.JAVA_LONG.withName("value"),
          ValueLayout.JAVA_LONG.withName("meta"),
          ValueLayout.JAVA_LONG.withName("link"));

  static final long ALIGNMENT = LAYOUT.byteAlignment();
  static final long WORD = offset("word");
  static final long VALUE = offset("value");
  static final long META = offset("meta");
  static final long LINKS = offset("link");
  static final int MOST_LEVELS = 13;

  /** The most bytes of a node whose key is its word. */
  static final long MOST_BYTE_SIZE = byteSize(MOST_LEVELS, 0);

  private static final long MARK = 1;
  private static final long LEVELS_MASK = 0xff;
  private static final int LINKED_SHIFT = 8;
  private static final int KEY_SHIFT = 16;

  private SkipNode() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  static long byteSize(int levels, long keyByteSize) {
    return LINKS + (long) levels * Long.BYTES + keyByteSize;
  }

  /** Prepares a node that every one of its levels is going to link, and to nothing. */
  static void prepare(long node, long word, long value, int levels, long keyByteSize) {
    Memory.putLong(node + WORD, word);
    Memory.putLong(node + VALUE, value);
    Memory.putLong(node + META, keyByteSize << KEY_SHIFT | (long) levels << LINKED_SHIFT | levels);
    for (int level = 0; level < levels; level++) {
      setLink(node, level, Memory.NULL);
    }
  }

  static long word(long node) {
    return Memory.getLong(node + WORD);
  }

  // ---- value ------------------------------------------------------------------------------------

  static long value(long node) {
    return Memory.getLongAcquire(node + VALUE); // pairs with compareAndSetValue
  }

  static boolean compareAndSetValue(long node, long expected, long value) {
    return Memory.compareAndSetLong(node + VALUE, expected, value);
  }

  static boolean isDead(long node) {
    return value(node) == ValueWord.DEAD;
  }

  // ---- meta -------------------------------------------------------------------------------------

  private static long meta(long node) {
    return Memory.getLongAcquire(node + META);
  }

  static int levels(long node) {
    return (int) (meta(node) & LEVELS_MASK);
  }

  static int linked(long node) {
    return (int) (meta(node) >>> LINKED_SHIFT & LEVELS_MASK);
  }

  static long keyByteSize(long node) {
    return meta(node) >>> KEY_SHIFT;
  }

  static long byteSize(long node) {
    long meta = meta(node);
    return byteSize((int) (meta & LEVELS_MASK), meta >>> KEY_SHIFT);
  }

  /** Makes a node have some levels at least; for the head, whose links are all there. */
  static void raise(long head, int levels) {
    for (long meta = meta(head); (meta & LEVELS_MASK) < levels; meta = meta(head)) {
      Memory.compareAndSetLong(head + META, meta, (meta & ~LEVELS_MASK) | levels);
    }
  }

  /** Makes the head begin with one level. */
  static void lower(long head) {
    Memory.putLong(head + META, 1);
  }

  /** Says that so many levels less link a node or will, and whether none does then. */
  static boolean release(long node, int levels) {
    for (; ; ) {
      long meta = meta(node);
      long less = meta - ((long) levels << LINKED_SHIFT);
      if (Memory.compareAndSetLong(node + META, meta, less)) {
        return (less >>> LINKED_SHIFT & LEVELS_MASK) == 0;
      }
    }
  }

  // ---- links ------------------------------------------------------------------------------------

  private static long at(long node, int level) {
    return node + LINKS + (long) level * Long.BYTES;
  }

  static long link(long node, int level) {
    return Memory.getLongAcquire(at(node, level)); // pairs with compareAndSetLink
  }

  /** Links a node of the caller's own. */
  static void setLink(long node, int level, long next) {
    Memory.putLong(at(node, level), next);
  }

  static boolean compareAndSetLink(long from, int level, long expected, long to) {
    return Memory.compareAndSetLong(at(from, level), expected, to);
  }

  static boolean isMarked(long link) {
    return (link & MARK) != 0;
  }

  static long marked(long link) {
    return link | MARK;
  }

  static long unmarked(long link) {
    return link & ~MARK;
  }

  /** Marks all links, from the top down. */
  static void mark(long node) {
    for (int level = levels(node) - 1; level >= 0; level--) {
      for (long next = link(node, level); !isMarked(next); next = link(node, level)) {
        compareAndSetLink(node, level, next, marked(next));
      }
    }
  }

  /** Returns where the bytes of the key start. */
  static long keyBytes(long node) {
    return at(node, levels(node));
  }
}
