package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongStack;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** A number is pushed while another thread looks at the top and pops. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Both looks came before the push.")
@Outcome(
    id = "0, 77",
    expect = Expect.ACCEPTABLE,
    desc = "The push came between the look and the pop.")
@Outcome(
    id = "77, 77",
    expect = Expect.ACCEPTABLE,
    desc = "Both came after the push, and saw what is in the node.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The node was seen, but not what is in it.")
@State
public class NodeContentsPublished {

  private final ConcurrentLongStack stack =
      new ConcurrentLongStack(
          new RingAllocator(), ReclamationDomain.builder().slots(1).bagCapacity(1).build());

  /** Who pushes. */
  @Actor
  public void push() {
    stack.push(77);
  }

  /** Who looks. */
  @Actor
  public void look(JJ_Result r) {
    r.r1 = stack.peek(0);
    r.r2 = stack.pop(0);
  }
}
