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

/** A node is removed while it is still being linked on its upper levels; others reuse its block. */
@JCStressTest
@Outcome(
    id = "7, 0, 0, 3",
    expect = Expect.ACCEPTABLE,
    desc = "It was put, then removed, from every level, and its block was freed.")
@Outcome(id = "0, 7, 0, 4", expect = Expect.ACCEPTABLE, desc = "It was removed before it was put.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "It was lost, or came twice; or a dead node stays, or its block was freed while linked.")
@State
public class OrderedRemoveVsRaise {

  private final RingAllocator allocator = new RingAllocator();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(4).build();
  private final ConcurrentLongLongOrderedMap map =
      OrderedMaps.withHeights(allocator, domain, 2, 3, 3, 1, 2);

  /** Entries around, and the levels that a new one may have. */
  public OrderedRemoveVsRaise() {
    map.put(1, 1, 0);
    map.put(9, 9, 0);
  }

  /** Who links a node of three levels. */
  @Actor
  public void put() {
    map.put(5, 7, 0);
  }

  /** Who removes it, and allocates again when it may be free. */
  @Actor
  public void remove(IIII_Result r) {
    r.r1 = (int) map.remove(5, 0);
    domain.drain();
    map.put(4, 4, 0); // stops before the node, which it must not help to unlink
  }

  /** What is there, how many blocks too many are out, and how many entries are met. */
  @Arbiter
  public void count(IIII_Result r) {
    r.r2 = (int) map.get(5, 0);
    domain.drain();
    r.r3 = allocator.live() - (int) OrderedMaps.blocks(map);
    OrderedMaps.check(map);
    map.forEach((key, value) -> r.r4 += 1);
  }
}
