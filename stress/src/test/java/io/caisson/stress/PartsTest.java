package io.caisson.stress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How the reports of the tools are read: what is not said to be right must count as wrong. */
class PartsTest {

  private static final Plan PLAN =
      new Plan(Path.of("."), Pattern.compile(""), false, 1, Duration.ZERO, 1, Duration.ZERO, 1, 1);

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Tally tally =
      new Tally(
          new PrintStream(printed, true, UTF_8), new PrintStream(PrintStream.nullOutputStream()));

  private void assertFinishes(int status, String... lines) {
    assertEquals(status, tally.finish(), this::text);
    assertTrue(text().endsWith(String.join("\n", lines) + "\n"), this::text);
  }

  private String text() {
    return printed.toString(UTF_8);
  }

  private void readRaces(String... lines) {
    RacePart part = new RacePart(PLAN, tally);
    List.of(lines).forEach(part::read);
    part.finish();
  }

  @Test
  void races_rightOnesOkAndCanariesFailed_pass() {
    readRaces(
        "...... [FAILED] io.caisson.stress.race.Right", // before the report: of one mode only
        "RUN RESULTS:",
        "  Failed tests: 1 matching test results.",
        "...... [FAILED] io.caisson.stress.race.canary.Broken",
        "    0, 0  12  1.00%  Forbidden  Lost.",
        ".......... [OK] io.caisson.stress.race.Right");
    assertFinishes(0, "1 passed, 0 failed", "canaries 1/1");
  }

  @Test
  void races_anythingElse_fails() {
    readRaces(
        "RUN RESULTS:",
        "...... [FAILED] io.caisson.stress.race.Wrong",
        "    0, 0  12  1.00%  Forbidden  Lost.",
        "....... [ERROR] io.caisson.stress.race.Crashed",
        "....... [ERROR] io.caisson.stress.race.canary.Crashing",
        ".......... [OK] io.caisson.stress.race.canary.Quiet");
    assertTrue(text().contains("FAILED Wrong"), this::text);
    assertTrue(text().contains("Forbidden  Lost."), this::text);
    assertTrue(text().contains("again: ./caisson stress --races --only Wrong"), this::text);
    assertTrue(text().contains("FAILED Crashed"), this::text);
    assertTrue(text().contains("MISSED canary Quiet"), this::text);
    assertFinishes(1, "0 passed, 2 failed", "canaries 0/2");
  }

  @Test
  void races_noReport_fails() {
    readRaces("Error: Unable to access jarfile");
    assertTrue(text().contains("Unable to access jarfile"), this::text);
    assertFinishes(1, "0 passed, 1 failed", "canaries 0/0");
  }

  @Test
  void model_scenariosAndMutants_areToldApart() {
    ModelPart part = new ModelPart(tally);
    List.of(
            line("ok", "core", "", "safe"),
            line("ok", "core", "advance_by_store", "use after free"),
            line("ok", "limit", "reserve_by_add_and_undo", "safe"),
            line("FAIL", "bags", "sweep_keeps_slot", "safe"),
            line("FAIL", "bags", "", "use after free"),
            "       1  worker0: G is 8",
            "3 passed, 2 failed")
        .forEach(part::read);
    part.flush();
    assertTrue(text().contains("MISSED canary bags sweep_keeps_slot"), this::text);
    assertTrue(text().contains("worker0: G is 8"), this::text);
    assertTrue(text().contains("again: stress/model/run.sh bags\n"), this::text);
    assertFinishes(1, "2 passed, 1 failed", "canaries 1/2");
  }

  private static String line(String verdict, String scenario, String mutant, String finding) {
    return String.format(
        "%-4s %-14s %-24s %-50s %9d states %6.1f s", verdict, scenario, mutant, finding, 7, 0.5);
  }

  @Test
  void tally_nothingRun_isNoSuccess() {
    assertFinishes(1, "0 passed, 0 failed", "canaries 0/0");
  }

  @Test
  void tally_linesOfAChild_areCounted() {
    assertTrue(tally.count("ok A", List.of(), "again "));
    assertTrue(tally.count("caught B", List.of(), "again "));
    assertTrue(!tally.count("okay", List.of(), "again "));
    assertTrue(tally.count("FAILED C", List.of("why"), "again "));
    assertTrue(text().contains("    why\n    again: again C\n"), this::text);
    assertFinishes(1, "1 passed, 1 failed", "canaries 1/1");
  }
}
