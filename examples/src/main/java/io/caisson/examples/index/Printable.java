package io.caisson.examples.index;

/** Makes text fit for one line of a terminal. */
final class Printable {

  private Printable() {}

  /** Returns the text with an escape for each control, format and line-breaking character. */
  static String of(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints().forEach(c -> append(line, c));
    return line.toString();
  }

  private static void append(StringBuilder line, int codePoint) {
    switch (codePoint) {
      case '\n' -> line.append("\\n");
      case '\r' -> line.append("\\r");
      case '\t' -> line.append("\\t");
      case '\\' -> line.append("\\\\");
      default -> {
        if (isHarmless(codePoint)) {
          line.appendCodePoint(codePoint);
        } else {
          line.append(String.format(codePoint <= 0xFFFF ? "\\u%04x" : "\\U%08x", codePoint));
        }
      }
    }
  }

  private static boolean isHarmless(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /** Returns the text cut off, with an ellipsis, after so many characters. */
  static String shortened(String text, int characters) {
    return text.length() <= characters ? text : text.substring(0, characters - 1) + "…";
  }
}
