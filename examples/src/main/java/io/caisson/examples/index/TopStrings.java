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

  private TopStrings() {}

  /**
   * Returns the most frequent strings of a table, most first, and equally frequent ones in the
   * order of their bytes.
   *
   * @param limit how many at most
   */
  static List<TopString> of(BytesLongTable table, long limit) {
    if (limit == 0) {
      return List.of();
    }
    return limit < table.size() ? best(table, limit) : all(table);
  }

  private static List<TopString> all(BytesLongTable table) {
    List<TopString> strings = new ArrayList<>();
    BytesLongTable.Cursor cursor = table.cursor();
    while (cursor.next()) {
      strings.add(new TopString(cursor.key().toByteArray(), cursor.value()));
    }
    strings.sort(TopString.ORDER);
    return strings;
  }

  private static List<TopString> best(BytesLongTable table, long limit) {
    // The last in order is at the head, to give way.
    PriorityQueue<Candidate> kept = new PriorityQueue<>(Candidate.ORDER.reversed());
    BytesLongTable.Cursor cursor = table.cursor();
    while (cursor.next()) {
      if (kept.size() < limit) {
        kept.add(new Candidate(cursor.key(), cursor.value()));
      } else if (cursor.value() >= kept.element().count()) {
        kept.add(new Candidate(cursor.key(), cursor.value()));
        kept.remove();
      }
    }
    return kept.stream().sorted(Candidate.ORDER).map(Candidate::copy).toList();
  }
}
