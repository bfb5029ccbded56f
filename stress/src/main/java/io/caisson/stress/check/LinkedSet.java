package io.caisson.stress.check;

import io.caisson.collections.ConcurrentLongLinkedSet;
import io.caisson.smr.DomainStats;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.SimulatedAllocator;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** The linked set of four values, on a domain of two slots with small bags. */
public class LinkedSet {

  private final SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(2).build();
  private final ConcurrentLongLinkedSet set = new ConcurrentLongLinkedSet(allocator, domain);

  /** Creates a set with two values. */
  public LinkedSet() {
    set.add(1);
    set.add(2);
  }

  /** Adds. */
  @Operation
  public boolean add(long value) {
    return set.add(value & 3);
  }

  /** Removes. */
  @Operation
  public boolean remove(long value) {
    return set.remove(value & 3);
  }

  /** Looks for a value. */
  @Operation
  public boolean contains(long value) {
    return set.contains(value & 3);
  }

  /** Looks for the smallest. */
  @Operation
  public long first() {
    return set.first(-1);
  }

  /** What is out is in the set, beside its first node, once what was retired is freed. */
  @Validate
  public void requireNoLeak() {
    boolean drained = domain.drain();
    DomainStats stats = domain.stats();
    long size = set.size();
    if (!drained || stats.chargedBytes() != 0 || allocator.liveBlocks() != size + 1) {
      throw new IllegalStateException(
          "leaked: "
              + allocator.liveBlocks()
              + " blocks are out, "
              + size
              + " values in the set; "
              + stats);
    }
  }
}
