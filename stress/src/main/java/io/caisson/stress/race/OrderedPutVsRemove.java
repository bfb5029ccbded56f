package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongLongOrderedMap;
import io.caisson.collections.OrderedMaps;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A key is put and removed at once, with values that stand in cells. */
@JCStressTest
@Outcome(
    id = "1, 2, 0, 0",
    expect = Expect.ACCEPTABLE,
    desc = "The value was replaced, then removed.")
@Outcome(
    id = "0, 1, 2, 0",
    expect = Expect.ACCEPTABLE,
    desc = "The key was removed, then put anew.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "A value was lost or came twice; or a node or a cell was lost.")
@State
public class OrderedPutVsRemove {

  private final RingAllocator allocator = new RingAllocator();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(4).build();
  private final ConcurrentLongLongOrderedMap map =
      OrderedMaps.withHeights(allocator, domain, 2, 2, 1);

  /** An entry to begin with. */
  public OrderedPutVsRemove() {
    map.put(5, OrderedMaps.inCell(1), 0);
  }

  /** Who puts. */
  @Actor
  public void put(IIII_Result r) {
    r.r1 = (int) map.put(5, OrderedMaps.inCell(2), 0);
  }

  /** Who removes. */
  @Actor
  public void remove(IIII_Result r) {
    r.r2 = (int) map.remove(5, 0);
  }

  /** What is there, and how many blocks too many are out. */
  @Arbiter
  public void count(IIII_Result r) {
    r.r3 = (int) map.get(5, 0);
    domain.drain();
    r.r4 = allocator.live() - (int) OrderedMaps.blocks(map);
    OrderedMaps.check(map);
  }
}
