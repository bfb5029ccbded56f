package io.caisson.stress.check;

import java.util.regex.Pattern;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Runs Lincheck on every {@link Subject}, or on some; needs simulated memory.
 *
 * <p>Arguments: the number of scenarios for each subject, and a pattern of names. It prints a line
 * for each subject, {@code ok}, {@code FAILED}, {@code caught} or {@code MISSED} and its name, and
 * the report of Lincheck before a line in capitals.
 */
public final class CheckMain {

  private static final int SCHEDULES = 1000;

  /** An access is one step, and its look at the state of the block is part of it. */
  private static final String[] ATOMIC = {
    "io.caisson.alloc.internal.SimulatedMemory", "io.caisson.testkit.SimulatedAllocator"
  };

  private CheckMain() {}

  /** Runs the checks. */
  public static void main(String[] arguments) {
    int scenarios = Integer.parseInt(arguments[0]);
    Pattern only = Pattern.compile(arguments[1]);
    for (Subject subject : Subject.ALL) {
      if (only.matcher(subject.name()).find()) {
        System.out.println(check(subject, scenarios) + " " + subject.name());
      }
    }
  }

  private static String check(Subject subject, int scenarios) {
    String report = report(subject, scenarios);
    String bug = subject.bug();
    boolean asExpected = bug == null ? report.isEmpty() : report.contains(bug);
    if (!asExpected) {
      System.out.println(report.isEmpty() ? "Lincheck found nothing" : report);
    }
    if (bug == null) {
      return asExpected ? "ok" : "FAILED";
    }
    return asExpected ? "caught" : "MISSED";
  }

  /** Returns what Lincheck found, or nothing. */
  private static String report(Subject subject, int scenarios) {
    ModelCheckingOptions options =
        new ModelCheckingOptions()
            .iterations(Math.max(1, scenarios / subject.cost()))
            .invocationsPerIteration(SCHEDULES)
            .threads(2)
            .actorsPerThread(3)
            .minimizeFailedScenario(!subject.isCanary())
            .addGuarantee(
                ManagedStrategyGuaranteeKt.forClasses(ATOMIC).allMethods().treatAsAtomic());
    try {
      options.check(subject.type());
      return "";
    } catch (LincheckAssertionError found) {
      return String.valueOf(found.getMessage());
    }
  }
}
