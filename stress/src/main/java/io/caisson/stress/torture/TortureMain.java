package io.caisson.stress.torture;

import java.time.Duration;
import java.util.List;
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

  /** How much longer than it should a program may take, on a machine that is busy. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private TortureMain() {}

  /** Runs the programs. */
  public static void main(String[] arguments) {
    long seed = Long.parseLong(arguments[0]);
    Duration duration = Duration.ofMillis(Long.parseLong(arguments[1]));
    Pattern only = Pattern.compile(arguments[2]);
    for (Programs.Program program : Programs.ALL) {
      if (only.matcher(program.name()).find()) {
        Thread watchdog = watch(program, duration);
        System.out.println(run(program, seed, duration) + " " + program.name());
        watchdog.interrupt();
      }
    }
  }

  /** A program that does not end fails, and nothing can be run after it. */
  private static Thread watch(Programs.Program program, Duration duration) {
    Duration longest = duration.multipliedBy(program.canary() ? CANARY_TRIES : 1).plus(GRACE);
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
