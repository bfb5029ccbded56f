package io.caisson.stress;

import java.util.ArrayList;
import java.util.List;

/** Runs a program in a JVM of its own that prints a word and a name for each of its results. */
final class MainPart {

  private static final int TAIL = 400;

  private final Tally tally;
  private final String repeat;

  /** What it said since the last result, as far as it is to be shown. */
  private final List<String> details = new ArrayList<>();

  private MainPart(Tally tally, String repeat) {
    this.tally = tally;
    this.repeat = repeat;
  }

  /** Runs Lincheck. */
  static void runChecks(Plan plan, Tally tally) {
    tally.begin("model checks (Lincheck)");
    new MainPart(tally, "./caisson stress --lincheck --only ")
        .run(
            plan,
            "Lincheck",
            Child.java(
                "-Dcaisson.memory=simulated",
                "-XX:+EnableDynamicAgentLoading", // Lincheck attaches its agent to itself
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "io.caisson.stress.check.CheckMain",
                Integer.toString(plan.scenarios()),
                plan.only().pattern()));
  }

  /** Runs the torture programs. */
  static void runTorture(Plan plan, Tally tally) {
    tally.begin("torture, seed " + plan.seed());
    new MainPart(tally, "./caisson stress --torture --seed " + plan.seed() + " --only ")
        .run(
            plan,
            "torture",
            Child.java(
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.caisson.stress.torture.TortureMain",
                Long.toString(plan.seed()),
                Long.toString(plan.torture().toMillis()),
                plan.only().pattern()));
  }

  private void run(Plan plan, String name, List<String> command) {
    int status = Child.run(plan.home(), command, this::read);
    if (status != 0) {
      details.add("exit status " + status);
      tally.fail(name, details, String.join(" ", command));
    }
  }

  private void read(String line) {
    if (tally.count(line, details, repeat)) {
      details.clear();
    } else if (details.size() < TAIL) {
      details.add(line);
    }
  }
}
