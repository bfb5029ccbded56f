package io.caisson.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compiles the patterns in C, with gcc, into a directory that is deleted when the JVM exits. */
final class CPatterns {

  private static final List<String> SOURCES = List.of("patterns.h", "patterns.c", "churn.c");

  private final Path directory;

  CPatterns() {
    try {
      directory = Files.createTempDirectory("caisson-bench");
      directory.toFile().deleteOnExit();
      for (String source : SOURCES) {
        copy(CPatterns.class.getResourceAsStream(source), source);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Compiles the library that the JMH benchmarks call. */
  Path library() {
    return compile("patterns.so", "-shared", "-fPIC");
  }

  /** Compiles the program. */
  Path program() {
    return compile("patterns");
  }

  /** Copies a stream to a file of the directory. */
  Path copy(InputStream from, String name) throws IOException {
    Path to = directory.resolve(name);
    try (from) {
      Files.copy(from, to);
    }
    to.toFile().deleteOnExit();
    return to;
  }

  private Path compile(String name, String... options) {
    Path output = directory.resolve(name);
    List<String> command = new ArrayList<>(List.of("gcc", "-O3", "-march=native", "-pthread"));
    command.addAll(List.of(options));
    command.addAll(List.of("-o", output.toString()));
    SOURCES.stream()
        .filter(source -> source.endsWith(".c"))
        .forEach(source -> command.add(directory.resolve(source).toString()));
    command.addAll(List.of("-ldl", "-lm"));
    try {
      int status = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("gcc ended with status " + status);
      }
    } catch (IOException e) {
      throw new IllegalStateException("gcc is needed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    output.toFile().deleteOnExit();
    return output;
  }
}
