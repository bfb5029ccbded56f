package io.caisson.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the races under jcstress and reads its report. */
final class RacePart {

  private static final Pattern RESULT = Pattern.compile("\\.* ?\\[([A-Z ]+)\\] (io\\.caisson\\S+)");
  private static final Pattern PROGRESS = Pattern.compile("\\(Results: (\\d+ planned; .*)\\)");
  private static final String REPORT = "RUN RESULTS:";
  private static final String CANARY = ".canary.";

  private final Plan plan;
  private final Tally tally;

  /** The output until the report, for when none comes. */
  private final List<String> before = new ArrayList<>();

  /** By test: what the report says of it, and its heading. */
  private final Map<String, List<String>> report = new TreeMap<>();

  private String heading = "";
  private boolean inReport;

  RacePart(Plan plan, Tally tally) {
    this.plan = plan;
    this.tally = tally;
  }

  static void run(Plan plan, Tally tally) {
    tally.begin("races (jcstress)");
    new RacePart(plan, tally).run();
  }

  private void run() {
    Path directory = plan.home().resolve("target/jcstress-run");
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Child.run(directory, command(), this::read);
    finish();
  }

  /** Counts what was read. */
  void finish() {
    if (report.isEmpty()) {
      tally.fail("jcstress", before, "./caisson stress --races");
    }
    report.forEach(this::count);
  }

  private List<String> command() {
    return ChildCommands.races(
        ChildCommands.NOTHING, plan.home(), plan.thorough(), plan.only().pattern());
  }

  void read(String line) {
    if (line.equals(REPORT)) {
      inReport = true;
      return;
    }
    if (!inReport) {
      before.add(line);
      Matcher progress = PROGRESS.matcher(line);
      if (progress.matches()) {
        tally.begin(progress.group(1));
      }
      return;
    }
    Matcher result = RESULT.matcher(line);
    if (result.matches()) {
      heading = result.group(2);
      report.computeIfAbsent(heading, name -> new ArrayList<>()).add(result.group(1));
    } else if (!heading.isEmpty() && !line.isBlank()) {
      report.getOrDefault(heading, new ArrayList<>()).add(line.strip());
    }
  }

  private void count(String test, List<String> lines) {
    String name = test.substring(test.lastIndexOf('.') + 1);
    String repeat = "./caisson stress --races --only " + name;
    String grade = lines.getFirst();
    if (test.contains(CANARY)) {
      if (grade.equals("FAILED")) {
        tally.caught(name);
      } else {
        tally.miss(name, lines, repeat);
      }
    } else if (grade.equals("OK")) {
      tally.pass(name);
    } else {
      tally.fail(name, lines, repeat);
    }
  }
}
