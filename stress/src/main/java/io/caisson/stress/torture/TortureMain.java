package io.caisson.stress.torture;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Runs every torture program, or some.
 *
 * <p>Arguments: a seed, for how many milliseconds each works, and a pattern of names. It prints a
 * line for each, {@code ok}, {@code FAILED}, {@code caught} or {@code MISSED} and its name, and
 * what is wrong before a line in capitals.
 */
public final class TortureMain {

  /** A canary has as many times as long, on a machine that is busy. */
  private static final int CANARY_TRIES = 10;

  private TortureMain() {}

  /** Runs the programs. */
  public static void main(String[] arguments) {
    long seed = Long.parseLong(arguments[0]);
    Duration duration = Duration.ofMillis(Long.parseLong(arguments[1]));
    Pattern only = Pattern.compile(arguments[2]);
    for (Programs.Program program : Programs.ALL) {
      if (only.matcher(program.name()).find()) {
        System.out.println(run(program, seed, duration) + " " + program.name());
      }
    }
  }

  private static String run(Programs.Program program, long seed, Duration duration) {
    try {
      for (int i = 0; i < (program.canary() ? CANARY_TRIES : 1); i++) {
        program.torture().run(seed + i, duration);
      }
    } catch (Exception | AssertionError e) {
      if (program.canary()) {
        return "caught";
      }
      e.printStackTrace(System.out);
      return "FAILED";
    }
    return program.canary() ? "MISSED" : "ok";
  }
}
