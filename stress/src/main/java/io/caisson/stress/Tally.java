package io.caisson.stress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * Counts what passed and which canaries were caught, and prints what is wrong. Thread-safe: parts
 * have several processes at work.
 */
final class Tally {

  private final PrintStream out;
  private final PrintStream progress;
  private int passed;
  private int failed;
  private int canaries;
  private int canariesCaught;

  /**
   * Creates a tally of nothing.
   *
   * @param out where failures and the result go
   * @param progress where a line for each result goes while the work goes on
   */
  Tally(PrintStream out, PrintStream progress) {
    this.out = out;
    this.progress = progress;
  }

  /** Says what is being done from now on. */
  synchronized void begin(String what) {
    progress.println("stress: " + what);
  }

  /** Counts something that is right. */
  synchronized void pass(String name) {
    passed++;
    progress.println("  ok      " + name);
  }

  /**
   * Counts something that is wrong.
   *
   * @param details what was seen
   * @param repeat the command that does it again
   */
  synchronized void fail(String name, List<String> details, String repeat) {
    failed++;
    progress.println("  FAILED  " + name);
    explain("FAILED " + name, details, repeat);
  }

  /** Counts a canary that was caught. */
  synchronized void caught(String name) {
    canaries++;
    canariesCaught++;
    progress.println("  caught  " + name);
  }

  /**
   * Counts a canary that was not caught: whatever else passed proves nothing.
   *
   * @param details what was seen
   * @param repeat the command that does it again
   */
  synchronized void miss(String name, List<String> details, String repeat) {
    canaries++;
    progress.println("  MISSED  " + name);
    explain("MISSED canary " + name, details, repeat);
  }

  private void explain(String what, List<String> details, String repeat) {
    out.println(what);
    details.forEach(line -> out.println("    " + line));
    out.println("    again: " + repeat);
    out.println();
  }

  /** Counts a result that a child printed as a word and a name; says whether it was one. */
  boolean count(String line, List<String> details, String repeat) {
    int space = line.indexOf(' ');
    String name = line.substring(space + 1);
    switch (space < 0 ? "" : line.substring(0, space)) {
      case "ok" -> pass(name);
      case "caught" -> caught(name);
      case "FAILED" -> fail(name, details, repeat + name);
      case "MISSED" -> miss(name, details, repeat + name);
      default -> {
        return false;
      }
    }
    return true;
  }

  synchronized int results() {
    return passed + failed + canaries;
  }

  /** Says how long a part took that had some results. */
  synchronized void took(String part, int results, Duration time) {
    out.printf("%-8s %3d results in %3d s%n", part, results, time.toSeconds());
  }

  /** Prints the result, and returns the exit status: 0 if all is as it should be. */
  synchronized int finish() {
    out.println(passed + " passed, " + failed + " failed");
    out.println("canaries " + canariesCaught + "/" + canaries);
    return failed == 0 && canariesCaught == canaries && passed > 0 ? 0 : 1;
  }
}
