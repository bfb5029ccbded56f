package io.caisson.collections;

import io.caisson.alloc.Allocator;
import io.caisson.smr.Guard;
import io.caisson.smr.ReclamationDomain;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullMarked;

/** Ordered maps whose nodes have as many levels as a test wants, and what is inside them. */
@NullMarked
public final class OrderedMaps {

  private OrderedMaps() {}

  /** Creates a map whose nodes have these many levels, one after the other, round and round. */
  public static ConcurrentLongLongOrderedMap withHeights(
      Allocator allocator, ReclamationDomain domain, int... heights) {
    AtomicInteger next = new AtomicInteger();
    return new ConcurrentLongLongOrderedMap(
        allocator, domain, () -> heights[next.getAndIncrement() % heights.length]);
  }

  /** Returns a value that needs a cell, one of many. */
  public static long inCell(int number) {
    return ValueWord.PREFIX | number;
  }

  /**
   * Removes a key whose node has two levels, as if its inserter were still to link the upper one.
   */
  public static long removeAndHold(ConcurrentLongLongOrderedMap map, long key) {
    long node;
    try (Guard guard = map.core().pin()) {
      node = SkipListCore.find(map.core().head(guard), key, null);
      SkipNode.release(node, -1);
    }
    map.remove(key, 0);
    return node;
  }

  /** Links that node, which is dead, on its upper level, as its inserter does. */
  public static void linkAbove(ConcurrentLongLongOrderedMap map, long node) {
    try (Guard guard = map.core().pin()) {
      long head = map.core().head(guard);
      long word = SkipNode.word(node);
      long before = SkipListCore.search(head, word, null, SkipListCore.BEFORE, 1, 0);
      SkipNode.setLink(node, 1, SkipNode.marked(SkipNode.link(before, 1)));
      SkipNode.setLink(before, 1, node);
    }
  }

  /** Counts what a map without dead nodes has allocated; nobody may change it meanwhile. */
  public static long blocks(ConcurrentLongLongOrderedMap map) {
    long[] blocks = {1};
    map.forEach((key, value) -> blocks[0] += ValueWord.hasCell(value) ? 2 : 1);
    return blocks[0];
  }

  /** The same, with the dead nodes that are still linked. */
  public static long blocksWithDead(ConcurrentLongLongOrderedMap map) {
    return map.blocks();
  }

  /** Checks that a map is sound; nobody may change it meanwhile. */
  public static void check(ConcurrentLongLongOrderedMap map) {
    map.checkInvariants();
  }

  /** Checks that a map is sound; nobody may change it meanwhile. */
  public static void check(ConcurrentBytesOrderedMap map) {
    map.checkInvariants();
  }
}
