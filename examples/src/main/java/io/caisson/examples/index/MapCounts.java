package io.caisson.examples.index;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** The counts of the baseline. */
final class MapCounts implements StringCounts {

  private final List<? extends StringCounter> counters;

  private MapCounts(List<? extends StringCounter> counters) {
    this.counters = counters;
  }

  /** Creates a {@code HashMap} for one thread, or a {@code ConcurrentHashMap} for several. */
  static MapCounts open(int threads) {
    if (threads == 1) {
      return new MapCounts(List.of(new MapCounter()));
    }
    ConcurrentHashMap<String, AtomicLong> map = new ConcurrentHashMap<>();
    return new MapCounts(Stream.generate(() -> new SharedMapCounter(map)).limit(threads).toList());
  }

  /** Returns what counts in a map of so many threads. */
  static String name(int threads) {
    return threads == 1 ? "HashMap" : "ConcurrentHashMap";
  }

  @Override
  public List<? extends StringCounter> counters() {
    return counters;
  }

  @Override
  public long distinct() {
    return counters.getFirst().distinct();
  }

  @Override
  public void close() {
    counters.forEach(StringCounter::close);
  }
}
