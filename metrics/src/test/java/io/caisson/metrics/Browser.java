package io.caisson.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A headless Chromium, where there is one. */
final class Browser {

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");

  /** What a page had become, and what its scripts said of it. */
  record Page(String dom, String log) {}

  private final Path program;
  private final Path directory;

  /** Finds a browser, or skips the test that needs it. */
  Browser(Path directory) {
    this.directory = directory;
    List<Path> found =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
            .flatMap(place -> NAMES.stream().map(name -> Path.of(place, name)))
            .filter(Files::isExecutable)
            .toList();
    assumeTrue(!found.isEmpty(), "no Chromium on the PATH");
    this.program = found.getFirst();
  }

  /** Loads a file, runs its scripts, and returns what has become of it. */
  Page load(Path file, String... options) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--enable-logging=stderr",
                "--user-data-dir=" + directory.resolve("profile")));
    command.addAll(List.of(options));
    command.add("--dump-dom");
    command.add(file.toUri().toString());
    Path dom = directory.resolve("dom.html");
    Path log = directory.resolve("log.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    try {
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), () -> command + " does not end");
      assertEquals(0, process.exitValue(), () -> read(log));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new Page(read(dom), scripts(read(log)));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, UTF_8);
    } catch (IOException e) {
      return "cannot read " + file + ": " + e;
    }
  }

  /** Leaves what pages say, and drops what the browser says of the machine. */
  private static String scripts(String log) {
    Stream<String> lines = log.lines().filter(line -> line.contains("CONSOLE"));
    return String.join("\n", lines.toList());
  }
}
