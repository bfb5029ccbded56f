package io.caisson.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the table of settings to the settings that there are. */
class ConfigurationDocTest {

  private static final Path TABLE = Path.of("..", "docs", "configuration.md");
  private static final Pattern SETTING =
      Pattern.compile("new Setting\\(\\s*\"([^\"]+)\"((?:\\s*,\\s*\"[^\"]+\")*)\\s*\\)");
  private static final Pattern NAME = Pattern.compile("[`\"]([A-Za-z0-9_.-]+)[`\"]");

  /** Those whose names are put together from that of a profile. */
  private static final Map<String, List<String>> BY_PROFILE =
      Map.of(
          "caisson.arena.NAME.hint", List.of("CAISSON_ARENA_HINT_NAME", "GM_ARENA_HINT_NAME"),
          "caisson.arena.NAME.cap", List.of("CAISSON_ARENA_CAP_NAME", "GM_ARENA_CAP_NAME"),
          "caisson.budget.NAME", List.of("CAISSON_BUDGET_NAME", "GM_BUDGET_NAME"));

  private static List<String> names(String text) {
    return NAME.matcher(text).results().map(found -> found.group(1)).toList();
  }

  /** Returns the environment's names of each property in the sources. */
  private static Map<String, List<String>> inSources() throws IOException {
    Map<String, List<String>> settings = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher matcher = SETTING.matcher(Files.readString(file));
        for (MatchResult found : matcher.results().toList()) {
          settings.put(found.group(1), names(found.group(2)));
        }
      }
    }
    return settings;
  }

  private static Map<String, List<String>> inTable() throws IOException {
    Map<String, List<String>> settings = new TreeMap<>();
    for (String line : Files.readAllLines(TABLE)) {
      if (line.startsWith("| `caisson.")) {
        String[] columns = line.split("\\|", -1);
        assertEquals(7, columns.length, line);
        settings.put(names(columns[1]).getFirst(), names(columns[2]));
        assertFalse(columns[4].isBlank(), () -> "no default: " + line);
      }
    }
    return settings;
  }

  @Test
  void table_hasEverySettingAndNoOther() throws IOException {
    Map<String, List<String>> expected = new TreeMap<>(inSources());
    expected.putAll(BY_PROFILE);
    assertTrue(expected.size() > 15, () -> "only " + expected);
    assertEquals(expected, inTable());
  }

  @Test
  void settings_haveAVariableNamedAlike() throws IOException {
    inSources()
        .forEach((property, variables) -> {
          String expected = property.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
          assertEquals(expected, variables.getFirst());
        });
  }

  @Test
  void profiles_areInTheirTable() throws IOException {
    String text = Files.readString(TABLE);
    List<String> missing = new ArrayList<>();
    for (String variable :
        List.of(
            "GM_ARENA_HINT_CACHE_REBUILD",
            "GM_ARENA_CAP_CACHE_REBUILD",
            "GM_ARENA_HINT_ATTR_QUERY",
            "GM_ARENA_CAP_ATTR_QUERY",
            "GM_BUDGET_CACHE_REBUILD",
            "GM_BUDGET_ATTR_QUERY")) {
      if (!text.contains("`" + variable + "`")) {
        missing.add(variable);
      }
    }
    assertEquals(List.of(), missing);
  }

  @Test
  void flightRecorderEvents_areNamed() throws IOException {
    String text = Files.readString(TABLE);
    String jfc = Files.readString(Path.of("src/main/resources/META-INF/jfr/caisson.jfc"));
    Matcher events = Pattern.compile("event name=\"([^\"]+)\"").matcher(jfc);
    int count = 0;
    while (events.find()) {
      String event = events.group(1);
      assertTrue(text.contains("`" + event + "`"), event);
      count++;
    }
    assertEquals(7, count);
  }
}
