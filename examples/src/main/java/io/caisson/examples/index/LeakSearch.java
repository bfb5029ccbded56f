package io.caisson.examples.index;

import io.caisson.alloc.LeakLevel;
import java.util.Arrays;
import java.util.Locale;

/** Whether to look for blocks of the table that nobody frees, and how closely. */
enum LeakSearch {
  OFF(LeakLevel.DISABLED),
  SAMPLED(LeakLevel.ADVANCED),
  FULL(LeakLevel.PARANOID);

  final LeakLevel level;

  LeakSearch(LeakLevel level) {
    this.level = level;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the search of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static LeakSearch of(String name) {
    return Arrays.stream(values())
        .filter(search -> search.toString().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown leak search '" + name + "'; expected off, sampled or full"));
  }
}
