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

/** Two threads take the first entry of three. */
@JCStressTest
@Outcome(
    id = {"1, 2, 3, 0", "2, 1, 3, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "Each took one of the first two, and the third is there.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "An entry came twice or out of turn; or a node was lost.")
@State
public class OrderedPollVsPoll {

  private final RingAllocator allocator = new RingAllocator();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(4).build();
  private final ConcurrentLongLongOrderedMap map = OrderedMaps.withHeights(allocator, domain, 2, 1);

  /** Three entries. */
  public OrderedPollVsPoll() {
    map.put(1, 1, 0);
    map.put(2, 2, 0);
    map.put(3, 3, 0);
  }

  /** Who polls. */
  @Actor
  public void one(IIII_Result r) {
    map.pollFirst((key, value) -> r.r1 += (int) value);
  }

  /** Who polls, too. */
  @Actor
  public void other(IIII_Result r) {
    map.pollFirst((key, value) -> r.r2 += (int) value);
  }

  /** The sum of what is left, and how many blocks too many are out. */
  @Arbiter
  public void count(IIII_Result r) {
    map.forEach((key, value) -> r.r3 += (int) value);
    domain.drain();
    r.r4 = allocator.live() - (int) OrderedMaps.blocks(map);
    OrderedMaps.check(map);
  }
}
