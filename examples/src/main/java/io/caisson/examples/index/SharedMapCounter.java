package io.caisson.examples.index;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The baseline of several threads: counts in a {@link ConcurrentHashMap} that they share. */
final class SharedMapCounter implements StringCounter {

  private final ConcurrentHashMap<String, AtomicLong> counts;
  private final HeapText text = new HeapText();
  private long strings;

  SharedMapCounter(ConcurrentHashMap<String, AtomicLong> counts) {
    this.counts = counts;
  }

  @Override
  public void count(MemorySegment source, long offset, long byteSize) {
    strings++;
    String key = text.of(source, (int) offset, (int) byteSize);
    AtomicLong count = counts.get(key);
    if (count == null) {
      count = counts.computeIfAbsent(key, absent -> new AtomicLong());
    }
    count.incrementAndGet();
  }

  @Override
  public long strings() {
    return strings;
  }

  @Override
  public long distinct() {
    return counts.size();
  }

  @Override
  public void close() {
    counts.clear();
  }
}
