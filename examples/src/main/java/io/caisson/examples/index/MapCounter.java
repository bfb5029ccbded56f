package io.caisson.examples.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;

/**
 * The baseline: counts in a {@link HashMap}, as one would write it without Caisson.
 *
 * <p>Its source is on the heap, so that the JDK's own decoder, which is fastest there, makes the
 * keys; a known string costs one lookup, for its counter is changed in place.
 */
final class MapCounter implements StringCounter {

  private static final char REPLACEMENT = '\uFFFD';

  /** A count that is changed in place. */
  private static final class Counter {
    long value;
  }

  private final HashMap<String, Counter> counts = new HashMap<>();
  private @Nullable MemorySegment source;
  private byte[] bytes = {};
  private long strings;

  @Override
  @SuppressWarnings("MemorySegmentReferenceEquality") // a segment that is the same needs no look
  public void count(MemorySegment source, long offset, long byteSize) {
    if (source != this.source) {
      this.source = source;
      bytes = (byte[]) source.heapBase().orElseThrow();
    }
    strings++;
    String text = text((int) offset, (int) byteSize);
    Counter counter = counts.get(text);
    if (counter == null) {
      counter = new Counter();
      counts.put(text, counter);
    }
    counter.value++;
  }

  private String text(int offset, int byteSize) {
    String text = new String(bytes, offset, byteSize, UTF_8);
    // A string without other than Latin-1 characters answers this without a look at them.
    return text.indexOf(REPLACEMENT) < 0 ? text : InjectiveUtf8.decode(bytes, offset, byteSize);
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
