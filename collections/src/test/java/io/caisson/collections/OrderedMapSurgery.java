package io.caisson.collections;

import io.caisson.smr.Guard;

/** Does by hand, one step at a time, what a slow inserter does that is overtaken by a removal. */
final class OrderedMapSurgery {

  private OrderedMapSurgery() {}

  /**
   * Removes a key whose node has two levels, as if its inserter were still to link the upper one.
   */
  static long removeAndHold(ConcurrentLongLongOrderedMap map, long key) {
    long node;
    try (Guard guard = map.core().pin()) {
      node = SkipListCore.find(map.core().head(guard), key, null);
      SkipNode.release(node, -1);
    }
    map.remove(key, 0);
    return node;
  }

  /** Links that node on its upper level, which is marked, behind the head. */
  static void linkAbove(ConcurrentLongLongOrderedMap map, long node) {
    try (Guard guard = map.core().pin()) {
      long before =
          SkipListCore.search(
              map.core().head(guard), SkipNode.word(node), null, SkipListCore.BEFORE, 1, 0);
      SkipNode.setLink(node, 1, SkipNode.marked(SkipNode.link(before, 1)));
      SkipNode.setLink(before, 1, node);
    }
  }
}
