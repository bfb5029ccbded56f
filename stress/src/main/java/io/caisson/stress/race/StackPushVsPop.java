package io.caisson.stress.race;

import io.caisson.collections.ConcurrentLongStack;
import io.caisson.smr.ReclamationDomain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A pop stalls while others pop, and push nodes that may be at the same addresses. */
@JCStressTest
@Outcome(
    id = "3, 7, 0",
    expect = Expect.ACCEPTABLE,
    desc = "Each number was popped once, and every node freed.")
@Outcome(
    expect = Expect.FORBIDDEN,
    desc = "ABA: a number was lost or came twice; or a node was lost.")
@State
public class StackPushVsPop {

  private final RingAllocator allocator = new RingAllocator();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentLongStack stack = new ConcurrentLongStack(allocator, domain);
  private long mine;
  private long first;
  private long second;

  /** Two numbers to begin with. */
  public StackPushVsPop() {
    stack.push(1);
    stack.push(2);
  }

  /** Who may be mistaken about the top. */
  @Actor
  public void pop() {
    mine = stack.pop(0);
  }

  /** Who empties the stack, and pushes when the nodes may be free again. */
  @Actor
  public void reuse() {
    first = stack.pop(0);
    second = stack.pop(0);
    domain.drain();
    stack.push(4);
  }

  /** Pops the rest: how many numbers there were, their sum, and how many nodes are out. */
  @Arbiter
  public void count(III_Result r) {
    add(r, mine);
    add(r, first);
    add(r, second);
    for (long rest = stack.pop(0); rest != 0 && r.r1 < 9; rest = stack.pop(0)) {
      add(r, rest);
    }
    domain.drain();
    r.r3 = allocator.live();
  }

  private static void add(III_Result r, long number) {
    r.r1 += number == 0 ? 0 : 1;
    r.r2 += (int) number;
  }
}
