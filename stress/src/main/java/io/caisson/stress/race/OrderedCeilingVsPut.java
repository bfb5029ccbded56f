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

/** The next key is looked for while a lesser one is put and the one that it was is removed. */
@JCStressTest
@Outcome(
    id = {"3, 3", "3, 6", "4, 3", "4, 6"},
    expect = Expect.ACCEPTABLE,
    desc = "At each moment one of the two is the next, and one of the two before.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Past both, which was so at no moment.")
@State
public class OrderedCeilingVsPut {

  private final ConcurrentLongLongOrderedMap map =
      OrderedMaps.withHeights(
          new RingAllocator(), ReclamationDomain.builder().slots(2).bagCapacity(4).build(), 1);

  /** The first one, and one that is never the next. */
  public OrderedCeilingVsPut() {
    map.put(1, 1, 0);
    map.put(4, 4, 0);
    map.put(6, 6, 0);
    map.put(9, 9, 0);
  }

  /** Who looks. */
  @Actor
  public void look(II_Result r) {
    r.r1 = (int) map.ceilingKey(2, 0);
    r.r2 = (int) map.lowerKey(9, 0);
  }

  /** Who changes what is next: a lesser one first, then that is the only one. */
  @Actor
  public void change() {
    map.put(3, 3, 0);
    map.remove(4, 0);
    map.remove(6, 0);
  }
}
