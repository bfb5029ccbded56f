package io.caisson.stress.torture;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Runs every torture program, or some.
 *
 * <p>Arguments: a seed, for how many milliseconds each works, in how many rounds at most, each
 * twice as long as the one before, and a pattern of names. It prints a line for each, {@code ok},
 * {@code FAILED}, {@code caught} or {@code MISSED} and its name, and what is wrong before a line in
 * capitals.
 */
public final class TortureMain {

  /** What is broken is seen at once, or after long, on a machine that is busy. */
  static final int ROUNDS_OF_CANARIES = 6;

  /** The first round of a canary is as much shorter. */
  private static final int CANARY_DIVISOR = 4;

  /** How much longer than it should a program may take, on a machine that is busy. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private TortureMain() {}

  /** Runs the programs. */
  public static void main(String[] arguments) {
    long seed = Long.parseLong(arguments[0]);
    Duration duration = Duration.ofMillis(Long.parseLong(arguments[1]));
    int rounds = Integer.parseInt(arguments[2]);
    Pattern only = Pattern.compile(arguments[3]);
    for (Programs.Program program : Programs.ALL) {
      if (only.matcher(program.name()).find()) {
        System.out.println(
            program.canary()
                ? run(program, seed, duration.dividedBy(CANARY_DIVISOR), ROUNDS_OF_CANARIES)
                : run(program, seed, duration, rounds));
      }
    }
  }

  /** A program that does not end fails, and nothing can be run after it. */
  private static Thread watch(Programs.Program program, Duration duration) {
    Duration longest = duration.plus(GRACE);
    return Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            Thread.sleep(longest);
          } catch (InterruptedException e) {
            return; // it has ended
          }
          Thread.getAllStackTraces()
              .forEach((thread, stack) -> System.out.println(thread + " " + List.of(stack)));
          System.out.println("FAILED " + program.name());
          Runtime.getRuntime().halt(1);
        });
  }

  private static String run(Programs.Program program, long seed, Duration first, int rounds) {
    boolean right = true;
    Duration duration = first;
    for (int round = 0; round < rounds && right; round++) {
      Thread watchdog = watch(program, duration);
      right = isRight(program, seed + round, duration);
      watchdog.interrupt();
      duration = duration.multipliedBy(2);
    }
    String verdict = program.canary() ? (right ? "MISSED" : "caught") : right ? "ok" : "FAILED";
    return verdict + " " + program.name();
  }

  private static boolean isRight(Programs.Program program, long seed, Duration duration) {
    try {
      program.torture().run(seed, duration);
      return true;
    } catch (Exception | AssertionError e) {
      if (!program.canary()) {
        e.printStackTrace(System.out);
      }
      return false;
    }
  }
}
