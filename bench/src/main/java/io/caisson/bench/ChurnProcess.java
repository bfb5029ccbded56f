package io.caisson.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs one churn pattern on one allocator and prints "NS RSS LIVE [AGAIN]": ns an allocation with
 * its free, by how many bytes the process grew, and how many bytes are live in the end; then, if
 * these can be freed, by how many MiB it grew in eight more runs, half as long.
 *
 * <p>Arguments: ALLOCATOR PATTERN. It warms up on a small part of the pattern, over and over, so
 * that neither the JIT nor the heap grows any more: some patterns take no more than 100 ms, of
 * which the JIT would take half.
 */
final class ChurnProcess {

  private static final long WARM_UP_NANOS = 2_000_000_000L;
  private static final int WARM_UP_FRACTION = 64;
  private static final int REPEATS = 8;

  /** The most that frees all it leaves. */
  private static final int REPEATED_FRACTION = 2;

  private ChurnProcess() {}

  public static void main(String[] arguments) throws IOException {
    String pattern = arguments[1];
    Subject subject = Subject.of(arguments[0]);
    Churn warmUp = new Churn(subject, WARM_UP_FRACTION);
    long started = System.nanoTime();
    do {
      warmUp.run(pattern);
    } while (System.nanoTime() - started < WARM_UP_NANOS);
    long before = residentBytes();
    started = System.nanoTime();
    Churn.Outcome outcome = new Churn(subject, 1).run(pattern);
    double nanos = (double) (System.nanoTime() - started) / outcome.allocations();
    long after = residentBytes();
    System.out.println(
        nanos
            + " "
            + (after - before)
            + " "
            + outcome.liveBytes()
            + again(subject, pattern, after));
    System.out.flush();
    Runtime.getRuntime().halt(0); // blocks are out
  }

  /** Runs the pattern again, with what it leaves freed each time. */
  private static String again(Subject subject, String pattern, long before) throws IOException {
    if (!Churn.REPEATED.contains(pattern)) {
      return "";
    }
    Churn churn = new Churn(subject, REPEATED_FRACTION);
    for (int i = 0; i < REPEATS; i++) {
      churn.run(pattern);
    }
    return " " + (double) (residentBytes() - before) / (1 << 20);
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }
}
