package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A node of a linked set: its link, and its value.
 *
 * <p>A link is the address of the node behind, or NULL, and in its lowest bit a mark: that the node
 * which has the link is removed. A link that is marked never changes.
 */
final class LinkedSetNode {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("link"), ValueLayout.JAVA_LONG.withName("value"));

  static final long SIZE = LAYOUT.byteSize();
  static final long ALIGNMENT = LAYOUT.byteAlignment();
  static final long LINK = offset("link");
  static final long VALUE = offset("value");
  private static final long MARK = 1;

  private LinkedSetNode() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  /** Writes all of a node that nobody else sees. */
  static void set(long node, long link, long value) {
    Memory.putLong(node + LINK, link);
    Memory.putLong(node + VALUE, value);
  }

  static long value(long node) {
    return Memory.getLong(node + VALUE);
  }

  static long linkAcquire(long node) {
    return Memory.getLongAcquire(node + LINK);
  }

  static boolean compareAndSetLink(long node, long expected, long link) {
    return Memory.compareAndSetLong(node + LINK, expected, link);
  }

  /** Marks a node whose link is this one still; says whether it was. */
  static boolean mark(long node, long link) {
    return compareAndSetLink(node, link, link | MARK);
  }

  static boolean isMarked(long link) {
    return (link & MARK) != 0;
  }

  /** Returns the node behind. */
  static long target(long link) {
    return link & ~MARK;
  }
}
