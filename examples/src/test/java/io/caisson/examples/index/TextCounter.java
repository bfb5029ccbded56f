package io.caisson.examples.index;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/** Counts as simply as can be, to be compared with; a byte is a character. */
final class TextCounter implements StringCounter {

  private final Map<String, Integer> counts = new TreeMap<>();

  /** What counting each of some strings of bytes would give. */
  static Map<String, Integer> counts(Iterable<byte[]> strings) {
    TextCounter counter = new TextCounter();
    strings.forEach(s -> counter.count(MemorySegment.ofArray(s), 0, s.length));
    return counter.counts();
  }

  @Override
  public void count(MemorySegment source, long offset, long byteSize) {
    byte[] bytes = source.asSlice(offset, byteSize).toArray(JAVA_BYTE);
    counts.merge(new String(bytes, ISO_8859_1), 1, Integer::sum);
  }

  Map<String, Integer> counts() {
    return counts;
  }

  @Override
  public long strings() {
    return counts.values().stream().mapToInt(n -> n).sum();
  }

  @Override
  public long distinct() {
    return counts.size();
  }

  @Override
  public void close() {}
}
