package io.caisson.stress;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A process of its own, whose lines are read as they come. It dies with this one. */
final class Child {

  private Child() {}

  /**
   * Runs a command to its end.
   *
   * @param directory where it runs
   * @param lines gets each line that it prints on either stream
   * @return its exit status
   */
  static int run(Path directory, List<String> command, Consumer<String> lines) {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      Thread killer = new Thread(process::destroyForcibly);
      Runtime.getRuntime().addShutdownHook(killer);
      process.getOutputStream().close();
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
        reader.lines().forEach(lines);
      }
      int status = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(killer);
      return status;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "interrupted while " + command.getFirst() + " was running", e);
    }
  }

  /** Returns the command of a JVM like this one. */
  static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    return command;
  }
}
