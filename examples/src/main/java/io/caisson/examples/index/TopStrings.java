package io.caisson.examples.index;

import io.caisson.collections.BytesLongTable;
import io.caisson.collections.StringView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Finds the most frequent strings of a table. If fewer are wanted than there are, it keeps no more
 * than that, and makes an object only for a string that is among them when it is met.
 */
final class TopStrings {

  /** A string that is among the most frequent so far; valid while the table is unchanged. */
  private record Candidate(StringView key, long count) {

    static final Comparator<Candidate> ORDER =
        Comparator.comparingLong(Candidate::count).reversed().thenComparing(Candidate::key);

    TopString copy() {
      return new TopString(key.toByteArray(), count);
    }
  }

  /** Passes on strings and how often they occur. */
  interface Strings {
    void forEach(BytesLongTable.EntryConsumer consumer);
  }

  private TopStrings() {}

  /**
   * Returns the most frequent strings of a table, most first, and equally frequent ones in the
   * order of their bytes.
   *
   * @param limit how many at most
   */
  static List<TopString> of(BytesLongTable table, long limit) {
    return of(table::forEach, table.size(), limit);
  }

  /**
   * Does the same for whatever passes on strings.
   *
   * @param strings passes on all of them, whose views stay valid until this returns
   * @param distinct how many there are
   */
  static List<TopString> of(Strings strings, long distinct, long limit) {
    if (limit == 0) {
      return List.of();
    }
    return limit < distinct ? best(strings, limit) : all(strings);
  }

  private static List<TopString> all(Strings source) {
    List<TopString> strings = new ArrayList<>();
    source.forEach((key, count) -> strings.add(new TopString(key.toByteArray(), count)));
    strings.sort(TopString.ORDER);
    return strings;
  }

  private static List<TopString> best(Strings strings, long limit) {
    // The last in order is at the head, to give way.
    PriorityQueue<Candidate> kept = new PriorityQueue<>(Candidate.ORDER.reversed());
    strings.forEach((key, count) -> {
      if (kept.size() < limit) {
        kept.add(new Candidate(key, count));
      } else if (count >= kept.element().count()) {
        kept.add(new Candidate(key, count));
        kept.remove();
      }
    });
    return kept.stream().sorted(Candidate.ORDER).map(Candidate::copy).toList();
  }
}
