package io.caisson.examples.index;

import java.util.List;

/** The counts of a round, which one or several threads add to. */
interface StringCounts extends AutoCloseable {

  /** Returns what each thread counts with. */
  List<? extends StringCounter> counters();

  /** Returns how many different strings were counted. */
  long distinct();

  /** Releases the counts; closing twice does nothing. */
  @Override
  void close();
}
