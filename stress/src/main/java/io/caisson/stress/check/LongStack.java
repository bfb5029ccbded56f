package io.caisson.stress.check;

import io.caisson.collections.ConcurrentLongStack;
import io.caisson.smr.DomainStats;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** The stack of longs on a domain of two slots, each block in a bag of its own. */
public class LongStack {

  private static final long NODE_SIZE = 16;

  private final SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentLongStack stack = new ConcurrentLongStack(allocator, domain);

  /** Creates a stack that is not empty. */
  public LongStack() {
    stack.push(1);
    stack.push(2);
  }

  /** Pushes. */
  @Operation
  public void push(long value) {
    stack.push(value);
  }

  /** Pops. */
  @Operation
  public long pop() {
    return stack.pop(0);
  }

  /** Looks at the top. */
  @Operation
  public long peek() {
    return stack.peek(0);
  }

  /** Counts. */
  @Operation
  public long size() {
    return stack.size();
  }

  /** What is out is on the stack, once what was retired is freed. */
  @Validate
  public void requireNoLeak() {
    boolean drained = domain.drain();
    DomainStats stats = domain.stats();
    long size = stack.size();
    if (!drained || stats.chargedBytes() != 0 || allocator.liveBlocks() != size) {
      throw new IllegalStateException(
          "leaked: "
              + allocator.liveBlocks()
              + " blocks are out, "
              + size
              + " on the stack; "
              + allocator.liveBytes() / NODE_SIZE
              + " nodes; "
              + stats);
    }
  }
}
