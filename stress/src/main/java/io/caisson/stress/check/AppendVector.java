package io.caisson.stress.check;

import io.caisson.collections.ConcurrentLongVector;
import io.caisson.smr.ReclamationDomain;
import io.caisson.testkit.SimulatedAllocator;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * The append vector, whose size may leave out an append that has returned: so the operations say
 * whether what they see is right, which is true in any order, and only the first element, a
 * counter, must be linearizable.
 */
public class AppendVector {

  private static final long VALUE = 1L << 40;

  private final SimulatedAllocator allocator = SimulatedAllocator.inFreshWorld();
  private final ReclamationDomain domain =
      ReclamationDomain.builder().slots(2).bagCapacity(1).build();
  private final ConcurrentLongVector vector = new ConcurrentLongVector(allocator, domain);
  private final AtomicInteger appended = new AtomicInteger();

  /** Creates a vector with a segment that has room for one more element. */
  public AppendVector() {
    vector.add(0);
    for (int i = 0; i < 6; i++) {
      appendNext();
    }
  }

  /** Appends a value, which is found at once. */
  @Operation
  public boolean append() {
    return appendNext();
  }

  private boolean appendNext() {
    long value = VALUE + appended.getAndIncrement();
    return vector.get(vector.add(value)) == value;
  }

  /** Appends two values, which lie side by side. */
  @Operation
  public boolean appendTwo() {
    long value = VALUE + appended.getAndAdd(2);
    long first = vector.addAll(new long[] {value, value + 1}, 0, 2);
    return vector.get(first) == value && vector.get(first + 1) == value + 1;
  }

  /** Looks at the last of those that are counted, which is there, and counts again. */
  @Operation
  public boolean look() {
    long size = vector.size();
    return vector.get(size - 1) >= VALUE && vector.size() >= size;
  }

  /** Adds to the counter. */
  @Operation
  public long getAndAdd(long delta) {
    return vector.getAndAdd(0, delta);
  }

  /** Replaces the counter. */
  @Operation
  public boolean compareAndSet(long expected, long value) {
    return vector.compareAndSet(0, expected, value);
  }

  /** Each value is there, once, and no segment beside those that it takes. */
  @Validate
  public void requireAll() {
    long[] sum = {0};
    vector.forEach(value -> sum[0] += value);
    sum[0] -= vector.get(0);
    long values = appended.get();
    long expected = VALUE * values + values * (values - 1) / 2;
    long segments = vector.size() <= 8 ? 1 : 2;
    if (vector.size() != values + 1
        || sum[0] != expected
        || allocator.liveBlocks() > 2
        || allocator.liveBlocks() < segments) {
      throw new IllegalStateException(
          vector.size()
              + " elements of "
              + (values + 1)
              + ", "
              + allocator.liveBlocks()
              + " segments");
    }
  }
}
