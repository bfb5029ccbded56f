package io.caisson.stress.check;

import io.caisson.collections.ConcurrentLongLongOrderedMap;
import io.caisson.collections.OrderedMaps;
import io.caisson.smr.DomainStats;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;

/** The ordered map on a domain of two slots, with nodes of several levels and values in cells. */
@Param(name = "key", gen = IntGen.class, conf = "1:3")
@Param(name = "value", gen = IntGen.class, conf = "1:2")
public class OrderedMap {

  private final SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(2).build();
  private final ConcurrentLongLongOrderedMap map =
      OrderedMaps.withHeights(allocator, domain, 2, 3, 1, 2);

  /** Creates a map that is not empty. */
  public OrderedMap() {
    map.put(2, 1, 0);
  }

  /** A value that needs a cell, or one that needs none. */
  private static long value(int value) {
    return value == 2 ? OrderedMaps.inCell(2) : value;
  }

  /** Puts. */
  @Operation
  public long put(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map.put(key, value(value), 0);
  }

  /** Puts what was not there. */
  @Operation
  public long putIfAbsent(@Param(name = "key") int key, @Param(name = "value") int value) {
    return map.putIfAbsent(key, value(value), 0);
  }

  /** Replaces one value by another. */
  @Operation
  public boolean compareAndReplace(@Param(name = "key") int key) {
    return map.compareAndReplace(key, 1, value(2));
  }

  /** Adds. */
  @Operation
  public long addTo(@Param(name = "key") int key) {
    return map.addTo(key, 1);
  }

  /** Removes. */
  @Operation
  public long remove(@Param(name = "key") int key) {
    return map.remove(key, 0);
  }

  /** Removes a certain value. */
  @Operation
  public boolean compareAndRemove(@Param(name = "key") int key) {
    return map.compareAndRemove(key, 1);
  }

  /** Looks up. */
  @Operation
  public long get(@Param(name = "key") int key) {
    return map.get(key, 0);
  }

  /** Finds a neighbour. */
  @Operation
  public long ceilingKey(@Param(name = "key") int key) {
    return map.ceilingKey(key, 0);
  }

  /** Finds the other neighbour. */
  @Operation
  public long lowerKey(@Param(name = "key") int key) {
    return map.lowerKey(key, 0);
  }

  /** What is out is in the map, once what was retired is freed. */
  @Validate
  public void requireNoLeak() {
    boolean drained = domain.drain();
    DomainStats stats = domain.stats();
    OrderedMaps.check(map);
    long blocks = OrderedMaps.blocks(map);
    if (!drained || stats.chargedBytes() != 0 || allocator.liveBlocks() != blocks) {
      throw new IllegalStateException(
          "leaked: " + allocator.liveBlocks() + " blocks are out, " + blocks + " in use; " + stats);
    }
  }
}
