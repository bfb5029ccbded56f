package io.caisson.metrics;

import io.caisson.alloc.ByteSize;
import java.util.List;
import java.util.Locale;

/** Text of a page as it grows; whatever comes from outside is escaped here. Not thread-safe. */
final class Html {

  /** What a table has in a cell. */
  record Cell(String text, boolean isNumber, double share, String note) {

    static Cell text(String text) {
      return new Cell(text, false, 0, "");
    }

    static Cell bytes(long byteSize) {
      return new Cell(ByteSize.format(byteSize), true, 0, byteSize + " bytes");
    }

    /** A size with a bar behind it, as long as its share of some whole. */
    static Cell bytes(long byteSize, double share) {
      return new Cell(ByteSize.format(byteSize), true, share, byteSize + " bytes");
    }

    static Cell count(long count) {
      return new Cell(Html.count(count), true, 0, "");
    }
  }

  private final StringBuilder text = new StringBuilder(1 << 16);

  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  static String plural(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /** Returns text as it can stand between tags and in quoted attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** Adds what is HTML already. */
  Html raw(String html) {
    text.append(html);
    return this;
  }

  /** Adds an element that holds text only. */
  Html element(String tag, String content) {
    return raw("<" + tag + ">").raw(escape(content)).raw("</" + tag + ">\n");
  }

  /** Begins a section, which {@link #end} ends. */
  Html section(String id, String title) {
    raw("<section id=\"" + id + "\">\n");
    return element("h2", title);
  }

  Html end() {
    return raw("</section>\n");
  }

  Html note(String content) {
    return raw("<p class=\"note\">").raw(escape(content)).raw("</p>\n");
  }

  /** Adds a table; rows have as many cells as there are columns. */
  Html table(List<String> columns, List<List<Cell>> rows) {
    raw("<div class=\"scroll\"><table>\n<thead><tr>");
    for (int i = 0; i < columns.size(); i++) {
      boolean isNumber = !rows.isEmpty() && rows.getFirst().get(i).isNumber;
      raw(isNumber ? "<th class=\"n\">" : "<th>").raw(escape(columns.get(i))).raw("</th>");
    }
    raw("</tr></thead>\n<tbody>\n");
    for (List<Cell> row : rows) {
      raw("<tr>");
      row.forEach(this::cell);
      raw("</tr>\n");
    }
    return raw("</tbody></table></div>\n");
  }

  private void cell(Cell cell) {
    raw("<td");
    if (cell.isNumber) {
      raw(" class=\"n\"");
    }
    if (!cell.note.isEmpty()) {
      raw(" title=\"" + escape(cell.note) + "\"");
    }
    if (cell.share > 0) {
      raw(String.format(Locale.ROOT, " style=\"--bar:%.1f%%\"", 100 * Math.min(1, cell.share)));
    }
    raw(">").raw(escape(cell.text)).raw("</td>");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
