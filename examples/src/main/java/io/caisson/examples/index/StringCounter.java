package io.caisson.examples.index;

import java.lang.foreign.MemorySegment;

/** Counts how often each string occurs, a string being a run of bytes. Not thread-safe. */
interface StringCounter extends AutoCloseable {

  /** Counts one occurrence of the string in {@code [offset, offset + byteSize)} of the source. */
  void count(MemorySegment source, long offset, long byteSize);

  /** Returns how many occurrences were counted. */
  long strings();

  /** Returns how many different strings were counted. */
  long distinct();

  /** Releases the counts; closing twice does nothing. */
  @Override
  void close();
}
