package io.caisson.stress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs a program in a JVM of its own that prints a word and a name for each of its results. */
final class MainPart {

  private static final int TAIL = 400;

  /** A check keeps one core busy. */
  private static final int LINCHECK_SHARES = 2;

  /** The torture programs that run in checked memory, too. */
  private static final String CHECKED_TOO =
      "^(cell-4x|cell-overflow|longs-4x|bytes-4x|ordered-4x|append-4x|linked-4x|close-stuck"
          + "|mpsc-1x|mpmc-4x|unbounded-4x|ring-many|closing-mpsc|closing-unbounded)$";

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
    List<Runnable> shares = new ArrayList<>();
    for (int share = 0; share < LINCHECK_SHARES; share++) {
      List<String> command =
          ChildCommands.lincheck(
              ChildCommands.NOTHING,
              plan.scenarios(),
              plan.only().pattern(),
              share,
              LINCHECK_SHARES,
              true);
      MainPart part = new MainPart(tally, "./caisson stress --lincheck --only ");
      shares.add(() -> part.run(plan, "Lincheck", command));
    }
    Jobs.run(shares);
  }

  /** Runs the torture programs, on native memory and, for a shorter time, on checked memory. */
  static void runTorture(Plan plan, Tally tally) {
    runTorture(plan, tally, "native", plan.torture(), plan.only().pattern());
    String both = "(?=.*" + CHECKED_TOO + ")(?=.*(" + plan.only().pattern() + "))";
    runTorture(plan, tally, "checked", plan.torture().dividedBy(2), both);
  }

  private static void runTorture(
      Plan plan, Tally tally, String memory, Duration duration, String only) {
    tally.begin("torture in " + memory + " memory, seed " + plan.seed());
    new MainPart(tally, "./caisson stress --torture --seed " + plan.seed() + " --only ")
        .run(
            plan,
            "torture",
            ChildCommands.torture(ChildCommands.NOTHING, memory, plan.seed(), duration, 1, only));
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
