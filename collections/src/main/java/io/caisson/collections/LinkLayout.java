package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import io.caisson.alloc.internal.MemoryMode;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The links at the start of a node of a list; the element follows.
 *
 * <pre>
 *   0  previous  address of the node before, or NULL
 *   8  next      address of the node after, or NULL
 *  16  stamp     in checked memory mode only: which list, and which of its insertions
 * </pre>
 */
final class LinkLayout {

  /** Whether nodes have a stamp, and handles the lower bits of it above the address. */
  static final boolean STAMPED = Memory.MODE == MemoryMode.CHECKED;

  static final StructLayout LAYOUT =
      STAMPED
          ? MemoryLayout.structLayout(link("previous"), link("next"), link("stamp"))
          : MemoryLayout.structLayout(link("previous"), link("next"));

  static final long SIZE = LAYOUT.byteSize();
  static final long ALIGNMENT = LAYOUT.byteAlignment();
  static final long PREVIOUS = offset("previous");
  static final long NEXT = offset("next");
  static final long STAMP = STAMPED ? offset("stamp") : SIZE;

  private LinkLayout() {}

  private static MemoryLayout link(String name) {
    return ValueLayout.JAVA_LONG.withName(name);
  }

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  static long previous(long node) {
    return Memory.getLong(node + PREVIOUS);
  }

  static void setPrevious(long node, long previous) {
    Memory.putLong(node + PREVIOUS, previous);
  }

  static long next(long node) {
    return Memory.getLong(node + NEXT);
  }

  static void setNext(long node, long next) {
    Memory.putLong(node + NEXT, next);
  }

  static long stamp(long node) {
    return Memory.getLong(node + STAMP);
  }

  static void setStamp(long node, long stamp) {
    Memory.putLong(node + STAMP, stamp);
  }
}
