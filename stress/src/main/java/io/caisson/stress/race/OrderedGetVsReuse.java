package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongLongOrderedMap;
import io.caisson.collections.OrderedMaps;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A key is looked up while the nodes before it are removed, freed and used again. */
@JCStressTest
@Outcome(
    id = {"77, 7", "77, 8"},
    expect = Expect.ACCEPTABLE,
    desc = "The key is there all the time; another may be before it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The reader went astray through a node that was freed.")
@State
public class OrderedGetVsReuse {

  private final RingAllocator allocator = new RingAllocator();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(4).build();
  private final ConcurrentLongLongOrderedMap map = OrderedMaps.withHeights(allocator, domain, 2, 1);

  /** Nodes on the way. */
  public OrderedGetVsReuse() {
    map.put(3, 3, 0);
    map.put(5, 5, 0);
    map.put(7, 77, 0);
  }

  /** Who looks up. */
  @Actor
  public void get(II_Result r) {
    r.r1 = (int) map.get(7, 0);
    r.r2 = (int) map.ceilingKey(6, 0) + (map.floorKey(9, 0) == 8 ? 1 : 0);
  }

  /** Who takes away what is on the way. */
  @Actor
  public void reuse() {
    map.remove(3, 0);
    map.remove(5, 0);
    domain.drain();
    map.put(8, 8, 0);
    map.put(4, 4, 0);
  }
}
