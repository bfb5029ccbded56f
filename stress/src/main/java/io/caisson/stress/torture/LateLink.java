package io.caisson.stress.torture;

import io.caisson.collections.ConcurrentLongLongOrderedMap;
import io.caisson.collections.OrderedMaps;
import io.caisson.smr.ReclamationDomain;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * A slow inserter links a node on an upper level that died and was unlinked below, where what is
 * behind it is freed: seldom by itself, hence by hand. Readers must not go down from it, and the
 * next that changes something unlinks it.
 */
record LateLink() implements Torture {

  private static final int KEYS = 30;

  @Override
  public void run(long seed, Duration duration) {
    SplittableRandom random = new SplittableRandom(seed);
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() - end < 0) {
      Stage stage = new Stage(ReclamationDomain.builder().slots(2).bagCapacity(4));
      ConcurrentLongLongOrderedMap map = OrderedMaps.withHeights(stage.allocator, stage.domain, 2);
      for (long key = 0; key < KEYS; key++) {
        map.put(key, key, -1);
      }
      long dead = 1L + random.nextInt(KEYS - 3);
      long late = OrderedMaps.removeAndHold(map, dead);
      map.remove(dead + 1, -1);
      stage.domain.drain();
      OrderedMaps.linkAbove(map, late);
      for (long key = 0; key < KEYS; key++) {
        long expected = key == dead || key == dead + 1 ? -1 : key;
        Stage.require(map.get(key, -1) == expected, "lost or found: " + key);
      }
      Stage.require(map.ceilingKey(dead, -1) == dead + 2, "the wrong one after " + dead);
      map.put(dead + 1, dead, -1);
      stage.domain.drain();
      OrderedMaps.check(map);
      long live = stage.allocator.stats().liveBlocks();
      Stage.require(live == OrderedMaps.blocks(map), "the late one stays: " + live);
      map.close();
      stage.strike();
    }
  }
}
