package io.caisson.bench;

import io.caisson.mimalloc.BundledMimalloc;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Starts short processes in turn, of Java and of C, on one file of mimalloc, each on processors of
 * its own where taskset is there.
 */
final class Processes {

  private static final List<String> JVM =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dio.netty.leakDetection.level=disabled",
          "-XX:+UseSerialGC",
          "-XX:+AlwaysPreTouch",
          "-XX:MaxDirectMemorySize=1g", // else as large as the heap, and large-set is larger
          "-Xms128m",
          "-Xmx128m");

  private final Path program;
  private final Path mimalloc;
  private final boolean canPin = Files.isExecutable(Path.of("/usr/bin/taskset"));

  Processes() {
    CPatterns patterns = new CPatterns();
    program = patterns.program();
    String path = System.getProperty("caisson.mimalloc.path");
    try {
      mimalloc =
          path != null
              ? Path.of(path)
              : patterns.copy(new BundledMimalloc().library().openStream(), "libmimalloc.so");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a class with options of the JVM and arguments, and returns the line that it prints. */
  String java(int threads, List<String> options, Class<?> main, List<String> arguments) {
    List<String> command = pinned(threads);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.add("-Dcaisson.mimalloc.path=" + mimalloc);
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return run(command);
  }

  /** Runs the program in C with arguments, and returns the line that it prints. */
  String c(int threads, List<String> arguments) {
    List<String> command = pinned(threads);
    command.addAll(List.of(program.toString(), mimalloc.toString()));
    command.addAll(arguments);
    return run(command);
  }

  /** One thread has the last processor, where the fewest interrupts are. */
  private List<String> pinned(int threads) {
    List<String> command = new ArrayList<>();
    int processors = Runtime.getRuntime().availableProcessors();
    if (canPin && threads == 1) {
      command.addAll(List.of("taskset", "-c", Integer.toString(processors - 1)));
    }
    return command;
  }

  private static String run(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      try (BufferedReader output = process.inputReader()) {
        String line = output.readLine();
        int status = process.waitFor();
        if (status != 0 || line == null) {
          throw new IllegalStateException("status " + status + " of " + command);
        }
        return line;
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
