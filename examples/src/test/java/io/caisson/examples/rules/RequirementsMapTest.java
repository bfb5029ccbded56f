package io.caisson.examples.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Holds the map of requirements to the sources. */
class RequirementsMapTest {

  /** How many requirements each document has. */
  private static final Map<String, Integer> SECTIONS =
      Map.of("A", 121, "B", 80, "C", 58, "D", 25, "E", 74);

  private static final String COUNTS = "the head does not say: %d met, %d otherwise, %d open";

  private static SourceTree sources;

  @BeforeAll
  static void readNames() throws IOException {
    sources = new SourceTree(Path.of(".."));
  }

  @Test
  void map_everyRequirement_isMetByWhatThereIs() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "requirements.md"));
    List<String> violations = RequirementsMap.violationsIn(page, SECTIONS, sources);
    assertTrue(violations.isEmpty(), () -> String.join("\n", violations));
  }

  /** A small map with one thing wrong at a time, which must be found, and nothing else. */
  @Nested
  class Canaries {

    private static final String RIGHT =
        """
        Of 5: 3 met, 1 otherwise, 1 open.

        | id | what is asked | status | class or file | test, or why not |
        |---|---|---|---|---|
        | X1, X2 | zero | met | `Allocator`, `README.md` | `AllocatorContract#free_null_doesNothing` |
        | X3 | words | met | `Owned` | Javadoc |
        | Y1 | a segment each | otherwise | – | `docs/decisions/001-one-address-space.md` |
        | Y2 | the moon | open | – | a rocket |
        """;

    private static void assertFound(String right, String wrong, String... violations) {
      assertTrue(RIGHT.contains(right), right);
      assertEquals(
          List.of(violations),
          RequirementsMap.violationsIn(
              RIGHT.replace(right, wrong), Map.of("X", 3, "Y", 2), sources));
    }

    @Test
    void nothingWrong_passes() {
      assertFound("", "");
    }

    @Test
    void missingId_isFound() {
      assertFound("X1, X2 | zero", "X1 | zero", "X2: has no row", COUNTS.formatted(2, 1, 1));
      assertFound(
          "| Y2 | the moon | open | – | a rocket |\n",
          "",
          "Y2: has no row",
          COUNTS.formatted(3, 1, 0));
    }

    @Test
    void doubledOrUnknownId_isFound() {
      assertFound("X1, X2", "X1, X1", "X1: has two rows", "X2: has no row");
      assertFound("| Y2", "| Y1", "Y1: has two rows", "Y2: has no row");
      assertFound("| Y2", "| Y3", "Y3: there is no such requirement", "Y2: has no row");
    }

    @Test
    void unknownStatus_isFound() {
      assertFound("| open", "| soon", "[Y2]: unknown status 'soon'", COUNTS.formatted(3, 1, 0));
    }

    @Test
    void unknownClassOrFile_isFound() {
      assertFound("`Owned`", "`Disowned`", "[X3]: there is no class or file Disowned");
      assertFound("`Owned`", "`OwnedBlockTest`", "[X3]: there is no class or file OwnedBlockTest");
      assertFound("README.md", "README.txt", "[X1, X2]: there is no class or file README.txt");
      assertFound(
          "001-one", "001-two", "[Y1]: there is no test docs/decisions/001-two-address-space.md");
    }

    @Test
    void unknownTest_isFound() {
      assertFound(
          "#free_null_doesNothing",
          "#free_null_doesMuch",
          "[X1, X2]: there is no test AllocatorContract#free_null_doesMuch");
      assertFound(
          "AllocatorContract#",
          "AllocatorTreaty#",
          "[X1, X2]: there is no test AllocatorTreaty#free_null_doesNothing");
    }

    @Test
    void unfinishedRow_isFound() {
      assertFound("Javadoc", "surely", "[X3]: met, but no test shows it");
      assertFound("`Owned`", "–", "[X3]: met by no class");
      assertFound("a rocket", "", "[Y2]: does not say why it is open");
      assertFound("the moon", "", "[Y2]: does not say what is asked");
      assertFound(
          "| the moon ",
          "",
          "| Y2 | open | – | a rocket |: not five cells",
          "Y2: has no row",
          COUNTS.formatted(3, 1, 0));
    }

    @Test
    void wrongCounts_areFound() {
      assertFound("3 met", "4 met", COUNTS.formatted(3, 1, 1));
    }
  }
}
