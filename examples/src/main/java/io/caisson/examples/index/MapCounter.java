package io.caisson.examples.index;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;

/**
 * The baseline: counts in a {@link HashMap}, as one would write it without Caisson.
 *
 * <p>Its source is on the heap, so that the JDK's own decoder, which is fastest there, makes the
 * keys; a known string costs one lookup, for its counter is changed in place.
 */
final class MapCounter implements StringCounter {

  /** A count that is changed in place. */
  private static final class Counter {
    long value;
  }

  private final HashMap<String, Counter> counts = new HashMap<>();
  private final HeapText text = new HeapText();
  private long strings;

  @Override
  public void count(MemorySegment source, long offset, long byteSize) {
    strings++;
    String key = text.of(source, (int) offset, (int) byteSize);
    Counter counter = counts.get(key);
    if (counter == null) {
      counter = new Counter();
      counts.put(key, counter);
    }
    counter.value++;
  }

  @Override
  public long strings() {
    return strings;
  }

  @Override
  public long distinct() {
    return counts.size();
  }

  /** Returns the count of a string, in the form that {@link InjectiveUtf8} gives it. */
  long get(String text) {
    Counter counter = counts.get(text);
    return counter == null ? 0 : counter.value;
  }

  @Override
  public void close() {
    counts.clear();
  }
}
