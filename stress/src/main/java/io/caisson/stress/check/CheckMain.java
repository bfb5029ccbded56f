package io.caisson.stress.check;

import java.util.regex.Pattern;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Runs Lincheck on every {@link Subject}, or on some; needs simulated memory.
 *
 * <p>Arguments: the number of scenarios for each subject, a pattern of names, which of those are
 * this process's and how many processes share them, and {@code explain} or {@code hurry}: whether
 * to look for the least scenario that fails. It prints a line for each subject, {@code ok}, {@code
 * FAILED}, {@code caught} or {@code MISSED} and its name, and the report of Lincheck before a line
 * in capitals.
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
    int share = Integer.parseInt(arguments[2]);
    int shares = Integer.parseInt(arguments[3]);
    boolean explain = arguments[4].equals("explain");
    int number = 0;
    for (Subject subject : Subject.ALL) {
      if (only.matcher(subject.name()).find() && number++ % shares == share) {
        System.out.println(check(subject, scenarios, explain) + " " + subject.name());
      }
    }
  }

  private static String check(Subject subject, int scenarios, boolean explain) {
    String report = report(subject, scenarios, explain && !subject.isCanary());
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
  private static String report(Subject subject, int scenarios, boolean explain) {
    ModelCheckingOptions options =
        new ModelCheckingOptions()
            .iterations(Math.max(1, scenarios / subject.cost()))
            .invocationsPerIteration(SCHEDULES)
            .threads(2)
            .actorsPerThread(3)
            .minimizeFailedScenario(explain)
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
