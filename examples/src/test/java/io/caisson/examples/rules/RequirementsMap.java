package io.caisson.examples.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Finds what is wrong with a page that says, in tables, which class and test meets a requirement.
 */
final class RequirementsMap {

  private static final String HEADER =
      "| id | what is asked | status | class or file | test, or why not |";
  private static final String RULE = "|---|---|---|---|---|";
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  private enum Status {
    MET,
    OTHERWISE,
    OPEN;

    static boolean isOne(String text) {
      return Arrays.stream(values()).anyMatch(status -> status.text().equals(text));
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private record Row(List<String> ids, String asked, String status, String by, String shown) {

    static Row of(String[] cells) {
      return new Row(
          List.of(cells[1].strip().split(", ")),
          cells[2].strip(),
          cells[3].strip(),
          cells[4].strip(),
          cells[5].strip());
    }

    boolean isMet() {
      return status.equals(Status.MET.text());
    }
  }

  private final String text;
  private final Map<String, Integer> sections;
  private final SourceTree sources;
  private final List<String> violations = new ArrayList<>();

  private RequirementsMap(String text, Map<String, Integer> sections, SourceTree sources) {
    this.text = text;
    this.sections = new TreeMap<>(sections);
    this.sources = sources;
  }

  /**
   * Returns a line for everything that is wrong.
   *
   * @param text the page
   * @param sections the letter of each section, and how many requirements it has
   * @param sources where classes and tests are looked for
   */
  static List<String> violationsIn(String text, Map<String, Integer> sections, SourceTree sources) {
    RequirementsMap map = new RequirementsMap(text, sections, sources);
    map.check();
    return map.violations;
  }

  private void check() {
    List<Row> rows = rows();
    checkIds(rows);
    for (Row row : rows) {
      checkStatus(row);
      checkNames(row);
    }
    checkCounts(rows);
  }

  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("|") && !line.equals(HEADER) && !line.equals(RULE)) {
        String[] cells = line.split("\\|", -1);
        if (cells.length == 7) {
          rows.add(Row.of(cells));
        } else {
          violations.add(line + ": not five cells");
        }
      }
    }
    return rows;
  }

  private void checkIds(List<Row> rows) {
    Set<String> known = new HashSet<>();
    sections.forEach((letter, last) -> {
      for (int number = 1; number <= last; number++) {
        known.add(letter + number);
      }
    });
    Set<String> missing = new HashSet<>(known);
    for (Row row : rows) {
      for (String id : row.ids) {
        if (!known.contains(id)) {
          violations.add(id + ": there is no such requirement");
        } else if (!missing.remove(id)) {
          violations.add(id + ": has two rows");
        }
      }
    }
    missing.stream().sorted().forEach(id -> violations.add(id + ": has no row"));
  }

  private void checkStatus(Row row) {
    if (!Status.isOne(row.status)) {
      violations.add(row.ids + ": unknown status '" + row.status + "'");
    }
    if (row.asked.isEmpty()) {
      violations.add(row.ids + ": does not say what is asked");
    }
    if (row.isMet() && namesIn(row.by).isEmpty()) {
      violations.add(row.ids + ": met by no class");
    }
    if (row.isMet() && namesIn(row.shown).isEmpty() && !row.shown.equals("Javadoc")) {
      violations.add(row.ids + ": met, but no test shows it");
    }
    if (row.shown.isEmpty()) {
      violations.add(row.ids + ": does not say why it is " + row.status);
    }
  }

  private void checkNames(Row row) {
    for (String name : namesIn(row.by)) {
      if (!sources.hasClass(name) && !isFile(name)) {
        violations.add(row.ids + ": there is no class or file " + name);
      }
    }
    for (String name : namesIn(row.shown)) {
      if (!sources.hasTest(name) && !isFile(name)) {
        violations.add(row.ids + ": there is no test " + name);
      }
    }
  }

  /** A name is a file's if it has a slash or a dot in it. */
  private boolean isFile(String name) {
    return (name.contains("/") || name.contains(".")) && sources.hasFile(name);
  }

  private static List<String> namesIn(String cell) {
    return NAME.matcher(cell).results().map((MatchResult found) -> found.group(1)).toList();
  }

  private void checkCounts(List<Row> rows) {
    Map<Status, Integer> counts = new EnumMap<>(Status.class);
    for (Status status : Status.values()) {
      counts.put(
          status,
          rows.stream()
              .filter(row -> row.status.equals(status.text()))
              .mapToInt(row -> row.ids.size())
              .sum());
    }
    String expected =
        "%d met, %d otherwise, %d open"
            .formatted(
                counts.get(Status.MET), counts.get(Status.OTHERWISE), counts.get(Status.OPEN));
    if (!text.contains(" " + expected + ".")) {
      violations.add("the head does not say: " + expected);
    }
  }
}
