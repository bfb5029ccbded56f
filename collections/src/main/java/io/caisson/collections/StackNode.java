package io.caisson.collections;

import io.caisson.alloc.internal.Memory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A node of a stack: what is under it, and a word that is the value or, where the element is made
 * of bytes, their number; the bytes follow.
 */
final class StackNode {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_LONG.withName("next"), ValueLayout.JAVA_LONG.withName("word"));

  static final long SIZE = LAYOUT.byteSize();
  static final long ALIGNMENT = LAYOUT.byteAlignment();
  static final long NEXT = offset("next");
  static final long WORD = offset("word");

  private StackNode() {}

  private static long offset(String field) {
    return LAYOUT.byteOffset(PathElement.groupElement(field));
  }

  /** Returns the node under this one, or NULL. */
  static long next(long node) {
    return Memory.getLong(node + NEXT);
  }

  static void setNext(long node, long next) {
    Memory.putLong(node + NEXT, next);
  }

  static long word(long node) {
    return Memory.getLong(node + WORD);
  }

  static void setWord(long node, long word) {
    Memory.putLong(node + WORD, word);
  }

  /** Returns where the bytes of an element start. */
  static long bytes(long node) {
    return node + SIZE;
  }
}
