package io.caisson.stress;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The commands of the processes that run tests. A path may be put in front of their class path. */
final class ChildCommands {

  /** No path in front. */
  static final String NOTHING = "";

  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  private ChildCommands() {}

  private static String classPath(String before, String path) {
    return before.isEmpty() ? path : before + File.pathSeparator + path;
  }

  /**
   * Runs one of some shares of the checks.
   *
   * @param explain whether to look for the least scenario that fails
   */
  static List<String> lincheck(
      String before, int scenarios, String only, int share, int shares, boolean explain) {
    return Child.java(
        "-Dcaisson.memory=simulated",
        "-XX:+EnableDynamicAgentLoading", // Lincheck attaches its agent to itself
        "--sun-misc-unsafe-memory-access=allow",
        // What soon fails is not worth to be compiled well.
        explain ? "-XX:+TieredCompilation" : "-XX:TieredStopAtLevel=1",
        "-cp",
        classPath(before, System.getProperty("java.class.path")),
        "io.caisson.stress.check.CheckMain",
        Integer.toString(scenarios),
        only,
        Integer.toString(share),
        Integer.toString(shares),
        explain ? "explain" : "hurry");
  }

  /**
   * Runs torture programs.
   *
   * @param rounds how many rounds each has at most; each is twice as long as the one before
   */
  static List<String> torture(
      String before, String memory, long seed, Duration duration, int rounds, String only) {
    return Child.java(
        "-Xmx1g",
        "-XX:-CreateCoredumpOnCrash", // a mutant may follow a pointer to nowhere
        "-XX:ErrorFile=/dev/null",
        "-Dcaisson.memory=" + memory,
        NATIVE_ACCESS,
        "-cp",
        classPath(before, System.getProperty("java.class.path")),
        "io.caisson.stress.torture.TortureMain",
        Long.toString(seed),
        Long.toString(duration.toMillis()),
        Integer.toString(rounds),
        only);
  }

  /** Runs races in one mode of the compiler, that of production, or in all that jcstress knows. */
  static List<String> races(String before, Path home, boolean thorough, String only) {
    String jar = home.resolve("target/jcstress.jar").toString();
    List<String> command = Child.java("-cp", classPath(before, jar), "org.openjdk.jcstress.Main");
    command.addAll(List.of("-v", "-m", "quick", "-sc", "false", "-t", only));
    command.addAll(
        thorough
            ? List.of("-jvmArgsPrepend", NATIVE_ACCESS)
            : List.of("-jvmArgs", NATIVE_ACCESS + " -XX:-TieredCompilation"));
    return command;
  }
}
